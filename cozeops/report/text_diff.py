"""Two versions of a long text as hunks of lines, with the section each is in and marks inside lines.

One model for terminal, Markdown and HTML. Chinese is compared by character, English by word. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

CONTEXT = 3
# Two lines that share less than this are a removal and an addition, not an edit.
_ALIKE = 0.45
# SequenceMatcher is quadratic: longer lines are compared by sentence, longer texts without rare repetitions.
_MOST_WORDS = 1200
_MOST_LINES = 4000
_SLIGHT = 4
"""So many unchanged characters between two larger changes are shown as changed."""

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*|(【[^【】]+】)\s*")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_SENTENCE = re.compile(r"[^。！？；.!?;]*[。！？；.!?;]*\s*")
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f0-9_']+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a line; `marked` where the two versions of the line differ."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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


# ------------------------------------------------------------------------------------- inside a line

Marked = tuple[Segment, ...]


def _block(old: list[str], new: list[str], first_old: int, first_new: int) -> Iterator[Line]:
    """The lines of one replaced block: those that are versions of each other are twins, with marks."""
    left: list[Marked] = [(Segment(text),) for text in old]
    right: list[Marked] = [(Segment(text),) for text in new]
    pairs = dict(_pairs(old, new))
    for i, j in pairs.items():
        if marked := intraline(old[i], new[j]):
            left[i], right[j] = marked
    back = {j: i for i, j in pairs.items()}
    for i, parts in enumerate(left):
        yield Line("-", parts, before=first_old + i, twin=first_new + pairs[i] if i in pairs else 0)
    for j, parts in enumerate(right):
        yield Line("+", parts, after=first_new + j, twin=first_old + back[j] if j in back else 0)


def _pairs(old: list[str], new: list[str]) -> Iterator[tuple[int, int]]:
    """Which removed line became which added one: in order, each taken once, the first that is alike."""
    if len(old) == len(new):
        yield from zip(range(len(old)), range(len(new)), strict=True)
        return
    start = 0
    for i, text in enumerate(old[:50]):
        for j in range(start, min(len(new), start + 50)):
            if _alike(text, new[j]):
                yield i, j
                start = j + 1
                break


def _alike(old: str, new: str) -> bool:
    matcher = SequenceMatcher(None, old[:400], new[:400])
    return matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def intraline(old: str, new: str) -> tuple[Marked, Marked] | None:
    """Both lines in segments, marked where they differ; None where they have too little in common."""
    parts = list(_compared(old, new))
    common = sum(_seen(words) for words, _, same in parts if same)
    sizes = _seen(old), _seen(new)
    if 2 * common < _ALIKE * sum(sizes) and common < 0.9 * min(sizes):
        return None
    parts = _joined(parts)
    return (
        _segments((words, not same) for words, _, same in parts),
        _segments((words, not same) for _, words, same in parts),
    )


Part = tuple[str, str, bool]
"""The text of both sides, and whether it is the same."""


def _compared(old: str, new: str) -> Iterator[Part]:
    """Word by word; a very long line by sentence first, then the sentences that differ by word."""
    left, right = _WORD.findall(old), _WORD.findall(new)
    if max(len(left), len(right)) <= _MOST_WORDS:
        yield from _parts(left, right)
        return
    for before, after, same in _parts(_SENTENCE.findall(old), _SENTENCE.findall(new)):
        short = max(len(before), len(after)) <= _MOST_WORDS
        yield from (
            _parts(_WORD.findall(before), _WORD.findall(after))
            if short and not same
            else [(before, after, same)]
        )


def _parts(left: list[str], right: list[str]) -> Iterator[Part]:
    """Match words; what both begin and end with is matched first, which is most of it."""
    head = _shared(left, right)
    tail = _shared(left[head:][::-1], right[head:][::-1])
    ends = len(left) - tail, len(right) - tail
    yield "".join(left[:head]), "".join(right[:head]), True
    matcher = SequenceMatcher(None, left[head : ends[0]], right[head : ends[1]], autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        old, new = left[head + i1 : head + i2], right[head + j1 : head + j2]
        yield "".join(old), "".join(new), tag == "equal"
    yield "".join(left[ends[0] :]), "".join(right[ends[1] :]), True


def _shared(left: Sequence[str], right: Sequence[str]) -> int:
    pairs = enumerate(zip(left, right, strict=False))
    return next((index for index, (one, other) in pairs if one != other), min(len(left), len(right)))


def _joined(parts: list[Part]) -> list[Part]:
    """Changes parted by a blank, or by less than what changes around it, read better as one change."""
    joined: list[Part] = []
    for index, (old, new, same) in enumerate(parts):
        beside = [max(map(len, parts[at][:2])) for at in (index - 1, index + 1) if 0 <= at < len(parts)]
        between = len(beside) == 2 and not parts[index - 1][2] and not parts[index + 1][2]
        joined.append((old, new, same and not (between and _is_slight(old, min(beside)))))
    return joined


def _is_slight(text: str, least_change: int) -> bool:
    return text.isspace() or (len(text) <= _SLIGHT and len(text) < least_change)


def _seen(text: str) -> int:
    """How many characters are not blank."""
    return len("".join(text.split()))


def _segments(parts: Iterable[tuple[str, bool]]) -> Marked:
    """One side of the parts, neighbours of one kind together."""
    found: list[Segment] = []
    for text, marked in parts:
        if text and found and found[-1].marked == marked:
            found[-1] = Segment(found[-1].text + text, marked)
        elif text:
            found.append(Segment(text, marked))
    return tuple(found)


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
