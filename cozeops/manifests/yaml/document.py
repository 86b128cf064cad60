"""Documents: plain values, and for each path the place where it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from cozeops.frozen import frozen
from cozeops.manifests.yaml.source import Place, Source
from cozeops.values import MISSING, Json

Path = tuple[str | int, ...]


class _Broken:
    """Stands where a value was refused, so that its absence is no second problem."""

    def __repr__(self) -> str:
        return "BROKEN"


BROKEN: Final = _Broken()


@frozen(eq=False)
class Document:
    """One YAML document: a map. `whole` is false where something in it was refused.

    It is the document with this `number` in its source; `nodes` reads the source again.
    """

    source: Source
    number: int
    data: Json
    whole: bool
    nodes: Callable[[Source], Sequence[Node]]

    def emptied(self) -> Document:
        """The same place without the values."""
        return Document(self.source, self.number, {}, self.whole, self.nodes)

    def reach(self, path: Sequence[str | int]) -> int:
        """How many steps of `path` lead somewhere in this document."""
        value: Any = self.data
        for depth, step in enumerate(path):
            value = _inside(value, step)
            if value is MISSING:
                return depth
        return len(path)

    def place(self, path: Sequence[str | int], *, key: bool = False) -> Place:
        """Where the value at `path` (or its nearest ancestor) starts; `key`: where its key does."""
        return Place(self.source, lambda: self._index(tuple(path), key=key))

    def _index(self, path: Path, *, key: bool) -> int:
        node, name = _follow(self.nodes(self.source)[self.number], path)
        # An empty value has no place of its own, and a block starts at its first inner key.
        shown = name if name is not None and (key or not isinstance(node.value, str)) else node
        return int(shown.start_mark.index)

    def scalar(self, path: Sequence[str | int]) -> str | None:
        """A scalar as it is written, without quotes; None for anything else."""
        node, _ = _follow(self.nodes(self.source)[self.number], path)
        return node.value if isinstance(node.value, str) and self.reach(path) == len(path) else None


def _inside(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step, MISSING)
    if isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
        return value[step]
    return MISSING


def _follow(node: Node, path: Sequence[str | int]) -> tuple[Node, Node | None]:
    """The node at `path` or the last one on the way, with the node of its key."""
    name: Node | None = None
    for step in path:
        if isinstance(node, MappingNode):
            pair = next((pair for pair in pairs(node) if joined(pair[0].value) == step), None)
            if pair is None:
                break
            name, node = pair
        elif isinstance(node, SequenceNode) and isinstance(step, int) and 0 <= step < len(node.value):
            name, node = None, node.value[step]
        else:
            break
    return node, name


def joined(text: str) -> str:
    """`text` with halves of characters, as JSON escapes them, put together where both are there."""
    if text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def pairs(node: MappingNode) -> Iterator[tuple[Node, Node]]:
    """The keys and values of a map, its own before those that `<<` brings in."""
    merged: list[Node] = []
    for key, value in node.value:
        if is_merge(key):
            merged += value.value if isinstance(value, SequenceNode) else [value]
        else:
            yield key, value
    for one in merged:
        if isinstance(one, MappingNode):
            yield from pairs(one)


def is_merge(key: Node) -> bool:
    """Whether a key is `<<`, written plainly."""
    return key.value == "<<" and key.tag == "tag:yaml.org,2002:merge"
