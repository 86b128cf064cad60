"""What was applied and is gone, or hidden, is said by every signal; each way out ends in no twin."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.owned import Owned, actions, findings, owned

BOT, BASE, HOME = (
    ("bots", "服务员", "Bot/waiter"),
    ("datasets", "菜谱", "KnowledgeBase/recipes"),
    (
        "workspaces",
        "厨房",
        "Workspace/kitchen",
    ),
)
ALL = [BOT, BASE, HOME]
Thing = tuple[str, str, str]


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Owned]:
    """The project, applied."""
    for one in owned(tmp_path / "project", capsys, monkeypatch):
        one.apply()
        one.bench.emulator.advance(3600)
        one.bench.emulator.requests.clear()
        yield one


def _delete(shell: Owned, thing: Thing) -> str:
    """Somebody deletes it in the console; its id."""
    table, name, _ = thing
    id = shell.id_of(table, name)
    shell.bench.emulator.remove(table, id)
    return id


def _hints(shell: Owned, address: str) -> str:
    return " ".join(one["hint"] for one in shell.plan()["findings"] if one["address"] == address)


@pytest.mark.parametrize("thing", ALL, ids=lambda thing: thing[0])
def test_no_signal_says_that_all_is_well(shell: Owned, thing: Thing) -> None:
    _delete(shell, thing)
    address = thing[2]
    drift = shell("drift")
    assert drift.code == 10
    assert f"{address}  " in drift.out
    assert "gone: " in drift.out
    told = json.loads(shell("drift", "--format", "json").out)["drifted"]
    assert next(one["gone"] for one in told if one["address"] == address)
    for form in ("text", "markdown", "html"):
        ran = shell("plan", "--detailed-exitcode", "--format", form)
        assert ran.code == 2
        assert "no changes" not in ran.out.lower()
        assert address in ran.out
    assert shell("apply", "--yes").code == 5
    assert shell.bench.writes() == []


@pytest.mark.parametrize("thing", [BOT, BASE], ids=lambda thing: thing[0])
def test_the_rest_can_be_applied_as_the_hint_says(shell: Owned, thing: Thing) -> None:
    """Whoever is blocked is told how to go on without it."""
    _delete(shell, thing)
    shell.edit("manifests/chef.yaml", "你是一位大厨", "你是一位名厨")
    refused = shell("apply", "--yes")
    assert refused.code == 5
    if thing is BOT:
        assert f"--exclude {thing[2]}" in refused.err
    shell.apply("--exclude", thing[2])
    assert shell.bench.bot("每日学一菜")[1]["prompt_info"]["prompt"] == "你是一位名厨。"


def test_a_base_that_is_gone_is_made_anew_once_acknowledged(shell: Owned) -> None:
    id = _delete(shell, BASE)
    plan = shell.plan()
    assert actions(plan) == {BASE[2]: "create"}
    assert ("gone", BASE[2]) in findings(plan)
    digest = plan["digest"]
    ran = shell("apply", "--digest", digest, "--ack", "gone")
    assert ran.code == 0, ran.err
    assert shell.id_of("datasets", "菜谱") != id
    assert actions(shell.plan()) == {}
    assert shell("drift").code == 0


def test_a_bot_that_is_gone_is_made_anew_once_it_is_forgotten(shell: Owned) -> None:
    """Coze shows no bot that was deleted, nor one that is hidden: somebody looks, and follows the hint."""
    id = _delete(shell, BOT)
    assert ("gone-or-invisible", BOT[2]) in findings(shell.plan())
    command = re.search(r"cozeops (state rm \S+);", _hints(shell, BOT[2]))
    assert command
    assert shell(*command[1].split()).code == 0
    assert actions(shell.plan()) == {BOT[2]: "create"}
    shell.apply()
    assert shell.id_of("bots", "服务员") != id
    assert actions(shell.plan()) == {}


@pytest.mark.parametrize("thing", [BOT, BASE], ids=lambda thing: thing[0])
def test_made_again_by_hand_the_new_one_is_taken_and_none_is_added(shell: Owned, thing: Thing) -> None:
    """The hint names it; followed to the letter, there is one object of that name."""
    table, name, address = thing
    _delete(shell, thing)
    other = shell.stranger(name, address.partition("/")[0])
    assert "create" not in actions(shell.plan()).values()
    command = re.search(r"cozeops (import \S+ \d+)", _hints(shell, address))
    assert command
    assert shell(*command[1].split()).code == 0
    shell.apply()
    assert shell.id_of(table, name) == other


def test_with_spec_id_the_hint_leads_out_too(shell: Owned) -> None:
    id = shell.id_of("bots", "服务员")
    shell.edit("manifests/waiter.yaml", "  name: 服务员\n", f'  name: 服务员\n  id: "{id}"\n')
    shell.bench.emulator.remove("bots", id)
    assert shell("drift").code == 10
    assert "take id out of its spec, then cozeops state rm Bot/waiter" in _hints(shell, BOT[2])
    shell.edit("manifests/waiter.yaml", f'  id: "{id}"\n', "")
    assert shell("state", "rm", BOT[2]).code == 0
    shell.apply()
    assert shell.id_of("bots", "服务员") != id


def test_what_lived_in_a_workspace_that_is_gone_is_not_made_unasked(shell: Owned) -> None:
    _delete(shell, HOME)
    plan = shell.plan()
    gone = {address for name, address in findings(plan) if name in ("gone-or-invisible", "gone")}
    assert gone >= {HOME[2], BASE[2], BOT[2], "Bot/chef"}
    assert {one["action"] for one in plan["changes"] if one["address"].startswith("Bot/")} == {"none"}


def test_a_list_that_lags_makes_nobody_forget_what_was_just_made(shell: Owned) -> None:
    """Seconds after a create the bot answers by its id; what has no such call is awaited, not forgotten."""
    shell.bench.emulator.faults.add("lag", operation="list*", seconds=30.0)
    shell.write("manifests/second.yaml", BASE_AND_BOT)
    assert shell("apply", "--yes", "--unknown-wait", "0").code in (0, 7)
    plan = shell.plan()
    assert "create" not in actions(plan).values()
    assert "state rm" not in json.dumps(plan["findings"])
    assert ("gone-or-invisible", "Bot/second") not in findings(plan)
    assert ("gone", "KnowledgeBase/second") not in findings(plan)
    shell.bench.emulator.advance(60)
    assert findings(shell.plan()) == set()


BASE_AND_BOT = """\
kind: Bot
metadata: {name: second, workspace: kitchen}
spec: {name: 第二位, prompt: 你好}
---
kind: KnowledgeBase
metadata: {name: second, workspace: kitchen}
spec: {name: 第二本, format: text}
"""


@pytest.mark.parametrize("thing", [BOT, BASE], ids=lambda thing: thing[0])
def test_without_a_state_what_is_declared_and_not_there_is_drift(shell: Owned, thing: Thing) -> None:
    """Then the manifests are what the live side is compared with."""
    shell.edit("cozeops.yaml", "  state: {backend: local}\n", "")
    assert shell("drift").code == 0
    _delete(shell, thing)
    ran = shell("drift")
    assert ran.code == 10
    assert thing[2] in ran.out


def test_with_a_state_what_only_git_has_is_no_drift(shell: Owned) -> None:
    shell.write("manifests/second.yaml", BASE_AND_BOT)
    assert shell("drift").code == 0


def test_a_list_that_still_shows_what_is_gone_makes_nothing_fine(shell: Owned) -> None:
    """The bot is listed, and not found by its id."""
    shell.bench.emulator.faults.add("lag", operation="list*", seconds=30.0)
    _delete(shell, BOT)
    assert shell("drift").code == 10
    assert ("gone-or-invisible", BOT[2]) in findings(shell.plan("--refresh", "full"))
