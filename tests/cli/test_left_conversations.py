"""What `check` made and could not remove is told, and removed by the next run."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from cozeops.kinds.parts.talk import BEGIN
from tests.cli.conftest import Shell
from tests.cli.processes import start
from tests.cli.test_gate import kitchen, once

__all__ = ["kitchen", "once"]  # fixtures


def notes(shell: Shell) -> list[Path]:
    """The journals of conversations."""
    return [*(shell.bench.folder / ".cozeops" / "conversations").glob("*.jsonl")]


def left(shell: Shell) -> list[str]:
    """Conversations that are there."""
    return sorted(shell.bench.table("conversations"))


def test_nothing_stays_of_a_run_that_removed_all(kitchen: Shell) -> None:
    kitchen("check")
    assert (left(kitchen), notes(kitchen)) == ([], [])


def test_what_could_not_be_removed_is_told_and_removed_by_the_next(kitchen: Shell) -> None:
    kitchen.bench.emulator.faults.add("error", operation="deleteConversation", status=400, code=4000)
    ran = kitchen("check", "--target", "Check/chef-speaks-chinese")
    (id,) = left(kitchen)
    assert f"left behind: {id}" in ran.err
    kitchen.bench.emulator.faults.clear()
    ran = kitchen("check", "--target", "Check/chef-speaks-chinese")
    assert "removed what run" in ran.err
    assert id in ran.err
    assert (left(kitchen), notes(kitchen)) == ([], [])


def test_one_whose_id_nobody_heard_is_found_by_its_mark(kitchen: Shell) -> None:
    """The reply to its creation was lost; what others made with the bot stays."""
    bot, _ = kitchen.bench.bot("每日学一菜")
    kitchen.bench.emulator.faults.add("drop", operation="createConversation", phase="after", times=1)
    ran = kitchen("check", "--target", "Check/chef-speaks-chinese")
    assert "of which no id was heard" in ran.err
    (id,) = left(kitchen)
    other = str(kitchen.bench.client.send(BEGIN, {"bot_id": bot}).payload["id"])
    ran = kitchen("check", "--target", "Check/chef-speaks-chinese")
    assert id in ran.err
    assert (left(kitchen), notes(kitchen)) == ([other], [])


@pytest.mark.parametrize("twice", [True, False], ids=["second signal", "kill"])
def test_who_ends_at_once_leaves_notes(kitchen: Shell, twice: bool) -> None:
    """A second Ctrl-C tells the ids."""
    kitchen.bench.emulator.faults.add("latency", operation="createChat", seconds=30.0)
    process = start(kitchen.bench, kitchen.url, "check", "--target", "Check/chef-speaks-chinese")
    while process.poll() is None and not any(
        one.operation == "createConversation" for one in list(kitchen.bench.emulator.requests)
    ):
        time.sleep(0.01)
    time.sleep(0.3)
    for _ in range(2 if twice else 0):
        os.kill(process.pid, signal.SIGINT)
        time.sleep(0.05)
    if not twice:
        process.kill()
    _, said = process.end()
    (id,) = left(kitchen)
    if twice:
        assert f"left behind: {id}" in said
    kitchen.bench.emulator.faults.clear()
    ran = kitchen("check", "--target", "Check/chef-speaks-chinese")
    assert id in ran.err
    assert (left(kitchen), notes(kitchen)) == ([], [])


def test_an_invented_note_removes_nothing(kitchen: Shell) -> None:
    """It names a conversation that does not bear its mark."""
    bot, _ = kitchen.bench.bot("每日学一菜")
    kitchen.bench.emulator.faults.add("error", operation="deleteConversation", status=400, code=4000)
    kitchen("check", "--target", "Check/chef-speaks-chinese")
    kitchen.bench.emulator.faults.clear()
    (file,), (id,) = notes(kitchen), left(kitchen)
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    for line in lines:
        if "mark" in line.get("intent", {}):
            line["intent"]["mark"] = "another"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert bot
    kitchen("check", "--target", "Check/chef-speaks-chinese")
    assert left(kitchen) == [id]
