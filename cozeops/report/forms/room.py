"""What a reader sees where not everything fits: the most important first, the rest counted. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from cozeops.address import Address
from cozeops.declare.verbs import TAKES, Verb
from cozeops.engine.model.plan import Action, Change, Plan, Severity
from cozeops.report import words

BY_IMPORTANCE = "what is blocked first, then what goes or leaves users, what has a warning, what goes live"
"""The order of `by_importance`, for people."""
_LEAST_BODY = 64 * 1024
"""With less room than this nobody looks for a smaller body: making each costs time."""
_GOES = (Action.DELETE, Action.REPLACE, Action.UNPUBLISH)


def by_importance(plan: Plan) -> list[Change]:
    """All changes that are told, most important first; those of one importance in their order."""
    blocked = words.blocked(plan)
    warned = {one.address for one in plan.findings if one.severity is Severity.WARN and one.address}
    return sorted(words.told(plan), key=lambda change: _rank(change, blocked, warned))


def _rank(change: Change, blocked: Collection[Address], warned: Collection[Address]) -> int:
    reasons = (
        change.address in blocked,
        change.action in _GOES or change.does(*TAKES),
        change.address in warned,
        change.does(Verb.PUBLISH),
    )
    return next((rank for rank, holds in enumerate(reasons) if holds), len(reasons))


def as_many_as_fit(changes: Iterable[Change], body: Callable[[Change], str], room: int) -> dict[Address, str]:
    """The bodies of the changes that fit into `room` bytes, those of the first ones first."""
    bodies: dict[Address, str] = {}
    for change in changes:
        text = body(change)
        size = len(text.encode("utf-8", "surrogatepass"))
        if size <= room:
            bodies[change.address] = text
            room -= size
        elif room < _LEAST_BODY:
            break
    return bodies


def within(lines: Sequence[str], room: int, more: str) -> list[str]:
    """The first lines that fit into `room` characters, and a line that counts the others."""
    kept: list[str] = []
    for number, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return [*kept, more.format(len(lines) - number)]
        kept.append(line)
    return kept
