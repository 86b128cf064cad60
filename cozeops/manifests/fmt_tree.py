"""YAML as it is written: values, anchors, comments and empty lines, each with its place in the text.

The tree for `fmt`. What is read to plan with keeps no comments (see `parse`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from ruamel.yaml.tokens import BlockEntryToken, ScalarToken, Token

_TAG_TEXT = "tag:yaml.org,2002:str"
_COMMENT = re.compile(r"(?:(?<=[ \t\n])|\A)#[^\n]*")


class Unformattable(Exception):
    """The text uses something of YAML that is better left as it is; why."""


@dataclass(slots=True)
class Comment:
    """A comment. `gap`: spaces before it on its line; `blank`: whether an empty line stands above it."""

    text: str
    gap: int = 0
    blank: bool = False


@dataclass(slots=True)
class Scalar:
    """A scalar or an alias. `raw` is what is written, `value` what it means."""

    start: int
    end: int
    raw: str
    value: str
    style: str = ""
    """`'`, `"`, `|`, `>`; empty: no quotes. `*`: an alias."""
    anchor: str = ""


@dataclass(slots=True)
class Branch:
    """A map or a list."""

    start: int
    end: int
    mapping: bool
    flow: bool
    anchor: str = ""
    entries: list[Entry] = field(default_factory=list)
    opened: bool = False
    """Whether what is written in brackets must be written without them, as for comments inside."""
    spread: bool = False
    """Whether its brackets are on different lines."""


Node = Scalar | Branch


@dataclass(slots=True)
class Entry:
    """A key with its value, or an item of a list (`key` is None)."""

    start: int
    key: Scalar | None
    value: Node
    parent: Branch
    blank: bool = False
    before: list[Comment] = field(default_factory=list)
    beside: Comment | None = None
    after: list[Comment] = field(default_factory=list)
    above: Entry | None = None
    """The entry whose value it is in."""


@dataclass(slots=True)
class Page:
    """One document of a file, with the comments above and below all of it."""

    root: Node | None
    head: list[Comment]
    tail: list[Comment]
    start: int
    aliased: bool = False


def pages(text: str) -> list[Page]:
    """The documents of a text that is YAML. Raises Unformattable."""
    found = _Reading(text).pages()
    placings = [_Placing(text, page) for page in found]
    for comment in _comments(text, _tokens(text, ScalarToken)):
        at = bisect_right([page.start for page in found], comment.start()) - 1
        placings[max(at, 0)].place(comment)
    return found


def comments_of(text: str) -> list[str]:
    """The comments of a text that is YAML."""
    return [found.group().rstrip() for found in _comments(text, _tokens(text, ScalarToken))]


class _Reading:
    """Builds the tree from the parser's events."""

    def __init__(self, text: str) -> None:
        self._text = text
        # The parser's events do not tell where a dash stands, the scanner's tokens do.
        self._dashes = deque(one.start for one in _tokens(text, BlockEntryToken))
        self._events: Iterator[Any] = iter(YAML(typ="safe", pure=True).parse(text))
        self._aliased = False

    def pages(self) -> list[Page]:
        made: list[Page] = []
        ended = 0
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                self._aliased = False
                root = self._node(next(self._events))
                start = event.start_mark.index if event.explicit and made else ended
                empty = isinstance(root, Scalar) and not root.raw
                made.append(Page(None if empty else root, [], [], start, self._aliased))
            elif isinstance(event, DocumentEndEvent):
                ended = event.end_mark.index
        return made or [Page(None, [], [], 0)]

    def _node(self, event: Any) -> Node:
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, AliasEvent):
            self._aliased = True
            return Scalar(start, end, f"*{event.anchor}", "", "*")
        tag = str(event.tag) if getattr(event, "tag", None) else ""
        if tag and not (tag == _TAG_TEXT and isinstance(event, ScalarEvent)):
            raise Unformattable(f"it has the tag {tag.replace('tag:yaml.org,2002:', '!!')}")
        anchor = str(event.anchor or "")
        if isinstance(event, ScalarEvent):
            raw = self._text[start:end]
            style = event.style or ""
            if tag or anchor:
                raw = event.value if not style else ""
            # A tag that says "text" is said by quotes as well.
            return Scalar(start, end, raw, event.value, style or ('"' if tag else ""), anchor)
        return self._branch(event, anchor)

    def _branch(self, event: Any, anchor: str) -> Branch:
        mapping = isinstance(event, MappingStartEvent)
        assert mapping or isinstance(event, SequenceStartEvent)
        branch = Branch(event.start_mark.index, event.end_mark.index, mapping, bool(event.flow_style), anchor)
        while True:
            dash = self._dashes[0] if not mapping and not branch.flow and self._dashes else None
            inner = next(self._events)
            if type(inner).__name__ in ("MappingEndEvent", "SequenceEndEvent"):
                branch.end = inner.end_mark.index
                branch.spread = "\n" in self._text[branch.start : branch.end]
                return branch
            if dash is not None:
                self._dashes.popleft()
            first = self._node(inner)
            if mapping and not isinstance(first, Scalar):
                raise Unformattable("it has a key that is no text")
            value = self._node(next(self._events)) if mapping else first
            key = first if mapping and isinstance(first, Scalar) else None
            if key and (key.style in ("*", "|", ">") or "\n" in key.raw or key.anchor):
                raise Unformattable("it has a key of an unusual form")
            branch.entries.append(Entry(first.start if dash is None else dash, key, value, branch))


def _entries(node: Node | None, above: Entry | None = None) -> Iterator[Entry]:
    """Every entry, in the order of the text."""
    for entry in node.entries if isinstance(node, Branch) else ():
        entry.above = above
        yield entry
        yield from _entries(entry.value, entry)


@dataclass(frozen=True, slots=True)
class _Span:
    """Where a token stands; `block`: it is a text behind `|` or `>`."""

    start: int
    end: int
    block: bool


def _tokens(text: str, kind: type[Token]) -> list[_Span]:
    return [
        _Span(one.start_mark.index, one.end_mark.index, getattr(one, "style", None) in ("|", ">"))
        for one in YAML(typ="safe", pure=True).scan(text)
        if isinstance(one, kind)
    ]


def _comments(text: str, scalars: list[_Span]) -> Iterator[re.Match[str]]:
    """The comments of a text: what begins with # and is in no scalar, and those behind `|` and `>`."""
    index = 0
    for scalar in scalars:
        yield from _COMMENT.finditer(text, index, scalar.start)
        index = scalar.end
        if scalar.block:
            end = text.find("\n", scalar.start)
            yield from _COMMENT.finditer(text, scalar.start, len(text) if end < 0 else end)
    yield from _COMMENT.finditer(text, index)


class _Placing:
    """Gives a comment to the entry that it is about."""

    def __init__(self, text: str, page: Page) -> None:
        self._text = text
        self._page = page
        self._entries = list(_entries(page.root))
        self._starts = [entry.start for entry in self._entries]
        nodes = [page.root, *(entry.value for entry in self._entries)]
        self._flows = [node for node in nodes if isinstance(node, Branch) and node.flow]
        for entry in self._entries:
            line = text.rfind("\n", 0, entry.start) + 1
            entry.blank = is_blank_above(text, line) and not text[line : entry.start].strip()

    def place(self, found: re.Match[str]) -> None:
        """Put the comment before, beside or after an entry, or around all of them."""
        index = found.start()
        line = self._text.rfind("\n", 0, index) + 1
        left = self._text[line:index]
        gap = len(left) - len(left.rstrip())
        comment = Comment(found.group().rstrip(), gap, is_blank_above(self._text, line))
        at = bisect_right(self._starts, index)
        previous, following = self._entries[:at], next(iter(self._entries[at : at + 1]), None)
        inside = self._flow_around(index)
        if left.strip():
            self._beside(comment, index, previous)
        elif following and not previous:
            self._page.head.append(comment)
        elif following and self._leads(following, inside, index - line):
            following.before.append(comment)
        else:
            self._after(comment, previous, inside, index - line)

    def _beside(self, comment: Comment, index: int, previous: list[Entry]) -> None:
        owner = next((one for one in reversed(previous) if not _closed(one, index)), None)
        if owner is None:
            self._page.head.append(comment)
        elif owner.beside is None:
            owner.beside = comment
        else:
            owner.before.append(comment)

    def _leads(self, following: Entry, inside: Branch | None, column: int) -> bool:
        if inside:
            return following.start < inside.end
        return column <= self._column(following)

    def _after(self, comment: Comment, previous: list[Entry], inside: Branch | None, column: int) -> None:
        owner: Entry | None = previous[-1] if previous else None
        if inside:
            while owner and owner.parent is not inside and owner.value is not inside:
                owner = owner.above
        else:
            while owner and (_in_flow(owner) or self._column(owner) > column):
                owner = owner.above
            # What stands at the left margin below everything is about the document.
            if owner is not None and owner.above is None and column == 0:
                owner = None
        (owner.after if owner else self._page.tail).append(comment)

    def _column(self, entry: Entry) -> int:
        return entry.start - self._text.rfind("\n", 0, entry.start) - 1

    def _flow_around(self, index: int) -> Branch | None:
        """The innermost brackets that the comment is in."""
        around = [one for one in self._flows if one.start < index < one.end]
        for one in around:
            one.opened = True
        return around[-1] if around else None


def _in_flow(entry: Entry) -> bool:
    return entry.parent.flow


def _closed(entry: Entry, index: int) -> bool:
    """Whether brackets that the entry is in are closed before `index`."""
    at: Entry | None = entry
    while at:
        if at.parent.flow and at.parent.end <= index:
            return True
        at = at.above
    return False


def is_blank_above(text: str, line: int) -> bool:
    """Whether an empty line stands above the line that begins at `line`."""
    above = text.rfind("\n", 0, max(line - 1, 0)) + 1
    return line > 0 and not text[above : line - 1].strip()
