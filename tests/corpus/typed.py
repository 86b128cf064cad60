"""Generated from the declarations: in each field of each kind, everything that it is not.

A new kind is in it as soon as it is declared.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from cozeops.kinds import kinds
from cozeops.manifests.envelope import Metadata
from cozeops.manifests.forms import branches_of, fields_of, opened
from cozeops.manifests.project.spec import ProjectSpec
from cozeops.manifests.wording import label
from tests.corpus.case import HOME, Bad

VALUES: tuple[Any, ...] = ("text", 7, 1.5, True, ["a"], {"zz": 1}, None)
STRANGER = "zz"
_VALID: tuple[Any, ...] = (
    "100200300",
    "https://a.b",
    "abcdef",
    "local",
    1,
    24,
    500,
    1.0,
    True,
    [],
    {},
    ["a"],
)
_INDENT = "    "


@dataclass(frozen=True)
class Wrong:
    """What stands where it should not."""

    value: Any


Damaged = tuple[Any, tuple[str | int, ...]]
"""A value with something wrong in it, and the path to that."""


def damaged(annotation: Any) -> Iterator[Damaged]:
    """Every way to write something wrong into a value of this type."""
    accepts = _accepting(annotation)
    yield from ((Wrong(value), ()) for value in VALUES if value is None or not accepts(value))
    for branch in map(opened, branches_of(annotation)):
        if _is_model(branch):
            yield from _in_model(branch)
        elif get_origin(branch) is list:
            for inner, path in damaged(get_args(branch)[0]):
                yield [inner], (0, *path)
        elif get_origin(branch) is dict:
            for inner, path in damaged(get_args(branch)[1]):
                yield {"k": inner}, ("k", *path)


def _in_model(model: type[BaseModel]) -> Iterator[Damaged]:
    least = _least(model)
    yield {**least, STRANGER: Wrong(1)}, ()
    for name, annotation in fields_of(model).items():
        for inner, path in damaged(annotation):
            yield {**least, name: inner}, (name, *path)


def _least(annotation: Any) -> Any:
    """The smallest value that is right."""
    branch = opened(branches_of(annotation)[0])
    if _is_model(branch):
        needed = {name for name, info in branch.model_fields.items() if info.is_required()}
        return {name: _least(one) for name, one in fields_of(branch).items() if name in needed}
    origin, arguments = get_origin(branch), get_args(branch)
    full = {list: lambda: [[_least(arguments[0])]], dict: lambda: [{"k": _least(arguments[1])}]}
    of_its_own = full[origin]() if origin in full else arguments
    fitting = list(filter(_accepting(annotation), (*_VALID, *of_its_own)))
    assert fitting, f"no value is known that is right for {annotation}: give _VALID one"
    return fitting[0]


def _accepting(annotation: Any) -> Callable[[Any], bool]:
    adapter = TypeAdapter(annotation)

    def accepts(value: Any) -> bool:
        try:
            adapter.validate_python(value, strict=True)
        except ValidationError:
            return False
        return True

    return accepts


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _written(value: Any, key: str = "") -> str:
    """The value as YAML in brackets; what is wrong stands in a line of its own, with its key."""
    lead = f"{key}: " if key else ""
    if isinstance(value, Wrong):
        return f"\n{_INDENT}{lead}{json.dumps(value.value)}\n{_INDENT}"
    if isinstance(value, dict):
        return lead + "{" + ", ".join(_written(item, name) for name, item in value.items()) + "}"
    if isinstance(value, list):
        return lead + "[" + ", ".join(map(_written, value)) + "]"
    return lead + json.dumps(value, ensure_ascii=False)


def _case(file: str, before: str, base: str, value: Any, path: tuple[str | int, ...], more: Any) -> Bad:
    # The spec itself begins at the margin.
    text = before + (
        f"{base}: {json.dumps(value.value)}" if isinstance(value, Wrong) else _written(value, base)
    )
    line = text[: _place(text, before)].count("\n") + 1
    null = _has_null(value)
    says = "" if null or base == "metadata" else label((base, *path))
    return Bad({file: f"{text}\n", **more}, "COZE005" if null else "", f"{file}:{line}:", says)


def _place(text: str, before: str) -> int:
    found = text.find(f"\n{_INDENT}", len(before)) + 1
    return found or len(before)


def _has_null(value: Any) -> bool:
    if isinstance(value, Wrong):
        return value.value is None
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(map(_has_null, items))


def _wrong(value: Any) -> Any:
    if isinstance(value, Wrong):
        return value.value
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((found for item in items if (found := _wrong(item)) is not STRANGER), STRANGER)


def cases() -> dict[str, Bad]:
    """By `Kind.path = value`."""
    found: dict[str, Bad] = {}
    for kind in kinds().values():
        home = ", workspace: home" if kind.scope else ""
        head = f"kind: {kind.name}\nmetadata: {{name: x{home}}}\n"
        for value, path in damaged(kind.spec):
            name = f"{label((kind.name, *path))} = {json.dumps(_wrong(value))}"
            found[name] = _case("m.yaml", HOME + head, "spec", value, path, {})
    for value, path in damaged(Metadata):
        name = f"{label(('metadata', *path))} = {json.dumps(_wrong(value))}"
        before = HOME + "kind: Prompt\nspec: {text: a}\n"
        found[name] = _case("m.yaml", before, "metadata", value, path, {})
    for value, path in damaged(ProjectSpec):
        name = f"{label(('Project', *path))} = {json.dumps(_wrong(value))}"
        before = "kind: Project\nmetadata: {name: p}\n"
        found[name] = _case("cozeops.yaml", before, "spec", value, path, {"m.yaml": HOME})
    return found
