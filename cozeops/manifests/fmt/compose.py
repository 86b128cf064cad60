"""Values -> the text of manifests, in the style of `fmt`: what it writes, `fmt` leaves as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cozeops.frozen import frozen
from cozeops.manifests.fmt.lines import bracketed, lines_of, lines_of_entry
from cozeops.manifests.fmt.scalars import inline, is_multiline
from cozeops.manifests.fmt.tree import Branch, Comment, Entry, Node, Page, Scalar
from cozeops.values import Json


@frozen
class Composed:
    """A document to write. `comments` stand below its last field."""

    data: Json
    comments: Sequence[str] = ()


def compose(documents: Iterable[Composed], *, schema: str = "") -> str:
    """The text of a file. `schema`: where its editors find the JSON Schema, relative to the file.

    It stands above each document: the YAML language server takes it for one document only.
    """
    parts = []
    for document in documents:
        root = _root(document.data)
        head = [Comment(f"# yaml-language-server: $schema={schema}")] if schema else []
        _last(root).after = [Comment(f"# {line}") for line in document.comments]
        parts.append("".join(f"{line}\n" for line in lines_of(Page(root, head, [], 0))))
    return "---\n".join(parts)


def entry_lines(key: str | None, value: Any, indent: str) -> list[str]:
    """The lines of an entry of a map, or of an item of a list (`key` is None), this far in."""
    branch = Branch(0, 0, mapping=key is not None, flow=False)
    node = _item(value) if key is None else _node(value)
    return lines_of_entry(Entry(0, None if key is None else _text(key), node, branch), indent)


def flow_text(value: Any) -> str:
    """A value on one line, as it stands in brackets."""
    return bracketed(_node(value))


def _root(data: Json) -> Branch:
    """The document; it and the maps in it (metadata, spec) are never in brackets."""
    root = _branch(data, flow=False)
    for entry in root.entries:
        if isinstance(entry.value, Branch):
            entry.value.flow = False
    return root


def _last(root: Branch) -> Entry:
    """The last entry of the last map below the root."""
    entry = root.entries[-1]
    return entry.value.entries[-1] if isinstance(entry.value, Branch) and entry.value.entries else entry


def _node(value: Any) -> Node:
    if isinstance(value, dict):
        return _branch(value, flow=_is_small(value))
    if isinstance(value, list):
        return _list(value)
    return _scalar(value)


def _branch(values: Json, *, flow: bool) -> Branch:
    branch = Branch(0, 0, mapping=True, flow=flow, spread=True)
    branch.entries = [Entry(0, _text(key), _node(value), branch) for key, value in values.items()]
    return branch


def _list(values: list[Any]) -> Branch:
    flow = all(map(_is_line, values))
    branch = Branch(0, 0, mapping=False, flow=flow, spread=True)
    for item in values:
        branch.entries.append(Entry(0, None, _item(item), branch))
    return branch


def _item(value: Any) -> Node:
    """An entry of a list is one line where that is short enough."""
    return _branch(value, flow=_is_flat(value)) if isinstance(value, dict) else _node(value)


def _is_small(value: Json) -> bool:
    return len(value) == 1 and all(map(_is_line, value.values()))


def _is_flat(value: Json) -> bool:
    """Whether a map has only short texts and lists of them."""
    return all(
        all(map(_is_line, item)) if isinstance(item, list) else _is_line(item) for item in value.values()
    )


def _is_line(value: Any) -> bool:
    return not isinstance(value, dict | list) and not (isinstance(value, str) and is_multiline(value))


def _scalar(value: Any) -> Scalar:
    if isinstance(value, str):
        return _text(value)
    plain = _number(value) if isinstance(value, float) else str(value)
    plain = plain.lower() if isinstance(value, bool) else plain
    return Scalar(0, 0, plain, plain)


def _text(text: str) -> Scalar:
    if is_multiline(text):
        return Scalar(0, 0, "", text, "|")
    raw = inline(text)
    return Scalar(0, 0, raw, text, '"' if raw[:1] == '"' else "")


def _number(value: float) -> str:
    # Readers of YAML 1.1 take a number with an exponent for text unless it has a point.
    mantissa, exponent, power = repr(value).partition("e")
    return mantissa if not exponent else f"{mantissa if '.' in mantissa else f'{mantissa}.0'}e{power}"
