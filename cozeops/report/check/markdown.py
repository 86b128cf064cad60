"""Checks as a comment or a summary: a table first, then what failed, and both copies side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cozeops.engine.check.runner import Attempt, Checked, Result, Verdict
from cozeops.report.check import words as check_words
from cozeops.report.forms.comment import LIMIT, comment_marker
from cozeops.report.forms.inert import cell_code, code, fence, html_code, prose
from cozeops.report.forms.room import within

_SIGNS = {Verdict.PASSED: "pass", Verdict.FAILED: "**FAIL**", Verdict.NO_RESULT: "**no result**"}


def checked_markdown(checked: Checked, *, limit: int = LIMIT) -> str:
    """At most `limit` characters; it begins with a marker by which the comment is found again."""
    head = [
        comment_marker("check", checked.project, checked.environment, checked.shard),
        f"### cozeops check for {code(checked.environment)}",
        "",
        f"**{check_words.total(checked)}**",
        "",
    ]
    room = limit - sum(map(len, head)) - 200
    table = within(list(_table(checked)), room // 3, "| | … {} more | | |")
    room -= sum(map(len, table)) + len(table)
    shown = within(list(_blocks(checked)), room, "… {} more: the whole is in the output of the job.")
    return "\n".join([*head, *table, "", *shown]).rstrip("\n") + "\n"


def _table(checked: Checked) -> Iterator[str]:
    if not checked.results:
        return
    yield "| | Check | Talked to | Why |"
    yield "|---|---|---|---|"
    for one in checked.results:
        why = ": ".join(part for part in (check_words.share(one), one.why) if part)
        cells = (
            _SIGNS[one.verdict],
            cell_code(str(one.check)),
            cell_code(check_words.subject(one)),
            prose(why),
        )
        yield f"| {' | '.join(cells)} |"


def _blocks(checked: Checked) -> Iterator[str]:
    for one, other in checked.pairs:
        if other:
            yield _side_by_side(one, other)
        elif one.verdict is not Verdict.PASSED:
            title = f"{html_code(str(one.check))} {one.verdict.value}"
            yield _folded(title, _transcript(one.telling))


def _transcript(attempt: Attempt) -> list[str]:
    lines = []
    for turn in attempt.turns:
        lines += [*_speech("user", turn.asked), *_speech("bot", turn.said.answer)]
        lines += [f"    ({check_words.cost(turn)})"]
        lines += [f"  ! {miss}" for miss in turn.misses]
    lines += _speech("user", attempt.unanswered) if attempt.unanswered else []
    lines += [f"  ! {attempt.trouble}"] if attempt.trouble else []
    return fence(lines, "text")


def _speech(who: str, text: str) -> list[str]:
    first, *others = text.split("\n")
    return [f"{who + ':':<5} {first}", *(f"      {line}" for line in others)]


def _side_by_side(one: Result, other: Result) -> str:
    heads = [f"{result.copy} ({result.verdict.value})" for result in (one, other)]
    rows = [f"| | {prose(heads[0])} | {prose(heads[1])} |", "|---|---|---|"]
    shown = check_words.side_by_side(one.telling, other.telling)
    rows += [f"| {_cell(asked)} | {_cell(mine)} | {_cell(theirs)} |" for asked, mine, theirs in shown]
    missed = [
        f"- {prose(result.copy)}: {prose(str(miss))}"
        for result in (one, other)
        for turn in result.telling.turns
        for miss in turn.misses
    ]
    rows += ["", *missed] if missed else []
    return _folded(f"{html_code(str(one.check))} {prose(str(one.about))}", rows)


def _cell(text: str) -> str:
    return "<br>".join(prose(line) for line in text.split("\n"))


def _folded(title: str, lines: Sequence[str]) -> str:
    return "\n".join([f"<details open><summary>{title}</summary>", "", *lines, "", "</details>", ""])
