"""Values of variables: written for a published bot, read back, never removed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell, served
from tests.kit import Bench

BOT = """\
kind: Workspace
metadata: {name: kitchen}
spec: {name: 厨房, description: 后厨}
---
kind: Bot
metadata: {name: chef, workspace: kitchen}
spec:
  name: 厨师
  publish: {connectors: [api]}
"""
VIP = """\
kind: VariableValues
metadata: {name: vip}
spec:
  bot: chef
  connector_uid: user-7
  values: {diet: 素食, level: "3"}
"""


@pytest.fixture
def vip(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shell]:
    """A bot that is to be published, with values for one user."""
    bench = Bench(tmp_path / "project", source=None)
    bench.write("bot.yaml", BOT)
    bench.write("vip.yaml", VIP)
    bench.seed()
    with served(bench, monkeypatch) as url:
        yield Shell(bench, url, capsys)


def values(shell: Shell) -> dict[str, str]:
    """What is live, by keyword."""
    rows = shell.bench.table("variable_values").values()
    return {row["id"].rpartition(".")[2]: row["value"] for row in rows}


def plan(shell: Shell) -> tuple[list[dict[str, Any]], list[str]]:
    """Changes of the values, and codes of findings."""
    found = json.loads(shell("plan", "--format", "json").out)
    changes = [one for one in found["changes"] if one["action"] != "none"]
    return [one for one in changes if one["address"] == "VariableValues/vip"], [
        one["code"] for one in found["findings"]
    ]


def test_they_are_written_after_the_bot_is_published(vip: Shell) -> None:
    """In one run; then nothing is left to do."""
    (change,), codes = plan(vip)
    assert (change["needs"], codes) == (["Bot/chef"], [])
    assert vip("apply", "--yes").code == 0
    writes = vip.bench.writes()
    assert writes.index("publishBot") < writes.index("updateVariables")
    assert values(vip) == {"diet": "素食", "level": "3"}
    assert plan(vip) == ([], [])


def test_one_value_is_one_path(vip: Shell) -> None:
    """Those of other names are left alone."""
    assert vip("apply", "--yes").code == 0
    vip.bench.edit("vip.yaml", "diet: 素食, ", "")
    assert plan(vip)[0] == []
    vip.bench.edit("vip.yaml", '"3"', '"4"')
    (change,), _ = plan(vip)
    assert [(one["path"], one["before"], one["after"]) for one in change["fields"]] == [
        ("spec.values.level", "3", "4")
    ]
    assert vip("apply", "--yes").code == 0
    assert values(vip) == {"diet": "素食", "level": "4"}


def test_what_is_not_shown_is_not_written(vip: Shell) -> None:
    """Whoever may not see the variables does not know what is in them."""
    assert vip("apply", "--yes").code == 0
    vip.bench.edit("vip.yaml", '"3"', '"4"')
    vip.bench.emulator.faults.add("error", operation="getVariables", status=400, code=4200)
    vip.bench.emulator.requests.clear()
    assert plan(vip) == ([], ["COZE103"])
    assert vip("apply", "--yes").code == 5
    assert vip.bench.writes() == []


def test_a_bot_that_is_not_published_blocks(vip: Shell) -> None:
    """Whether the manifest says so, or says nothing of it."""
    vip.bench.edit("bot.yaml", "connectors: [api]", "connectors: []")
    assert plan(vip)[1] == ["COZE143"]
    vip.bench.edit("bot.yaml", "  publish: {connectors: []}\n", "")
    assert "COZE143" in plan(vip)[1]
    assert vip("apply", "--yes").code == 5


def test_a_bot_that_was_published_by_hand_is_enough(vip: Shell) -> None:
    assert vip("apply", "--yes", "--exclude", "VariableValues/vip").code == 0
    vip.bench.edit("bot.yaml", "  publish: {connectors: [api]}\n", "")
    assert plan(vip)[1] == []
    assert vip("apply", "--yes").code == 0
    assert values(vip)["level"] == "3"


def test_a_bot_that_does_not_exist_blocks(vip: Shell) -> None:
    """It has no variables when it is made."""
    vip.bench.edit("bot.yaml", "name: 厨师", "name: 大厨")
    ran = vip("plan")
    assert "COZE143" in ran.out
    assert "Bot/chef is not on Coze yet" in ran.out
    assert vip("apply", "--yes").code == 5


def test_an_unknown_variable_blocks(vip: Shell) -> None:
    """Coze skips it silently when it is read, and refuses it when it is written."""
    vip.bench.edit("vip.yaml", "diet:", "dyet:")
    ran = vip("plan")
    assert "COZE144" in ran.out
    assert "no variable 'dyet'" in ran.out


def test_a_lost_reply_is_repeated(vip: Shell) -> None:
    vip.bench.emulator.faults.add("drop", operation="updateVariables", times=1, phase="after")
    assert vip("apply", "--yes").code == 0
    assert plan(vip) == ([], [])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("bot: chef", "bot: chef\n  app: shop", "no App"),
        ("  bot: chef\n", "", "variables belong to a bot or to an app"),
        ('"3"', "3", "wants text"),
        ('{diet: 素食, level: "3"}', "{}", "spec.values"),
        ("bot: chef", "bot: cook", "the project has no Bot"),
    ],
)
def test_mistakes_are_found_offline(vip: Shell, old: str, new: str, said: str) -> None:
    vip.bench.edit("vip.yaml", old, new)
    ran = vip("validate")
    assert ran.code == 3
    assert said in ran.err + ran.out
