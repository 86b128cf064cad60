"""Which live objects the manifests mean: a record follows its object to the address that claims it. Pure.

Whoever renames `metadata.name`, or exports again with other suffixes, still means the same object. Its record
moves along, with or without `moved_from`; what anybody claims is never pruned, unpublished or forgotten.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from cozeops.address import Address
from cozeops.declare.resource import Resource
from cozeops.engine.model.live import Live
from cozeops.engine.prior.state import PriorState
from cozeops.state.model import Record

Called = tuple[str, str, str]
"""Kind, name, and the id of the workspace (empty outside of any)."""


def claimed(
    prior: PriorState, resources: Iterable[Resource], live: Mapping[Address, Live] | None = None
) -> PriorState:
    """The same memory, knowing which of its objects the manifests mean.

    `resources` are those of the whole project. `live` is what was found for them; before anything was read,
    an object is the one of `spec.id`, or the one that was remembered under the name.
    """
    prior = replace(prior, moves={}, claims=frozenset())
    known = {one.address: one for one in resources if _has_identity(one)}
    ids = {address: one.id or _id(live, address) for address, one in known.items()}
    held = {address for address, one in known.items() if _remembers(prior, one, ids[address])}
    taken = {prior.address_of(known[address]) for address in held}
    free = {
        address: record for address, record in prior.records.items() if address not in taken and record.id
    }
    moves = _by_id(ids, held, free)
    for address, one in known.items():
        if not ids[address] and address in held and (record := prior.of(one)):
            ids[address] = record.id
    # What lives in a workspace is found by its name once it is known which workspace that is.
    for scoped in (False, True):
        seeking = [one for one in known.values() if not ids[one.address] and bool(one.kind.scope) is scoped]
        followed = set(moves.values())
        left = {address: record for address, record in free.items() if address not in followed}
        found = _by_name(seeking, ids, left)
        moves |= found
        ids |= {to: free[before].id for to, before in found.items()}
    claims = frozenset((address.kind, id) for address, id in ids.items() if id)
    return replace(prior, moves=moves, claims=claims)


def _has_identity(resource: Resource) -> bool:
    return resource.kind.lives and resource.kind.listing is not None and not resource.kind.keyed


def _id(live: Mapping[Address, Live] | None, address: Address) -> str:
    found = live.get(address) if live else None
    return found.id if found else ""


def _remembers(prior: PriorState, resource: Resource, id: str) -> bool:
    """Whether it is remembered where it is looked for, and as the object that it means."""
    record = prior.of(resource)
    return record is not None and bool(record.id) and id in ("", record.id)


def _by_id(
    ids: Mapping[Address, str], held: set[Address], free: Mapping[Address, Record]
) -> dict[Address, Address]:
    remembered = {(address.kind, record.id): address for address, record in free.items()}
    wanted = {address: (address.kind, id) for address, id in ids.items() if id and address not in held}
    return {address: remembered[about] for address, about in wanted.items() if about in remembered}


def _by_name(
    seeking: Iterable[Resource], ids: Mapping[Address, str], free: Mapping[Address, Record]
) -> dict[Address, Address]:
    """Those whose name one record has, and no other; nobody else seeks it."""
    remembered: dict[Called, list[Address]] = {}
    for address, record in free.items():
        remembered.setdefault((address.kind, record.name, record.scope), []).append(address)
    wanted = {one.address: called for one in seeking if (called := _called(one, ids))}
    seekers = Counter(wanted.values())
    return {
        address: remembered[called][0]
        for address, called in wanted.items()
        if seekers[called] == 1 and len(remembered.get(called, ())) == 1
    }


def _called(resource: Resource, ids: Mapping[Address, str]) -> Called | None:
    """What it is called, and where; None while its workspace is not known."""
    scope = ids.get(resource.scope, "") if resource.scope else ""
    if resource.kind.scope and not scope:
        return None
    return resource.kind.name, resource.name, scope
