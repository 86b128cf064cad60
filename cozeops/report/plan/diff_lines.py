"""The fields of a change as lines of a `diff` block: each begins with `+`, `-`, `@@` or a blank. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cozeops.report import words
from cozeops.report.plan.fields import Hidden, Items, LongText, Scalar, Shown, WholeText
from cozeops.report.plan.fields_text import bracketed
from cozeops.report.plan.structure import Item
from cozeops.report.plan.text_diff import Line, elide
from cozeops.report.terminal.safe import compact

FIRST_LINES = 12
"""How many lines of a new text are shown."""
MOST_LINE = 1200
"""How many characters of a line are shown."""


def field_lines(fields: Iterable[Shown]) -> Iterator[str]:
    """All lines for some fields, none of them longer than people read."""
    for shown in fields:
        for line in _lines(shown):
            yield (line if len(line) <= MOST_LINE else line[: MOST_LINE - 1] + "…").rstrip(" ")


def _lines(shown: Shown) -> Iterator[str]:
    note = f" ({shown.note})" if shown.note else ""
    match shown:
        case Scalar():
            if shown.before is not None:
                yield f"- {shown.path}: {compact(shown.before)}{'' if shown.after is not None else note}"
            if shown.after is not None or shown.before is None:
                yield f"+ {shown.path}: {compact(shown.after)}{note}"
        case Items():
            yield f"  {shown.path}:{note}"
            for item in shown.items:
                yield from _item(item)
        case WholeText():
            yield from _whole(shown, note)
        case LongText():
            yield from _long(shown, note)
        case Hidden():
            yield f"  {shown.path}:{note}"


def _item(item: Item) -> Iterator[str]:
    path = f"{item.path}: " if item.path else ""
    if item.sign in "-~":
        yield f"-   {path}{compact(item.before)}"
    if item.sign in "+~":
        yield f"+   {path}{compact(item.after)}"


def _whole(shown: WholeText, note: str) -> Iterator[str]:
    lines, size = shown.lines, len(shown.text)
    told = f"{words.count(len(lines), 'line')}, {words.size(size, size, shown.limit)}"
    yield f"@@ {shown.path}: {told}{note} @@"
    for line in lines[:FIRST_LINES]:
        yield f"{shown.sign} {line}"
    if len(lines) > FIRST_LINES:
        yield f"  (+{words.count(len(lines) - FIRST_LINES, 'line')})"


def _long(shown: LongText, note: str) -> Iterator[str]:
    diff = shown.diff
    counts = f"+{diff.added} -{diff.removed} lines" if diff.hunks else diff.remark
    size = words.size(diff.before_size, diff.after_size, shown.limit)
    yield f"@@ {shown.path}: {size}, {counts}{note} @@"
    for hunk in diff.hunks:
        if len(hunk.lines) > 2 or hunk.heading:
            yield f"@@ {hunk.place} @@ {hunk.heading}".rstrip()
        yield from (f"{line.sign} {_marked(elide(line))}" for line in hunk.lines)


def _marked(line: Line) -> str:
    return "".join(
        bracketed(line.sign, segment.text) if segment.marked else segment.text for segment in line.segments
    )
