"""A plan as people may see it: what looks like a key or a token is not shown, whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from cozeops.engine.model.plan import FieldChange, Plan
from cozeops.engine.policy.secrets import hidden


def masked(plan: Plan) -> Plan:
    """The plan with `***` in its texts. The plan's file keeps them: apply writes what stands there."""
    return replace(
        plan,
        changes=tuple(
            replace(change, fields=masked_fields(change.fields)) if change.fields else change
            for change in plan.changes
        ),
    )


def masked_fields(fields: Iterable[FieldChange]) -> tuple[FieldChange, ...]:
    """Differences with `***`; where only a secret differs, the new one is marked as another."""
    return tuple(map(_field, fields))


def masked_value(value: Any, mark: str = "***") -> Any:
    """A JSON value with a mark for each secret in its texts."""
    if isinstance(value, str):
        return hidden(value, mark=lambda _: mark)
    if isinstance(value, dict):
        return {key: masked_value(item, mark) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(masked_value(item, mark) for item in value)
    return value


def _field(field: FieldChange) -> FieldChange:
    before, after = masked_value(field.before), masked_value(field.after)
    if before == after and field.before != field.after:
        after = masked_value(field.after, "*** (another)")
    return replace(field, before=before, after=after)
