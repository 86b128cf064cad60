"""The contract itself: what is found out quickly is what its validator says."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests import contract
from tests.contract.quick import Quick

ODD: tuple[Any, ...] = (None, True, 0, 1, -1, 1.5, "", "1", "x" * 3000, [], [1], {}, {"code": 1})
"""Values in the place of others."""


def _variants(value: Any) -> Iterator[Any]:
    """The value with each part replaced, left out, or with something more."""
    yield from ODD
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in parts:
        for other in _variants(one):
            changed = copy.copy(value)
            changed[key] = other
            yield changed
    if isinstance(value, dict):
        yield {**value, "more": 1}
        yield from ({name: one for name, one in value.items() if name != key} for key in value)


def _example(schema: Any, depth: int = 4) -> Any:
    """A value that a schema might mean."""
    if "$ref" in schema:
        return _example(contract._quick()._at(schema["$ref"]), depth)
    if "example" in schema:
        return schema["example"]
    if schema.get("enum"):
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            named = schema.get("properties", {}).items() if depth else ()
            return {name: _example(one, depth - 1) for name, one in named}
        case "array":
            return [_example(schema.get("items", {}), depth - 1)] if depth else []
    return {"integer": 1, "number": 1.0, "boolean": True}.get(schema.get("type"), "1")


SCHEMAS = sorted(contract._document()["components"]["schemas"])


@pytest.mark.parametrize("part", range(4))
def test_what_surely_fits_fits(part: int) -> None:
    """For every schema: many values that nearly fit; the quick way never lets one through that does not."""
    sure = 0
    for name in SCHEMAS[part::4]:
        where = ("components", "schemas", name)
        validator = contract._validator(contract._pointer(where))
        schema = contract._schema_at(where)
        for number, value in enumerate(_variants(_example(schema))):
            if number > 400:
                break
            if contract._quick().fits(schema, value):
                sure += 1
                assert validator.is_valid(value), (name, value)
    assert sure > 100


@pytest.mark.parametrize(
    ("schema", "value", "fits"),
    [
        ({"type": "integer"}, True, False),
        ({"type": "number"}, 1, True),
        ({"type": "string", "nullable": True}, None, True),
        ({"type": "string"}, None, False),
        ({"enum": [1]}, True, False),
        ({"oneOf": [{"type": "string"}]}, "x", False),
        ({"type": "object", "required": ["a"]}, {}, False),
        ({"type": "object", "properties": {"a": {}}, "additionalProperties": False}, {"b": 1}, False),
        ({"type": "object", "additionalProperties": {"type": "string"}}, {"b": 1}, False),
        ({"type": "array", "items": {"maximum": 2}}, [1, 3], False),
        ({"type": "string", "maxLength": 2}, "abc", False),
    ],
)
def test_what_is_sure(schema: Any, value: Any, fits: bool) -> None:
    """What it does not understand is never sure."""
    assert Quick({}).fits(schema, value) is fits
