"""How much one apply may change before somebody must have said yes to exactly that. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cozeops.codes import Code
from cozeops.engine.model.findings import finding
from cozeops.engine.model.plan import Action, Finding, Plan

_SHARES_FROM = 10
"""Percentages of a handful mean nothing."""
_ACTIONS = {
    "create": {Action.CREATE},
    "update": {Action.UPDATE, Action.REPLACE},
    "delete": {Action.DELETE, Action.REPLACE},
}


def exceeded(plan: Plan, thresholds: Mapping[str, Any]) -> list[Finding]:
    """A blocking finding per threshold that the plan goes beyond; `30%` is of the managed resources."""
    found = []
    managed = len(plan.changes)
    for what, limit in sorted(thresholds.items()):
        count = _count(plan, what)
        most = _most(limit, managed)
        if most is not None and count > most:
            message = f"{count} to {what}, and the environment allows {limit} ({managed} managed)"
            hint = "look at the plan again; it can be acknowledged together with its digest"
            found.append(finding(Code.THRESHOLD, None, message, hint))
    return found


def _count(plan: Plan, what: str) -> int:
    if what in ("publish", "unpublish", "delete"):
        return int(plan.summary[what])
    return sum(change.action in _ACTIONS.get(what, ()) for change in plan.changes)


def _most(limit: Any, managed: int) -> float | None:
    text = str(limit).strip()
    if text.endswith("%"):
        return None if managed < _SHARES_FROM else managed * float(text[:-1]) / 100
    return float(text)
