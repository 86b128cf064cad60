"""The one writer of what commands print: no text from elsewhere begins or holds a command of a CI runner.

Runners read what a step prints. GitHub obeys `::` at the beginning of a line (blanks before it do not count)
and `##[` anywhere, Azure `##vso[` and `##[`, TeamCity `##teamcity[`, GitLab `section_start:` and
`section_end:`. A backslash inside takes the meaning from them and leaves them readable.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, TextIO

_STYLE = r"\x1b\[[0-9;]*m"
_OVERLAP = 200
"""Characters of a line that are remembered: a command may come in pieces."""


def neutral(text: str) -> str:
    """The text without a command of a runner in any of its lines."""
    if ":" not in text and "#" not in text:
        return text
    begins, holds = _patterns()
    return holds.sub(r"\g<0>\\", begins.sub(r"\1:\\", text))


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Where a command begins, and what one has inside; compiled when there is something to look through."""
    return (
        re.compile(rf"(?m)^((?:[^\S\n]|[\u200b\ufeff]|{_STYLE})*):(?=(?:{_STYLE})*:)"),
        re.compile(rf"#(?=(?:{_STYLE})*#(?:{_STYLE}|\w)*\[)|section(?=_(?:start|end):)"),
    )


class NeutralStream:
    """A stream to which only neutral text gets; everything else about it is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        """The stream itself, for the formats that machines read."""
        self._begun = ""

    def write(self, text: str) -> int:
        """Write it, together with what its line began with in view."""
        begun = self._begun
        whole = neutral(begun + text)
        # What was written already stays; a command that is completed now is broken where the two meet.
        added = whole[len(begun) :] if whole.startswith(begun) else "\\" + neutral(text)
        self._put(added)
        line = (begun + added).rpartition("\n")[2]
        self._begun = line if len(line) <= _OVERLAP else "…" + line[-_OVERLAP:]
        return len(text)

    def _put(self, text: str) -> None:
        try:
            self.stream.write(text)
        except UnicodeEncodeError:
            known = self.stream.encoding
            self.stream.write(text.encode(known, "backslashreplace").decode(known))

    def writelines(self, lines: Any) -> None:
        """Write each of them."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":  # who writes bytes would write past this
            raise AttributeError(name)
        return getattr(self.stream, name)


def machine(stream: TextIO) -> TextIO:
    """Where a format for machines goes: it keeps the real text, which no runner is meant to read."""
    return stream.stream if isinstance(stream, NeutralStream) else stream
