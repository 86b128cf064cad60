"""Comments of YAML: found in the text, and given to the entry that each is about."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from ruamel.yaml.tokens import ScalarToken

from cozeops.manifests.fmt.tree import Branch, Comment, Entry, Page, Reading, Span, entries_of, tokens

_COMMENT = re.compile(r"(?:(?<=[ \t\n])|\A)#[^\n]*")


def pages(text: str) -> list[Page]:
    """The documents of a text that is YAML. Raises Unformattable."""
    found = Reading(text).pages()
    placings = [_Placing(text, page) for page in found]
    for comment in _comments(text, tokens(text, ScalarToken)):
        at = bisect_right([page.start for page in found], comment.start()) - 1
        placings[max(at, 0)].place(comment)
    return found


def comments_of(text: str) -> list[str]:
    """The comments of a text that is YAML."""
    return [found.group().rstrip() for found in _comments(text, tokens(text, ScalarToken))]


def _comments(text: str, scalars: list[Span]) -> Iterator[re.Match[str]]:
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
        self._entries = list(entries_of(page.root))
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
