"""Checks in a terminal: a line for each, a transcript where one did not pass, both copies side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from cozeops.engine.check.runner import Attempt, Checked, Result, Verdict
from cozeops.report.check import words as check_words
from cozeops.report.terminal import cells
from cozeops.report.terminal.safe import one_line, visible
from cozeops.report.terminal.sheet import Sheet, Span

STYLE = {Verdict.PASSED: "create", Verdict.FAILED: "block", Verdict.NO_RESULT: "warn"}
_WIDEST = max(len(verdict.value) for verdict in Verdict)
_LEAST_COLUMN = 16


def render_checked(
    checked: Checked,
    stream: TextIO,
    *,
    width: int | None = None,
    color: bool | None = None,
    verbose: bool = False,
) -> None:
    """Write every check, and what the ones that did not pass were about (with `verbose`: all of them)."""
    sheet = Sheet(stream, width=width, color=color)
    for result in checked.results:
        _result(sheet, result, verbose=verbose)
    for one, other in checked.pairs:
        if other:
            _compared(sheet, one, other)
    if checked.compared:
        sheet.blank()
    passed = checked.counts[Verdict.PASSED] == len(checked.results)
    sheet.line(Span(check_words.total(checked), "create" if passed else "bold"))
    if left := check_words.left((*checked.results, *checked.compared.values())):
        sheet.line(f"Conversations that could not be removed: {', '.join(map(one_line, left))}.", hang=2)


def render_transcripts(results: Sequence[Result], stream: TextIO) -> None:
    """Write the transcripts of checks that did not pass."""
    sheet = Sheet(stream)
    for result in results:
        if result.verdict is not Verdict.PASSED:
            _result(sheet, result)


def result_line(sheet: Sheet, result: Result, *, head: str = "") -> None:
    """Write how a check ended, on one line."""
    facts = [check_words.subject(result), check_words.share(result), f"{result.seconds:.1f} s"]
    sheet.line(
        Span(head, "dim"),
        Span(f"{result.verdict.value:<{_WIDEST}} ", STYLE[result.verdict]),
        Span(one_line(str(result.check)), "bold"),
        Span(f"  {one_line(', '.join(fact for fact in facts if fact))}", "dim"),
        hang=_WIDEST + 1,
    )


def _result(sheet: Sheet, result: Result, *, verbose: bool = False) -> None:
    result_line(sheet, result)
    if verbose:
        for attempt in result.attempts:
            _transcript(sheet, attempt)
    elif result.verdict is not Verdict.PASSED:
        _transcript(sheet, result.telling)


def _transcript(sheet: Sheet, attempt: Attempt) -> None:
    for turn in attempt.turns:
        _speech(sheet, "user", turn.asked)
        _speech(sheet, "bot", turn.said.answer)
        sheet.line(Span(check_words.cost(turn), "dim"), indent=8)
        for miss in turn.misses:
            sheet.line(Span("x ", "block"), one_line(str(miss)), indent=8, hang=2)
    if attempt.unanswered:
        _speech(sheet, "user", attempt.unanswered)
    if attempt.trouble:
        sheet.line(Span("x ", "block"), one_line(attempt.trouble), indent=8, hang=2)
    if attempt.hint:
        sheet.line(Span("hint: ", "dim"), one_line(attempt.hint), indent=8, hang=6)
    sheet.blank()


def _speech(sheet: Sheet, who: str, text: str) -> None:
    for number, line in enumerate(visible(text).replace("\t", "    ").split("\n")):
        sheet.line(Span(f"{who if number == 0 else '':<5} ", "dim"), line, indent=2, hang=6)


# ---------------------------------------------------------------------------------------- side by side


def _compared(sheet: Sheet, one: Result, other: Result) -> None:
    room = max((sheet.width - 5) // 2, _LEAST_COLUMN)
    sheet.blank()
    sheet.line(Span(one_line(str(one.check)), "bold"), Span(f"  {one_line(str(one.about))}", "dim"))
    heads = [f"{result.copy} ({result.verdict.value})" for result in (one, other)]
    _row(sheet, heads[0], heads[1], room, STYLE[one.verdict], STYLE[other.verdict])
    shown = check_words.side_by_side(one.telling, other.telling)
    for asked, answer, counterpart in shown:
        if asked:
            _speech(sheet, "user", asked)
        left, right = list(_wrapped(answer, room)), list(_wrapped(counterpart, room))
        for number in range(max(len(left), len(right))):
            mine, theirs = (column[number] if number < len(column) else "" for column in (left, right))
            _row(sheet, mine, theirs, room, "", "")


def _row(sheet: Sheet, mine: str, theirs: str, room: int, style: str, other: str) -> None:
    padded = mine + " " * (room - cells.width(mine))
    # A line that ends in spaces is one that somebody's diff complains about.
    rest = [Span(" | ", "dim"), Span(theirs, other)] if theirs else [Span(" |", "dim")]
    sheet.line(Span(padded, style), *rest, indent=2)


def _wrapped(text: str, room: int) -> Iterator[str]:
    for line in visible(text).replace("\t", "    ").split("\n"):
        for start, end in cells.rows(line, room, room):
            yield line[start:end]
