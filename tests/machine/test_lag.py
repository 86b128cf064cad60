"""Without a state, and with lists that lag behind: a killed apply and those after it make nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest

from tests.machine import projects
from tests.machine.test_kills import FIRST
from tests.machine.world import World, read_json

WRITES = 11
TRIES = 40
"""Applies after the killed one, a few seconds apart: in time one goes well."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A first apply is about to begin, and no list shows the last four seconds."""
    made = World(tmp_path, state=False)
    docs = {address: deepcopy(projects.PIECES[address]) for address in FIRST}
    docs["Bot/chef"]["spec"].pop("publish")
    assert made.write(docs)
    made.emulator.faults.add("lag", operation="list*", seconds=4.0)
    yield made
    made.close()


def _twins(world: World) -> list[str]:
    tables = world.tables()
    names = [("bot", row["draft"]["name"]) for row in tables.get("bots", {}).values()]
    names += [("base", row["name"]) for row in tables.get("datasets", {}).values()]
    names += [("workspace", row["name"]) for row in tables["workspaces"].values()]
    return [f"{kind} {name}" for (kind, name), count in Counter(names).items() if count > 1]


def _applied_at_last(world: World, *line: str) -> None:
    """Apply again and again; nothing is ever made twice."""
    for _ in range(TRIES):
        ran = world.run("apply", *(line or ["--yes"]))
        assert _twins(world) == [], ran
        if ran.code == 0:
            return
        assert ran.code in (5, 6, 7), ran
        world.emulator.advance(2.0)
        line = ()
    raise AssertionError(ran)


def _killed(world: World, after: int, *, heard: bool) -> None:
    assert world.run("apply", "--yes", "--parallelism", "1", kill=after, heard=heard).code == -9
    _applied_at_last(world)


@pytest.mark.parametrize(("after", "heard"), [(0, True), (1, True), (2, False), (5, True), (6, True)])
def test_a_killed_apply_makes_nothing_twice(world: World, after: int, heard: bool) -> None:
    _killed(world, after, heard=heard)


@pytest.mark.long
@pytest.mark.parametrize("heard", [True, False], ids=["happened", "lost"])
@pytest.mark.parametrize("after", range(WRITES))
def test_killed_at_every_write(world: World, after: int, heard: bool) -> None:
    _killed(world, after, heard=heard)


@pytest.mark.parametrize("state", [False, True], ids=["no-state", "state"])
def test_an_apply_right_after_another_makes_nothing_twice(world: World, state: bool) -> None:
    """Also where the first came to its end, and from the plan that the first one carried out."""
    world.state = state
    assert world.write(world.docs)
    file = world.home / "plan.json"
    assert world.run("plan", "--out", str(file)).code == 0
    assert read_json(file)["changes"]
    first = world.run("apply", str(file))
    assert first.code in (0, 7), first
    _applied_at_last(world, str(file))


def test_a_part_that_is_applied_meanwhile_forgets_nothing_of_the_rest(world: World) -> None:
    """What a killed run made stays known while another address is applied."""
    docs = {address: deepcopy(piece) for address, piece in world.docs.items()}
    docs["Bot/other"] = {"kind": "Bot", "metadata": {"name": "other", "workspace": "home"}, "spec": {}}
    assert world.run("apply", "--yes", "--target", "Workspace/home").code in (0, 7)
    world.emulator.advance(10.0)
    assert world.run("apply", "--yes", "--parallelism", "1", kill=4, heard=True).code == -9
    if world.write(docs):
        world.run("apply", "--yes", "--target", "Bot/other")
    _applied_at_last(world)
