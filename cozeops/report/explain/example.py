"""A small manifest of a kind, made from its declaration: values that validate, one of each field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from cozeops.declare.fields import File, Is, Ref
from cozeops.declare.rows import unwrap
from cozeops.manifests.forms import branches_of
from cozeops.report.explain.declared import Field, Root, fields_below, refers_to
from cozeops.report.terminal.safe import compact
from cozeops.values import Json

_ID = "7342861000000000001"
_PLAIN: dict[Any, Any] = {str: "...", bool: True, int: 1, float: 0.5}


def example_of(root: Root) -> str:
    """A manifest with what a new object needs, as YAML."""
    lines = [f"kind: {root.name}", f"metadata: {compact(_metadata(root))}"]
    needed = [field for field in fields_below(root, ("spec",), root.spec) if _is_needed(field)]
    lines += ["spec:", *(f"  {field.path[-1]}: {compact(sample(field))}" for field in needed)]
    return "\n".join(lines)


def field_example(field: Field) -> str:
    """The field with a value, as YAML."""
    return f"{field.path[-1]}: {compact(sample(field))}"


def _metadata(root: Root) -> Json:
    name = f"my-{root.name.lower()}"
    return {"name": name} | ({root.kind.home: f"my-{root.kind.home}"} if root.kind and root.kind.home else {})


def _is_needed(field: Field) -> bool:
    """What a first manifest has: what must be there, the name, and what the resource is about."""
    if field.path[-1] == "id":
        return field.required
    row = field.row
    return (
        field.required
        or field.path[-1] in ("name", "prompt", "text", "manifests", "bot", "turns")
        or bool(row and (Is.NEEDED_TO_CREATE in row.traits or row.publication))
    )


def sample(field: Field) -> Any:
    """A value that the field takes."""
    if field.info.examples:
        return field.info.examples[0]
    patterns = [getattr(trait, "pattern", None) for trait in (*field.info.metadata, *field.traits)]
    if any(pattern and pattern.startswith("^http") for pattern in patterns):
        return "https://example.com/menu"
    if any(patterns):
        return _ID
    least = [bound for trait in field.traits if (bound := getattr(trait, "ge", None)) is not None]
    return max(least) or 1 if least else _sample(field.annotation, field)


def _sample(annotation: Any, field: Field) -> Any:
    bare, traits = unwrap(annotation)
    if ref := next((trait for trait in traits if isinstance(trait, Ref)), refers_to(field)):
        return _entries(bare, next(iter(ref.builtin), f"my-{ref.kind.lower()}"))
    if file := next((trait for trait in traits if isinstance(trait, File)), None):
        return _file(file, field.path[-1])
    bare = unwrap(branches_of(bare)[0])[0]
    if get_origin(bare) is Literal:
        return get_args(bare)[0]
    if get_origin(bare) is list:
        return [_sample(get_args(bare)[0], field)]
    if get_origin(bare) is dict:
        return {"name": _sample(get_args(bare)[1], field)}
    return _PLAIN[bare] if bare in _PLAIN else _group(field, bare)


def _file(file: File, name: str) -> str:
    if file.glob_for:
        return "docs/*.md"
    return f"images/{name}.png" if file.upload else f"docs/{name}.md"


def _entries(bare: Any, name: str) -> Any:
    return [name] if get_origin(bare) is list else name


def _group(field: Field, model: Any) -> Any:
    if model is Any:
        return "..."
    inside = fields_below(field.root, field.path, model)
    return {one.path[-1]: sample(one) for one in _shown(inside)}


def _shown(fields: list[Field]) -> Iterator[Field]:
    required = [one for one in fields if one.required]
    yield from required or fields[:1]
