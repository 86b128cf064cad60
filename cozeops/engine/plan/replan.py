"""A stale change planned again: it may go on only if it writes exactly what was reviewed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cozeops.address import Address
from cozeops.declare.verbs import Verb
from cozeops.engine.model.plan import Action, Change, Plan, Step


def same_writes(reviewed: Change, fresh: Change) -> bool:
    """Whether the fresh change leaves reviewed values behind, and overwrites none that nobody reviewed.

    Fewer fields are fine: what somebody already set by hand to the reviewed value is not written again.
    """
    if fresh.action is Action.NONE:
        return True
    if reviewed.address != fresh.address or reviewed.id != fresh.id or reviewed.owed != fresh.owed:
        return False
    seen = {field.path: (field.before, field.after) for field in reviewed.fields}
    return all(seen.get(field.path) == (field.before, field.after) for field in fresh.fields) and all(
        any(_is_part_of(step, other) for other in reviewed.steps) for step in fresh.steps
    )


def _is_part_of(fresh: Step, reviewed: Step) -> bool:
    """Whether a step touches no live item but those of a reviewed one (a channel counts by its name)."""
    same = (fresh.operation, fresh.field, fresh.items) == (reviewed.operation, reviewed.field, reviewed.items)
    return same and (fresh.verb is Verb.PUBLISH or set(fresh.ids) <= set(reviewed.ids))


def replanned(reviewed: Plan, fresh: Plan, stale: Iterable[Address]) -> Plan:
    """The fresh plan, cut down to the stale changes that still write what was reviewed."""
    before = {change.address: change for change in reviewed.changes}
    chosen = {
        change.address
        for change in fresh.changes
        if change.address in set(stale) and same_writes(before[change.address], change)
    }
    changes = tuple(
        change if change.address in chosen or change.action is Action.NONE else _left(change)
        for change in fresh.changes
    )
    return replace(fresh, changes=changes)


def _left(change: Change) -> Change:
    """A change that is not part of this run; others may need its id."""
    return Change(change.address, change.id, Action.NONE, needs=change.needs, scope=change.scope)
