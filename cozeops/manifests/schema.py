"""The JSON Schema of manifests, for editors: made from the same declarations that validate them.

Draft 7, which the YAML language server reads. A kind's branch is chosen by `if kind`, so that completion
offers the fields of that kind only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from cozeops.address import MAX_NAME
from cozeops.declare.docs import description_of
from cozeops.declare.fields import Is, Size
from cozeops.declare.rows import unwrap
from cozeops.kinds import kinds
from cozeops.manifests.envelope import API_VERSION, PROJECT, Metadata
from cozeops.manifests.forms import branches_of, fields_of
from cozeops.manifests.project.check import ProjectMetadata
from cozeops.manifests.project.checks_spec import ChecksSpec
from cozeops.manifests.project.spec import ProjectSpec
from cozeops.values import Json

DRAFT = "http://json-schema.org/draft-07/schema#"
ALL = "cozeops"
_MODE: JsonSchemaMode = "validation"
_REFERENCES = "#/definitions/{model}"
# A whole-string reference may stand for a value of any type: editors must not mark it.
_REFERENCE = {"type": "string", "pattern": r"^\$\{[^{}]+\}$"}


def schema(kind: str | None = None) -> Json:
    """The schema of a manifest of any kind, or of one."""
    names = [*kinds(), PROJECT] if kind is None else [kind]
    specs = {name: _spec_of(name) for name in names}
    definitions = _definitions([*specs.values(), Metadata, ProjectMetadata])
    made: Json = {"$schema": DRAFT, "definitions": definitions, **_envelope(names)}
    if kind is None:
        made["allOf"] = [
            {"if": _is_kind(name), "then": {"properties": _parts(name, specs[name])}} for name in names
        ]
    else:
        made["properties"] |= _parts(kind, specs[kind])
    made["definitions"] = _reachable(made, definitions)
    return made


def rendered(made: Json) -> str:
    """A schema as its file has it."""
    return json.dumps(made, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _spec_of(name: str) -> type[BaseModel]:
    return ProjectSpec if name == PROJECT else kinds()[name].spec


def _summary(name: str) -> str:
    return "where the manifests are, and the environments" if name == PROJECT else kinds()[name].summary


def _envelope(names: list[str]) -> Json:
    return {
        "type": "object",
        "required": ["kind", "metadata"],
        "additionalProperties": False,
        "properties": {
            "apiVersion": {"const": API_VERSION, "description": "May be left out."},
            "kind": {
                "enum": names,
                "description": "\n".join(f"{name}: {_summary(name)}" for name in names),
            },
            "metadata": {"type": "object"},
            "spec": {"type": "object"},
        },
    }


def _is_kind(name: str) -> Json:
    return {"properties": {"kind": {"const": name}}, "required": ["kind"]}


def _parts(name: str, spec: type[BaseModel]) -> Json:
    metadata = ProjectMetadata if name == PROJECT else Metadata
    return {"metadata": _pointer(metadata), "spec": _pointer(spec)}


def _pointer(model: type[BaseModel]) -> Json:
    return {"$ref": _REFERENCES.format(model=_name(model))}


def _name(model: type[BaseModel]) -> str:
    """Classes of different kinds may share a name, such as Collaboration."""
    module = model.__module__.rpartition(".")[2].strip("_")
    return f"{module}.{model.__name__}"


class _Generator(GenerateJsonSchema):
    """Without the titles that repeat the names of fields."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def _definitions(models: list[type[BaseModel]]) -> Json:
    everything = list(_models(models))
    pointers, generated = models_json_schema(
        [(model, _MODE) for model in everything], schema_generator=_Generator
    )
    originals = {model: pointers[(model, _MODE)]["$ref"].rpartition("/")[2] for model in everything}
    names = {original: _name(model) for model, original in originals.items()}
    made: Json = {}
    for model, original in originals.items():
        described = _described(generated["$defs"][original], model)
        made[_name(model)] = _limited(_renamed(described, names), model)
    made[_name(Metadata)]["properties"]["name"] |= {"maxLength": MAX_NAME, "minLength": 1}
    return made


def _described(made: Json, model: type[BaseModel]) -> Json:
    """With what each field is for."""
    texts = {name: description_of(model, name) for name in made.get("properties", {})}
    told = {name: {**made["properties"][name], "description": text} for name, text in texts.items() if text}
    return {**made, "properties": {**made["properties"], **told}} if told else made


def _models(models: list[type[BaseModel]]) -> dict[type[BaseModel], None]:
    """The models with all that they contain."""
    found: dict[type[BaseModel], None] = {}
    waiting = list(models)
    while waiting:
        model = waiting.pop(0)
        if model not in found:
            found[model] = None
            waiting += [inner for declared in fields_of(model).values() for inner in _inside(declared)]
    return found


def _inside(annotation: Any) -> list[type[BaseModel]]:
    found = []
    for branch in branches_of(annotation):
        bare = unwrap(branch)[0]
        if isinstance(bare, type) and issubclass(bare, BaseModel):
            found.append(bare)
        elif get_origin(bare) in (list, dict):
            found += [inner for argument in get_args(bare) for inner in _inside(argument)]
    return found


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """A generated schema with our names, without null branches, titles and defaults of null."""
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    made: Json = {
        key: _REFERENCES.format(model=names[item.rpartition("/")[2]])
        if key == "$ref"
        else _renamed(item, names)
        for key, item in value.items()
        if key != "title" and not (key == "default" and item is None)
    }
    choices = [choice for choice in made.pop("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        # Draft 7 ignores what stands beside $ref.
        alone: Json = {"allOf": choices} if "$ref" in choices[0] and made else choices[0]
        return {**alone, **made}
    return {**made, "anyOf": choices} if choices else made


def _limited(made: Json, model: type[BaseModel]) -> Json:
    """With the limits of Coze, and room for references where a value is no text."""
    properties = made.get("properties", {})
    # The settings of a project are read before there are values to fill in.
    filled = model.__module__ not in (ProjectSpec.__module__, ChecksSpec.__module__)
    for name, declared in fields_of(model).items():
        properties[name] = _with_size(properties[name], declared)
        if filled and not _takes_text(properties[name]):
            properties[name] = _or_reference(properties[name])
    return made


def _with_size(made: Json, annotation: Any) -> Json:
    bare, traits = unwrap(annotation)
    size = next((trait for trait in traits if isinstance(trait, Size)), None)
    if get_origin(bare) is list and "items" in made:
        made = {**made, "items": _with_size(made["items"], get_args(bare)[0])}
    if size is None:
        return made
    if get_origin(bare) is list:
        return {**made, "maxItems": size.most} | ({"minItems": size.least} if size.least else {})
    limits = {"maxLength": size.most} | ({"minLength": size.least} if size.least else {})
    if "anyOf" in made:
        choices = [{**one, **limits} if one == {"type": "string"} else one for one in made["anyOf"]]
        return {**made, "anyOf": choices}
    # A text may hold references that are longer or shorter than what they stand for.
    return {**made, **limits} if Is.TEXT not in traits else made


def _takes_text(made: Json) -> bool:
    choices = made.get("anyOf", [made])
    plain = {"type": "string"}.items()
    return any(plain <= one.items() and not {"pattern", "enum"} & one.keys() for one in choices if one)


def _or_reference(made: Json) -> Json:
    kept: Json = {key: made[key] for key in ("description", "examples", "default") if key in made}
    inner: Json = {key: item for key, item in made.items() if key not in kept}
    # A group of fields is left alone: a second branch would cost its completion.
    if not inner or "$ref" in inner or "allOf" in inner:
        return made
    choices = inner["anyOf"] if inner.keys() == {"anyOf"} else [inner]
    return {**kept, "anyOf": [*choices, _REFERENCE]}


def _reachable(made: Json, definitions: Json) -> Json:
    """The definitions that the schema uses."""
    found: Json = {}
    waiting = [part for key, part in made.items() if key != "definitions"]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name and name not in found:
                found[name] = definitions[name]
                waiting.append(definitions[name])
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return found
