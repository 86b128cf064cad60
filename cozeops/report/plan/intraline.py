"""Two versions of a line: which became which, and what differs inside it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from cozeops.frozen import frozen

# Two lines that share less than this are a removal and an addition, not an edit.
_ALIKE = 0.45
_RELATED = 0.3
"""The same for a look at pairs of characters, which is quick and finds less."""
# Matching is quadratic: longer lines are compared by sentence, larger blocks line by line from the top.
_MOST_WORDS = 1200
_MOST_PAIRS = 20_000
_SLIGHT = 4
"""So many unchanged characters between two larger changes are shown as changed."""

_SENTENCE = re.compile(r"[^。！？；.!?;]*[。！？；.!?;]*\s*")
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f0-9_']+|\s+|.", re.DOTALL)


@frozen
class Segment:
    """A part of a line; `marked` where the two versions of the line differ."""

    text: str
    marked: bool = False


Marked = tuple[Segment, ...]


def pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Which removed line became which added one: the best choice that keeps the order of both."""
    if len(old) == len(new) == 1 or len(old) * len(new) > _MOST_PAIRS:
        return list(zip(range(len(old)), range(len(new)), strict=False))
    left, right = [_grams(text) for text in old], [_grams(text) for text in new]
    # best[i][j]: the most that lines from i and from j on can have in common.
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            together = best[i + 1][j + 1] + _related(left[i], right[j])
            best[i][j] = max(best[i + 1][j], best[i][j + 1], together)
    found, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            found.append((i, j))
            i, j = i + 1, j + 1
    return found


def _grams(text: str) -> frozenset[str]:
    """The characters of a line and its pairs of neighbours."""
    return frozenset(text) | {text[at : at + 2] for at in range(len(text) - 1)}


def _related(one: frozenset[str], other: frozenset[str]) -> float:
    shared = 2 * len(one & other) / (len(one) + len(other) or 1)
    return shared if shared >= _RELATED else 0.0


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
