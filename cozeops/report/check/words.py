"""The words of checks, the same in every form. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from cozeops.engine.check.runner import Attempt, Checked, Result, Turn
from cozeops.report.words import count

NO_CHECKS = "There are no checks."


def total(checked: Checked) -> str:
    """`3 checks: 2 passed, 1 failed.`"""
    if not checked.results:
        return NO_CHECKS
    told = [f"{number} {verdict.value}" for verdict, number in checked.counts.items() if number]
    return f"{count(len(checked.results), 'check')} ({checked.copy}): {', '.join(told)}."


def subject(result: Result) -> str:
    """What was talked to: `Bot/chef draft`."""
    return f"{result.about} {result.copy}"


def share(result: Result) -> str:
    """How many repetitions passed, where there was more than one."""
    if len(result.attempts) == 1:
        return ""
    return f"{result.passed} of {len(result.attempts)} passed, {result.needed} needed"


def cost(turn: Turn) -> str:
    """What an answer went through and took."""
    said = turn.said
    facts = [f"{said.whole:.1f} s"]
    if said.first is not None:
        facts.append(f"first token {said.first:.1f} s")
    if said.tokens is not None:
        facts.append(f"{said.tokens:,} tokens")
    if said.tools:
        facts.append(f"called {', '.join(said.tools)}")
    return ", ".join(facts)


def left(results: Sequence[Result]) -> list[str]:
    """Ids of conversations that could not be removed."""
    return [id for one in results for attempt in one.attempts for id in attempt.left]


def side_by_side(one: Attempt, other: Attempt) -> Iterator[tuple[str, str, str]]:
    """What was asked in each turn, and both answers (or why there is none)."""
    for mine, theirs in zip_longest(_exchanges(one), _exchanges(other), fillvalue=("", "")):
        yield mine[0] or theirs[0], mine[1], theirs[1]


def _exchanges(attempt: Attempt) -> Iterator[tuple[str, str]]:
    for turn in attempt.turns:
        yield turn.asked, turn.said.answer
    if attempt.trouble:
        yield attempt.unanswered, f"[{attempt.trouble}]"
