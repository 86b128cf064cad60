"""Characters that look like YAML's own and are text: what Chinese keyboards and web pages put into files.

They are told only beside a problem that they may have caused: in a text they are as good as any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from cozeops.codes import Code

_ASCII: Final = str.maketrans("：，“”‘’「」［］【】｛｝－—–", ':,""\'\'""[][]{}---')
_KEY = r"[A-Za-z][\w-]*"
_SPACE = "[\u00a0\u2000-\u200a\u202f\u3000]"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:^ *(?:- +)?|[{{,，] *){_KEY}(：)",
        r"[\w'\"\]}] *(，) *[\w'\"]+ *[:：]",
        r"[:：,\[{-] *([“”‘’「])",
        r"[:：-] *([［【｛])",
        r"[:：] *([０-９])",
        r"^ *([－—–])",
        rf"(?:^ *|[:：] ?)({_SPACE})",
    )
)
_NO_SPACE = re.compile(rf"^ *(?:- +)?{_KEY}(:)[^\s:/]")
_LINES: Final = {
    # A line that is none shows itself only in the next one; a wrong spec, in what stands below it.
    Code.SYNTAX: (-1, 0),
    Code.ENVELOPE: (0, 1),
    Code.UNKNOWN_FIELD: (0,),
    Code.WRONG_TYPE: (0,),
    Code.FOREIGN_VALUE: (0, 1),
}
"""Code -> the lines to look at, counted from that of the problem."""


def lookalike(code: Code, lines: Iterable[tuple[int, str]]) -> str:
    """What to say about the first such character in the lines (with their numbers); empty for none."""
    for number, line in lines:
        for pattern in _PATTERNS:
            if found := pattern.search(line):
                return _told(found[1], number)
        if code in (Code.SYNTAX, Code.ENVELOPE) and _NO_SPACE.search(line):
            return f'the ":" in line {number} has no space behind it'
    return ""


def lines_near(code: Code, line: int) -> list[int]:
    """The lines that may have caused a problem told in `line`."""
    return [line + step for step in _LINES.get(code, ())]


def _told(char: str, line: int) -> str:
    if not char.strip():
        return f"the U+{ord(char):04X} in line {line} is no space to YAML: write spaces of the space bar"
    if char.isdecimal():
        return f'the "{char}" in line {line} is text to YAML: write {int(char)}'
    return f'the "{char}" in line {line} is text to YAML: write {char.translate(_ASCII)}'
