"""Every call that the kinds declare, and whose token each of them takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from cozeops.declare.kind import Call, Kind
from cozeops.declare.rows import rows_of
from cozeops.kinds import kinds


def calls_of(kind: Kind) -> Iterator[Call]:
    """The calls of a kind and of its fields; not the upload of files, which all kinds share."""
    yield from _calls(kind)
    for row in rows_of(kind):
        yield from _calls(row)


def takes_enterprise_token(operation: str) -> bool:
    """Whether an operation is one of an enterprise, and of no workspace."""
    return operation in _enterprise_operations()


@cache
def _enterprise_operations() -> frozenset[str]:
    operations: dict[str, set[str]] = {"workspace": set(), "enterprise": set()}
    for kind in kinds().values():
        operations[kind.plane] |= {call.operation for call in calls_of(kind)}
    return frozenset(operations["enterprise"] - operations["workspace"])


def _calls(value: Any) -> Iterator[Call]:
    if isinstance(value, Call):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _calls(item)
    elif is_dataclass(value):
        for field in () if isinstance(value, type) else fields(value):
            yield from _calls(getattr(value, field.name))
