"""Classes of values: dataclasses with slots that nobody changes once they are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from reprlib import recursive_repr
from typing import Any, TypeVar, dataclass_transform, overload

T = TypeVar("T")


@overload
def frozen(cls: type[T], /) -> type[T]: ...


@overload
def frozen(*, eq: bool) -> Callable[[type[T]], type[T]]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[Any] | None = None, /, *, eq: bool = True) -> Any:
    """A class whose objects are compared by their fields (`eq=False`: by identity).

    The type checker keeps them as they are. At run time nothing does: a frozen dataclass compiles six
    methods and sets its fields the long way round, which is a tenth of the CPU of a plan of 1,000 bots.
    """
    if cls is None:
        return lambda cls: _compared(_made(cls)) if eq else _made(cls)
    return _compared(_made(cls))


def _made(cls: type[Any]) -> Any:
    made: Any = dataclass(slots=True, repr=False, eq=False)(cls)
    made.__repr__ = cls.__dict__.get("__repr__", _repr)
    return made


def _compared(cls: Any) -> Any:
    """With equality and a hash by its fields, but for those that say otherwise."""
    compared = [one.name for one in fields(cls) if one.compare]
    values = _values_of(compared)
    hashed = [one.name for one in fields(cls) if (one.compare if one.hash is None else one.hash)]
    hashable = values if hashed == compared else _values_of(hashed)

    def same(self: Any, other: object) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def hash_of(self: Any) -> int:
        return hash(hashable(self))

    cls.__eq__, cls.__hash__ = same, hash_of
    return cls


def _values_of(names: list[str]) -> Callable[[Any], Any]:
    return attrgetter(*names) if names else lambda _: ()


@recursive_repr()
def _repr(self: Any) -> str:
    shown = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{type(self).__qualname__}({shown})"
