"""Every call that a kind declares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from cozeops.declare.calls import Call
from cozeops.declare.kind import Kind
from cozeops.declare.rows import rows_of


def calls_of(kind: Kind) -> Iterator[Call]:
    """The calls of a kind and of its fields; not the upload of files, which all kinds share."""
    yield from _calls(kind)
    for row in rows_of(kind):
        yield from _calls(row)


def _calls(value: Any) -> Iterator[Call]:
    if isinstance(value, Call):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _calls(item)
    elif is_dataclass(value):
        for field in () if isinstance(value, type) else fields(value):
            yield from _calls(getattr(value, field.name))
