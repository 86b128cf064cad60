"""A project in shards: each its own plan and state, all of them together the whole."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from cozeops.address import Address
from cozeops.engine.plan.shards import homes_of
from cozeops.errors import UsageError
from cozeops.state import open_backend
from tests.cli.conftest import Shell
from tests.engine.test_shards import SHARED, team

TEAMS = ("a", "b", "c", "d")
PROJECT = "kind: Project\nmetadata: {name: fleet}\nspec: {manifests: [manifests], state: {backend: local}}\n"


@pytest.fixture
def fleet(shell: Shell) -> Shell:
    """Four teams of one bot each, nothing of them live."""
    manifests = shell.bench.folder / "manifests"
    shutil.rmtree(manifests)
    shell.bench.write("cozeops.yaml", PROJECT)
    shell.bench.write("manifests/shared.yaml", SHARED)
    for name in TEAMS:
        shell.bench.write(f"manifests/{name}.yaml", team(name, 1))
    shell.bench.emulator.reset()
    shell.bench.seed()
    return shell


def _plan(shell: Shell, *arguments: str) -> dict[str, Any]:
    ran = shell("plan", "--format", "json", *arguments)
    assert ran.code == 0, ran.err
    made: dict[str, Any] = json.loads(ran.out)
    return made


def _changes(plan: dict[str, Any]) -> dict[str, Any]:
    return {one["address"]: one for one in plan["changes"]}


def _pending(plan: dict[str, Any]) -> dict[str, str]:
    return {one["address"]: one["action"] for one in plan["changes"] if one["action"] != "none"}


def _apply_all(shell: Shell, count: int, *arguments: str) -> None:
    for number in range(1, count + 1):
        ran = shell("apply", "--yes", "--shard", f"{number}/{count}", *arguments)
        assert ran.code == 0, ran.err


def _states(shell: Shell) -> dict[str, set[str]]:
    """Who remembers what."""
    files = (shell.bench.folder / ".cozeops" / "state").glob("*.json")
    return {file.stem: set(json.loads(file.read_text("utf-8"))["resources"]) for file in files}


def test_together_they_are_the_whole(fleet: Shell) -> None:
    """Their plans are the plan, change by change; applied, each is empty, and so is the whole."""
    whole = _changes(_plan(fleet))
    plans = [_plan(fleet, "--shard", f"{number}/3") for number in (1, 2, 3)]
    assert [one["shard"] for one in plans] == ["1/3", "2/3", "3/3"]
    assert "shard" not in _plan(fleet)
    parts = [_changes(one) for one in plans]
    assert {address: change for part in parts for address, change in part.items()} == whole
    pending = [address for plan in plans for address in _pending(plan)]
    written = [one for one in pending if not one.startswith(("Plugin", "Connector"))]
    assert sorted(written) == sorted(set(written))
    assert len(written) == 3 * len(TEAMS)
    _apply_all(fleet, 3)
    for arguments in (("--shard", "1/3"), ("--shard", "2/3"), ("--shard", "3/3")):
        assert _pending(_plan(fleet, *arguments)) == {}
    assert set(_pending(_plan(fleet)).values()) <= {"adopt"}
    assert fleet("plan", "--detailed-exitcode").code == 0
    assert fleet("drift", "--shard", "2/3").code == 0


def test_each_prunes_its_own(fleet: Shell) -> None:
    """A team leaves the manifests: one shard removes it, for the others nothing happens."""
    _apply_all(fleet, 3)
    (fleet.bench.folder / "manifests" / "b.yaml").unlink()
    plans = [_plan(fleet, "--prune", "--shard", f"{number}/3") for number in (1, 2, 3)]
    assert sum(bool(_pending(plan)) for plan in plans) == 1
    gone = {address: action for plan in plans for address, action in _pending(plan).items()}
    assert gone == {"KnowledgeBase/b-base": "delete", "Bot/b-0": "unpublish", "Workspace/b": "forget"}
    _apply_all(fleet, 3, "--prune")
    assert len(fleet.bench.table("datasets")) == len(TEAMS) - 1
    assert all(
        not any(address.endswith(("/b", "/b-0")) for address in one) for one in _states(fleet).values()
    )


def test_another_number_of_shards_takes_the_records_along(fleet: Shell) -> None:
    """From the whole to three, to two: nobody adopts, nobody prunes, each record has one owner."""
    assert fleet("apply", "--yes").code == 0
    for count in (3, 2):
        for number in range(1, count + 1):
            assert _pending(_plan(fleet, "--prune", "--shard", f"{number}/{count}")) == {}
        _apply_all(fleet, count)
    states = _states(fleet)
    bots = sorted(
        one for name in ("default@1", "default@2") for one in states[name] if one.startswith("Bot/")
    )
    assert bots == [f"Bot/{name}-0" for name in TEAMS]
    assert len(fleet.bench.table("datasets")) == len(TEAMS)


def test_a_resource_that_went_to_another_shard_under_another_name_is_not_pruned(fleet: Shell) -> None:
    """Where it was is told by its live id: the old address is in no manifest any more."""
    _apply_all(fleet, 4)
    owner = next(name for name, known in _states(fleet).items() if "KnowledgeBase/a-base" in known)
    for number in range(40):  # until the new name puts the team elsewhere
        text = (
            team("a", 1)
            .replace("a-base", f"books{number}")
            .replace("{format: text}", "{format: text, name: a-base}")
        )
        moved = text.replace(f"{{name: books{number},", f"{{moved_from: a-base, name: books{number},")
        fleet.bench.write("manifests/a.yaml", moved)
        homes = homes_of(fleet.bench.project().resources, 4)
        if f"default@{homes[Address('Workspace', 'a')]}" != owner:
            break
    _apply_all(fleet, 4)
    fleet.bench.write("manifests/a.yaml", text)
    for n in range(1, 5):
        assert _pending(_plan(fleet, "--prune", "--shard", f"{n}/4")) == {}
    assert len(fleet.bench.table("datasets")) == len(TEAMS)


def _talk(shell: Shell) -> None:
    """A check of each team's bot."""
    for name in TEAMS:
        text = (
            f"---\nkind: Check\nmetadata: {{name: {name}-answers}}\n"
            f"spec: {{bot: {name}-0, turns: [{{say: 你好, expect: {{length: {{at_most: 2000}}}}}}]}}\n"
        )
        shell.bench.write(f"manifests/{name}.yaml", team(name, 1) + text)


def _checked(shell: Shell, *arguments: str) -> set[str]:
    ran = shell("check", "--format", "json", *arguments)
    assert ran.code == 0, ran.out + ran.err
    return {one["check"] for one in json.loads(ran.out)["results"]}


def test_each_check_is_run_by_one_shard(fleet: Shell) -> None:
    """By the one that has its bot; together they run all, and one without checks has nothing to do."""
    _talk(fleet)
    _apply_all(fleet, 3)
    parts = [_checked(fleet, "--shard", f"{number}/3") for number in (1, 2, 3)]
    assert sorted(one for part in parts for one in part) == sorted(f"Check/{name}-answers" for name in TEAMS)
    homes = homes_of(fleet.bench.project().resources, 3)
    for number, part in enumerate(parts, 1):
        assert {
            homes[Address("Bot", one.removeprefix("Check/").replace("-answers", "-0"))] for one in part
        } <= {number}
    empty = next(f"{number}/40" for number in range(1, 41) if number not in homes_of_checks(fleet, 40))
    assert _checked(fleet, "--shard", empty) == set()


def homes_of_checks(shell: Shell, count: int) -> set[int]:
    """The shards that have checks."""
    homes = homes_of(shell.bench.project().resources, count)
    return {home for address, home in homes.items() if address.kind == "Check"}


def test_a_check_finds_its_bot_by_what_its_shard_remembers(fleet: Shell) -> None:
    """Somebody called it otherwise by hand; without the shard there is no memory of it."""
    _talk(fleet)
    _apply_all(fleet, 3)
    id, _ = fleet.bench.bot("a-0")
    fleet.bench.emulator.edit("bots", id, name="renamed")
    target = ("--target", "Bot/a-0")
    home = homes_of(fleet.bench.project().resources, 3)[Address("Bot", "a-0")]
    assert _checked(fleet, *target, "--shard", f"{home}/3") == {"Check/a-answers"}
    assert fleet("check", *target).code == 1


def test_a_plan_is_applied_by_the_shard_that_made_it(fleet: Shell, tmp_path: Path) -> None:
    """Another one would look into another state."""
    file = str(tmp_path / "plan.json")
    shard = next(f"{n}/2" for n in (1, 2) if _pending(_plan(fleet, "--shard", f"{n}/2")))
    other = {"1/2": "2/2", "2/2": "1/2"}[shard]
    assert fleet("plan", "--out", file, "--shard", shard).code == 0
    for wrong in ((), ("--shard", other)):
        ran = fleet("apply", file, *wrong)
        assert ran.code == 6
        assert f"the plan is for part {shard}" in ran.err
    forged = json.loads(Path(file).read_text("utf-8")) | {"shard": other}
    Path(file).write_text(json.dumps(forged), encoding="utf-8")
    assert fleet("apply", file, "--shard", other).code == 6
    forged["shard"] = shard
    Path(file).write_text(json.dumps(forged), encoding="utf-8")
    assert fleet("apply", file, "--shard", shard).code == 0


def test_the_memory_of_a_shard_is_looked_at_by_itself(fleet: Shell) -> None:
    """List, history and lock; what is no shard is wrong usage."""
    _apply_all(fleet, 2)
    listed = [fleet("state", "list", "--shard", f"{n}/2").out for n in (1, 2)]
    assert sum("Bot/c-0" in one for one in listed) == 1
    assert fleet("state", "list").code == 1
    files = (fleet.bench.folder / ".cozeops" / "state").glob("*.json")
    assert len({json.loads(file.read_text("utf-8"))["key"] for file in files}) == 1, "digests are compared"
    assert "exit 0" in fleet("history", "--shard", "1/2").out
    assert "No runs yet" in fleet("history").err
    assert fleet("plan", "--shard", "3/2").code == 3


def test_where_a_shard_keeps_its_state(tmp_path: Path) -> None:
    """A file, a file of the branch, an object: the number stands behind the environment."""

    def name(settings: dict[str, str], shard: int) -> str:
        backend = open_backend(
            settings, root=tmp_path, environment="prod", environ={"AWS_REGION": "x"}, shard=shard
        )
        assert backend is not None
        return backend.name

    assert name({"backend": "local"}, 0).endswith("/prod.json")
    assert name({"backend": "local"}, 2).endswith("/prod@2.json")
    assert name({"backend": "git"}, 2) == "the state prod@2.json on origin/cozeops-state"
    assert (
        name({"backend": "s3", "bucket": "our-states"}, 2) == "the state s3://our-states/cozeops/prod@2.json"
    )
    with pytest.raises(UsageError, match=r"state\.key must have {env}"):
        name({"backend": "s3", "bucket": "our-states", "key": "one.json"}, 2)
