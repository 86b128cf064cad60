"""Live values in the form of a manifest, as far as a manifest can say them. Pure.

Everything is read off the declarations: which field refers to what, how long it may be, what can be read.
What does not fit is left out, with the reason: other tools write more than manifests take.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from cozeops.declare.calls import Path
from cozeops.declare.collections import Collection, Item
from cozeops.declare.fields import UNREADABLE, File, Is, Ref, Size
from cozeops.declare.kind import Kind
from cozeops.declare.resource import references
from cozeops.declare.rows import Row, rows_of, unwrap
from cozeops.engine.export.names import is_encodable
from cozeops.engine.model.live import Live
from cozeops.frozen import frozen
from cozeops.values import MISSING, FileContent, Json, Reference, canonical, dig, is_line, put, scalars

Name = Callable[[Ref, str], Any]
"""How a field names the object with this id."""
Parts = Mapping[tuple[str, str], Mapping[str, str]]
"""(kind, id) -> its named parts."""


@frozen
class Misfit:
    """Something live that no manifest can say."""

    path: Path
    reason: str


def readable(kind: Kind, live: Live) -> Json:
    """The values that a manifest would have, ids for references; without what is unset."""
    values: Json = {}
    for row in rows_of(kind):
        # Set at creation and never again: it says nothing that anybody could change.
        settled = Is.FIXED in row.traits and not row.traits & {Is.NEEDED_TO_CREATE, Is.DEFINING}
        if row.in_body and row.reads and not settled and Is.SECRET not in row.traits:
            _put(values, row.path, live.fields.get(row.path, MISSING))
        if row.collection:
            _put_items(values, row, row.collection, live.items.get(row.path, ()))
    return kind.written(values)


def _put_items(values: Json, row: Row, about: Collection, items: Sequence[Item]) -> None:
    """What all items share; and the items themselves where all of them can be read."""
    if about.shared:
        _put(values, (about.shared,), _shared([item.fields for item in items], about.shared))
    if about.export and not about.content:
        listed = sorted((item for item in items if not item.protected), key=lambda item: item.key)
        _put(values, row.path, [about.export.write(item, "") for item in listed])


def _put(values: Json, path: Path, value: Any) -> None:
    if value is not MISSING and value is not UNREADABLE and value not in ("", [], {}):
        put(values, path, value)


def _shared(fields: list[Json], name: str) -> Any:
    """What all items have in common; MISSING where they differ."""
    found = {canonical(one.get(name)): one.get(name) for one in fields}
    return next(iter(found.values())) or MISSING if len(found) == 1 else MISSING


# ------------------------------------------------------------------------------------------ references


def named(kind: Kind, values: Json, name: Name, file: Callable[[str], Any] = str) -> Json:
    """The values with each id of another object as `name` gives it, and each path as `file` does."""
    made: Json = {}
    for row in rows_of(kind):
        value = dig(values, row.path)
        if value is not MISSING:
            found = named_value(declaration(kind, row.path), value, name, file)
            unordered = isinstance(found, list) and Is.UNORDERED in row.traits and not row.collection
            put(made, row.path, sorted(found, key=canonical) if unordered else found)
    return made


def _resolved(kind: Kind, values: Json) -> Json:
    """The values as the rules of a kind look at them; of files they see the path."""

    def file(path: str) -> FileContent:
        return FileContent(path, "", 1, FilePath(path))

    return named(kind, values, lambda ref, id: Reference(ref.kind, id=id), file)


def refers_to(kind: Kind, values: Json) -> list[Reference]:
    """Every object that the values refer to, and the parts of it."""
    return list(references(kind.settle(_resolved(kind, values), "")))


def declaration(kind: Kind, path: Path) -> Any:
    """How a field is declared, with all its traits."""
    found: Any = kind.spec
    for step in path:
        info = unwrap(found)[0].model_fields[step]
        found = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
    return found


def named_value(declared: Any, value: Any, name: Name, file: Callable[[str], Any] = str) -> Any:
    """One value of a field that is declared so, in the same form."""
    bare, traits = unwrap(declared)
    if isinstance(value, str):
        if any(isinstance(trait, File) for trait in traits):
            return file(value)
        ref = next((trait for trait in traits if isinstance(trait, Ref)), None)
        if ref:
            return name(ref, value)
        # A text or something else: the branch that is a text may be a reference.
        branch = next((one for one in get_args(bare) if unwrap(one)[0] is str), None)
        return value if branch is None else named_value(branch, value, name, file)
    if isinstance(value, list) and get_origin(bare) is list:
        return [named_value(get_args(bare)[0], item, name, file) for item in value]
    if isinstance(value, dict) and isinstance(bare, type) and issubclass(bare, BaseModel):
        return {key: named_value(_field(bare, key), item, name, file) for key, item in value.items()}
    return value


def _field(model: type[BaseModel], name: str) -> Any:
    info = model.model_fields.get(name)
    if info is None:
        return Any
    return Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation


# ------------------------------------------------------------------------------------------ what fits


def fitting(kind: Kind, values: Json, parts: Parts) -> tuple[Json, list[Misfit]]:
    """The values that a manifest takes, and what had to be left out."""
    misfits: list[Misfit] = []
    kept = dict(_flat(kind, values))
    while kept and (found := next(_misfits(kind, kept, parts), None)):
        gone = [path for path in kept if _touches(path, found.path)]
        if not gone:  # something that is not there is missing: what stands beside it goes
            gone = [path for path in kept if _touches(path, found.path[:-1])]
        for path in gone or list(kept):
            del kept[path]
            misfits.append(Misfit(path, found.reason))
    return _nested(kept), misfits


def _flat(kind: Kind, values: Json) -> Iterator[tuple[Path, Any]]:
    for row in rows_of(kind):
        value = dig(values, row.path)
        if value is not MISSING:
            yield row.path, value


def _nested(kept: Mapping[Path, Any]) -> Json:
    values: Json = {}
    for path, value in kept.items():
        put(values, path, value)
    return values


def _touches(path: Path, found: Path) -> bool:
    return path[: len(found)] == found or found[: len(path)] == path


def _misfits(kind: Kind, kept: Mapping[Path, Any], parts: Parts) -> Iterator[Misfit]:
    for path, value in kept.items():
        if not is_encodable(_texts(value)):
            yield Misfit(path, "it has half of a character")
        if any(one is None or (isinstance(one, float) and not math.isfinite(one)) for one in scalars(value)):
            yield Misfit(path, "it has a value that YAML manifests do not take")
        yield from (Misfit(path, reason) for reason in _sizes(declaration(kind, path), value))
    values = _nested(kept)
    try:
        kind.spec.model_validate(_as_written(kind, values))
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            yield Misfit(tuple(str(step) for step in detail["loc"]), detail["msg"].lower())
    for flaw in kind.check(_resolved(kind, values)):
        yield Misfit(tuple(str(step) for step in flaw.path), flaw.message)
    for path, value in kept.items():
        yield from (Misfit(path, reason) for reason in _unknown_parts(kind, path, value, parts))


def _as_written(kind: Kind, values: Json) -> Json:
    id = {"id": "1"} if "id" in kind.spec.model_fields else {}
    return id | named(kind, values, lambda ref, id: id if id in ref.builtin.values() else {"id": id})


def _unknown_parts(kind: Kind, path: Path, value: Any, parts: Parts) -> Iterator[str]:
    for ref in refers_to(kind, _nested({path: value})):
        if ref.part and ref.part not in parts.get((ref.kind, ref.id or ""), {}):
            yield f"{ref.kind} {ref.id} cannot be read, or does not have {ref.part!r} (any more)"


def _sizes(declared: Any, value: Any) -> Iterator[str]:
    bare, traits = unwrap(declared)
    size = next((trait for trait in traits if isinstance(trait, Size)), None)
    for one in value.values() if size and isinstance(value, dict) else [value]:
        if size and isinstance(one, str | list) and not size.least <= len(one) <= size.most:
            what = "characters" if isinstance(one, str) else "items"
            yield f"it has {len(one)} {what}; the API takes {size.least} to {size.most}"
        if size and size.line and isinstance(one, str) and not is_line(one):
            yield "it has a line break or a control character inside, or blanks at its ends"
    if isinstance(value, list) and get_origin(bare) is list:
        for item in value:
            yield from _sizes(get_args(bare)[0], item)
    elif isinstance(value, dict) and isinstance(bare, type) and issubclass(bare, BaseModel):
        for key, item in value.items():
            yield from _sizes(_field(bare, key), item)


def limit(kind: Kind, row: Row) -> int | None:
    """How long the text of a field may be."""
    _, traits = unwrap(declaration(kind, row.path))
    return next((trait.most for trait in traits if isinstance(trait, Size)), None)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _texts(item)
    else:
        for leaf in value if isinstance(value, list) else [value]:
            if isinstance(leaf, str):
                yield leaf
            elif isinstance(leaf, dict | list):
                yield from _texts(leaf)
