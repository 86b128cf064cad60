"""What checks came to, as a file: `cozeops-check/1`. Pure."""

from __future__ import annotations

from cozeops.engine.check.runner import Attempt, Checked, Result, Turn, Verdict
from cozeops.values import Json
from cozeops.version import __version__

FORMAT = "cozeops-check/1"


def check_json(checked: Checked, *, exit_code: int, stats: Json) -> Json:
    """Every check with its transcript; `compared` is the same check with the other copy."""
    return {
        "format": FORMAT,
        "tool": __version__,
        "env": checked.environment,
        "base_url": checked.base_url,
        "copy": checked.copy,
        "exit_code": exit_code,
        "summary": {verdict.value: checked.counts[verdict] for verdict in Verdict},
        "results": [
            {**result_json(one), "compared": result_json(other) if other else None}
            for one, other in checked.pairs
        ],
        "stats": stats,
    }


def result_json(result: Result) -> Json:
    """One check with one copy."""
    return {
        "check": str(result.check),
        "about": str(result.about),
        "copy": result.copy,
        "verdict": result.verdict.value,
        "passed": result.passed,
        "needed": result.needed,
        "seconds": round(result.seconds, 3),
        "attempts": [_attempt(one) for one in result.attempts],
    }


def _attempt(attempt: Attempt) -> Json:
    return {
        "verdict": attempt.verdict.value,
        "turns": [_turn(one) for one in attempt.turns],
        "unanswered": attempt.unanswered or None,
        "trouble": attempt.trouble or None,
        "left": list(attempt.left),
    }


def _turn(turn: Turn) -> Json:
    said = turn.said
    return {
        "asked": turn.asked,
        "answer": said.answer,
        "tools": list(said.tools),
        "knowledge": list(said.knowledge),
        "follow_ups": list(said.follow_ups),
        "tokens": said.tokens,
        "seconds": {"first": _rounded(said.first), "whole": _rounded(said.whole)},
        "misses": [
            {"expectation": one.expectation, "wanted": one.wanted or None, "found": one.found or None}
            for one in turn.misses
        ],
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
