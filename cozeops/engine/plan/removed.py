"""What the state remembers and no manifest names any more: kept, or with `--prune` removed.

Deleted where the API can; a bot is taken off its channels and forgotten; the rest is forgotten, and the
plan says that it stays on Coze.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.declare.publication import Publication
from cozeops.declare.resource import Resource
from cozeops.declare.rows import collection_rows, publication_of
from cozeops.declare.verbs import Verb
from cozeops.engine.diff.collections import called
from cozeops.engine.diff.fingerprint import fingerprint
from cozeops.engine.model.findings import finding
from cozeops.engine.model.live import Live, Remote
from cozeops.engine.model.plan import Action, Change, FieldChange, Finding, Plan, Step
from cozeops.engine.observe.cache import Reader
from cozeops.engine.observe.lookup import Observer
from cozeops.engine.prior.items import is_known
from cozeops.engine.prior.state import PriorState
from cozeops.errors import NotFoundError
from cozeops.frozen import frozen
from cozeops.kinds import kinds
from cozeops.state.model import Ownership, Record

_MOST = 5
"""Items that a finding names."""


@frozen
class Departed:
    """A remembered object without a manifest; `live` is None when it is gone from Coze too."""

    resource: Resource
    record: Record
    live: Live | None = None

    @property
    def channels(self) -> tuple[str, ...]:
        """Connectors in scope that it is still published on."""
        return tuple(sorted(self.live.channels)) if self.live else ()


def departed(memory: PriorState, resources: Mapping[Address, Resource]) -> list[Departed]:
    """What left the manifests, not yet looked up."""
    return [
        Departed(Resource(address, kinds()[address.kind], record.name, {}, id=record.id), record)
        for address, record in memory.departed(resources)
        if address.kind in kinds()
    ]


def look_up(gone: Iterable[Departed], remote: Remote, channels: Mapping[Address, str]) -> list[Departed]:
    """Read the live side of what left the manifests. Raises ApiError."""
    observer = Observer(Reader(remote), channels)
    return [_look_up(one, observer) for one in gone]


def _look_up(gone: Departed, observer: Observer) -> Departed:
    try:
        live = observer.read_departed(gone.resource, gone.record.scope or None, gone.record.id)
    except NotFoundError:
        return gone
    return replace(gone, live=live)


def with_departed(
    plan: Plan,
    gone: Iterable[Departed],
    homes: Mapping[Address, str],
    names: Mapping[str, str],
    *,
    prune: bool,
) -> Plan:
    """The plan with what left the manifests. `homes` are workspace ids by address.

    Removals wait for every other change of their workspace: what still used the object lets go of it first.
    """
    changes, findings = list(plan.changes), list(plan.findings)
    known = list(gone)
    if prune and known and not plan.changes:
        what = "1 object: it" if len(known) == 1 else f"{len(known)} objects: they all"
        message = f"the project has nothing left, and the state has {what} would go"
        first = known[0].resource.address
        hint = f"is this the right folder and environment? to forget one: cozeops state rm {first}"
        findings.append(finding(Code.PRUNES_EVERYTHING, None, message, hint))
    for one in known:
        address = one.resource.address
        if not prune:
            message = "no manifest names it any more: it is kept"
            findings.append(finding(Code.LEFT_MANIFESTS, address, message, "plan with --prune to remove it"))
            continue
        after = [change.address for change in plan.pending if homes.get(change.address) == one.record.scope]
        changes.append(_change(one, names, tuple(sorted(after))))
        findings += _cautions(one)
    return replace(plan, changes=tuple(changes), findings=tuple(findings))


def _cautions(gone: Departed) -> Iterator[Finding]:
    address, kind = gone.resource.address, gone.resource.kind
    what = "delete" if kind.delete else "unpublish"
    if gone.live and what in gone.record.protect and (kind.delete or gone.channels):
        message = f"it would be removed ({what}); lifecycle.protect had {what} when it was applied last"
        yield finding(Code.PROTECTED, address, message, "take the word out of protect, apply, then remove it")
    if gone.live and not kind.delete:
        message = f"Coze has no call that deletes a {kind.name}: it stays there, and is forgotten here"
        yield finding(Code.FORGETS, address, message, "delete it in the console if it must go")
    elif unknown := list(_unknown(gone)):
        message = f"it holds what the state does not know, and it would go along: {', '.join(unknown)}"
        yield finding(
            Code.REMOVES_UNKNOWN, address, message, f"acknowledge it, or: cozeops state rm {address}"
        )
    elif gone.live and gone.record.ownership is Ownership.IMPORTED:
        message = "it was imported, not made by cozeops: it would be deleted"
        yield finding(
            Code.REMOVES_UNKNOWN, address, message, f"acknowledge it, or: cozeops state rm {address}"
        )


def _unknown(gone: Departed) -> Iterator[str]:
    """The labels with the items that nobody here added, the first few of many."""
    for row in collection_rows(gone.resource.kind):
        about = row.collection
        items = gone.live.items.get(row.path, ()) if gone.live else ()
        if about is None or not items:
            continue
        named = gone.record.items.get(row.label, {})
        listed = (called(item, named, about) for item in items)
        foreign = [item.key for item in listed if not is_known(gone.record, row, item)]
        more = f" and {len(foreign) - _MOST} more" if len(foreign) > _MOST else ""
        if foreign:
            yield f"{row.label} {', '.join(foreign[:_MOST])}{more}"


def _change(gone: Departed, names: Mapping[str, str], after: tuple[Address, ...]) -> Change:
    resource, live, kind = gone.resource, gone.live, gone.resource.kind
    steps: list[Step] = []
    fields: list[FieldChange] = []
    action, publication = Action.FORGET, publication_of(kind)
    if live and kind.delete:
        action = Action.DELETE
        steps.append(Step(Verb.DELETE, kind.delete.operation))
        fields.append(FieldChange("spec.name", gone.record.name, None))
    elif live and publication and gone.channels:
        action = Action.UNPUBLISH
        label = f"{publication.row.label}.connectors"
        steps += _leaving(publication.calls, label, gone.channels, names)
        fields.append(FieldChange(label, [names.get(one, one) for one in gone.channels], []))
    return Change(
        address=resource.address,
        id=gone.record.id,
        action=action,
        reason="left the manifests" if live else "left the manifests, and is gone from Coze",
        origin="git",
        fields=tuple(fields),
        steps=tuple(steps),
        needs=after if steps else (),
        live_fingerprint=fingerprint(resource, live) if live else "",
    )


def _leaving(
    about: Publication, label: str, channels: Iterable[str], names: Mapping[str, str]
) -> Iterator[Step]:
    return (
        Step(Verb.UNPUBLISH, about.unpublish.operation, label, (names.get(one, one),), (one,))
        for one in channels
    )
