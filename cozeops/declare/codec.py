"""Rows interpreted: from the wire to fields, from fields to the wire. Pure functions, no kind in particular.

`Fields` are flat: the path of a row below `spec` -> its value. Both sides of every comparison have gone
through `normal`, so equal means equal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from cozeops.declare.calls import Path
from cozeops.declare.fields import UNREADABLE, Is
from cozeops.declare.kind import Kind
from cozeops.declare.rows import Row, readable_rows, rows_of
from cozeops.values import MISSING, Json, Secret, canonical, dig, put

Fields = Mapping[Path, Any]

# Coze keeps some numbers as 32-bit floats: 0.7 may come back as 0.699999988.
_FLOAT_DIGITS = 6


def normal(row: Row, value: Any) -> Any:
    """The value without what does not count: line ends, float width, the order of unordered lists."""
    value = _plain(value, text=row.is_text)
    if isinstance(value, list) and Is.UNORDERED in row.traits:
        return sorted(value, key=canonical)
    return value


def _plain(value: Any, *, text: bool) -> Any:
    if isinstance(value, str):
        return value.replace("\r\n", "\n").rstrip("\n") if text else value
    if isinstance(value, float):
        rounded = float(f"{value:.{_FLOAT_DIGITS}g}")
        return int(rounded) if rounded.is_integer() else rounded
    if isinstance(value, dict):
        return {key: _plain(item, text=text) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_plain(item, text=text) for item in value]
    return value


def declared(kind: Kind, values: Json) -> dict[Path, Any]:
    """The fields that a manifest declares."""
    return {row.path: value for row, value in written_rows(kind, values)}


def written_rows(kind: Kind, values: Json) -> Iterator[tuple[Row, Any]]:
    """The same with their rows."""
    for row in rows_of(kind):
        if row.path[0] in values and (found := dig(values, row.path)) is not MISSING:
            yield row, found


def decode(kind: Kind, wire: Json) -> dict[Path, Any]:
    """The readable fields of a live object. UNREADABLE stands where the reply does not tell."""
    fields = {}
    for row in readable_rows(kind):
        value = _found(row, wire)
        if value is not MISSING:
            kept = value is row.absent or value is UNREADABLE or isinstance(value, Secret)
            fields[row.path] = value if kept else normal(row, value)
    return fields


def exact(kind: Kind, wire: Json) -> dict[Path, Any]:
    """The same as the reply has it, to the last line end: for writing it again, not for comparing."""
    fields = {row.path: _found(row, wire) for row in readable_rows(kind)}
    return {path: value for path, value in fields.items() if value is not MISSING}


def _found(row: Row, wire: Json) -> Any:
    for path in row.reads:
        if path and path[0] not in wire:
            continue
        value = dig(wire, path)
        if value is not MISSING and value is not None:
            if not value and row.hidden and row.hidden.when(wire, True):
                return UNREADABLE
            value = row.convert.decode(value) if row.convert else value
            return Secret(str(value)) if Is.SECRET in row.traits else value
    return UNREADABLE if row.hidden and row.hidden.when(wire, False) else row.absent


def seen(row: Row, live: Any, wanted: Any) -> tuple[Any, bool]:
    """A live value as far as `wanted` is about it, and whether the reply told all of that.

    Of an open map these are the keys of `wanted`; what the reply may leave out counts as it is wanted.
    """
    if not (row.open and isinstance(live, dict) and isinstance(wanted, dict)):
        return live, True
    untold = wanted.keys() - live.keys() - row.open.told
    return {**_alike(live, wanted), **{key: wanted[key] for key in untold}}, not untold


def _alike(live: Any, wanted: Any) -> Any:
    """The live value in the form of the wanted one: its keys, and its own type for what came back as text."""
    if isinstance(wanted, dict):
        found = _from_text(live)
        if isinstance(found, dict):
            return {key: _alike(found[key], one) for key, one in wanted.items() if key in found}
    return wanted if _plain(_from_text(live), text=False) == _plain(_from_text(wanted), text=False) else live


def _from_text(value: Any) -> Any:
    """What a text stands for, where a server writes every value as text; anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value.lower() if value in ("True", "False") else value)
    except (ValueError, RecursionError):
        return value


def is_told(live: Fields, path: Path) -> bool:
    """Whether a reply has a value for a field."""
    return live.get(path, UNREADABLE) is not UNREADABLE


def merged(row: Row, live: Any, value: Any) -> Any:
    """A value as it is sent: of an open map with what else is live in it, which nobody manages."""
    if row.open and isinstance(live, dict) and isinstance(value, dict):
        return {**live, **value}
    return value


def has_name(kind: Kind) -> bool:
    """Whether its objects are called something on Coze."""
    return any(row.path == ("name",) for row in rows_of(kind))


def encode(kind: Kind, fields: Fields, *, creating: bool) -> Json:
    """The body of a create or an update that carries these fields (ids bound, files uploaded)."""
    return kind.body(parameters(kind, fields, creating=creating), creating)


def parameters(kind: Kind, fields: Fields, *, creating: bool) -> Json:
    """These fields under their names of the wire."""
    body: Json = {}
    for row in rows_of(kind):
        sent = row.wire.on_create if creating else row.wire.on_update
        if row.path in fields and row.in_body and sent:
            value = fields[row.path]
            put(body, row.write, row.convert.encode(value) if row.convert else value)
    return body


def companions(kind: Kind, touched: Iterable[Path]) -> list[Row]:
    """The rows that an update of `touched` replaces: Coze replaces each given sub-object whole."""
    tops = {row.write[0] for row in rows_of(kind) if row.path in set(touched)}
    return [
        row
        for row in rows_of(kind)
        if row.in_body and row.wire.on_update and (kind.replaces_whole or row.write[0] in tops)
    ]


def complete(kind: Kind, touched: Iterable[Path], desired: Fields, live: Fields) -> dict[Path, Any]:
    """What an update of `touched` must carry so that nothing else changes: the rest is as it is live."""
    carried = {}
    for row in companions(kind, touched):
        value = desired.get(row.path, live.get(row.path, MISSING))
        if value is not MISSING and value is not UNREADABLE:
            carried[row.path] = merged(row, live.get(row.path), value)
    return carried


def reset_by(kind: Kind, touched: Iterable[Path], desired: Fields, live: Fields) -> list[Row]:
    """The undeclared rows that such an update resets, because nobody can read what stands there."""
    return [
        row
        for row in companions(kind, touched)
        if row.path not in desired
        and Is.PASSING not in row.traits
        and (not row.reads or live.get(row.path) is UNREADABLE)
    ]


def convert_leaves(value: Any, change: Callable[[Any], Any]) -> Any:
    """`value` with every leaf of its lists and maps passed through `change`."""
    if isinstance(value, dict):
        return {key: convert_leaves(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [convert_leaves(item, change) for item in value]
    return change(value)


def can_have(kind: Kind, row: Row, fields: Fields) -> bool:
    """Whether what was fixed when it was made allows a field: an image base has no documents."""
    alone: Json = {row.path[0]: []}
    values = dict(alone)
    for fixed in rows_of(kind):
        if Is.FIXED in fixed.traits and fields.get(fixed.path, UNREADABLE) is not UNREADABLE:
            put(values, fixed.path, fields[fixed.path])
    flaws = {flaw for flaw in kind.check(values) if flaw.path == row.path}
    return flaws <= set(kind.check(alone))
