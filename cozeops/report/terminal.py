"""A stream that text is laid out on: colours when they are wanted, rows broken by cells."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from cozeops.report import cells

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
    "+ mark": "bold reverse green",
    "- mark": "bold reverse red",
    "caret": "bold red",
}
# What is written where the stream's encoding has no such character.
_PLAIN = str.maketrans(
    {"→": "->", "±": "+-", "…": "...", "⋯": "...", "›": ">", "·": ".", "✓": "ok", "⏎": "$"}
)
PIPE_WIDTH = 120
"""The width where there is no terminal: a log or a file."""
LEAST_WIDTH = 20


@dataclass(frozen=True, slots=True)
class Span:
    """Text of one style, one of STYLES."""

    text: str
    style: str = ""


def wants_color(stream: TextIO, environ: Mapping[str, str] | None = None) -> bool:
    """NO_COLOR beats FORCE_COLOR, which beats a dumb terminal; otherwise colour is for terminals."""
    environ = os.environ if environ is None else environ
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
    environ = os.environ if environ is None else environ
    if (columns := environ.get("COLUMNS", "")).isdecimal() and int(columns) > 0:
        return max(int(columns), LEAST_WIDTH)
    if not is_terminal(stream):
        return PIPE_WIDTH
    try:
        return max(os.get_terminal_size(stream.fileno()).columns or 80, LEAST_WIDTH)
    except (OSError, ValueError):
        return 80


def _console(stream: TextIO, *, width: int, color: bool, terminal: bool) -> Console:
    """A rich console that adds nothing of its own: no markup, no emoji codes, no highlighting."""
    from rich.console import Console

    return Console(
        file=stream,
        width=width,
        force_terminal=color or terminal,
        no_color=not color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


class Sheet:
    """Where a renderer writes, a line at a time. Texts must be safe already (`visible`)."""

    def __init__(
        self,
        stream: TextIO,
        *,
        width: int | None = None,
        color: bool | None = None,
        terminal: bool = False,
    ) -> None:
        self.width = width or width_of(stream)
        self.color = wants_color(stream) if color is None else color
        self.console = _console(stream, width=self.width, color=self.color, terminal=terminal)
        self._encoding = getattr(stream, "encoding", None) or "utf-8"

    def line(self, *spans: Span | str, indent: int = 0, hang: int = 0) -> None:
        """Write one line; where it is too long it goes on below, `hang` cells further in."""
        from rich.text import Text

        parts = [
            Span(self._fit(span)) if isinstance(span, str) else Span(self._fit(span.text), span.style)
            for span in spans
        ]
        whole = "".join(part.text for part in parts)
        others = self.width - indent - hang
        for number, (start, end) in enumerate(cells.rows(whole, self.width - indent, others)):
            text = Text(" " * (indent if number == 0 else indent + hang), end="")
            at = 0
            for part in parts:
                taken = part.text[max(start - at, 0) : max(end - at, 0)]
                at += len(part.text)
                text.append(taken, STYLES[part.style])
            if not str(text).strip():
                text = Text("", end="")
            self.console.print(text, soft_wrap=True, end="\n")

    def blank(self) -> None:
        """Write an empty line."""
        self.line("")

    def _fit(self, text: str) -> str:
        try:
            text.encode(self._encoding)
        except (UnicodeEncodeError, LookupError):
            text = text.translate(_PLAIN)
            return text.encode(self._encoding, "backslashreplace").decode(self._encoding)
        return text
