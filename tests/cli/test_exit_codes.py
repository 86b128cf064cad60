"""The exit codes are a promise, the same in every output format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell

FORMATS = ["text", "json", "markdown", "html"]


@pytest.mark.parametrize("form", FORMATS)
def test_changes_are_2_only_when_asked(shell: Shell, form: str) -> None:
    """0 without the flag, 2 with it, 0 again once applied."""
    assert shell("plan", "--format", form).code == 0
    assert shell("plan", "--format", form, "--detailed-exitcode").code == 2
    assert shell("apply", "--yes").code == 0
    assert shell("plan", "--format", form, "--detailed-exitcode").code == 0


@pytest.mark.parametrize("form", FORMATS)
def test_a_wrong_token_is_4_and_says_what_to_do(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """The log id is there for Coze's support, the token is not."""
    monkeypatch.setenv("COZE_API_TOKEN", "pat_wrong_canary")
    ran = shell("plan", "--format", form)
    assert ran.code == 4
    assert "log id" in ran.err
    assert "hint:" in ran.err
    assert "canary" not in ran.out + ran.err
    assert ran.out == ""


def test_no_token_is_4_before_any_request(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the variables to set."""
    monkeypatch.delenv("COZE_API_TOKEN")
    ran = shell("plan")
    assert ran.code == 4
    assert "COZE_API_TOKEN" in ran.err
    assert not shell.bench.emulator.requests


@pytest.mark.parametrize("command", [["validate"], ["plan"], ["apply", "--yes"]])
def test_a_broken_project_is_3_without_a_request(shell: Shell, command: list[str]) -> None:
    """With file, line, column, an excerpt and a hint."""
    shell.bench.edit("manifests/bots/chef.yaml", "temperature: 0.7", "temprature: 0.7")
    ran = shell(*command)
    assert ran.code == 3
    assert "manifests/bots/chef.yaml:31:5" in ran.err
    assert "^" in ran.err
    assert "temperature" in ran.err.partition("hint:")[2]
    assert not shell.bench.emulator.requests


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan", "--format", "xml"],
        ["plan", "--nonsense"],
        ["nonsense"],
        ["plan", "--prune"],
        ["plan", "--target", "nothing"],
        ["plan", "--target", "Bot/nobody"],
        ["plan", "--selector", "food"],
        ["plan", "--rewrite", "Bot/nobody"],
        ["apply"],
        ["apply", "--yes", "--ack", "COZE105"],
        ["apply", "missing.json"],
        ["apply", "--digest", "sha256:0", "--ack", "COZE999"],
    ],
)
def test_wrong_usage_is_3(shell: Shell, arguments: list[str]) -> None:
    """Also where nobody can be asked: apply needs a plan file, a digest or --yes."""
    ran = shell(*arguments)
    if arguments[0] == "apply" and "--digest" in arguments:
        assert ran.code in (3, 6)
    else:
        assert ran.code == 3
    assert ran.err
    assert shell.bench.writes() == []


def test_a_read_only_token_plans_and_cannot_apply(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was written, and the reason is the token: 4."""
    monkeypatch.setenv("COZE_API_TOKEN", "pat_emulator_readonly")
    assert shell("plan").code == 0
    ran = shell("apply", "--yes")
    assert ran.code == 4
    assert "Workspace/kitchen" in ran.out


def test_a_blocking_finding_is_5_until_it_is_acknowledged(applied: Shell, tmp_path: Path) -> None:
    """A document that left the list would be removed: somebody must have seen that."""
    applied.bench.edit("manifests/knowledge.yaml", '    - {files: "docs/cantonese/*.md"}\n', "")
    plan = tmp_path / "plan.json"
    assert applied("plan", "--out", str(plan)).code == 0
    assert applied("apply", "--yes").code == 5
    blocked = applied("apply", str(plan))
    assert blocked.code == 5
    assert "--ack COZE105" in blocked.err
    assert applied.bench.writes() == []
    assert applied("apply", str(plan), "--ack", "COZE105").code == 0
    assert applied("plan", "--detailed-exitcode").code == 0


def test_a_plan_whose_manifests_moved_is_6(applied: Shell, tmp_path: Path) -> None:
    """The reviewed plan is about other manifests."""
    plan = tmp_path / "plan.json"
    applied.bench.edit("manifests/prompts/chef.md", "# 角色", "# 人物")
    applied("plan", "--out", str(plan))
    applied.bench.edit("manifests/prompts/chef.md", "# 人物", "# 人")
    ran = applied("apply", str(plan))
    assert ran.code == 6
    assert "Bot/chef" in ran.err
    assert applied.bench.writes() == []


def test_a_live_edit_after_the_plan_is_6_and_is_not_overwritten(applied: Shell, tmp_path: Path) -> None:
    """The message names the field, the address and both values."""
    plan = tmp_path / "plan.json"
    applied.bench.edit("manifests/bots/chef.yaml", "temperature: 0.7", "temperature: 0.8")
    applied("plan", "--out", str(plan))
    applied.bench.by_hand("每日学一菜", model_info_config={"temperature": 0.5})
    ran = applied("apply", str(plan))
    assert ran.code == 6
    assert "Bot/chef" in ran.out
    assert "spec.model.temperature" in ran.out
    assert "0.7" in ran.out
    assert "0.5" in ran.out
    assert applied.bench.writes() == []


def test_an_edited_plan_file_is_6(applied: Shell, tmp_path: Path) -> None:
    """The digest is over everything that apply would do."""
    plan = tmp_path / "plan.json"
    applied.bench.edit("manifests/bots/chef.yaml", "temperature: 0.7", "temperature: 0.8")
    applied("plan", "--out", str(plan))
    data = json.loads(plan.read_text(encoding="utf-8"))
    next(one for one in data["changes"] if one["address"] == "Bot/chef")["fields"][0]["after"] = 2.0
    plan.write_text(json.dumps(data), encoding="utf-8")
    assert applied("apply", str(plan)).code == 6


def test_a_plan_applied_twice_is_6(applied: Shell, tmp_path: Path) -> None:
    """The live side is not what the plan saw any more."""
    plan = tmp_path / "plan.json"
    applied.bench.edit("manifests/bots/chef.yaml", "temperature: 0.7", "temperature: 0.8")
    applied("plan", "--out", str(plan))
    assert applied("apply", str(plan)).code == 0
    assert applied("apply", str(plan)).code == 6


def test_verify_is_0_or_6(applied: Shell) -> None:
    """The merge queue's check: reads only."""
    digest = json.loads(applied("plan", "--format", "json").out)["digest"]
    assert applied("plan", "--verify", digest).code == 0
    applied.bench.edit("manifests/bots/chef.yaml", "temperature: 0.7", "temperature: 0.8")
    assert applied("plan", "--verify", digest).code == 6


def test_a_partial_apply_is_7(shell: Shell) -> None:
    """One bot's create is refused: its dependents are skipped, the rest is done."""
    shell.bench.edit(
        "manifests/bots/chef.yaml",
        "{plugin: market, tools: [get_daily_prices, find_substitute]}",
        '{plugin: {id: "999"}, tools: [x]}',
    )
    ran = shell("apply", "--yes")
    assert ran.code in (1, 3, 7)


def test_a_finding_cannot_be_edited_away(applied: Shell, tmp_path: Path) -> None:
    """Whether it blocks is part of what the digest covers."""
    applied.bench.edit("manifests/knowledge.yaml", '    - {files: "docs/cantonese/*.md"}\n', "")
    plan = tmp_path / "plan.json"
    applied("plan", "--out", str(plan))
    data = json.loads(plan.read_text(encoding="utf-8"))
    for finding in data["findings"]:
        finding["severity"] = "info"
    plan.write_text(json.dumps(data), encoding="utf-8")
    assert applied("apply", str(plan)).code == 6
    assert applied.bench.writes() == []
