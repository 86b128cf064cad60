"""Killed at any write, with a state: the next apply finishes it, also where Coze does not tell."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest

from tests.machine import laws, projects
from tests.machine.world import World, read_json

FIRST = ("Workspace/home", "KnowledgeBase/text", "Bot/chef")
WRITES = 11
"""Writes of an undisturbed first apply of these."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A first apply is about to begin."""
    made = World(tmp_path, state=True)
    docs = {address: deepcopy(projects.PIECES[address]) for address in FIRST}
    docs["Bot/chef"]["spec"].pop("publish")
    assert made.write(docs)
    yield made
    made.close()


def _finished(world: World, after: int, *, heard: bool) -> None:
    assert world.run("apply", "--yes", "--parallelism", "1", kill=after, heard=heard).code == -9
    ran = world.run("apply", "--yes")
    assert ran.code == 0, ran
    file = world.home / "plan.json"
    assert world.run("plan", "--out", str(file)).code == 0
    plan = read_json(file)
    assert [change for change in plan["changes"] if change["action"] != "none"] == []
    laws.demand_remembered(world)
    laws.demand_true(world, plan)


@pytest.mark.parametrize("heard", [True, False], ids=["happened", "lost"])
@pytest.mark.parametrize("after", [3, WRITES - 2])
def test_a_killed_creation_is_finished(world: World, after: int, heard: bool) -> None:
    """Nothing that was declared is left unsent, and nobody has to ask for it."""
    _finished(world, after, heard=heard)


@pytest.mark.long
@pytest.mark.parametrize("heard", [True, False], ids=["happened", "lost"])
@pytest.mark.parametrize("after", range(WRITES))
def test_killed_at_every_write(world: World, after: int, heard: bool) -> None:
    """The same at every write."""
    _finished(world, after, heard=heard)


def _chef(world: World) -> str:
    bots = world.tables()["bots"].items()
    return next(id for id, row in bots if row["draft"]["name"] == "每日学一菜")


def test_what_is_declared_later_is_sent(world: World) -> None:
    """Of an object that we made we know that nobody sent it before."""
    docs = deepcopy(world.docs)
    for name in ("auto_call", "search_strategy"):
        docs["Bot/chef"]["spec"]["knowledge"].pop(name)
    docs["Bot/chef"]["spec"].pop("collaboration")
    assert world.write(docs)
    assert world.run("apply", "--yes").code == 0
    docs["Bot/chef"] = deepcopy(projects.PIECES["Bot/chef"])
    assert world.write(docs)
    assert world.run("apply", "--yes").code == 0
    bot = world.tables()["bots"][_chef(world)]
    assert bot["draft"]["knowledge"]["search_strategy"] == 1
    assert bot["collaboration_mode"] == "collaboration"


def test_what_a_killed_update_wrote_is_learnt(world: World) -> None:
    """Or an edit by hand, back to what it was before, would pass for the manifest's."""
    assert world.run("apply", "--yes").code == 0
    docs = deepcopy(world.docs)
    docs["Bot/chef"]["spec"]["description"] = "新的"
    assert world.write(docs)
    assert world.run("apply", "--yes", kill=0, heard=True).code == -9
    ran = world.run("plan", "--detailed-exitcode")
    assert (ran.code, "the state learns it" in ran.out) == (0, True), ran
    assert world.run("apply", "--yes").code == 0
    world.emulator.edit("bots", _chef(world), description="每天一道菜")
    ran = world.run("drift")
    assert ran.code == 10, ran
