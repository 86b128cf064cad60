"""A tree of YAML as lines of text, in one style."""

from __future__ import annotations

import unicodedata

from cozeops.manifests.fmt.scalars import (
    inline,
    is_misread,
    is_multiline,
    is_text,
    literal,
    quoted,
)
from cozeops.manifests.fmt.tree import Branch, Comment, Entry, Node, Page, Scalar, Unformattable

WIDTH = 100
"""Brackets that were written over several lines are put on one line up to here."""
_STEP = "  "


def lines_of(page: Page) -> list[str]:
    """The lines of a document. Raises Unformattable."""
    return _Lines().page(page)


def lines_of_entry(entry: Entry, indent: str) -> list[str]:
    """The lines of one entry, this far in."""
    lines = _Lines()
    lines.entry(entry, indent)
    return lines.made


class _Lines:
    """The lines of one document so far."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self._kept = False
        """Whether the last text keeps the empty lines below it, so that there must be no more of them."""

    def page(self, page: Page) -> list[str]:
        """All of it."""
        self._comments(page.head, "")
        if (
            isinstance(page.root, Branch)
            and (page.root.mapping or page.root.entries)
            and not page.root.anchor
        ):
            self._entries(page.root, "")
        elif page.root is not None:
            raise Unformattable("it has a document that is no map")
        self._comments(page.tail, "")
        return self.made

    def _entries(self, branch: Branch, indent: str, *, dashed: bool = False) -> None:
        if not branch.entries:
            self.made.append(f"{indent}{'{}' if branch.mapping else '[]'}")
        for number, entry in enumerate(branch.entries):
            self._comments(entry.before, indent, first=not number and (dashed or not self.made))
            inner = bool(number or (indent == "" and self.made))
            self._blank(entry.blank and (inner or bool(entry.before)))
            self.entry(entry, indent)
            self._comments(entry.after, indent)

    def entry(self, entry: Entry, indent: str) -> None:
        """One entry with all that is in it."""
        head = f"{indent}{_key(entry.key)}:" if entry.key else f"{indent}-"
        node = entry.value
        anchor = f" &{node.anchor}" if node.anchor else ""
        if isinstance(node, Scalar):
            self._scalar(node, head + anchor, indent, entry.beside)
        elif node.flow and not node.opened and (text := _flow(node, len(indent) + 4)) is not None:
            self._line(f"{head}{anchor} {text}", entry.beside)
        elif not node.entries:
            self._line(f"{head}{anchor} {'{}' if node.mapping else '[]'}", entry.beside)
        elif entry.key or anchor or entry.beside or node.entries[0].before:
            self._line(head + anchor, entry.beside)
            self._entries(node, indent + _STEP, dashed=True)
        else:
            start = len(self.made)
            self._kept = False
            self._entries(node, indent + _STEP, dashed=True)
            # The first of its entries stands behind the dash.
            self.made[start] = head + " " + self.made[start].removeprefix(indent + _STEP)

    def _scalar(self, scalar: Scalar, head: str, indent: str, beside: Comment | None) -> None:
        block = _block(scalar)
        if block is None:
            text = _one_line(scalar)
            self._line(f"{head} {text}" if text else head, beside)
            return
        header, body = block
        self._line(f"{head} {header}", beside)
        self.made += [f"{indent}{_STEP}{line}" if line else "" for line in body]
        self._kept = header.endswith("+")

    def _line(self, text: str, beside: Comment | None) -> None:
        self._kept = False
        self.made.append(f"{text}{' ' * max(beside.gap, 1)}{beside.text}" if beside else text)

    def _comments(self, comments: list[Comment], indent: str, *, first: bool = False) -> None:
        for number, comment in enumerate(comments):
            self._blank(comment.blank and bool(number or not first) and bool(self.made))
            self.made.append(indent + comment.text)
            self._kept = False

    def _blank(self, wanted: bool) -> None:
        if wanted and not self._kept:
            self.made.append("")


def _key(key: Scalar) -> str:
    return inline(key.value) if key.style else _plain(key.value)


def _block(scalar: Scalar) -> tuple[str, list[str]] | None:
    """Header and lines where a scalar is written as a block."""
    if scalar.style == "*" or (not scalar.style and not is_text(scalar.value)):
        return None
    if scalar.style != ">" and (is_multiline(scalar.value) or scalar.style == "|"):
        return literal(scalar.value)
    if scalar.style == ">":
        return _folded(scalar)
    wrapped = [line.strip() for line in scalar.raw.strip("'\"").split("\n")]
    if len(wrapped) > 1 and " ".join(wrapped) == scalar.value and not is_misread(scalar.value):
        return ">-", wrapped
    return None


def _folded(scalar: Scalar) -> tuple[str, list[str]] | None:
    """Folded text keeps its own lines; where the indentation is told, it is written as it is meant."""
    header, *body = scalar.raw.split("\n")
    sign = header.split("#")[0].strip()
    if any(char.isdigit() for char in sign) or sign.endswith("+") or not scalar.raw or "\t" in scalar.raw:
        return literal(scalar.value)
    depth = min((len(line) - len(line.lstrip(" ")) for line in body if line.strip()), default=0)
    lines = [line[depth:] if line.strip() else "" for line in body]
    while lines and not lines[-1]:
        lines.pop()
    if not lines or next(line for line in lines if line).startswith(" "):
        return literal(scalar.value)
    return sign, lines


def _one_line(scalar: Scalar) -> str:
    if scalar.style == "*":
        return scalar.raw
    if not scalar.style:
        return _plain(scalar.value)
    if "\n" in scalar.raw or scalar.raw[:1] != scalar.style or scalar.style in ("|", ">"):
        return quoted(scalar.value)
    # Single quotes stay where double ones would need escapes.
    plainly = quoted(scalar.value)
    return scalar.raw if scalar.style == '"' or "\\" in plainly else plainly


def _plain(value: str) -> str:
    """A scalar without quotes, but for text that some reader would misread."""
    if not is_text(value):
        return value
    return quoted(value) if is_misread(value) or "\n" in value else value


def _flow(branch: Branch, before: int) -> str | None:
    """Brackets on one line; None where they were written over several, and it would be too long."""
    text = bracketed(branch)
    return text if not branch.spread or before + _columns(text) <= WIDTH else None


def bracketed(node: Node) -> str:
    """A value on one line: its maps and lists in brackets."""
    if isinstance(node, Scalar):
        text = _one_line(node)
        return f"&{node.anchor} {text}" if node.anchor else text
    inner = ", ".join(
        f"{_key(entry.key)}: {bracketed(entry.value)}".rstrip() if entry.key else bracketed(entry.value)
        for entry in node.entries
    )
    anchor = f"&{node.anchor} " if node.anchor else ""
    return f"{anchor}{{{inner}}}" if node.mapping else f"{anchor}[{inner}]"


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
