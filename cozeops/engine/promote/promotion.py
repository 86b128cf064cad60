"""Promotion: what one environment has, another takes over by copying; and who may use the copies.

A copy is made once and remembered. It begins as a draft, and only the console publishes it: until then the
bots that use it are left as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.declare.resource import Resource, references
from cozeops.declare.verbs import COPYING
from cozeops.engine.model.findings import finding
from cozeops.engine.model.graph import closure
from cozeops.engine.model.live import Remote, Snapshot
from cozeops.engine.model.plan import Action, Change, Finding, Plan, Severity
from cozeops.engine.observe.cache import Reader, scoped
from cozeops.engine.observe.snapshot import Remembered, observe
from cozeops.engine.plan.resource_change import Source
from cozeops.engine.prior.state import PriorState
from cozeops.frozen import frozen
from cozeops.kinds import kinds
from cozeops.state.model import Record

WORKSPACE = "Workspace"
Resources = Mapping[Address, Resource]
Waiting = Mapping[Address, tuple[Address, ...]]
"""Who uses copies that nobody published yet, and which."""


@frozen
class Promotion:
    """How a plan differs from others when it is one of a promotion."""

    sources: Mapping[Address, Source]
    again: frozenset[Address]
    """Addresses that are copied although something is there."""
    settle: Callable[[Plan, Snapshot], Plan]
    """What the plan of all chosen resources becomes."""


@frozen
class Sources:
    """What the source environment has."""

    environment: str
    found: Mapping[Address, Source]
    missing: Mapping[Address, str]
    """Why there is none."""
    homes: Mapping[Address, str] = field(default_factory=dict)
    """Ids of its workspaces."""


def copied_kinds(resources: Iterable[Resource]) -> list[Resource]:
    """The resources that are promoted: of a kind that is copied, and not pinned to an id."""
    return [one for one in resources if one.kind.copy and not one.id]


def users_of(addresses: Iterable[Address], resources: Iterable[Resource]) -> list[Address]:
    """Who refers to one of these addresses."""
    wanted = set(addresses)
    return [one.address for one in resources if wanted & one.needs]


def look_up(
    wanted: Iterable[Address],
    resources: Iterable[Resource],
    environment: str,
    remote: Remote,
    records: Callable[[Iterable[Resource]], Mapping[Address, Record]],
) -> Sources:
    """Find what is to be copied in the environment that has it. Raises InvalidProject, ApiError."""
    known = {one.address: replace(one, values={}) for one in resources}
    asked = [known[address] for address in wanted if address in known]
    homes = {one.scope: known[one.scope] for one in asked if one.scope}
    chosen = [*homes.values(), *asked]
    snapshot = observe(chosen, remote, Remembered(records(chosen)))
    found, missing = {}, {}
    for address in wanted:
        live = snapshot.live.get(address)
        if live and live.id:
            found[address] = Source(live.id, environment, live.edited)
        else:
            missing[address] = _why_missing(address, known, environment, snapshot)
    ids = {address: live.id for address in homes if (live := snapshot.live.get(address))}
    return Sources(environment, found, missing, ids)


def _why_missing(address: Address, known: Resources, environment: str, snapshot: Snapshot) -> str:
    if address not in known:
        return f"{environment} does not declare it"
    why = snapshot.unsure.get(address, "")
    return why or f"{environment} has no {address.kind} called {known[address].name!r}"


def without(snapshot: Snapshot, again: Iterable[Address]) -> Snapshot:
    """The live side as if these addresses had nothing: they are copied once more, or still copied."""
    gone = frozenset(again)
    return replace(
        snapshot,
        live={address: live for address, live in snapshot.live.items() if address not in gone},
        unsure={address: why for address, why in snapshot.unsure.items() if address not in gone},
        absent=snapshot.absent | gone,
    )


def under_way(memory: PriorState, addresses: Iterable[Address]) -> set[Address]:
    """Those whose copies a task is making."""
    records = {address: memory.records.get(address) for address in addresses}
    return {address for address, record in records.items() if record and record.copy and record.copy.task}


# ------------------------------------------------------------------------------------------- findings


def remarks(
    plan: Plan, sources: Sources, memory: PriorState, recopied: Iterable[Address], snapshot: Snapshot
) -> Iterator[Finding]:
    """What should be known of the copies before they are made."""
    again = set(recopied)
    live = {change.address: change for change in plan.changes}
    for address, why in sources.missing.items():
        if address not in snapshot.live:
            hint = f"check the manifest, and that the token sees the workspace of {sources.environment}"
            yield finding(Code.NO_SOURCE, address, why, hint)
    for address, source in sources.found.items():
        record = memory.records.get(address)
        if address in again and record and record.id:
            message = f"the copy that is there ({record.id}) stays in the workspace beside the new one"
            yield finding(Code.RECOPY, address, message, "Coze has no call that deletes it: the console has")
        elif record and record.copy and 0 < record.copy.at < source.edited and address in live:
            message = f"{source.id} of {sources.environment} was edited after it was copied"
            hint = f"take the edit over in the console; --recopy {address} makes another copy"
            yield finding(Code.SOURCE_MOVED, address, message, hint)


def organizations(
    resources: Resources, sources: Sources, snapshot: Snapshot, remote: Remote
) -> Iterator[Finding]:
    """Coze copies inside an organization only; the list of workspaces tells as much as the enterprise."""
    listing = kinds()[WORKSPACE].listing
    assert listing is not None
    items = Reader(remote).index(listing, {}, listing.id)
    enterprises = {id: str(found[0].get("enterprise_id") or "") for id, found in items.items()}
    for address, id in sources.homes.items():
        home = snapshot.live.get(address)
        if home is None or address not in resources:
            continue
        theirs, ours = enterprises.get(id, ""), enterprises.get(home.id, "")
        if theirs != ours:
            of, there = ours or "no enterprise", theirs or "none"
            message = f"it belongs to {of}, that of {sources.environment} to {there}"
            hint = "Coze copies inside one organization only"
            yield finding(Code.OTHER_ORGANIZATION, address, message, hint)


# ---------------------------------------------------------------------------------------- who must wait


def unpublished(
    plan: Plan, resources: Resources, snapshot: Snapshot, memory: PriorState | None, remote: Remote
) -> Waiting:
    """The pending changes of resources that use copies which nobody published yet."""
    records = memory.records if memory else {}
    fresh = {one.address for one in plan.pending if one.address in resources and one.does(*COPYING)}
    known = {address for address, record in records.items() if record.copy and address in resources}
    reader, waiting = Reader(remote), {}
    for change in plan.pending:
        resource = resources.get(change.address)
        used = {ref.address for ref in references(resource.values) if ref.address} if resource else set()
        drafts = tuple(
            one
            for one in sorted(used & (fresh | known))
            if one in fresh or not _is_published(resources[one], snapshot, reader)
        )
        if drafts:
            waiting[change.address] = drafts
    return waiting


def _is_published(resource: Resource, snapshot: Snapshot, reader: Reader) -> bool:
    """Whether a copy may be used; nobody can tell of a kind without such a list."""
    page = resource.kind.copy.published if resource.kind.copy else None
    live = snapshot.live.get(resource.address)
    home = snapshot.home_id(resource)
    if page is None or live is None or home is None:
        return True
    return live.id in reader.index(page, scoped(page.call, home), page.id)


def wait_for(waiting: Waiting) -> list[Finding]:
    """A finding for each that must wait."""
    return [
        finding(
            Code.UNPUBLISHED_COPY,
            address,
            f"it uses {', '.join(map(str, drafts))}, a copy that is not published yet"
            if len(drafts) == 1
            else f"it uses {', '.join(map(str, drafts))}, copies that are not published yet",
            "publish it in the Coze console, then promote again",
        )
        for address, drafts in waiting.items()
    ]


def narrowed(plan: Plan, sources: Sources, promoted: Iterable[Address], held: list[Finding]) -> Plan:
    """The plan of a promotion: the copies, who uses them, and what those need, without whoever must wait.

    Where nothing else is left to do, waiting is what stops it; else it is a warning.
    """
    wanted, waits = set(promoted), {finding.address for finding in held}
    needs = {change.address: change.needs for change in plan.changes}
    users = {address for address, needed in needs.items() if wanted & set(needed)}
    kept = closure((wanted | users) - waits, needs)
    left = replace(plan, changes=tuple(one if one.address in kept else _left(one) for one in plan.changes))
    told = [replace(one, severity=Severity.WARN) for one in held] if left.pending else held
    findings = (one for one in plan.findings if _concerns(one, kept, sources))
    return replace(left, findings=(*findings, *told))


def _concerns(finding: Finding, kept: frozenset[Address], sources: Sources) -> bool:
    """Whether a finding is about what is left of a plan, and not about the environment of the sources."""
    mistaken = finding.code == Code.MAYBE_RENAMED and finding.address in sources.homes
    return not mistaken and (finding.address is None or finding.address in kept)


def _left(change: Change) -> Change:
    return replace(change, action=Action.NONE, reason="", origin="", fields=(), steps=(), live_fingerprint="")
