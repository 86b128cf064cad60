"""YAML as it is written: values, anchors and keys with their places in the text. The tree of `fmt`.

Comments are given to it afterwards (see `fmt_comments`). What is read to plan with has none (see `parse`).
"""

from __future__ import annotations

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
from ruamel.yaml.tokens import BlockEntryToken, Token

from cozeops.frozen import frozen

_TAG_TEXT = "tag:yaml.org,2002:str"


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


class Reading:
    """Builds the tree from the parser's events."""

    def __init__(self, text: str) -> None:
        self._text = text
        # The parser's events do not tell where a dash stands, the scanner's tokens do.
        self._dashes = deque(one.start for one in tokens(text, BlockEntryToken))
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


def entries_of(node: Node | None, above: Entry | None = None) -> Iterator[Entry]:
    """Every entry, in the order of the text."""
    for entry in node.entries if isinstance(node, Branch) else ():
        entry.above = above
        yield entry
        yield from entries_of(entry.value, entry)


@frozen
class Span:
    """Where a token stands; `block`: it is a text behind `|` or `>`."""

    start: int
    end: int
    block: bool


def tokens(text: str, kind: type[Token]) -> list[Span]:
    """The tokens of a kind, in order."""
    return [
        Span(one.start_mark.index, one.end_mark.index, getattr(one, "style", None) in ("|", ">"))
        for one in YAML(typ="safe", pure=True).scan(text)
        if isinstance(one, kind)
    ]
