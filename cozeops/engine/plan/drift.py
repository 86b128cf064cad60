"""What moved on Coze since it was last applied; without a state, what is not as the manifests say. Pure.

Drift is about the live side alone: a field that only Git changed is not drift.
"""

from __future__ import annotations

from collections.abc import Mapping

from cozeops.address import Address
from cozeops.declare.resource import Resource
from cozeops.declare.verbs import Verb
from cozeops.engine.model.plan import Change, FieldChange, Plan
from cozeops.engine.prior.state import PriorState
from cozeops.frozen import frozen


@frozen
class Drifted:
    """One resource that moved: its fields with the applied and the live value, and its publication."""

    address: Address
    id: str
    fields: tuple[FieldChange, ...]
    publication: str = ""
    """What became of the published copies; empty when they are as they were."""


def drift(plan: Plan, memory: PriorState | None, resources: Mapping[Address, Resource]) -> list[Drifted]:
    """The drift that a plan of the whole project shows."""
    found = [_drifted(change, memory, resources) for change in plan.changes if change.id]
    return [one for one in found if one.fields or one.publication]


def _drifted(change: Change, memory: PriorState | None, resources: Mapping[Address, Resource]) -> Drifted:
    resource = resources.get(change.address)
    record = memory.of(resource) if memory and resource else None
    fields = [field for field in change.fields if _moved_live(field, known=record is not None)]
    draft = any(field.path != "spec.publish.connectors" for field in fields)
    git = any(field.origin == "git" for field in change.fields)
    publication = change.reason if change.does(Verb.PUBLISH, Verb.UNPUBLISH) and not draft and not git else ""
    return Drifted(change.address, change.id or "", tuple(_live_side(one) for one in fields), publication)


def _moved_live(field: FieldChange, *, known: bool) -> bool:
    if field.note:
        return False  # nobody can read it, so nobody can say
    return field.origin in ("live", "both") or (not known and field.origin == "")


def _live_side(field: FieldChange) -> FieldChange:
    """Turned round: from what was applied to what is live."""
    return FieldChange(field.path, field.after, field.before, field.origin, field.note)
