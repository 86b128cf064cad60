"""Plain values that travel through the whole house: JSON, paths, digests, file contents, ids to come."""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

from cozeops.address import Address
from cozeops.frozen import frozen

Json = dict[str, Any]
_DEEPEST = 200
_NESTED = (dict, list)


class _Missing:
    """The one value that says "not there", where None and "" are values of their own."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()


class Secret:
    """A value that is never shown, logged or stored: no text form, no JSON form."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError("a secret is not stored")


@frozen
class FileContent:
    """A file of the project that is sent to Coze: `path` relative to the project's root, with `/`."""

    path: str
    sha256: str
    size: int
    location: Path

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The bytes, to be read piece by piece: a file may be larger than the memory.

        Raises OSError; ValueError when they changed since the project was read.
        """
        with self.location.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != self.sha256:
                raise ValueError(f"{self.path} changed while cozeops was running")
            stream.seek(0)
            yield stream

    def read(self) -> bytes:
        """All bytes at once. Raises what `open` raises."""
        with self.open() as stream:
            return stream.read()


@frozen
class Reference:
    """Another resource, named by a field: by its address in the project, or by id or name on Coze.

    Exactly one of `address`, `id` and `name` is set. `part` names something inside it, such as a tool.
    """

    kind: str
    address: Address | None = None
    id: str | None = None
    name: str | None = None
    part: str | None = None

    def __str__(self) -> str:
        return self.part or str(self.address or self.id or self.name)


@frozen
class Unknown:
    """The id of an object that does not exist yet; known once `address` is applied."""

    address: Address

    def __str__(self) -> str:
        return f"({self.address}: known after apply)"


def is_line(text: str) -> bool:
    """Whether a text is at most one line, without blanks at its ends or control characters."""
    return len(text.splitlines()) <= 1 and text == text.strip() and not any(map(_is_control, text))


def as_line(text: str) -> str:
    """The text as the line that somebody may have meant."""
    return " ".join("".join(" " if _is_control(one) else one for one in text).split())


def _is_control(character: str) -> bool:
    return unicodedata.category(character) == "Cc"


def to_json(value: Any) -> Any:
    """The JSON form of a value, as plans and digests show it. Raises TypeError for anything foreign."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case FileContent():
            return {"file": value.path, "sha256": value.sha256}
        case Reference() | Unknown() | Address():
            return str(value)
        case Mapping():
            return {str(key): to_json(item) for key, item in value.items()}
        case Sequence() | frozenset() | set():
            return [to_json(item) for item in value]
    raise TypeError(f"no JSON form for {type(value).__name__}")


_CANONICAL: Final = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=to_json
)


def canonical(value: Any) -> str:
    """JSON text that is equal exactly when the values are: sorted keys, no spaces, UTF-8 as it is."""
    try:
        return _CANONICAL.encode(value)
    except TypeError:  # a key that is no text
        return _CANONICAL.encode(to_json(value))


def read_json(text: str) -> Any:
    """JSON that can be written again: finite numbers, and not deeper than anything of ours.

    Raises ValueError.
    """
    try:
        value = json.loads(text, parse_float=_finite, parse_constant=_finite)
    except RecursionError:
        raise ValueError("nested too deep") from None
    level = [value] if isinstance(value, _NESTED) else []
    for _ in range(_DEEPEST):
        if not level:
            return value
        level = [
            item
            for one in level
            for item in (one.values() if isinstance(one, dict) else one)
            if isinstance(item, _NESTED)
        ]
    raise ValueError(f"nested deeper than {_DEEPEST} levels")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is not a finite number")
    return number


def digest(value: Any) -> str:
    """`sha256:` and the hex digest of the canonical JSON."""
    return "sha256:" + hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


def as_text(value: Any) -> str:
    """A text that a file of ours must have here. Raises TypeError."""
    if not isinstance(value, str):
        raise TypeError(f"expected text, found {type(value).__name__}")
    return value


def as_object(value: Any) -> Json:
    """An object that a file of ours must have here. Raises TypeError."""
    if not isinstance(value, dict):
        raise TypeError(f"expected an object, found {type(value).__name__}")
    return value


def dig(value: Any, path: Sequence[str]) -> Any:
    """Follow `path` through nested mappings; `*` maps over a list. MISSING where it leads nowhere."""
    for depth, step in enumerate(path):
        if step == "*":
            if not isinstance(value, list):
                return MISSING
            return [found for item in value if (found := dig(item, path[depth + 1 :])) is not MISSING]
        # Nearly all are dicts, and the question whether something else is a Mapping is a slow one.
        if not isinstance(value, dict) and not isinstance(value, Mapping):
            return MISSING
        value = value.get(step, MISSING)
        if value is MISSING:
            return MISSING
    return value


def put(target: Json, path: Sequence[str], value: Any) -> None:
    """Set `path` in nested dicts, making them on the way; `*` spreads a list over its items."""
    head, rest = path[0], path[1:]
    if rest and rest[0] == "*":
        target[head] = [spread(rest[1:], item) for item in value]
    elif rest:
        put(target.setdefault(head, {}), rest, value)
    else:
        target[head] = value


def spread(path: Sequence[str], value: Any) -> Any:
    """`value` wrapped in one dict per step of `path`."""
    for step in reversed(path):
        value = {step: value}
    return value


def scalars(value: Any) -> Iterator[Any]:
    """Everything inside maps and lists that is neither."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from scalars(item)
    elif isinstance(value, list):
        for item in value:
            yield from scalars(item)
    else:
        yield value
