"""Every place that a new kind touches knows every kind; the README's guide names each of these places."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from cozeops.declare.calls import Call
from cozeops.declare.kind import Kind
from cozeops.declare.kind_calls import calls_of
from cozeops.emulator.routing import Registry
from cozeops.kinds import kinds
from tests.contract import OPERATIONS
from tests.engine import every, full

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = README.partition("**A new kind**")[2].partition("\nMIT, see")[0]


def _module(kind: Kind) -> str:
    """The name of its file, by which it is found."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.name).lower()


def _file(kind: Kind) -> str:
    there = (ROOT / f"cozeops/kinds/{_module(kind)}.py").is_file()
    return "" if there else f"no file {_module(kind)}.py exports KIND"


def _contract(kind: Kind) -> str:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (modules,) = (one["modules"] for one in contracts["contracts"] if one["type"] == "independence")
    module = f"cozeops.kinds.{_module(kind)}"
    return "" if module in modules else f"add {module} to the contract of independence"


def _calls(kind: Kind, known: frozenset[str], what: str) -> str:
    missing = sorted({call.operation for call in calls_of(kind)} - known)
    return f"{what} {', '.join(missing)}" if missing else ""


def _operations(kind: Kind) -> str:
    lines = OPERATIONS.read_text(encoding="utf-8").splitlines()
    known = frozenset(line.split("\t")[2] for line in lines[1:])
    return _calls(kind, known, "no operation is called")


def _routes(kind: Kind) -> str:
    return _calls(kind, _routed(), "no route answers")


@cache
def _routed() -> frozenset[str]:
    return frozenset(route.operation for route in Registry().routes)


def _table(heading: str) -> str:
    return README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def _kinds_row(kind: Kind) -> str:
    return "" if f"\n| {kind.name} |" in _table("Kinds") else "the table has no row for it"


def _coverage_row(kind: Kind) -> str:
    there = not any(calls_of(kind)) or f"`{kind.name}`" in _table("Coverage")
    return "" if there else "no row says that it makes a call"


def _schema(kind: Kind) -> str:
    there = (ROOT / f"schemas/{kind.name}.schema.json").is_file()
    return "" if there else "run cozeops schema --write"


def _example(kind: Kind) -> str:
    if kind.lives and not kind.create:
        return ""  # made in the console: an example of it alone could not be applied
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "examples").rglob("*.yaml"))
    return "" if any(f"kind: {kind.name}\n" in text for text in texts) else "no manifest shows it"


def _values(kind: Kind) -> str:
    there = not kind.lives or any(address.startswith(f"{kind.name}/") for address in full.PROJECT)
    return "" if there else "PROJECT has no resource of it with every field written"


def _fleet(kind: Kind) -> str:
    there = not kind.lives or kind.name in every.kinds_of(every.project(1))
    return "" if there else "no share of the fleet has one"


PLACES: dict[str, Callable[[Kind], str]] = {
    "cozeops/kinds/": _file,
    "pyproject.toml": _contract,
    "tests/contract/operations.tsv": _operations,
    "cozeops/emulator/families/": _routes,
    "tests/engine/full.py": _values,
    "tests/engine/every.py": _fleet,
    "schemas/": _schema,
    "examples/": _example,
    "README.md, Kinds": _kinds_row,
    "README.md, Coverage": _coverage_row,
}
"""Where a kind is written down -> what that place lacks of one (empty: nothing)."""


def forgotten(kind: Kind) -> Iterator[str]:
    """A sentence for each place that does not know the kind."""
    for place, lacks in PLACES.items():
        if said := lacks(kind):
            yield f"{kind.name} is forgotten in {place}: {said}"


@pytest.mark.parametrize("name", kinds())
def test_no_place_forgets_a_kind(name: str) -> None:
    if said := list(forgotten(kinds()[name])):
        pytest.fail("\n".join(said), pytrace=False)


def test_a_new_kind_is_told_of_each_place_that_forgot_it() -> None:
    """A kind that only its declaration knows: a sentence for every place."""
    kind = replace(kinds()["Workspace"], name="NeverMade", create=Call("makeNeverMade", "POST", "/v1/plans"))
    said = list(forgotten(kind))
    assert len(said) == len(PLACES)
    for place, sentence in zip(PLACES, said, strict=True):
        assert sentence.startswith(f"NeverMade is forgotten in {place}: ")
    assert said[1].endswith("add cozeops.kinds.never_made to the contract of independence")


@pytest.mark.parametrize("place", PLACES)
def test_the_guide_names_each_place(place: str) -> None:
    file, _, section = place.partition(", ")
    assert f"`{file}`" in GUIDE
    assert section in GUIDE
