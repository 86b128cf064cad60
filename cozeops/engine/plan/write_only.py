"""Declared fields that Coze does not tell: what the state knows of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cozeops.codes import Code
from cozeops.declare.rows import Row
from cozeops.engine.plan.resource_change import ResourceChange
from cozeops.engine.prior.state import ours, remembered
from cozeops.frozen import frozen


@frozen
class Unread:
    """The fields that cannot be compared with the live side, by what was sent last."""

    changed: tuple[tuple[Row, Any], ...] = ()
    """Other than what was sent last, with that value."""
    unknown: tuple[Row, ...] = ()
    """Nobody knows: sent along when the object is written anyway."""
    same: tuple[Row, ...] = ()
    """As it was sent last."""
    stuck: tuple[Row, ...] = ()
    """Only a new object takes them."""


def sort_unread(case: ResourceChange, rows: Iterable[Row]) -> Unread:
    """Sort the unreadable fields of the body, and those that have calls of their own."""
    changed: list[tuple[Row, Any]] = []
    unknown, same, stuck = [], [], []
    key = case.world.memory.key if case.world.memory else ""
    for row in (*rows, *(row for row in case.rows() if row.setter)):
        known = remembered(case.record, row, case.written(row), key)
        fits = row.setter is not None or row.wire.on_update
        if known:
            same.append(row)
        elif not fits:
            stuck.append(row)
            if known is False:
                message = f"{row.label} is not what was sent, and only a new object takes it"
                case.find(Code.FIXED_FIELD, message, "write the value that it was created with")
        elif case.record and (known is False or ours(case.record)):
            changed.append((row, case.record.values.get(row.label)))
        else:
            unknown.append(row)
    return Unread(tuple(changed), tuple(unknown), tuple(same), tuple(stuck))
