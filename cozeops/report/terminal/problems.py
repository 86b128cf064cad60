"""What is wrong with the project, with its place and a caret; and every other failure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from cozeops.engine.policy.secrets import hidden
from cozeops.errors import ApiError, CozeopsError, InvalidProject, Position, Problem
from cozeops.report import words
from cozeops.report.terminal import cells
from cozeops.report.terminal.safe import one_line, visible
from cozeops.report.terminal.sheet import Sheet, Span

TAB = 4


def render_problems(
    problems: Sequence[Problem], stream: TextIO, *, width: int | None = None, color: bool | None = None
) -> None:
    """Write every problem in the order of files and lines, and how many there are."""
    sheet = Sheet(stream, width=width, color=color)
    for problem in sorted(problems, key=_place):
        _problem(sheet, problem)
    files = len({problem.position.file for problem in problems if problem.position})
    where = f" in {words.count(files, 'file')}" if files else ""
    sheet.line(Span(words.count(len(problems), "problem") + where, "bold" if problems else ""))


def render_error(
    error: CozeopsError, stream: TextIO, *, width: int | None = None, color: bool | None = None
) -> None:
    """Write what happened, the log id that Coze's support asks for, and what to do next."""
    if isinstance(error, InvalidProject):
        render_problems(error.problems, stream, width=width, color=color)
        return
    sheet = Sheet(stream, width=width, color=color)
    sheet.line(Span("error: ", "block"), one_line(error.message), hang=7)
    if isinstance(error, ApiError) and error.log_id:
        sheet.line(Span("log id: ", "dim"), one_line(error.log_id), hang=8)
    if error.hint:
        sheet.line(Span("hint: ", "dim"), one_line(error.hint), hang=6)


def _place(problem: Problem) -> tuple[str, int, int]:
    at = problem.position
    return (at.file, at.line, at.column) if at else ("", 0, 0)


def _problem(sheet: Sheet, problem: Problem) -> None:
    where = f"{one_line(str(problem.position))}: " if problem.position else ""
    code = Span(f"{one_line(problem.code)} ", "block")
    sheet.line(Span(where, "bold"), code, one_line(problem.message), hang=2)
    if problem.excerpt and problem.position:
        _excerpt(sheet, problem.excerpt, problem.position)
    if problem.hint:
        sheet.line(Span("hint: ", "dim"), one_line(problem.hint), indent=2, hang=6)
    sheet.blank()


def _excerpt(sheet: Sheet, excerpt: str, position: Position) -> None:
    """The source line and a caret below its column; a long line is cut around the caret."""
    margin = f"{position.line:>5} | "
    line = hidden(excerpt.split("\n", 1)[0].rstrip("\r"), mark=lambda secret: "*" * len(secret))
    before = _shown(line[: position.column - 1])
    after = _shown(line[position.column - 1 :])
    room = sheet.width - len(margin)
    if cells.width(before) > room - 10:
        before = "…" + _tail(before, room // 2)
    at = cells.width(before)
    sheet.line(Span(margin, "dim"), cells.truncate(before + after, room), hang=0)
    sheet.line(Span(" " * (len(margin) - 2) + "| ", "dim"), Span(" " * at + "^", "caret"), hang=0)


def _shown(text: str) -> str:
    return visible(text).replace("\t", " " * TAB)


def _tail(text: str, most: int) -> str:
    while cells.width(text) > most:
        text = text[1:]
    return text
