"""Two versions of a long text as hunks of lines, with the section each is in and marks inside lines.

One model for terminal, Markdown and HTML. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from cozeops.frozen import frozen
from cozeops.report.plan.intraline import Marked, Segment, intraline, pairs

CONTEXT = 3
# SequenceMatcher is quadratic: in a longer text, lines that are there very often are not matched.
_MOST_LINES = 4000

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*|(【[^【】]+】)\s*")
_FENCE = re.compile(r" {0,3}(```|~~~)")


@frozen
class Line:
    """A line of a hunk: `sign` is a space, `-` or `+`; the numbers count from 1 (0: not on that side).

    `twin` is the number of the line on the other side that this one became, or was.
    """

    sign: str
    segments: tuple[Segment, ...]
    before: int = 0
    after: int = 0
    twin: int = 0

    @property
    def text(self) -> str:
        """The line without marks."""
        return "".join(segment.text for segment in self.segments)


@frozen
class Hunk:
    """Neighbouring changes with their context; `heading` is the section that they are in."""

    heading: str
    lines: tuple[Line, ...]

    @property
    def place(self) -> str:
        """The numbers of a unified diff: `-12,7 +12,8`."""
        return " ".join(
            f"{sign}{numbers[0] if numbers else 0},{len(numbers)}"
            for sign, numbers in (
                ("-", [line.before for line in self.lines if line.before]),
                ("+", [line.after for line in self.lines if line.after]),
            )
        )


@frozen
class TextDiff:
    """What differs, and how long both versions are in characters."""

    hunks: tuple[Hunk, ...]
    before_size: int
    after_size: int

    @property
    def remark(self) -> str:
        """What the hunks do not show."""
        return "" if self.hunks else "only line ends differ"

    @property
    def added(self) -> int:
        """How many lines are new."""
        return self._count("+")

    @property
    def removed(self) -> int:
        """How many lines go."""
        return self._count("-")

    def _count(self, sign: str) -> int:
        return sum(line.sign == sign for hunk in self.hunks for line in hunk.lines)


def text_diff(before: str, after: str, *, context: int = CONTEXT) -> TextDiff:
    """Compare two texts line by line. Line ends do not count."""
    old, new = split_lines(before), split_lines(after)
    if len(old) > 1 < len(new) and not old[-1] and not new[-1]:
        del old[-1], new[-1]  # both end with a line end: there is no line after it to show
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > _MOST_LINES)
    hunks = tuple(_hunk(group, old, new) for group in matcher.get_grouped_opcodes(context))
    return TextDiff(hunks, len(before), len(after))


def split_lines(text: str) -> list[str]:
    """The lines, CRLF or not; only line feeds part lines, so that nothing else goes unseen."""
    return text.replace("\r\n", "\n").split("\n")


Opcode = tuple[str, int, int, int, int]


def _hunk(group: Sequence[Opcode], old: list[str], new: list[str]) -> Hunk:
    lines: list[Line] = []
    for tag, i1, i2, j1, j2 in group:
        if tag == "equal":
            for step, text in enumerate(old[i1:i2]):
                lines.append(Line(" ", (Segment(text),), i1 + step + 1, j1 + step + 1))
        else:
            lines += _block(old[i1:i2], new[j1:j2], i1 + 1, j1 + 1)
    first = next(opcode for opcode in group if opcode[0] != "equal")
    return Hunk(section(new, first[3]) or section(old, first[1]), tuple(lines))


def section(lines: Sequence[str], index: int) -> str:
    """The headings above line `index`, outermost first: `Role › Skills`."""
    path: list[tuple[int, str]] = []
    fence = ""
    for line in lines[:index]:
        if (match := _FENCE.match(line)) and fence in ("", match[1]):
            fence = "" if fence else match[1]
        elif not fence and (match := _HEADING.fullmatch(line)):
            level = len(match[1]) if match[1] else 1
            path = [one for one in path if one[0] < level]
            path.append((level, match[2] or match[3] or ""))
    return " › ".join(text for _, text in path if text)


def _block(old: list[str], new: list[str], first_old: int, first_new: int) -> Iterator[Line]:
    """The lines of one replaced block: those that are versions of each other are twins, with marks."""
    left: list[Marked] = [(Segment(text),) for text in old]
    right: list[Marked] = [(Segment(text),) for text in new]
    twins = dict(pairs(old, new))
    for i, j in twins.items():
        if marked := intraline(old[i], new[j]):
            left[i], right[j] = marked
    back = {j: i for i, j in twins.items()}
    for i, parts in enumerate(left):
        yield Line("-", parts, before=first_old + i, twin=first_new + twins[i] if i in twins else 0)
    for j, parts in enumerate(right):
        yield Line("+", parts, after=first_new + j, twin=first_old + back[j] if j in back else 0)


def elide(line: Line, *, keep: int = 40, most: int = 120) -> Line:
    """The line without the middle of long parts that did not change; `⋯` stands for them."""
    if len(line.segments) < 2:
        return line
    last = len(line.segments) - 1
    parts = []
    for index, segment in enumerate(line.segments):
        text = segment.text
        if not segment.marked and len(text) > most:
            head = "" if index == 0 else text[:keep]
            tail = "" if index == last else text[-keep:]
            text = f"{head}⋯{tail}"
        parts.append(Segment(text, segment.marked))
    return replace(line, segments=tuple(parts))
