"""Text files of the project, the places in them, and the problems found there."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from cozeops.codes import Code
from cozeops.errors import Position, Problem
from cozeops.frozen import frozen
from cozeops.manifests.wording import masked, printable

_LINE_END = re.compile("\r\n|\n|\r")
# In an excerpt every character keeps its column, so a harmless one stands in for each that is not.
_NOT_SHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, eq=False)
class Source:
    """A text file that was read. `name` is relative to the project's root, with `/`."""

    name: str
    path: Path
    text: str

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(end.end() for end in _LINE_END.finditer(self.text))]

    @cached_property
    def has_references(self) -> bool:
        """Whether a reference may be written in it: looked for once, however many documents it has."""
        return "${" in self.text

    @property
    def lines(self) -> int:
        """How many there are."""
        return len(self._starts)

    def position(self, index: int) -> Position:
        """The line and column of a character."""
        line = bisect_right(self._starts, index)
        return Position(self.name, line, index - self._starts[line - 1] + 1)

    def excerpt(self, line: int) -> str:
        """A line, counted from 1, without its end and without control characters."""
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        return masked(_NOT_SHOWN.sub("\ufffd", self.text[start:end].rstrip("\r\n")))


@frozen
class Place:
    """A character of a source. Line and column are counted only when a problem is told."""

    source: Source
    at: int | Callable[[], int]
    """Its index, or how to find it."""

    @property
    def index(self) -> int:
        """The number of characters before it."""
        return self.at if isinstance(self.at, int) else self.at()

    @property
    def position(self) -> Position:
        """The place as people know it."""
        return self.source.position(self.index)


class Refused(Exception):
    """A value or a file that cannot be used; whoever asked knows the place. Never leaves this floor."""

    def __init__(self, code: Code, message: str, hint: str = "", *, index: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.index = index


class Problems:
    """The problems of one run, in the order in which they are found; each is told once."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}
        self._hidden: set[str] = set()
        self.complete = True
        """False when a document was dropped: then names that are not found may be in it."""

    def add(self, code: Code, place: Place | None, message: str, hint: str = "") -> None:
        """Note a problem at a place. Values of users may stand in its words: nothing odd gets through."""
        message, hint = printable(message), printable(hint)
        if place is None:
            problem = Problem(str(code), message, hint)
        else:
            position = place.position
            excerpt = place.source.excerpt(position.line)
            hint = "; ".join(filter(None, (hint, _suspect(code, place.source, position.line))))
            problem = Problem(str(code), message, hint, position, excerpt)
        self._found[problem] = None

    def hide(self, *texts: str) -> None:
        """Show none of these texts, wherever they stand."""
        self._hidden.update(filter(None, texts))

    def refuse(self, refused: Refused, place: Place | None) -> None:
        """Note what was refused at a place."""
        self.add(refused.code, place, refused.message, refused.hint)

    def drop(self, refused: Refused, place: Place | None) -> None:
        """Note what was refused, together with the document that it stands in."""
        self.complete = False
        self.refuse(refused, place)

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Problem]:
        return iter(sorted(map(self._without_hidden, self._found), key=_reading_order))

    def _without_hidden(self, problem: Problem) -> Problem:
        told = [problem.message, problem.hint, problem.excerpt]
        for text in sorted(self._hidden, key=len, reverse=True):
            told = [words.replace(text, "*" * len(text)) for words in told]
        message, hint, excerpt = told
        return replace(problem, message=message, hint=hint, excerpt=excerpt)


def _suspect(code: Code, source: Source, line: int) -> str:
    from cozeops.manifests.yaml.lookalikes import (
        lines_near,
        lookalike,
    )  # many patterns: only where something is wrong

    lines = [number for number in lines_near(code, line) if 1 <= number <= source.lines]
    return lookalike(code, [(number, source.excerpt(number)) for number in lines])


def _reading_order(problem: Problem) -> tuple[str, int, int, str]:
    where = problem.position
    return (where.file, where.line, where.column, problem.code) if where else ("", 0, 0, problem.code)
