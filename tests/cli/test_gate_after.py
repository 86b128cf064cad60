"""`apply --check=after`: the published copy is talked to as well, and a bot that fails goes back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

import pytest

from tests.cli.conftest import Shell
from tests.cli.test_gate import CHINESE, ENGLISH, PROMPT, kitchen, once, published
from tests.kit import Bench

__all__ = ["kitchen", "once"]  # fixtures

KIOSK = "7471902286530412575"
RESET = "spec.model.cache_type, spec.model.parameters, spec.model.sp_anti_leak, spec.model.sp_current_time"
"""What an update of the model resets, and nobody can read."""


def spoil(shell: Shell) -> None:
    """Write what makes the chef lose its language for users, and not for those who look at the draft."""
    id, _ = shell.bench.bot("每日学一菜")
    for known in list(shell.bench.table("chat_rules")):
        shell.bench.emulator.remove("chat_rules", known)
    rules = [
        {"bot_id": id, "copy": "published", "prompt": "两面派", "answer": ENGLISH},
        {"bot_id": id, "answer": CHINESE},
    ]
    shell.bench.emulator.seed({"chat_rules": rules})
    shell.bench.edit(PROMPT, "# 角色", "# 两面派")
    shell.bench.edit("manifests/bots/chef.yaml", "temperature: 0.7", "temperature: 0.9")


def of_users(bench: Bench) -> dict[str, Any]:
    """What can be read of the published copy and written, channel by channel."""
    id, _ = bench.bot("每日学一菜")
    online = bench.table("bots")[id]["online"]
    found = {}
    for channel, entry in online.items():
        config = bench.table("bot_versions")[f"{id}.{entry['version']}"]["config"]
        found[channel] = {"params": entry["params"]} | {
            key: value for key, value in config.items() if key != "update_time"
        }
    return found


def test_what_passes_stays_published(kitchen: Shell) -> None:
    kitchen.bench.edit(PROMPT, "# 角色", "# 人物")
    ran = kitchen("apply", "--yes", "--check=after")
    assert ran.code == 0, ran.out + ran.err
    assert "with the published copy" in ran.err
    assert published(kitchen)["prompt_info"]["prompt"].startswith("# 人物")
    assert kitchen("plan", "--detailed-exitcode").code == 0


def test_what_fails_goes_back(kitchen: Shell) -> None:
    """On every channel, in every field; the draft has the new text; the plan says what is not published."""
    before = of_users(kitchen.bench)
    spoil(kitchen)
    ran = kitchen("apply", "--yes", "--check=after")
    assert ran.code == 7
    assert "went back to what was published before" in " ".join(ran.out.split())
    assert f"cannot be put back: {RESET} Applied:" in " ".join(ran.out.split())
    assert of_users(kitchen.bench) == before
    draft = kitchen.bench.bot("每日学一菜")[1]
    assert draft["prompt_info"]["prompt"].startswith("# 两面派")
    assert draft["model_info_config"]["temperature"] == 0.9
    writes = [one for one in kitchen.bench.writes() if one.endswith("Bot")]
    assert writes == ["updateBot", "publishBot", "updateBot", "publishBot", "updateBot"]
    plan = kitchen("plan")
    assert "the draft differs from the published copy in spec.prompt, spec.model.temperature" in plan.out


def test_what_cannot_be_put_back_is_told(kitchen: Shell) -> None:
    """What the API takes and never shows: remembered where there is a state, named where nobody knows."""
    spoil(kitchen)
    kitchen.bench.edit("manifests/bots/chef.yaml", "search_strategy: hybrid", "search_strategy: semantic")
    collaborators = '["4806127730915202", "4806127730915203"]'
    kitchen.bench.edit("manifests/bots/chef.yaml", collaborators, '["4806127730915202"]')
    ran = kitchen("apply", "--yes", "--check=after")
    assert ran.code == 7, ran.out + ran.err
    lost = f"cannot be put back: spec.collaboration.collaborators, {RESET} Applied:"
    assert lost in " ".join(ran.out.split())
    assert of_users(kitchen.bench)["1024"]["knowledge"]["search_strategy"] == 1, "hybrid, as it was"
    assert kitchen.bench.bot("每日学一菜")[1]["knowledge"]["search_strategy"] == 0


def test_a_way_back_that_does_not_show_is_told(kitchen: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Coze answered with success, and users still have what failed."""
    spoil(kitchen)
    monkeypatch.setattr("cozeops.engine.publish.revert.go_back", lambda *_: None)
    ran = kitchen("apply", "--yes", "--check=after")
    assert ran.code == 7, ran.out + ran.err
    words = "went back, and the published copy does not show it: spec.prompt, spec.model.temperature"
    assert words in " ".join(ran.out.split())


def test_a_channel_that_came_with_it_goes_with_it(kitchen: Shell) -> None:
    """And one that left comes back, with the parameters that it had."""
    chef = "manifests/bots/chef.yaml"
    params = '          device_id: ["5123782500417", "5123782500418"]  # stove 1 and stove 2\n'
    kitchen.bench.edit(chef, f"      - connector: kiosk\n        params:\n{params}", "")
    kitchen.bench.edit(chef, "lifecycle: {protect: [unpublish, rename]}", "lifecycle: {protect: [rename]}")
    before = of_users(kitchen.bench)
    assert KIOSK in before
    spoil(kitchen)
    ran = kitchen("apply", "--yes", "--check=after")
    assert ran.code == 7, ran.out + ran.err
    after = of_users(kitchen.bench)
    assert after.keys() == before.keys()
    assert {key: value["prompt_info"] for key, value in after.items()} == {
        key: value["prompt_info"] for key, value in before.items()
    }


def test_a_first_publication_is_taken_off(kitchen: Shell) -> None:
    """There is nothing to go back to but not being published."""
    id, _ = kitchen.bench.bot("菜单文案")
    rules = [
        {"id": "one", "bot_id": id, "copy": "published", "answer": ENGLISH},
        {"bot_id": id, "answer": CHINESE},
    ]
    kitchen.bench.emulator.seed({"chat_rules": rules})
    kitchen.bench.edit(
        "manifests/bots/menu-writer.yaml", "spec:\n", "spec:\n  publish: {connectors: [api]}\n"
    )
    check = "kind: Check\nmetadata: {name: menu}\nspec:\n  bot: menu-writer\n"
    kitchen.bench.write(
        "manifests/menu-check.yaml", check + "  turns: [{say: 写菜单, expect: {language: zh}}]\n"
    )
    ran = kitchen("apply", "--yes", "--check=after")
    assert ran.code == 7, ran.out + ran.err
    assert "taken off" in ran.out
    assert kitchen.bench.table("bots")[id]["online"] == {}


def test_nobody_goes_back_because_nobody_answered(kitchen: Shell) -> None:
    """It is published and not judged: 7, and the report says so."""
    kitchen.bench.edit(PROMPT, "# 角色", "# 人物")
    # The draft is asked eleven times.
    kitchen.bench.emulator.faults.add("error", operation="createChat", status=400, code=4000, skip=11)
    ran = kitchen("apply", "--yes", "--check=after")
    assert ran.code == 7
    assert "nothing was put back" in " ".join(ran.out.split())
    assert published(kitchen)["prompt_info"]["prompt"].startswith("# 人物")


def test_what_is_not_shown_yet_is_not_judged(kitchen: Shell) -> None:
    """Users still have the old copy: that it passes says nothing about the new one."""
    kitchen.bench.emulator.options = kitchen.bench.emulator.options.__class__(
        processing_seconds=0.0, qps_limits=False, publish_seconds=10_000.0
    )
    spoil(kitchen)
    ran = kitchen("apply", "--yes", "--check=after")
    assert ran.code == 7
    assert "not shown yet" in " ".join(ran.out.split())
    assert kitchen.bench.writes().count("publishBot") == 1


def owing(shell: Shell) -> dict[str, Any]:
    """Going back met an error; what users had before."""
    before = of_users(shell.bench)
    spoil(shell)
    shell.bench.emulator.faults.add("error", operation="publishBot", status=400, code=4000, skip=1)
    ran = shell("apply", "--yes", "--check=after")
    assert ran.code == 7
    assert "going back failed" in " ".join(ran.out.split())
    assert of_users(shell.bench) != before
    shell.bench.emulator.faults.clear()
    shell.bench.emulator.requests.clear()
    return before


def planned(shell: Shell, *options: str) -> dict[str, dict[str, Any]]:
    """The changes of a plan by their addresses."""
    changes = json.loads(shell("plan", "--format", "json", *options).out)["changes"]
    return {one["address"]: one for one in changes if one["action"] != "none"}


def test_what_could_not_be_finished_is_a_change_of_the_next_plan(kitchen: Shell) -> None:
    """With id, fields and steps; apply makes it, says that the new text is held, and owes nothing then."""
    before = owing(kitchen)
    old, new = before["1024"]["prompt_info"]["prompt"], kitchen.bench.bot("每日学一菜")[1]
    change = planned(kitchen)["Bot/chef"]
    assert (change["id"], change["action"]) == (kitchen.bench.bot("每日学一菜")[0], "update")
    steps = [step["operation"] for step in change["steps"]]
    assert steps == ["updateBot", "publishBot", "updateBot"]
    (prompt,) = (
        one for one in change["fields"] if (one["path"], one["note"]) == ("spec.prompt", "published copy")
    )
    assert prompt["after"].rstrip() == old.rstrip()
    assert new
    ran = kitchen("apply", "--yes")
    assert ran.code == 7, ran.out + ran.err
    assert "went back to what was published before" in " ".join(ran.out.split())
    assert of_users(kitchen.bench) == before
    assert kitchen.bench.bot("每日学一菜")[1]["prompt_info"]["prompt"].startswith("# 两面派")
    assert "COZE163" not in kitchen("plan").out


@pytest.mark.parametrize(
    "line",
    [
        ["plan"],
        ["apply", "--digest", "sha256:" + "0" * 64],
        ["apply", "--target", "Bot/translator", "--yes"],
        ["drift"],
    ],
)
def test_what_did_not_agree_to_it_leaves_it_alone(kitchen: Shell, line: list[str]) -> None:
    """And whoever plans something else is told that it stays owed."""
    owing(kitchen)
    ran = kitchen(*line)
    assert kitchen.bench.writes() == []
    if "--target" in line:
        assert ran.code == 0
        assert "stays owed" in " ".join((ran.out + ran.err).split())
    assert "Bot/chef" in planned(kitchen)


def test_a_plan_of_before_does_not_do_it(kitchen: Shell) -> None:
    """A plan file that does not contain it is not agreement to it; one that does, is."""
    file = kitchen.bench.folder / "plan.json"
    kitchen.bench.edit("manifests/bots/translator.yaml", "temperature: 0.1", "temperature: 0.3")
    assert kitchen("plan", "--target", "Bot/translator", "--out", str(file)).code == 0
    kitchen.bench.edit("manifests/bots/translator.yaml", "temperature: 0.3", "temperature: 0.1")
    before = owing(kitchen)
    kitchen.bench.edit("manifests/bots/translator.yaml", "temperature: 0.1", "temperature: 0.3")
    assert kitchen("apply", str(file)).code == 0
    assert of_users(kitchen.bench) != before
    assert kitchen("plan", "--out", str(file)).code == 0
    assert kitchen("apply", str(file)).code == 7
    assert of_users(kitchen.bench) == before
    assert kitchen("apply", str(file)).code == 6, "it is done"


def test_who_edited_meanwhile_is_left_alone(kitchen: Shell) -> None:
    """A draft that is neither the old nor the new one is somebody's work."""
    owing(kitchen)
    kitchen.bench.by_hand("每日学一菜", prompt_info={"prompt": "另一个人写的"})
    ran = kitchen("plan")
    assert "was edited since" in " ".join(ran.out.split())
    assert kitchen.bench.bot("每日学一菜")[1]["prompt_info"]["prompt"] == "另一个人写的"


# Which write is slow, how many of it pass before, and what has happened when the run is killed.
KILLS = [
    ("publishBot", 1, ("updateBot", 2)),
    pytest.param("updateBot", 2, ("publishBot", 2), marks=pytest.mark.long),
]


@pytest.mark.parametrize(("slow", "skip", "until"), KILLS)
def test_killed_in_the_middle_of_going_back(
    kitchen: Shell, slow: str, skip: int, until: tuple[str, int]
) -> None:
    """The next apply finishes it: users have what they had, the draft what was written."""
    bench, before = kitchen.bench, of_users(kitchen.bench)
    spoil(kitchen)
    bench.emulator.faults.add("latency", operation=slow, skip=skip, seconds=30.0)
    environment = {**os.environ, "COZE_API_BASE": kitchen.url, "COZE_API_TOKEN": "pat_emulator"}
    line = [sys.executable, "-m", "cozeops", "-C", str(bench.folder), "apply", "--yes", "--check=after"]
    process = subprocess.Popen(
        line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    while process.poll() is None and bench.writes().count(until[0]) < until[1]:
        time.sleep(0.002)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    bench.emulator.faults.clear()
    ran = kitchen("apply", "--target", "Bot/chef", "--yes")
    assert ran.code == 7, ran.out + ran.err
    assert of_users(bench) == before
    assert bench.bot("每日学一菜")[1]["prompt_info"]["prompt"].startswith("# 两面派")
