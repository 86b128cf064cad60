"""Whether a value surely fits a schema of the contract: what nearly every exchange does, found out quickly.

A schema becomes functions once. Where one says False, nothing is known: the validator decides, and says why.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import ge, le
from threading import RLock
from typing import Any

Test = Callable[[Any], bool]

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}
_LIMITS: dict[str, tuple[tuple[type, ...], Callable[[Any, Any], bool]]] = {
    "minimum": ((int, float), ge),
    "maximum": ((int, float), le),
    "minLength": ((str,), lambda value, said: len(value) >= said),
    "maxLength": ((str,), lambda value, said: len(value) <= said),
    "minItems": ((list,), lambda value, said: len(value) >= said),
    "maxItems": ((list,), lambda value, said: len(value) <= said),
    "maxProperties": ((dict,), lambda value, said: len(value) <= said),
}
_OBJECT = ("required", "properties", "additionalProperties")
_SAYS_NOTHING = {
    "format", "example", "description", "default", "nullable", "title", "x-coze-enum-names", "x-known-values",
}  # fmt: skip


class Quick:
    """The functions of one document (OpenAPI 3.0)."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._made: dict[int, Test] = {}
        self._making = RLock()

    def fits(self, schema: Any, value: Any) -> bool:
        """Whether it surely fits."""
        with self._making:
            test = self._test(schema)
        return test(value)

    def _test(self, schema: Any) -> Test:
        if (known := self._made.get(id(schema))) is None:
            # A schema may lead back to itself: until it is made, it is looked up when it is asked.
            self._made[id(schema)] = lambda value: self._made[id(schema)](value)
            known = self._made[id(schema)] = self._nullable(schema)
        return known

    def _nullable(self, schema: Any) -> Test:
        tests = [self._keyword(key, said, schema) for key, said in schema.items() if key not in _SAYS_NOTHING]

        def holds(value: Any) -> bool:
            return all(test(value) for test in tests)

        if schema.get("nullable") is not True:
            return holds
        return lambda value: value is None or holds(value)

    def _keyword(self, key: str, said: Any, schema: Any) -> Test:
        if key in _LIMITS:
            types, holds = _LIMITS[key]
            return lambda value: isinstance(value, types) and holds(value, said)
        if key in _OBJECT:
            test: Test = getattr(self, f"_{key}")(said, schema)
            return lambda value: not isinstance(value, dict) or test(value)
        match key:
            case "$ref":
                return self._test(self._at(said))
            case "type":
                types = _TYPES[said]
                number = bool not in types  # a boolean is an int to Python alone
                return lambda value: isinstance(value, types) and not (number and isinstance(value, bool))
            case "items":
                item = self._test(said)
                return lambda value: not isinstance(value, list) or all(map(item, value))
            case "enum":
                # 1 and True are equal to Python alone.
                return lambda value: any(one == value and type(one) is type(value) for one in said)
        return lambda _: False

    def _required(self, said: list[str], _schema: Any) -> Test:
        return lambda value: all(name in value for name in said)

    def _properties(self, said: dict[str, Any], _schema: Any) -> Test:
        known = {name: self._test(one) for name, one in said.items()}
        return lambda value: all(known[name](one) for name, one in value.items() if name in known)

    def _additionalProperties(self, said: Any, schema: Any) -> Test:  # noqa: N802
        named, rest = schema.get("properties", {}).keys(), self._rest(said)
        return lambda value: all(name in named or rest(one) for name, one in value.items())

    def _rest(self, said: Any) -> Test:
        return (lambda _: bool(said)) if isinstance(said, bool) else self._test(said)

    def _at(self, reference: str) -> Any:
        found = self._document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        return found
