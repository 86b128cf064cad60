"""Every limit that the contract states, overstepped one at a time: the emulator must refuse each.

The bad values are made from the contract, the emulator's limits were written from the facts: what one side
has forgotten shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cozeops.emulator.routing import Route

from .conftest import Coze, Make
from .test_families import LENIENT, REFUSED_LATER, body_of, known_routes, operations, resolved

Bad = Iterator[tuple[str, Any]]


def example(schema: Any) -> Any:
    """Return the smallest value that a schema accepts."""
    schema = resolved(schema)
    for choices in ("oneOf", "anyOf"):
        if choices in schema:
            return example(schema[choices][0])
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        return {name: example(schema["properties"][name]) for name in schema.get("required", ())}
    if kind == "array":
        return [example(schema["items"])] * schema.get("minItems", 0)
    if kind == "string":
        return "1" * max(1, schema.get("minLength", 0))
    return {"integer": schema.get("minimum", 1), "number": 1.5, "boolean": True}.get(str(kind))


def broken(schema: Any) -> Bad:
    """Yield (where, value): values that break one rule of a schema each."""
    schema = resolved(schema)
    if "enum" in schema:
        yield "", "no such value"
        return
    makers = {"object": _objects, "array": _arrays, "string": _strings, "integer": _integers}
    if "oneOf" not in schema and "anyOf" not in schema:
        yield from makers.get(schema.get("type", ""), _others)(schema)


def _objects(schema: Any) -> Bad:
    whole = example(schema)
    yield "", "no object"
    for name in schema.get("required", ()):
        yield f".{name}", {key: value for key, value in whole.items() if key != name}
    if schema.get("additionalProperties") is False:
        yield ".unknown", {**whole, "unknown": 1}
    for name, inner in schema.get("properties", {}).items():
        yield from ((f".{name}{where}", {**whole, name: bad}) for where, bad in broken(inner))


def _arrays(schema: Any) -> Bad:
    yield "", {"no": "list"}
    if schema.get("minItems"):
        yield "", []
    if "maxItems" in schema:
        yield "", [example(schema["items"])] * (schema["maxItems"] + 1)
    yield from ((f".0{where}", [bad]) for where, bad in broken(schema["items"]))


def _strings(schema: Any) -> Bad:
    yield "", 7
    if schema.get("minLength"):
        yield "", ""
    if "maxLength" in schema:
        yield "", "长" * (schema["maxLength"] + 1)


def _integers(schema: Any) -> Bad:
    yield "", "seven"
    yield "", 1.5
    if "minimum" in schema:
        yield "", schema["minimum"] - 1
    if "maximum" in schema:
        yield "", schema["maximum"] + 1


def _others(schema: Any) -> Bad:
    if schema.get("type") in ("number", "boolean"):
        yield "", "neither"


def filled(path: str) -> str:
    """Return a path with an id in each of its places."""
    while "{" in path:
        path = path[: path.index("{")] + "1" + path[path.index("}") + 1 :]
    return path


def required_query(route: Route) -> dict[str, Any]:
    """Return a value for each query parameter that is required."""
    parameters = operations()[route.operation][2].get("parameters", [])
    whole = {p["name"]: example(p["schema"]) for p in parameters if p["in"] == "query" and p.get("required")}
    return {name: ",".join(value) if isinstance(value, list) else value for name, value in whole.items()}


@pytest.fixture
def relaxed(make: Make) -> Coze:
    """An emulator that counts no requests."""
    return make(qps_limits=False)


@pytest.mark.parametrize("route", known_routes(), ids=lambda route: route.operation)
def test_every_rule_of_a_body(relaxed: Coze, route: Route) -> None:
    """Code 4000, and a message that names the field."""
    schema = body_of(operations()[route.operation][2])
    accepted = []
    if not route.multipart and schema.get("type") == "object":
        for where, body in list(_objects(schema))[1:]:
            name = where.removeprefix(".")
            left_out = name not in body and name in LENIENT.get(route.operation, ())
            if left_out or (route.operation, name) in REFUSED_LATER:
                continue
            reply = relaxed.call(route.method, filled(route.path), body, **required_query(route))
            if reply["code"] != 4000 or where.split(".")[1] not in reply["msg"]:
                accepted.append((where, str(body)[:200], reply["code"], reply["msg"]))
    assert not accepted


@pytest.mark.parametrize("route", known_routes(), ids=lambda route: route.operation)
def test_every_rule_of_a_query(relaxed: Coze, route: Route) -> None:
    """Texts that are no value of their parameter, and required ones left out."""
    parameters = [p for p in operations()[route.operation][2].get("parameters", []) if p["in"] == "query"]
    whole = required_query(route)
    accepted = []
    for parameter in parameters:
        name, schema = parameter["name"], resolved(parameter["schema"])
        if name in LENIENT.get(route.operation, ()):
            continue
        bad = [
            value
            for _, value in broken(schema)
            if not isinstance(value, dict | list) and value not in ("", 7)
        ]
        for value in bad:
            code = relaxed.code(route.method, filled(route.path), None, **{**whole, name: value})
            if code != 4000:
                accepted.append((name, value, code))
        if parameter.get("required"):
            rest = {key: value for key, value in whole.items() if key != name}
            if relaxed.code(route.method, filled(route.path), None, **rest) != 4000:
                accepted.append((name, None, 0))
    assert not accepted
