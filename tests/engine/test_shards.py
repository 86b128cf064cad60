"""Splitting a project: what belongs together stays together, and stays where it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from cozeops.declare.resource import Resource
from cozeops.engine.plan.shards import Shard, homes_of, sharded
from cozeops.manifests.load import load_project

SHARED = """\
kind: Prompt
metadata: {name: tone}
spec: {parts: [{text: 客气}]}
---
kind: Plugin
metadata: {name: news}
spec: {id: "731198934927550000"}
---
kind: Connector
metadata: {name: kiosk}
spec: {id: "7470849514748000"}
"""


def team(name: str, bots: int = 2) -> str:
    """A workspace with a base, and bots that use it, the shared prompt and the shared plugin."""
    documents = [
        f"kind: Workspace\nmetadata: {{name: {name}}}\n"
        f"spec: {{name: 团队{name}, description: 一, connectors: [kiosk]}}\n",
        f"kind: KnowledgeBase\nmetadata: {{name: {name}-base, workspace: {name}}}\nspec: {{format: text}}\n",
    ]
    documents += [
        f"kind: Bot\nmetadata: {{name: {name}-{number}, workspace: {name}}}\n"
        f"spec: {{prompt: {{ref: tone}}, knowledge: {{datasets: [{name}-base]}},"
        " plugins: [{plugin: news, tools: [top]}], publish: {connectors: [api, kiosk]}}\n"
        for number in range(bots)
    ]
    return "---\n".join(documents)


def resources(folder: Path, *teams: str, bots: int = 2) -> list[Resource]:
    """The resources of a project with these teams."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shared.yaml").write_text(SHARED, encoding="utf-8")
    for name in teams:
        (folder / f"{name}.yaml").write_text(team(name, bots), encoding="utf-8")
    return list(load_project(folder, environment=None, environ={}).resources)


TEAMS = [f"t{number:02}" for number in range(24)]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_every_resource_has_one_home_and_its_part_is_whole(tmp_path: Path, count: int) -> None:
    """What is written is in one shard only; what it needs is in the same."""
    known = resources(tmp_path, *TEAMS)
    homes = homes_of(known, count)
    assert homes.keys() == {one.address for one in known}
    assert set(homes.values()) == set(range(1, count + 1))
    parts = [{one.address for one in sharded(known, Shard(n, count))} for n in range(1, count + 1)]
    assert set().union(*parts) == homes.keys()
    for one in known:
        holders = [number for number, part in enumerate(parts, 1) if one.address in part]
        if one.kind.name in ("Workspace", "Bot", "KnowledgeBase"):
            assert holders == [homes[one.address]]
            assert one.needs <= parts[holders[0] - 1]
        else:
            assert homes[one.address] in holders


def test_a_prompt_and_a_plugin_tie_nothing_together(tmp_path: Path) -> None:
    """They are looked up or compiled in, and nobody writes them."""
    homes = homes_of(resources(tmp_path, *TEAMS), 8)
    assert len({homes[one] for one in homes if one.kind == "Workspace"}) > 4


def test_what_is_added_elsewhere_moves_nothing(tmp_path: Path) -> None:
    """Nor does the order; a bot more in a team hardly ever does."""
    before = homes_of(resources(tmp_path / "a", *TEAMS), 6)
    more = resources(tmp_path / "b", *TEAMS, "new", "other")
    after = homes_of(list(reversed(more)), 6)
    assert {address: after[address] for address in before} == before
    larger = homes_of(resources(tmp_path / "c", *TEAMS, bots=3), 6)
    moved = [one for one in before if one.kind == "Workspace" and larger[one] != before[one]]
    assert len(moved) <= len(TEAMS) // 3


def test_the_whole_is_no_shard(tmp_path: Path) -> None:
    known = resources(tmp_path, *TEAMS[:2])
    assert sharded(known, None) == known
    assert sharded(known, Shard(1, 1)) == known


@pytest.mark.parametrize(
    "text", ["0/2", "3/2", "1", "1/", "a/b", "-1/2", "1/2/3", "1/0", "١/٢", "1/99999", " 1/2"]
)
def test_what_no_shard_is(text: str) -> None:
    with pytest.raises(ValueError, match="not a shard such as 2/4"):
        Shard.parse(text)


def test_a_shard_reads_as_it_is_written() -> None:
    assert str(Shard.parse("2/4")) == "2/4"
