"""The table of routes against the contract, and the emulator's independence of everything else."""

from __future__ import annotations

import ast
import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest

import cozeops.emulator
from cozeops.emulator.routing import Route, registry
from tests.contract import CONTRACT, OPERATIONS

DOCUMENT = json.loads(CONTRACT.read_text(encoding="utf-8"))
SOURCES = sorted(Path(cozeops.emulator.__file__).parent.rglob("*.py"))


REFUSED_LATER = {("updateConversation", "name")}
"""Required fields whose absence has a code of its own (720702204), so no table can require them."""


LENIENT: dict[str, set[str]] = {
    "runChatflow": {"parameters"},
    "createDocuments": {"format_type", "chunk_strategy"},
    "listDocuments": {"page_size"},
    "listWorkflows": {"page_size"},
}
"""Where real clients send less or more than the contract has, which is for what cozeops sends itself.

The Python SDK leaves out `parameters` and asks for 100 workflows; the JavaScript SDK says `page_size` to the
list of documents; the older calls of both, and the first documented example, create documents without them.
"""


def operations() -> dict[str, tuple[str, str, Any]]:
    """Return method, path and description by operationId."""
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, item in DOCUMENT["paths"].items()
        for method, operation in item.items()
        if method in ("get", "put", "post", "delete")
    }


def resolved(schema: Any) -> Any:
    """Follow a reference."""
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def body_of(operation: Any) -> Any:
    """Return the schema of a request body, or an empty one."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        return resolved(content["schema"])
    return {}


def known_routes() -> list[Route]:
    """Return the routes whose operation the contract has."""
    return [route for route in registry().routes if route.operation in operations()]


def names(fields: Any) -> set[str]:
    """Return the names of a field table."""
    return {name.removesuffix("*") for name in fields or {}}


def required(fields: Any) -> set[str]:
    """Return the required names of a field table."""
    return {name.removesuffix("*") for name in fields or {} if name.endswith("*")}


def test_every_configuration_operation_has_a_route() -> None:
    """On its path, with its method."""
    with OPERATIONS.open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines, delimiter="\t") if row["plane"] == "config"]
    served = {(route.method, route.path, route.operation) for route in registry().routes}
    missing = {(row["method"], row["path"], row["operationId"]) for row in rows} - served
    assert not missing


@pytest.mark.parametrize("route", known_routes(), ids=lambda route: route.operation)
def test_fields_are_those_of_the_contract(route: Route) -> None:
    """Two tables written apart from the same facts: names and what is required agree."""
    method, path, operation = operations()[route.operation]
    assert (route.method, route.path) == (method, path)
    queries = {item["name"]: item for item in operation.get("parameters", []) if item["in"] == "query"}
    assert names(route.query) == set(queries)
    assert required(route.query) == {name for name, item in queries.items() if item.get("required")}
    if not route.multipart:
        body = body_of(operation)
        lenient = LENIENT.get(route.operation, set())
        assert names(route.body) - lenient == set(body.get("properties", {})) - lenient
        later = {name for operation_id, name in REFUSED_LATER if operation_id == route.operation}
        assert required(route.body) | later == set(body.get("required", ())) - lenient


def test_operations_are_unique() -> None:
    """One route each."""
    ids = [route.operation for route in registry().routes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_it_imports_nothing_but_the_standard_library_and_werkzeug(source: Path) -> None:
    """A mistake shared with the client would hide on both sides."""
    roots = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            roots.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.ImportFrom):
            depth = len(source.relative_to(SOURCES[0].parent).parts)
            assert node.level <= depth, "leads out of the emulator"
    assert roots <= sys.stdlib_module_names | {"werkzeug", "_typeshed"}
