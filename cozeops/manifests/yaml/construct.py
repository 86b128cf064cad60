"""YAML nodes -> plain values, and what manifests do not allow: null, dates, tags, keys twice, alias bombs."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, TypeGuard

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from cozeops.codes import Code
from cozeops.manifests.wording import kind_of, quoted
from cozeops.manifests.yaml.document import BROKEN, is_merge, joined
from cozeops.manifests.yaml.files import MANIFEST_LIMIT
from cozeops.manifests.yaml.nodes import DEEPEST
from cozeops.manifests.yaml.source import Place, Problems, Refused, Source
from cozeops.values import Json

TOO_DEEP = f"nested deeper than {DEEPEST} levels"
FLATTER = "write it flatter; an alias (*name) must not contain itself"
MOST_VALUES = 250_000
_MOST_TEXT = 4 * MANIFEST_LIMIT
_CORE = "tag:yaml.org,2002:"
_BASES = {"0b": 2, "0o": 8, "0x": 16}
_EMPTY_HINT = (
    'leave the field out (not managed), or write [] or "" for empty; '
    "what belongs to it stands below it, indented"
)
AMBIGUOUS = re.compile(r"[-+]?(?:0_*[0-9][0-9_]*|[1-9][0-9_]*_[0-9_]*)")
"""Octal to some readers of YAML, decimal or text to others; and in a text the zeros would be gone."""


class Construction:
    """Makes the values of one source; problems are noted and the value is BROKEN."""

    def __init__(self, source: Source, problems: Problems) -> None:
        self._source = source
        self._problems = problems
        self._values = self._text_length = 0
        self.whole = True

    def value(self, node: Node, depth: int = 0, key: Node | None = None) -> Any:
        """The plain value of a node. Raises Refused where there is too much of it."""
        self._values += 1
        if depth >= DEEPEST:
            raise self._too_much(node, TOO_DEEP, FLATTER)
        if self._values > MOST_VALUES:
            message = f"more than {MOST_VALUES:,} values after its aliases are followed"
            raise self._too_much(node, message, "use fewer aliases (*name), or split the file")
        if isinstance(node, ScalarNode):
            self._text_length += len(node.value)
            if self._text_length > _MOST_TEXT:
                message = f"more than {_MOST_TEXT:,} characters after its aliases are followed"
                raise self._too_much(node, message, "use fewer aliases (*name) of long texts")
            return self._scalar(node, key)
        tag = node.tag
        if tag not in (f"{_CORE}map", f"{_CORE}seq"):
            return self._foreign(node, f"the tag {quoted(_short_tag(tag))}", "write the value without a tag")
        if isinstance(node, SequenceNode):
            return [self.value(item, depth + 1) for item in node.value]
        return self._map(node, depth) if isinstance(node, MappingNode) else BROKEN

    def _map(self, node: MappingNode, depth: int) -> Json:
        made: Json = {}
        keys: dict[str, Node] = {}
        merged: list[Node] = []
        before: Node | None = None
        for key, value in node.value:
            if is_merge(key):
                merged += value.value if isinstance(value, SequenceNode) else [value]
                continue
            name = self._key(key, value, before)
            before = value
            if name is None:
                continue
            if name in keys:
                self._twice(name, key, keys[name])
                continue
            keys[name] = key
            made[name] = self.value(value, depth + 1, key)
        for one in merged:
            self._merge(made, one, depth)
        return made

    def _merge(self, made: Json, node: Node, depth: int) -> None:
        found = self.value(node, depth + 1)
        if isinstance(found, dict):
            for name, value in found.items():
                made.setdefault(name, value)
        else:
            self._foreign(node, f"<< takes in a map, not {kind_of(found)}", "write <<: *name of a map")

    def _key(self, key: Node, value: Node, before: Node | None) -> str | None:
        tag = key.tag
        if isinstance(key, ScalarNode) and tag in (f"{_CORE}str", f"{_CORE}value"):
            return str(self._text(key))
        if isinstance(key, ScalarNode):
            hint = f'quote it: "{key.value}"'
            if _is_integer(key) and _is_integer(before) and value.value == "":
                hint = f"a number has a point: write {before.value}.{key.value}; or quote the key"
            self._foreign(key, f"the key {key.value or '(nothing)'} is not text", hint)
        else:
            self._foreign(
                key, "a key that is a list or a map", "keys are text; quote text that begins with [ or {"
            )
        return None

    def _scalar(self, node: ScalarNode, key: Node | None) -> Any:
        tag = node.tag or ""
        if tag == f"{_CORE}str":
            return self._text(node)
        reader = READERS.get(tag)
        if tag == f"{_CORE}int" and AMBIGUOUS.fullmatch(node.value):
            plain = node.value.replace("_", "").lstrip("+0") or "0"
            message = f"{quoted(node.value)} is not the same to all readers of YAML"
            return self._foreign(node, message, f'write {plain} for the number, "{node.value}" for a text')
        if reader is not None:
            try:
                return reader(node.value)
            except (ValueError, OverflowError):
                return self._foreign(
                    node, f"{quoted(node.value)} is not a number", "write a finite number, or quote it"
                )
        if tag == f"{_CORE}null":
            return self._foreign(key or node, "null is not a value here", _EMPTY_HINT)
        if tag == f"{_CORE}timestamp":
            return self._foreign(node, f"{node.value} is read as a date", f'quote it: "{node.value}"')
        if tag == f"{_CORE}merge":
            return "<<"
        return self._foreign(node, f"the tag {quoted(_short_tag(tag))}", "write the value without a tag")

    def _text(self, node: ScalarNode) -> Any:
        text = joined(node.value)
        if "\ufffd" in text and "\ufffd" not in node.value:
            return self._foreign(
                node, "half of a surrogate pair", "write the character itself, or \\U0001F680"
            )
        return text

    def _twice(self, name: str, key: Node, first: Node) -> None:
        where = Place(self._source, first.start_mark.index).position
        self._note(
            Code.DUPLICATE_KEY,
            key,
            f"{quoted(name)} is written twice",
            f"the first is in line {where.line}: keep one",
        )

    def _foreign(self, node: Node, message: str, hint: str) -> Any:
        self._note(Code.FOREIGN_VALUE, node, message, hint)
        return BROKEN

    def _note(self, code: Code, node: Node, message: str, hint: str) -> None:
        self.whole = False
        self._problems.add(code, Place(self._source, node.start_mark.index), message, hint)

    def _too_much(self, node: Node, message: str, hint: str) -> Refused:
        return Refused(Code.TOO_COMPLEX, message, hint, index=node.start_mark.index)


def _is_integer(node: Node | None) -> TypeGuard[ScalarNode]:
    return isinstance(node, ScalarNode) and node.tag == f"{_CORE}int"


def _short_tag(tag: str | None) -> str:
    return (tag or "").replace(_CORE, "!!")


def _integer(text: str) -> int:
    digits = text.replace("_", "")
    sign = -1 if digits.startswith("-") else 1
    digits = digits.lstrip("+-")
    return sign * int(
        digits.removeprefix(digits[:2]) if digits[:2] in _BASES else digits, _BASES.get(digits[:2], 10)
    )


def _number(text: str) -> float:
    number = float(text.replace("_", ""))
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _boolean(text: str) -> bool:
    return text.lower() == "true"


READERS: dict[str, Callable[[str], Any]] = {
    f"{_CORE}int": _integer,
    f"{_CORE}float": _number,
    f"{_CORE}bool": _boolean,
    f"{_CORE}value": str,
}
