"""A manifest's text made to say other values: what differs is written anew, every other byte stays.

Comments, order, anchors, line ends and quotes are those of who wrote the file. What comes out is read again
and compared with what was asked for, so that no edit can mean anything else, or change anything beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from cozeops.frozen import frozen
from cozeops.manifests.fmt.compose import entry_lines, flow_text
from cozeops.manifests.fmt.scalars import inline, is_multiline, literal, quoted
from cozeops.manifests.fmt.tree import Branch, Entry, Node, Reading, Scalar, Unformattable
from cozeops.manifests.yaml.parse import parse
from cozeops.manifests.yaml.source import Problems, Source
from cozeops.values import MISSING, Json, canonical

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")
_HEADER = re.compile(r"[|>][-+0-9]*")
_STEP = 2


class Uneditable(Exception):
    """The text cannot be made to say that without touching something else; why."""


def edited(source: Source, number: int, data: Json) -> str:
    """The text of a source whose document with this number says `data`. Raises Uneditable."""
    documents = _read(source)
    wanted = {**documents, number: data}
    for in_quotes in (False, True):
        text = _written(source.text, number, documents[number], data, in_quotes=in_quotes)
        try:
            found = _read(Source(source.name, source.path, text))
        except Uneditable:
            continue
        if canonical(list(found.items())) == canonical(list(wanted.items())):
            return text
    raise Uneditable("to write it there would change something else, as where an anchor is used twice")


def _read(source: Source) -> dict[int, Json]:
    problems = Problems()
    documents = {one.number: one.data for one in parse(source, problems)}
    if len(problems):
        raise Uneditable("the file cannot be read")
    return documents


def _written(text: str, number: int, before: Json, after: Json, *, in_quotes: bool) -> str:
    try:
        root = Reading(text).pages()[number].root
    except Unformattable as reason:
        raise Uneditable(str(reason)) from None
    if not isinstance(root, Branch):
        raise Uneditable("it has no values")
    edit = _Edit(text, "\r\n" if "\r\n" in text else "\n", in_quotes)
    edit.inside(root, before, after, None)
    for start, end, new in sorted(edit.replacements, reverse=True):
        text = f"{text[:start]}{new}{text[end:]}"
    return text


@frozen
class _Child:
    """An entry as it will be: one that stays (with its place among those of today), or a new one."""

    key: str | None
    after: Any
    before: Any = MISSING
    index: int = -1


@dataclass(slots=True)
class _Edit:
    """The replacements in one text so far: each from, to, and what comes there."""

    text: str
    newline: str
    in_quotes: bool
    """Whether texts of several lines are put into quotes, where a block would be nicer."""
    replacements: list[tuple[int, int, str]] = field(default_factory=list)

    def inside(self, node: Node, before: Any, after: Any, entry: Entry | None) -> None:
        """Make a value say something else."""
        if _same(before, after):
            return
        _demand_own(node)
        if isinstance(node, Branch) and node.flow:
            self._replace(*self._inner(node), self._flow(node, before, after))
        elif isinstance(node, Branch) and _is_branch(node, after) and (after or entry is None):
            self._block(node, _children(node, before, after), entry)
        elif isinstance(node, Scalar) and not isinstance(after, dict | list):
            assert entry is not None
            self._scalar(node, after, entry)
        elif entry is not None:
            self._whole(entry, after)

    # ---------------------------------------------------------------------------------- blocks

    def _block(self, node: Branch, children: Sequence[_Child], entry: Entry | None) -> None:
        """Entries on lines of their own."""
        kept = [child.index for child in children if child.index >= 0]
        if not kept:
            if entry is None:
                raise Uneditable("nothing of the document would stay")
            self._whole(entry, _value(children, mapping=node.mapping))
            return
        self._remove(node.entries, set(kept))
        column = self._column(node.entries[0].start)
        for last, run in _runs(children):
            lines = [line for child in run for line in entry_lines(child.key, child.after, " " * column)]
            if last >= 0:
                self._insert_below(_end(node.entries[last].value, self.text), lines)
            else:
                first = node.entries[kept[0]].start
                block = self.newline.join(lines)[column:]
                self._replace(first, first, f"{block}{self.newline}{' ' * column}")
        for child in children:
            if child.index >= 0:
                one = node.entries[child.index]
                self.inside(one.value, child.before, child.after, one)

    def _remove(self, entries: Sequence[Entry], kept: set[int]) -> None:
        """Take whole lines out; the first entry may stand behind the dash of the list around it."""
        first = 0
        if not self._leads(entries[0].start) and 0 not in kept:
            first = min(kept)
            self._replace(entries[0].start, entries[first].start, "")
        for index in range(first, len(entries)):
            if index not in kept:
                start = self._line(entries[index].start)
                end = self._below(_end(entries[index].value, self.text, entries[index]))
                if end == len(self.text) and not self.text.endswith("\n"):
                    start = max(start - len(self.newline), 0)
                self._replace(start, end, "")

    def _insert_below(self, index: int, lines: Sequence[str]) -> None:
        """Put lines below the one that a place is in."""
        below = self._below(index)
        block = self.newline.join(lines)
        ended = below == 0 or self.text[below - 1] == "\n"
        self._replace(below, below, f"{block}{self.newline}" if ended else f"{self.newline}{block}")

    def _whole(self, entry: Entry, after: Any) -> None:
        """Another value of another form for an entry of a block."""
        column = self._column(entry.start)
        head = " " * column + (f"{inline(entry.key.value)}:" if entry.key else "-")
        first, *rest = entry_lines(entry.key.value if entry.key else None, after, " " * column)
        slot = self.text.index(":", entry.key.end) + 1 if entry.key else entry.start + 1
        end, line_end = _end(entry.value, self.text, entry), self._line_end(slot)
        if end <= line_end:
            self._replace(slot, max(end, slot), first.removeprefix(head))
            if rest:
                self._insert_below(end, rest)
            return
        beside = self.text[slot:line_end]
        kept = beside if not beside.strip() or beside.lstrip().startswith("#") else ""
        lines = [f"{first.removeprefix(head)}{kept}", *rest]
        self._replace(slot, end, self.newline.join(lines))

    # --------------------------------------------------------------------------------- scalars

    def _scalar(self, scalar: Scalar, after: Any, entry: Entry) -> None:
        start, end = self._inner(scalar)
        if isinstance(after, str) and not self.in_quotes:
            if scalar.style in ("|", ">") and (block := self._in_block(scalar, after, entry)):
                self._replace(start, _end(scalar, self.text), block)
                return
            escaped = scalar.style == '"' and is_multiline(scalar.value)
            if is_multiline(after) and not escaped and (made := literal(after)):
                header, body = made
                indent = self._column(entry.start) + _STEP
                self._replace(start, end, _told(header, _STEP))
                self._insert_below(end, _indented(body, indent))
                return
        if scalar.style in ("|", ">"):
            end = _end(scalar, self.text)
        self._replace(start, end, _one_line(scalar, after))

    def _in_block(self, scalar: Scalar, after: str, entry: Entry) -> str | None:
        """The text behind `|` or `>`: as far in as it was, with what is written beside the sign."""
        made = literal(after)
        if made is None:
            return None
        header, body = made
        head, *lines = self.text[self._inner(scalar)[0] : scalar.end].splitlines()
        sign = _HEADER.match(head)
        assert sign
        column = self._column(entry.start)
        depths = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]
        told = any(char.isdigit() for char in sign.group())
        indent = depths[0] if depths and not told else column + _STEP
        if scalar.style == ">" and not any(line.startswith((" ", "\t")) for line in body):
            folded = re.sub("\n+", lambda ends: f"{ends.group()}\n", after.rstrip("\n"))
            ends = len(after) - len(after.rstrip("\n"))
            header, body = f">{header[1:]}", [*folded.split("\n"), *([""] * (ends - 1))]
        header = _told(header, indent - column)
        return self.newline.join([f"{header}{head[sign.end() :]}", *_indented(body, indent)])

    # ------------------------------------------------------------------------------- brackets

    def _flow(self, node: Node, before: Any, after: Any) -> str:
        """The new text of what stands in brackets, without its anchor."""
        start, end = self._inner(node)
        if _same(before, after):
            return self.text[start:end]
        _demand_own(node)
        if isinstance(node, Scalar):
            return flow_text(after) if isinstance(after, dict | list) else _one_line(node, after)
        if not _is_branch(node, after):
            return flow_text(after)
        children = _children(node, before, after)
        made = [self._flow_child(node, child) for child in children]
        if [child.index for child in children] == list(range(len(node.entries))):
            return self._filled(node, made)
        spans = [(entry.start, _end(entry.value, self.text, entry)) for entry in node.entries]
        gaps = self._gaps(node, spans)
        if any("#" in gap for gap in gaps):
            raise Uneditable("it is a list in brackets with comments inside")
        if not made:
            return "{}" if node.mapping else "[]"
        if not spans:
            return f"{'{' if node.mapping else '['}{', '.join(made)}{'}' if node.mapping else ']'}"
        text, last = f"{gaps[0]}{made[0]}", children[0].index
        for child, one in zip(children[1:], made[1:], strict=True):
            own = last >= 0 and child.index == last + 1
            between = gaps[child.index] if own else gaps[1] if len(spans) > 1 else ", "
            text, last = f"{text}{between}{one}", child.index
        return f"{text}{gaps[-1]}"

    def _flow_child(self, node: Branch, child: _Child) -> str:
        if child.index < 0:
            text = flow_text(child.after)
            return text if child.key is None else f"{self._flow_key(node, child.key)}: {text}"
        entry = node.entries[child.index]
        start, _ = self._inner(entry.value)
        return f"{self.text[entry.start : start]}{self._flow(entry.value, child.before, child.after)}"

    def _flow_key(self, node: Branch, key: str) -> str:
        """A new key, in quotes where its neighbours are, as in JSON."""
        known = [entry.key for entry in node.entries if entry.key]
        return quoted(key) if known and all(one.style == '"' for one in known) else inline(key)

    def _filled(self, node: Branch, made: Sequence[str]) -> str:
        """The brackets as they are, with other texts in the places of their entries."""
        spans = [(entry.start, _end(entry.value, self.text, entry)) for entry in node.entries]
        lead, *rest = self._gaps(node, spans)
        return lead + "".join(f"{one}{gap}" for one, gap in zip(made, rest, strict=True))

    def _gaps(self, node: Branch, spans: Sequence[tuple[int, int]]) -> list[str]:
        """What stands before, between and behind the entries."""
        start, end = self._inner(node)
        edges = [start, *(edge for span in spans for edge in span), end]
        return [self.text[left:right] for left, right in zip(edges[::2], edges[1::2], strict=True)]

    # -------------------------------------------------------------------------------- places

    def _replace(self, start: int, end: int, new: str) -> None:
        self.replacements.append((start, end, new))

    def _inner(self, node: Node) -> tuple[int, int]:
        """Where a value is, behind its anchor."""
        properties = _PROPERTIES.match(self.text, node.start, node.end)
        return (properties.end() if properties else node.start), node.end

    def _line(self, index: int) -> int:
        return self.text.rfind("\n", 0, index) + 1

    def _line_end(self, index: int) -> int:
        """Where the line ends, before its line end."""
        found = self.text.find("\n", index)
        end = len(self.text) if found < 0 else found
        return end - 1 if end > index and self.text[end - 1] == "\r" else end

    def _below(self, index: int) -> int:
        """Where the next line begins."""
        found = self.text.find("\n", index)
        return len(self.text) if found < 0 else found + 1

    def _column(self, index: int) -> int:
        return index - self._line(index)

    def _leads(self, index: int) -> bool:
        """Whether nothing stands before a place on its line."""
        return not self.text[self._line(index) : index].strip()


def _same(before: Any, after: Any) -> bool:
    return before is not MISSING and canonical(before) == canonical(after)


def _is_branch(node: Branch, value: Any) -> bool:
    return isinstance(value, dict) if node.mapping else isinstance(value, list)


def _demand_own(node: Node) -> None:
    if isinstance(node, Scalar) and node.style == "*":
        raise Uneditable(f"the value is the alias {node.raw} of what stands elsewhere")


def _end(node: Node, text: str, entry: Entry | None = None) -> int:
    """Where the last character of a value is followed by something else."""
    if isinstance(node, Branch) and not node.flow and node.entries:
        return _end(node.entries[-1].value, text, node.entries[-1])
    if isinstance(node, Scalar) and node.style in ("|", ">"):
        raw = text[node.start : node.end]
        head = _HEADER.search(raw)
        if head and "+" in head.group():
            return node.start + len(raw.removesuffix("\n").removesuffix("\r"))
        return node.start + len(raw.rstrip())
    if entry is not None and entry.key is not None and node.start == node.end:
        return text.index(":", entry.key.end) + 1
    return node.end


def _children(node: Branch, before: Any, after: Any) -> list[_Child]:
    return _keys(node, before, after) if node.mapping else list(_items(before, after))


def _keys(node: Branch, before: Json, after: Json) -> list[_Child]:
    """The entries of a map: those that stay in their order, then those that come."""
    found = []
    own = set()
    for index, entry in enumerate(node.entries):
        assert entry.key is not None
        key = entry.key.value
        if key == "<<" and not entry.key.style:
            found.append(_Child(key, None, None, index))
        elif key in after:
            own.add(key)
            found.append(_Child(key, after[key], before[key], index))
        else:
            own.add(key)
    for key, value in after.items():
        if key not in own and key in before and not _same(before[key], value):
            raise Uneditable(f"{key} is brought in by << from what stands elsewhere")
        if key not in before:
            found.append(_Child(key, value))
    if any(key not in own for key in before.keys() - after.keys()):
        raise Uneditable("it is brought in by << from what stands elsewhere")
    return found


def _items(before: list[Any], after: list[Any]) -> Iterator[_Child]:
    """The items of a list: what is the same stays, what has become another is changed in place."""
    matcher = SequenceMatcher(None, [*map(canonical, before)], [*map(canonical, after)], autojunk=False)
    for verb, start, end, first, last in matcher.get_opcodes():
        if verb == "equal":
            for old, new in zip(range(start, end), range(first, last), strict=True):
                yield _Child(None, after[new], before[old], old)
            continue
        left = list(range(start, end))
        for value in after[first:last]:
            old_index = next((index for index in left if _is_one(before[index], value)), None)
            if old_index is None:
                yield _Child(None, value)
            else:
                left = [index for index in left if index > old_index]
                yield _Child(None, value, before[old_index], old_index)


def _is_one(before: Any, after: Any) -> bool:
    """Whether an item is another state of the same thing, and no other thing."""
    if isinstance(before, dict) and isinstance(after, dict):
        name = next(iter(before), None)
        return name is not None and canonical(before[name]) == canonical(after.get(name))
    return isinstance(before, str) and isinstance(after, str) and not before.isdecimal()


def _runs(children: Sequence[_Child]) -> Iterator[tuple[int, list[_Child]]]:
    """New entries that follow each other, with the one that stays before them (-1: none)."""
    last, run = -1, list[_Child]()
    for child in children:
        if child.index < 0:
            run.append(child)
            continue
        if run:
            yield last, run
        last, run = child.index, []
    if run:
        yield last, run


def _value(children: Sequence[_Child], *, mapping: bool) -> Any:
    if mapping:
        return {child.key: child.after for child in children}
    return [child.after for child in children]


def _one_line(scalar: Scalar, after: Any) -> str:
    """A value in the quotes that were there."""
    if not isinstance(after, str):
        return flow_text(after)
    if scalar.style == "'" and after.isprintable():
        return f"'{after.replace(chr(39), chr(39) * 2)}'"
    return quoted(after) if scalar.style in ('"', "'") or is_multiline(after) else inline(after)


def _told(header: str, depth: int) -> str:
    """The sign of a block that says how far in its text is, where it must."""
    return header.replace(str(_STEP), str(depth))


def _indented(lines: Sequence[str], indent: int) -> list[str]:
    return [f"{' ' * indent}{line}" if line else "" for line in lines]
