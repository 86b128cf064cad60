"""Text measured in the cells of a terminal, where a Chinese character takes two."""

from __future__ import annotations

import re
from functools import cache

# What may stand together on a row: a run of spaces, a character that takes two cells with the
# punctuation that clings to it, or a word.
_CLINGS = "，。、；：？！）】》〉」』”’…·,.;:?!)}\\]"
_OPENS = "（【《〈「『“‘"
_MARKS = "(?:[\u0300-\u036f\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff]|\u200d.)*"
_WIDE = (
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff"
    "\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\U0001f300-\U0001faff\U00020000-\U0003ffff]"
)
# Compiled by whoever has a text that is too long: it takes longer than to show a plan without one.
_PIECE = rf" +|[{_OPENS}]*(?:{_WIDE}{_MARKS})[{_CLINGS}]*|(?:(?![ {_OPENS}]|{_WIDE}).)+|."
_CLUSTER = rf".{_MARKS}"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)


def width(text: str) -> int:
    """How many cells `text` takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def truncate(text: str, cells: int) -> str:
    """`text` in at most `cells` cells, with `…` where something is left out."""
    if width(text) <= cells:
        return text
    taken, used = [], 1
    for cluster in _compiled(_CLUSTER).findall(text):
        used += width(cluster)
        if used > cells:
            break
        taken.append(cluster)
    return "".join(taken) + "…" if cells > 0 else ""


def rows(text: str, first: int, others: int) -> list[tuple[int, int]]:
    """Where to break `text`: start and end of each row. `first` and `others` are widths in cells."""
    room = max(first, 2)
    if width(text) <= room:
        return [(0, len(text.rstrip(" ")))]
    found: list[tuple[int, int]] = []
    start = end = used = 0
    for begin, piece in _pieces(text, max(min(first, others), 2)):
        size = width(piece)
        if used + size > room and used and not piece.isspace():
            found.append((start, end))
            start, used, room = begin, 0, max(others, 2)
        used += size
        if not piece.isspace():
            end = begin + len(piece)
    found.append((start, max(end, start)))
    return found


def _pieces(text: str, most: int) -> list[tuple[int, str]]:
    """Pieces with their offsets; one that is wider than `most` cells is cut."""
    found = []
    for match in _compiled(_PIECE).finditer(text):
        piece, offset = match[0], match.start()
        if width(piece) <= most or piece.isspace():
            found.append((offset, piece))
            continue
        used, chunk = 0, ""
        for cluster in _compiled(_CLUSTER).findall(piece):
            size = width(cluster)
            if used + size > most:
                found.append((offset, chunk))
                offset, used, chunk = offset + len(chunk), 0, ""
            used, chunk = used + size, chunk + cluster
        found.append((offset, chunk))
    return found
