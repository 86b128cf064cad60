"""Whose token an operation takes: that of a workspace, or one that was issued for the enterprise."""

from __future__ import annotations

from functools import cache

from cozeops.declare.kind_calls import calls_of
from cozeops.kinds import kinds


def takes_enterprise_token(operation: str) -> bool:
    """Whether an operation is one of an enterprise, and of no workspace."""
    return operation in _enterprise_operations()


@cache
def _enterprise_operations() -> frozenset[str]:
    operations: dict[str, set[str]] = {"workspace": set(), "enterprise": set()}
    for kind in kinds().values():
        operations[kind.plane] |= {call.operation for call in calls_of(kind)}
    return frozenset(operations["enterprise"] - operations["workspace"])
