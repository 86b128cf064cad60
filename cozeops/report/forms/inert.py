"""Values inside Markdown: none is a link, a mention, HTML, or the end of what it stands in. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cozeops.report.terminal.safe import one_line

BREAK = "\u200b"
"""Ends what a forge would make a link or a mention of, and is not seen."""
MOST_PROSE = 600
MOST_CODE = 160

_SPECIAL = re.compile(r"[\\`*\[\]#|~$]|(?<!\w)_|_(?!\w)|^[-+=:]")
_LEADING_NUMBER = re.compile(r"^(\d+)([.)])")
# @person #issue !merge ~label $snippet %milestone &epic ^alert, GH-7, :emoji:, addresses of the web.
_REFERENCE = re.compile(r"([@#!~$%&^:]|\bGH-)(?=[\w\"'/])|(?<=[a-z]):(?=//)|(?<=\bwww)(?=\.)", re.IGNORECASE)
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def shortened(text: str, most: int) -> str:
    """The beginning of `text`, with `…` where more followed."""
    return text if len(text) <= most else text[: most - 1] + "…"


def prose(text: str) -> str:
    """Text that reads as text: on one line, and with no effect on what stands around it."""
    plain = shortened(one_line(text), MOST_PROSE)
    broken = _REFERENCE.sub(lambda match: match[0] + BREAK, plain)
    escaped = _SPECIAL.sub(lambda match: "\\" + match[0], broken)
    escaped = _LEADING_NUMBER.sub(r"\1\\\2", escaped)
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(text: str) -> str:
    """A code span."""
    plain = shortened(one_line(text), MOST_CODE) or " "
    ticks = "`" * (longest_run(plain) + 1)
    pad = " " if plain.strip() and (plain[0] in "` " or plain[-1] in "` ") else ""
    return f"{ticks}{pad}{plain}{pad}{ticks}"


def cell_code(text: str) -> str:
    """A code span in a table, where a pipe would end the cell."""
    # After a backslash the pipe cannot be escaped: the backslash escapes the backslash.
    return code(text.replace("|", "¦") if "\\" in one_line(text) else text).replace("|", "\\|")


def html_code(text: str) -> str:
    """A code element, for lines that are HTML already."""
    return f"<code>{shortened(one_line(text), MOST_CODE).translate(_HTML)}</code>"


def longest_run(text: str) -> int:
    """The length of the longest run of backticks."""
    return max(map(len, re.findall("`+", text)), default=0)


def fence(lines: Iterable[str], language: str) -> list[str]:
    """The lines inside a fence that none of them can close."""
    content = [one_line(line.replace("\t", "    ")) for line in lines]
    ticks = "`" * max(3, longest_run("\n".join(content)) + 1)
    return [ticks + language, *content, ticks]
