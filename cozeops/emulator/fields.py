"""Small declarative tables for bodies and queries, and the one walk that checks them.

A table maps a name to a check; a name that ends in `*` is required, as in the documentation:

    {"name*": text(1, 50), "description": text(0, 2000), "users*": each(obj({...}), 1, 20)}

Every refusal is code 4000 and names the field. An explicit null counts as absent: some SDKs send it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from .wire import CozeError, Row, invalid

_ABSENT: Any = object()


class At(NamedTuple):
    """Where a value stands; whether unknown names are refused, and page sizes out of bounds cut."""

    path: str = ""
    strict: bool = True
    clamp: bool = False

    def __truediv__(self, name: object) -> At:
        return self._replace(path=f"{self.path}.{name}" if self.path else str(name))

    def refuse(self, why: str) -> CozeError:
        """Build the refusal that names this place."""
        return invalid(f"Invalid parameter {self.path or 'body'}: {why}")


def _as_is(text: str) -> Any:
    return text


@dataclass(frozen=True, slots=True)
class Check:
    """How one value is accepted; `read` turns the text of a query parameter into a value first."""

    take: Callable[[Any, At], Any]
    read: Callable[[str], Any] = _as_is
    default: Any = _ABSENT

    def otherwise(self, default: Any) -> Check:
        """Return the same check with a default for an absent value."""
        return replace(self, default=default)


Fields = Mapping[str, Check]


def check(fields: Fields, given: Any, at: At) -> Row:
    """Return the accepted values of a JSON object, defaults filled in."""
    if not isinstance(given, dict):
        raise at.refuse("must be an object")
    taken: Row = {}
    known = set()
    for spelled, rule in fields.items():
        name = spelled.removesuffix("*")
        known.add(name)
        value = given.get(name)
        if value is not None:
            taken[name] = rule.take(value, at / name)
        elif spelled.endswith("*"):
            raise (at / name).refuse("is required")
        elif rule.default is not _ABSENT:
            taken[name] = rule.default
    if at.strict and (unknown := given.keys() - known):
        raise (at / min(unknown)).refuse("is not a known field")
    return taken


def check_query(fields: Fields, given: Mapping[str, str], at: At) -> Row:
    """Return the accepted values of a query string."""
    by_name = {spelled.removesuffix("*"): rule for spelled, rule in fields.items()}
    # an empty parameter is how many clients spell an absent one
    values = {
        name: by_name[name].read(text) if name in by_name else text
        for name, text in given.items()
        if text != ""
    }
    return check(fields, values, at)


def text(lowest: int = 0, longest: int | None = None) -> Check:
    """Accept a string within bounds, counted in characters."""

    def take(value: Any, at: At) -> str:
        if not isinstance(value, str):
            raise at.refuse("must be a string")
        if len(value) < lowest:
            raise at.refuse(f"must have at least {lowest} characters")
        if longest is not None and len(value) > longest:
            raise at.refuse(f"must have at most {longest} characters, has {len(value)}")
        return value

    return Check(take)


def ident(*, numeric: bool = False) -> Check:
    """Accept an id; `numeric` also as a JSON number, as the Go SDK sends it to the document endpoints."""

    def take(value: Any, at: At) -> str:
        if numeric and type(value) is int:
            return str(value)
        if not isinstance(value, str) or not value:
            raise at.refuse("must be an id, a string")
        return value

    return Check(take)


def integer(lowest: int | None = None, highest: int | None = None) -> Check:
    """Accept an integer within bounds."""

    def take(value: Any, at: At) -> int:
        if type(value) is not int:
            raise at.refuse("must be an integer")
        if (lowest is not None and value < lowest) or (highest is not None and value > highest):
            raise at.refuse(f"must be between {lowest} and {highest}, is {value}")
        return value

    return Check(take, _integer)


def number() -> Check:
    """Accept a finite number."""

    def take(value: Any, at: At) -> int | float:
        if type(value) not in (int, float) or not math.isfinite(value):
            raise at.refuse("must be a number")
        return value  # type: ignore[no-any-return]

    return Check(take, _number)


def flag() -> Check:
    """Accept a boolean."""

    def take(value: Any, at: At) -> bool:
        if not isinstance(value, bool):
            raise at.refuse("must be true or false")
        return value

    return Check(
        take, lambda text: {"true": True, "false": False, "1": True, "0": False}.get(text.lower(), text)
    )


def choice(*values: str | int) -> Check:
    """Accept one of a few values."""

    def take(value: Any, at: At) -> str | int:
        # 1 == True in Python, not on the wire
        if isinstance(value, bool) or not isinstance(value, str | int) or value not in values:
            raise at.refuse(f"must be one of {', '.join(map(str, values))}")
        return value

    return Check(take, _integer if values and isinstance(values[0], int) else _as_is)


def each(rule: Check, fewest: int = 0, most: int | None = None) -> Check:
    """Accept a list; in a query, a list is comma-separated."""

    def take(value: Any, at: At) -> list[Any]:
        if not isinstance(value, list):
            raise at.refuse("must be a list")
        if len(value) < fewest:
            raise at.refuse(f"must have at least {fewest} items")
        if most is not None and len(value) > most:
            raise at.refuse(f"must have at most {most} items, has {len(value)}")
        return [rule.take(item, at / index) for index, item in enumerate(value)]

    return Check(take, lambda text: [part for part in text.split(",") if part])


def obj(fields: Fields) -> Check:
    """Accept an object described by a table of its own."""
    return Check(lambda value, at: check(fields, value, at))


def mapping(rule: Check) -> Check:
    """Accept an object with free keys and like values."""

    def take(value: Any, at: At) -> Row:
        if not isinstance(value, dict):
            raise at.refuse("must be an object")
        return {key: rule.take(item, at / key) for key, item in value.items()}

    return Check(take)


def anything() -> Check:
    """Accept any JSON value."""
    return Check(lambda value, _: value)


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _integer(text: str) -> Any:
    body = text.removeprefix("-")
    # int() would also take "1_0", " 1" and digits of other scripts
    return int(text) if body.isascii() and body.isdigit() and len(body) <= 19 else text
