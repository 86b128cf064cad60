"""Checks as one HTML file that needs nothing else, in the look of a plan."""

from __future__ import annotations

from collections.abc import Iterator

from cozeops.engine.check.runner import Attempt, Checked, Result, Verdict
from cozeops.report.check import words as check_words
from cozeops.report.forms.html_page import esc, page

_LOOKS = {Verdict.PASSED: "a-create", Verdict.FAILED: "a-delete", Verdict.NO_RESULT: "a-update"}


def checked_html(checked: Checked) -> str:
    """The whole file: every check with its transcript, those that did not pass unfolded."""
    head = (
        f"<header><h1>Checks for {esc(checked.environment)}</h1>"
        f'<p class="dim mono">{esc(checked.base_url)}</p>'
        f'<p class="total">{esc(check_words.total(checked))}</p></header>'
    )
    body = [_result(one, other) for one, other in checked.pairs]
    return page(f"cozeops check for {checked.environment}", "\n".join([head, *body]))


def _result(one: Result, other: Result | None) -> str:
    unfolded = " open" if other or one.verdict is not Verdict.PASSED else ""
    facts = ", ".join(part for part in (check_words.subject(one), check_words.share(one)) if part)
    inside = _side_by_side(one, other) if other else "".join(_attempt(attempt) for attempt in one.attempts)
    return (
        f'<details class="change {_LOOKS[one.verdict]}"{unfolded}><summary><h3>{esc(str(one.check))}</h3>'
        f'<span class="verbs">{one.verdict.value}</span> <span class="dim">{esc(facts)}</span></summary>'
        f'<div class="body">{inside}</div></details>'
    )


def _attempt(attempt: Attempt) -> str:
    return f"<dl class='fields'>{''.join(_lines(attempt))}</dl>"


def _lines(attempt: Attempt) -> Iterator[str]:
    for turn in attempt.turns:
        yield f"<dt>{esc(turn.asked)}</dt><dd><pre class='whole'>{esc(turn.said.answer)}</pre>"
        yield f"<p class='dim'>{esc(check_words.cost(turn))}</p>"
        yield from (f"<p class='finding f-block'>{esc(str(miss))}</p>" for miss in turn.misses)
        yield "</dd>"
    if attempt.trouble:
        yield f"<dt>{esc(attempt.unanswered)}</dt>"
        yield f"<dd><p class='finding f-warn'>{esc(attempt.trouble)}</p></dd>"


def _side_by_side(one: Result, other: Result) -> str:
    rows = []
    shown = check_words.side_by_side(one.telling, other.telling)
    for asked, mine, theirs in shown:
        rows.append(
            f'<tr><th colspan="2">{esc(asked)}</th></tr><tr><td>{esc(mine)}</td><td>{esc(theirs)}</td></tr>'
        )
    heads = "".join(f"<th>{esc(one.copy)}: {one.verdict.value}</th>" for one in (one, other))
    missed = "".join(
        f"<p class='finding f-block'>{esc(result.copy)}: {esc(str(miss))}</p>"
        for result in (one, other)
        for turn in result.telling.turns
        for miss in turn.misses
    )
    return f'<table class="diff"><tr>{heads}</tr>{"".join(rows)}</table>{missed}'
