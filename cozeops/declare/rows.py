"""The rows of a kind: every field with its traits gathered, groups opened. Read off the declarations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from cozeops.declare.calls import Path
from cozeops.declare.collections import Collection
from cozeops.declare.fields import (
    OWN_NAME,
    Absent,
    Convert,
    File,
    Hidden,
    Inherit,
    Is,
    Open,
    Setter,
    Spec,
    Wire,
)
from cozeops.declare.kind import Kind
from cozeops.declare.publication import Publication
from cozeops.frozen import frozen
from cozeops.values import MISSING


@dataclass(frozen=True, eq=False)
class Row:
    """One field of a kind, with its traits gathered. Paths are absolute. A kind has each row once."""

    path: Path
    write: Path
    reads: tuple[Path, ...]
    absent: Any = MISSING
    hidden: Hidden | None = None
    open: Open | None = None
    convert: Convert | None = None
    traits: frozenset[Is] = frozenset()
    wire: Wire = field(default_factory=Wire)
    upload: bool = False
    setter: Setter | None = None
    collection: Collection | None = None
    publication: Publication | None = None

    @cached_property
    def in_body(self) -> bool:
        """Whether create and update carry the field."""
        return not (self.setter or self.collection or self.publication or Is.OUTSIDE in self.traits)

    @cached_property
    def is_text(self) -> bool:
        """Whether it is long text: line ends do not count."""
        return Is.TEXT in self.traits

    @cached_property
    def label(self) -> str:
        """The path as people write it: `spec.model.temperature`."""
        return ".".join(("spec", *self.path))


def unwrap(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """The type behind `X | None` and `Annotated`, and the traits on the way."""
    traits: tuple[Any, ...] = ()
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *found = get_args(annotation)
            traits += tuple(found)
            continue
        if get_origin(annotation) in (Union, UnionType):
            branches = [branch for branch in get_args(annotation) if branch is not NoneType]
            if len(branches) == 1:
                annotation = branches[0]
                continue
        return annotation, traits


def is_within(path: str, label: str) -> bool:
    """Whether a path is a field or a part of its value: `spec.model.name` is within `spec.model`."""
    return path == label or path.startswith(f"{label}.")


def concerns(path: str, label: str) -> bool:
    """Whether a path is within a field or about an item of it: `spec.tools[a]` concerns `spec.tools`."""
    return is_within(path, label) or path.startswith(f"{label}[")


@frozen
class Published:
    """Where a kind says on which channels its objects are, and the calls that bring them there."""

    row: Row
    calls: Publication


@frozen
class _Table:
    """The rows of a kind, and what is asked of them for every resource."""

    rows: tuple[Row, ...]
    at: Mapping[Path, Row]
    texts: tuple[Row, ...]
    secrets: tuple[Row, ...]
    collections: tuple[Row, ...]
    readable: tuple[Row, ...]
    publication: Published | None


def rows_of(kind: Kind) -> tuple[Row, ...]:
    """Every field of the kind, groups opened."""
    return _table(kind).rows


def row_at(kind: Kind, path: Path) -> Row:
    """The field at a path."""
    return _table(kind).at[path]


def text_rows(kind: Kind) -> tuple[Row, ...]:
    """The fields that are long texts."""
    return _table(kind).texts


def secret_rows(kind: Kind) -> tuple[Row, ...]:
    """The fields that are secret."""
    return _table(kind).secrets


def collection_rows(kind: Kind) -> tuple[Row, ...]:
    """The fields whose entries are added and removed one by one."""
    return _table(kind).collections


def readable_rows(kind: Kind) -> tuple[Row, ...]:
    """The fields that a live object tells."""
    return _table(kind).readable


def publication_of(kind: Kind) -> Published | None:
    """How objects of a kind are published; None for kinds that are not."""
    return _table(kind).publication


def _table(kind: Kind) -> _Table:
    found = _TABLES.get(kind.name)
    if found is None:
        rows = tuple(_rows(kind.spec, (), (), ((),)))
        found = _TABLES[kind.name] = _Table(
            rows=rows,
            at={row.path: row for row in rows},
            texts=tuple(row for row in rows if row.is_text),
            secrets=tuple(row for row in rows if Is.SECRET in row.traits),
            collections=tuple(row for row in rows if row.collection),
            readable=tuple(row for row in rows if row.in_body and row.reads),
            publication=next((Published(row, row.publication) for row in rows if row.publication), None),
        )
    return found


_TABLES: dict[str, _Table] = {}


def _rows(
    model: type[BaseModel],
    path: Path,
    write: Path,
    reads: tuple[Path, ...],
    inherited: frozenset[Is] = frozenset(),
) -> Iterator[Row]:
    for name, info in model.model_fields.items():
        annotation, traits = unwrap(info.annotation)
        row = _row((*path, name), annotation, (*info.metadata, *traits, *inherited), write, reads)
        whole = row.convert or row.publication
        if isinstance(annotation, type) and issubclass(annotation, Spec) and not whole:
            yield from _rows(annotation, row.path, row.write, row.reads, row.traits & {Is.OUTSIDE})
        elif row.path != ("id",):  # identity, not a setting
            yield row


def _row(path: Path, annotation: Any, traits: tuple[Any, ...], write: Path, reads: tuple[Path, ...]) -> Row:
    wire = next((trait for trait in traits if isinstance(trait, Wire)), Wire())
    absent = next((trait.value for trait in traits if isinstance(trait, Absent)), _empty(annotation))
    return Row(
        path=path,
        write=(*write, *_steps(wire.write, path[-1])),
        reads=tuple((*base, *way) for base in reads for way in _ways(wire, path[-1])),
        absent=absent,
        hidden=next((trait for trait in traits if isinstance(trait, Hidden)), None),
        open=next((trait for trait in traits if isinstance(trait, Open)), None),
        convert=next((trait for trait in traits if isinstance(trait, Convert)), None),
        traits=frozenset(trait for trait in traits if isinstance(trait, Is)),
        wire=wire,
        upload=any(isinstance(trait, File) and trait.upload for trait in traits),
        setter=next((trait for trait in traits if isinstance(trait, Setter)), None),
        collection=next((trait for trait in traits if isinstance(trait, Collection)), None),
        publication=next((trait for trait in traits if isinstance(trait, Publication)), None),
    )


def _empty(annotation: Any) -> Any:
    origin = get_origin(annotation) or annotation
    return origin() if origin in (str, list, dict) else MISSING


def _steps(written: str | Inherit, name: str) -> Path:
    if written is OWN_NAME:
        return (name,)
    assert isinstance(written, str)
    return tuple(written.split(".")) if written else ()


def _ways(wire: Wire, name: str) -> tuple[Path, ...]:
    read = wire.write if wire.read is OWN_NAME else wire.read
    if read is None:
        return ()
    if isinstance(read, str | Inherit):
        return (_steps(read, name),)
    return tuple(_steps(way, name) for way in read)
