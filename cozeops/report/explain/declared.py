"""What a declaration says about a field, in words: its type, its limits, what it means on Coze. Pure.

Everything is read off the annotations and traits of the kinds, so a new kind explains itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from inspect import getdoc
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from cozeops.declare.docs import description_of
from cozeops.declare.fields import File, Is, Ref, Size, Spec
from cozeops.declare.kind import Kind
from cozeops.declare.rows import Row, rows_of, unwrap
from cozeops.frozen import frozen
from cozeops.kinds import kinds
from cozeops.manifests.envelope import PROJECT, Metadata
from cozeops.manifests.forms import branches_of, describe, fields_of
from cozeops.manifests.project.check import ProjectMetadata
from cozeops.manifests.project.spec import ProjectSpec

PROJECT_SUMMARY = "where the manifests are, and the environments"
_DIGITS = r"^\d+$"
_MOST_SHOWN = 4
_SCALARS = {str, int, float, bool}


@frozen
class Root:
    """Where paths begin: a kind, or Project, with the models of its two parts."""

    name: str
    summary: str
    spec: type[BaseModel]
    metadata: type[BaseModel] = Metadata
    kind: Kind | None = None


def roots() -> dict[str, Root]:
    """Everything that `kind:` may name."""
    found = {name: Root(name, kind.summary, kind.spec, kind=kind) for name, kind in kinds().items()}
    return found | {PROJECT: Root(PROJECT, PROJECT_SUMMARY, ProjectSpec, ProjectMetadata)}


@dataclass(frozen=True)
class Field:
    """One field of a manifest; `path` begins with `spec` or `metadata`, entries of lists have no step."""

    root: Root
    path: tuple[str, ...]
    annotation: Any
    info: FieldInfo
    told: str
    """What its model says of it."""

    @property
    def label(self) -> str:
        """The path as people write it."""
        return ".".join(self.path)

    @cached_property
    def bare(self) -> Any:
        """The type itself."""
        return unwrap(self.annotation)[0]

    @cached_property
    def traits(self) -> tuple[Any, ...]:
        """What is declared beside the type; of a list, also what is declared of its entries."""
        found = unwrap(self.annotation)[1]
        if get_origin(self.bare) is list:
            inner = get_args(self.bare)[0]
            branches = (trait for branch in branches_of(inner) for trait in unwrap(branch)[1])
            found = (*found, *unwrap(inner)[1], *branches)
        return found

    @property
    def row(self) -> Row | None:
        """How the field travels; None for what is inside a list, and for what is not on Coze."""
        return self._row_at(self.path[1:])

    @property
    def nearest_row(self) -> Row | None:
        """The row of the field, or of the list or text that it is a part of."""
        steps = self.path[1:]
        found = (self._row_at(steps[:length]) for length in range(len(steps), 0, -1))
        return next((row for row in found if row), None)

    def _row_at(self, path: tuple[str, ...]) -> Row | None:
        if self.root.kind is None or self.path[0] != "spec":
            return None
        return next((row for row in rows_of(self.root.kind) if row.path == path), None)

    @property
    def description(self) -> str:
        """The docstring of the field, else that of the group that it opens."""
        if self.told:
            return " ".join(self.told.split())
        models = list(_models(self.annotation))
        return " ".join((getdoc(models[0]) or "").split()) if len(models) == 1 else ""

    @property
    def required(self) -> bool:
        """Whether it must be written wherever its group is."""
        return self.info.is_required()

    @property
    def is_group(self) -> bool:
        """Whether it is nothing but a group of fields, or a list or map of such groups."""
        bare = get_args(self.bare)[-1] if get_origin(self.bare) in (list, dict) else self.bare
        return _is_model(unwrap(bare)[0])

    def fields(self) -> list[Field]:
        """The fields inside, in every form that the field has."""
        found: dict[str, Field] = {}
        for model in _models(self.annotation):
            for one in fields_below(self.root, self.path, model):
                found.setdefault(one.path[-1], one)
        return list(found.values())


def fields_below(root: Root, path: tuple[str, ...], model: type[BaseModel]) -> list[Field]:
    """The fields of a model that stands at `path`."""
    return [
        Field(root, (*path, name), annotation, model.model_fields[name], description_of(model, name))
        for name, annotation in fields_of(model).items()
    ]


def _is_model(bare: Any) -> bool:
    return isinstance(bare, type) and issubclass(bare, BaseModel)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The groups of fields that a value may be or hold."""
    for branch in branches_of(annotation):
        bare = unwrap(branch)[0]
        if _is_model(bare):
            yield bare
        elif get_origin(bare) in (list, dict):
            yield from _models(get_args(bare)[-1])


def type_words(annotation: Any) -> str:
    """`a list; each the name of a Workflow, {id} or {name}`."""
    bare, traits = unwrap(annotation)
    if bare is Any:
        return "any value"
    if {unwrap(branch)[0] for branch in branches_of(bare)} == _SCALARS:
        return "a plain value"
    if any(isinstance(trait, File) for trait in traits):
        return "the path of a file"
    if get_origin(bare) is list:
        return f"a list; each {type_words(get_args(bare)[0])}"
    if get_origin(bare) is dict:
        return f"a map; each value {type_words(get_args(bare)[1])}"
    if _is_model(bare) and (issubclass(bare, Spec) and len(bare.model_fields) > _MOST_SHOWN):
        return "a group of fields"
    return describe(annotation)


def limits(field: Field) -> list[str]:
    """What Coze or cozeops does not take, as it is checked offline."""
    found = [*_sizes(field.annotation)]
    for trait in (*field.info.metadata, *field.traits):
        if (pattern := getattr(trait, "pattern", None)) is not None:
            found.append("digits only; write it in quotes" if pattern == _DIGITS else f"matches {pattern}")
        for name, words in (("ge", "at least"), ("gt", "more than"), ("le", "at most"), ("lt", "less than")):
            if (bound := getattr(trait, name, None)) is not None:
                found.append(f"{words} {bound:,}")
    return list(dict.fromkeys(found))


def _sizes(annotation: Any) -> Iterator[str]:
    bare, traits = unwrap(annotation)
    is_list = get_origin(bare) is list
    for size in (trait for trait in traits if isinstance(trait, Size)):
        least = f"at least {size.least:,}, " if size.least else ""
        yield f"{least}at most {size.most:,} {'entries' if is_list else 'characters'}"
    if is_list:
        yield from (f"each entry {words}" for words in _sizes(get_args(bare)[0]))


def refers_to(field: Field) -> Ref | None:
    """The kind that the field names resources of."""
    return next((trait for trait in field.traits if isinstance(trait, Ref)), None)


def marks(field: Field) -> list[str]:
    """What matters about a field, in two words each."""
    row = field.row
    found = ["required"] if field.required else []
    if row is None:
        return found
    if Is.NEEDED_TO_CREATE in row.traits:
        found.append("needed to create")
    if not is_read(row):
        found.append("not read back")
    for trait, words in ((Is.FIXED, "fixed"), (Is.SECRET, "secret")):
        if trait in row.traits:
            found.append(words)
    return found


def is_read(row: Row) -> bool:
    """Whether Coze ever tells the value, so that a plan can compare it."""
    if row.setter:
        return False
    if row.collection:
        return row.collection.listed is not None
    return bool(row.publication or row.reads or Is.OUTSIDE in row.traits)
