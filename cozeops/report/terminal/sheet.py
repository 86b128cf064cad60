"""A stream that text is laid out on: colours when they are wanted, rows broken by cells."""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import cache
from typing import TYPE_CHECKING, TextIO

from cozeops.frozen import frozen
from cozeops.report.terminal import cells
from cozeops.report.terminal.neutral import neutral
from cozeops.report.terminal.variables import heeded

if TYPE_CHECKING:
    from rich.console import Console

STYLES = {
    "": "",
    "create": "green",
    "update": "yellow",
    "replace": "magenta",
    "delete": "red",
    "publish": "cyan",
    "unpublish": "magenta",
    "adopt": "blue",
    "forget": "magenta",
    "none": "dim",
    "blocked": "bold red",
    "block": "bold red",
    "warn": "bold yellow",
    "info": "bold blue",
    "bold": "bold",
    "dim": "dim",
    "place": "cyan",
    "+": "green",
    "-": "red",
    "~": "yellow",
    "+ mark": "reverse green",
    "- mark": "reverse red",
    "caret": "bold red",
}
# What is written where the stream's encoding has no such character.
_PLAIN = str.maketrans(
    {"→": "->", "±": "+-", "…": "...", "⋯": "...", "›": ">", "·": ".", "✓": "ok", "⏎": "$"}
)
PIPE_WIDTH = 120
"""The width where there is no terminal: a log or a file."""
LEAST_WIDTH = 20


@frozen
class Span:
    """Text of one style, one of STYLES."""

    text: str
    style: str = ""


def wants_color(stream: TextIO, environ: Mapping[str, str] | None = None) -> bool:
    """NO_COLOR beats FORCE_COLOR, which beats a dumb terminal; otherwise colour is for terminals."""
    environ = heeded() if environ is None else environ
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return environ.get("TERM") != "dumb" and is_terminal(stream)


def is_terminal(stream: TextIO) -> bool:
    """Whether people look at it as it is written."""
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False


def width_of(stream: TextIO, environ: Mapping[str, str] | None = None) -> int:
    """The columns of a terminal, or COLUMNS, or 120."""
    environ = heeded() if environ is None else environ
    if (columns := environ.get("COLUMNS", "")).isdecimal() and int(columns) > 0:
        return max(int(columns), LEAST_WIDTH)
    if not is_terminal(stream):
        return PIPE_WIDTH
    try:
        return max(os.get_terminal_size(stream.fileno()).columns or 80, LEAST_WIDTH)
    except (OSError, ValueError):
        return 80


def live_console(stream: TextIO, *, width: int, color: bool) -> Console:
    """A rich console for a live screen, that adds nothing of its own: no markup, no highlighting."""
    from rich.console import Console

    return Console(
        file=stream,
        width=width,
        force_terminal=True,
        no_color=not color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


@cache
def _painter(style: str) -> Callable[[str], str]:
    """Writes text in a style with the sixteen colours that every terminal, and its theme, has."""
    from rich.color import ColorSystem
    from rich.style import Style

    parsed = Style.parse(STYLES[style])
    return lambda text: parsed.render(text, color_system=ColorSystem.STANDARD)


class Sheet:
    """Where a renderer writes, a line at a time. Texts must be safe already (`visible`)."""

    def __init__(self, stream: TextIO, *, width: int | None = None, color: bool | None = None) -> None:
        self.width = width or width_of(stream)
        self.color = wants_color(stream) if color is None else color
        self.write: Callable[[str], object] = stream.write
        """Takes each row with its line end; a live screen puts its own in."""
        self._codec = _codec(stream)

    def line(self, *spans: Span | str, indent: int = 0, hang: int = 0) -> None:
        """Write one line; where it is too long it goes on below, `hang` cells further in."""
        styled = (Span(span) if isinstance(span, str) else span for span in spans)
        parts = [Span(self._fit(span.text), span.style) for span in styled]
        whole = "".join(part.text for part in parts)
        found = cells.rows(whole, self.width - indent, self.width - indent - hang)
        for number, (start, end) in enumerate(found):
            row = self._row(parts, start, end)
            margin = " " * (indent if number == 0 else indent + hang) if row else ""
            self.write(neutral(f"{margin}{row}\n"))

    def onto(self, write: Callable[[str], object]) -> Sheet:
        """The same sheet, whose rows go elsewhere."""
        other = copy(self)
        other.write = write
        return other

    def blank(self) -> None:
        """Write an empty line."""
        self.write("\n")

    def _row(self, parts: Sequence[Span], start: int, end: int) -> str:
        row, at = [], 0
        for part in parts:
            text = part.text[max(start - at, 0) : max(end - at, 0)]
            at += len(part.text)
            row.append(_painter(part.style)(text) if text and part.style and self.color else text)
        return "".join(row)

    def _fit(self, text: str) -> str:
        """`text` as the stream can write it."""
        if self._codec == "utf-8":
            return text
        try:
            text.encode(self._codec)
        except UnicodeEncodeError:
            return text.translate(_PLAIN).encode(self._codec, "backslashreplace").decode(self._codec)
        return text


def _codec(stream: TextIO) -> str:
    try:
        return codecs.lookup(getattr(stream, "encoding", None) or "utf-8").name
    except LookupError:
        return "utf-8"
