"""The README's table of what uses each configuration operation of Coze's API is whole and true."""

from __future__ import annotations

import csv
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from cozeops.cli.lazy_group import ENTRIES
from cozeops.declare.calls import UPLOAD, Call
from cozeops.declare.kind import Kind
from cozeops.declare.kind_calls import calls_of
from cozeops.declare.rows import rows_of
from cozeops.kinds import kinds
from tests.cli.test_readme import table
from tests.contract import OPERATIONS

ROOT = Path(__file__).parents[2] / "cozeops"
ROWS = table("Coverage")


def operations() -> set[str]:
    """Every operation of the configuration plane, as the contract lists them."""
    with OPERATIONS.open(encoding="utf-8") as file:
        return {
            row["operationId"] for row in csv.DictReader(file, delimiter="\t") if row["plane"] == "config"
        }


def named(cell: str) -> list[str]:
    """The words in code of a cell."""
    return re.findall(r"`([^`]+)`", cell)


def declared(kind: Kind) -> set[str]:
    """The operations that a kind declares; those that send files, also the upload."""
    uploads = any(row.upload or (row.collection and row.collection.add.uploads) for row in rows_of(kind))
    return {call.operation for call in calls_of(kind)} | ({UPLOAD.call.operation} if uploads else set())


@cache
def made_in(module: str) -> frozenset[str]:
    """The operations whose calls a module has."""
    found = vars(import_module(module)).values()
    return frozenset(one.operation for one in found if isinstance(one, Call))


def modules(package: str) -> Iterator[str]:
    """The modules of a package of cozeops."""
    name = f"cozeops.{package}"
    return (f"{name}.{one.name}" for one in pkgutil.iter_modules(import_module(name).__path__))


def used_by(command: str) -> set[str]:
    """The operations of the engine's modules that a command and its function of the Python API import."""
    source = (ROOT / "cli" / "commands" / f"{ENTRIES[command].place.partition(':')[0]}.py").read_text("utf-8")
    for module in re.findall(r"from cozeops\.(operations\.\w+) import", source):
        source += (ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8")
    imported = set(re.findall(r"from (cozeops\.engine[\w.]+) import", source))
    return {operation for module in imported for operation in made_in(module)}


def test_every_operation_has_one_row() -> None:
    counts = Counter(operation for row in ROWS for operation in named(row[0]))
    assert [operation for operation, count in counts.items() if count > 1] == []
    assert counts.keys() == operations()


@pytest.mark.parametrize("row", ROWS, ids=[row[1][:20] for row in ROWS])
def test_a_row_is_true(row: list[str]) -> None:
    """The kinds that it names declare the operations, and no other kind does; commands make the calls."""
    of_kinds = {name for name in named(row[1]) if name in kinds()}
    commands = {name.split()[1] for name in named(row[1]) if name.startswith("cozeops ")}
    for operation in named(row[0]):
        assert {kind.name for kind in kinds().values() if operation in declared(kind)} == of_kinds, operation
        for command in commands:
            assert operation in used_by(command), (command, operation)
        if not of_kinds | commands:
            assert row[1].startswith("not used: "), operation
            assert operation not in anywhere(), operation
            assert set(named(row[1])) <= anywhere(), "what is used in its place"


@cache
def anywhere() -> frozenset[str]:
    """Every operation that something of cozeops calls."""
    calls = {operation for kind in kinds().values() for operation in declared(kind)}
    places = (module for package in ("api", "cli", "engine") for module in modules(package))
    return frozenset(calls.union(*map(made_in, places)))
