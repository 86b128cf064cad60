"""The emulator serves the whole contract, each operation under its own name."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from cozeops.emulator import Emulator
from cozeops.emulator.routing import registry
from tests.contract import OPERATIONS, operation_of

from .conftest import SEED, Clock, Coze
from .fuzzed import MORE, furnish

with OPERATIONS.open(encoding="utf-8") as _file:
    ROWS = list(csv.DictReader(_file, delimiter="\t"))


@pytest.mark.parametrize("row", ROWS, ids=[row["operationId"] for row in ROWS])
def test_every_operation_has_a_route(row: dict[str, str]) -> None:
    """Method, path and operation id are the contract's."""
    found = {(route.method, route.path): route.operation for route in registry().routes}
    assert found.get((row["method"], row["path"])) == row["operationId"]


def test_no_route_is_invented() -> None:
    """What the contract does not know is the token exchange only, which is no part of it."""
    strange = [
        route.path for route in registry().routes if operation_of(route.method, route.path) != route.operation
    ]
    assert all(path.startswith("/api/permission/oauth2/") for path in strange), strange


def test_a_static_path_wins_over_a_variable_one() -> None:
    """`mget` is no plugin, `resume` no workflow."""
    for method, path in (("GET", "/v1/plugins/mget"), ("POST", "/v1/workflows/resume")):
        route, values = registry().match(method, path)
        assert (route.path, values) == (path, {})


def furnished(data: Path | None = None) -> Emulator:
    """Make an emulator with one of everything."""
    clock = Clock()
    emulator = Emulator(data=data, clock=clock)
    emulator.seed(SEED)
    emulator.seed(MORE)
    furnish(Coze(emulator, clock))
    return emulator


def test_the_state_of_every_family_is_canonical(tmp_path: Path) -> None:
    """Equal runs leave equal states; a dump and a file bring everything back."""
    path = tmp_path / "coze.db"
    first, second = furnished(), furnished(path)
    state = second.dump()
    assert first.dump() == state
    first.load(state)
    assert first.dump() == state
    second.close()
    again = Emulator(data=path)
    assert again.dump() == state
    again.close()
