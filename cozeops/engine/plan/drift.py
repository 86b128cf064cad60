"""What moved on Coze since it was last applied; without a state, what is not as the manifests say. Pure.

Drift is about the live side alone: a field that only Git changed is not drift.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cozeops.address import Address
from cozeops.codes import LiveSide
from cozeops.declare.resource import Resource
from cozeops.declare.verbs import Verb
from cozeops.engine.model.findings import live_side
from cozeops.engine.model.plan import Action, Change, FieldChange, Finding, Plan, Severity
from cozeops.engine.prior.state import PriorState
from cozeops.frozen import frozen


@frozen
class Drifted:
    """One resource that moved: its fields with the applied and the live value, and its publication."""

    address: Address | None
    """None: it is about the whole."""
    id: str
    fields: tuple[FieldChange, ...]
    publication: str = ""
    """What became of the published copies; empty when they are as they were."""
    gone: str = ""
    """Why there is nothing to compare: it is not there, or not shown; empty where it is."""
    findings: tuple[Finding, ...] = ()
    """What else says that it moved, or that something which it needs is missing."""


def drift(plan: Plan, memory: PriorState | None, resources: Mapping[Address, Resource]) -> list[Drifted]:
    """The drift that a plan of the whole project shows, by its changes and by its findings."""
    missing = {change.address: change for change in plan.missing}
    found = [
        _gone(change, plan, memory, resources)
        if change.address in missing or change.action is Action.CREATE
        else _drifted(change, memory, resources)
        for change in plan.changes
    ]
    told: dict[Address | None, list[Finding]] = {}
    for finding in plan.findings:
        if live_side(finding) in (LiveSide.MISSING, LiveSide.MOVED):
            told.setdefault(finding.address, []).append(finding)
    said = {one.address: () if one.gone else tuple(told.pop(one.address, ())) for one in found}
    found = [replace(one, findings=said[one.address]) for one in found]
    gone = {one.address for one in found if one.gone}
    rest = [
        Drifted(address, "", (), findings=tuple(findings))
        for address, findings in told.items()
        if address not in gone
    ]
    return [one for one in (*found, *rest) if one.fields or one.publication or one.gone or one.findings]


def unread(plan: Plan) -> list[Finding]:
    """What could not be looked at: whether that drifted, nobody knows."""
    return [finding for finding in plan.findings if live_side(finding) is LiveSide.UNREAD]


def _gone(
    change: Change, plan: Plan, memory: PriorState | None, resources: Mapping[Address, Resource]
) -> Drifted:
    """What should be there and is not: with a memory, all that was applied; else, all that is declared."""
    resource = resources.get(change.address)
    record = memory.of(resource) if memory and resource else None
    if change.action is Action.CREATE and memory and not (record and record.id):
        return Drifted(change.address, "", ())  # only Git has it so far
    told = (
        one.message
        for one in plan.findings
        if one.address == change.address and one.severity is Severity.BLOCK
    )
    return Drifted(change.address, record.id if record else "", (), gone=next(told, change.reason))


def _drifted(change: Change, memory: PriorState | None, resources: Mapping[Address, Resource]) -> Drifted:
    resource = resources.get(change.address)
    record = memory.of(resource) if memory and resource else None
    fields = [field for field in change.fields if _moved_live(field, known=record is not None)]
    draft = any(field.path != "spec.publish.connectors" for field in fields)
    git = any(field.origin == "git" for field in change.fields)
    moved = change.id and change.does(Verb.PUBLISH, Verb.UNPUBLISH)
    publication = change.reason if moved and not draft and not git else ""
    return Drifted(change.address, change.id or "", tuple(_live_side(one) for one in fields), publication)


def _moved_live(field: FieldChange, *, known: bool) -> bool:
    if field.note:
        return False  # nobody can read it, so nobody can say
    return field.origin in ("live", "both") or (not known and field.origin == "")


def _live_side(field: FieldChange) -> FieldChange:
    """Turned round: from what was applied to what is live."""
    return FieldChange(field.path, field.after, field.before, field.origin, field.note)
