"""What people should know of objects that no id leads to. Pure."""

from __future__ import annotations

from cozeops.codes import Code
from cozeops.declare.kind import Keyed
from cozeops.declare.publication import CONNECTORS
from cozeops.declare.resource import published_by
from cozeops.declare.rows import publication_of
from cozeops.engine.plan.resource_change import ResourceChange
from cozeops.values import MISSING, Json, dig, put


def nothing_to_write(case: ResourceChange) -> None:
    """What it belongs to is not there yet, and has nothing of the kind when it is made."""
    owners = ", ".join(str(owner) for owner in published_by(case.resource))
    message = f"{owners or 'what it belongs to'} is not on Coze yet"
    hint = f"{case.resource.kind.uncreatable}; to go on with the rest: --exclude {case.resource.address}"
    case.find(Code.NOT_PUBLISHED, message, hint)


def keyed_cautions(case: ResourceChange, keyed: Keyed) -> None:
    """Findings about what is about to be written."""
    if not case.steps:
        return
    kind, memory, live = case.resource.kind, case.world.memory, case.live
    if live is not None and not live.id:
        message = f"Coze tells the id of a {kind.name} only when it is made: this one cannot be changed"
        case.find(
            Code.ID_UNKNOWN,
            message,
            f"if somebody noted it, write it under spec; or: cozeops import {case.resource.address} ID",
        )
    if live is None and memory is None:
        message = f"Coze tells the id of a {kind.name} only now: without a state nobody can change it again"
        hint = "keep a state (spec.state in cozeops.yaml); or acknowledge it, and write the new id under spec"
        case.find(Code.NEEDS_STATE, message, hint)
    _unpublished(case)
    for flaw in keyed.refuses(case.resource.values, _as_spec(case)):
        case.find(Code.WOULD_BE_REFUSED, flaw.message, flaw.hint)


def _unpublished(case: ResourceChange) -> None:
    for address in published_by(case.resource):
        owner = case.world.resources.get(address)
        publication = publication_of(owner.kind) if owner else None
        if owner is None or publication is None:
            continue
        uses = dig(owner.values, (*publication.row.path, CONNECTORS))
        if uses is MISSING:
            published = address in case.world.snapshot.online
        else:
            wanted = {case.id_of(use["connector"]) for use in uses}
            published = bool(wanted & set(publication.calls.builtin.values()))
        if not published:
            names = " or ".join(publication.calls.builtin)
            message = f"{address} is not published to {names}: Coze takes nothing for it before"
            case.find(Code.NOT_PUBLISHED, message, f"list {names} under spec.publish.connectors of {address}")


def _as_spec(case: ResourceChange) -> Json:
    """The live values, where the manifest would have them."""
    values: Json = {}
    for path, value in case.live.fields.items() if case.live else ():
        put(values, path, value)
    return values
