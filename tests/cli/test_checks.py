"""Built-in checks: what they find, what they leave alone, and that a project decides how much they matter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cozeops.engine.policy.builtin import CHECKS, check
from cozeops.engine.policy.secrets import secrets_in
from cozeops.manifests.project.checks_spec import CHECKS as DECLARED
from tests.cli.conftest import Shell
from tests.manifests.projects import BASE, Loader, bot

SECRET = "sk-abcdefghij0123456789klmn"
CHEF = "manifests/prompts/chef.md"


def found(tmp_path: Path, spec: str, *, more: str = "", **settings: Any) -> list[tuple[str, str, str]]:
    """(name, severity, message) of what is found in a bot, offline."""
    project = Loader(tmp_path).load({"m.yaml": bot(spec) + more})
    chosen = [one for one in project.resources if one.kind.name == "Bot"]
    findings = check(chosen, settings, everything=project.resources)
    return [(one.name, str(one.severity), one.message) for one in findings]


def test_every_check_is_declared_explained_and_can_be_acknowledged() -> None:
    """One list of names for the project's file, the plan, `--ack` and `explain`."""
    assert [one.code.slug for one in CHECKS] == list(DECLARED)
    for one in CHECKS:
        assert one.code.acknowledgeable
        assert one.code.explanation
        assert f"({one.code.severity})" in DECLARED[one.code.slug]


@pytest.mark.parametrize(
    "line",
    [
        "pat_" + "a1" * 20,
        "sat_" + "a1" * 20,
        f"use {SECRET} please",
        "sk-" + "a1" * 10,
        "ghp_" + "a1B2" * 9,
        "github_pat_" + "a1" * 11,
        "AKIA" + "ABCD" * 4,
        "LTAI5tAbCdEfGhIjKlMn",
        "LTAI" + "a1" * 6,
        "AKID" + "a1" * 16,
        "AKLT" + "a1" * 10,
        "AIza" + "a" * 35,
        "xoxb-" + "a1" * 5,
        "eyJ" + "a" * 10 + ".eyJ" + "a" * 10 + "." + "a" * 10,
        "把xoxp-1234567890发出去",
        "glpat-" + "a1" * 10,
        "-----BEGIN RSA PRIVATE KEY-----",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.abcdefghijklmn",
        "密码：a1b2c3d4e5f6g7h8i9",
        "用密钥" + "pat_" + "a1" * 20 + "登录",
        "把sk-abcdefghijklmnopqrstuv1发给对方",
        "访问AKIAABCDABCDABCDABCD即可",
        "API key: 0123456789abcdef0123",
        'the token is "x"; token = "abcDEF0123456789abcd"',
    ],
)
def test_what_looks_like_a_secret(line: str) -> None:
    """In any line of a text; the value is not repeated."""
    ((number, what),) = secrets_in(f"# 角色\n\n{line}\n")
    assert number == 3
    assert not any(word in what for word in line.split() if len(word) > 12)


@pytest.mark.parametrize(
    "line",
    [
        "问用户的密码时要小心。", "token: {{user_token}}", "the secret: conversationalist-approach",
        "sk-8 or sk-ten",
        "api key: see https://example.com", "path_to_something_long_enough", "订单号 HZ20260101000123456",
        "task-management-and-more-than-twenty", "7342866812345678901",
    ],
)  # fmt: skip
def test_what_only_talks_about_secrets(line: str) -> None:
    """Words, order numbers and variables are none."""
    assert list(secrets_in(line)) == []


def test_secrets_are_found_in_every_text_of_a_bot(tmp_path: Path) -> None:
    """Not in parameters of a channel, which may need one."""
    spec = (
        f"  prompt: |\n    a\n    {SECRET}\n  onboarding: {{prologue: {SECRET}}}\n"
        f"  suggest_reply: {{mode: customized, prompt: {SECRET}}}\n"
    )
    names = found(tmp_path, spec)
    assert [message.split(":")[0] for _, _, message in names] == [
        "spec.prompt, line 2", "spec.onboarding.prologue, line 1", "spec.suggest_reply.prompt, line 1",
    ]  # fmt: skip
    assert {name for name, _, _ in names} == {"secret-in-prompt"}
    assert not any(SECRET in message for _, _, message in names)


def test_lists_of_models_and_channels(tmp_path: Path) -> None:
    """Absent: anything goes; empty: nothing; channels by name or by id."""
    spec = "  model: {id: '1'}\n  publish: {connectors: [api, {connector: kiosk}]}\n"
    more = "---\nkind: Connector\nmetadata: {name: kiosk}\nspec: {id: '77'}\n"
    assert found(tmp_path, spec, more=more) == []
    assert [one[0] for one in found(tmp_path, spec, more=more, allow_models=["2"])] == ["model-not-allowed"]
    assert found(tmp_path, spec, more=more, allow_models=["1"], allow_connectors=["1024", "77"]) == []
    resources = Loader(tmp_path).load({"m.yaml": bot(spec) + more}).resources
    for allowed, hint in ((["2", "3"], "allowed: 2, 3"), ([], "allowed: none")):
        assert [one.hint for one in check(resources, {"allow_models": allowed}, everything=resources)] == [
            hint
        ]
    assert found(tmp_path, spec, more=more, allow_connectors=["api", "kiosk"]) == []
    two = found(tmp_path, spec, more=more, allow_connectors=[])
    assert [message.partition(",")[0] for _, _, message in two] == ["it goes to api", "it goes to kiosk"]


@pytest.mark.parametrize(("size", "count"), [(18_000, 0), (18_001, 1), (20_000, 1)])
def test_prompts_near_their_limit(tmp_path: Path, size: int, count: int) -> None:
    """More than 90 %; each part of a prompt for prefix caching has its own limit."""
    assert len(found(tmp_path, f"  prompt: {'字' * size}\n")) == count
    assert len(found(tmp_path, f"  prompt: {{prefix: {'字' * size}, dynamic: a}}\n")) == count


@pytest.mark.parametrize(("thinking", "count"), [("enabled", 1), ("disabled", 0), ("auto", 0)])
def test_thinking_switches_tools_off(tmp_path: Path, thinking: str, count: int) -> None:
    """Only where there are tools."""
    model = f"  model: {{id: '1', parameters: {{thinking_type: {thinking}}}}}\n"
    assert len(found(tmp_path, f"{model}  plugins: [{{plugin: {{id: '3'}}, tools: [a]}}]\n")) == count
    assert found(tmp_path, f"{model}  plugins: []\n") == []


@pytest.mark.parametrize(("documents", "count"), [("  documents: []\n", 1), ("  format: text\n", 0)])
def test_knowledge_without_documents(tmp_path: Path, documents: str, count: int) -> None:
    """A base that does not list any is filled by somebody else."""
    names = found(tmp_path, "  knowledge: {datasets: [recipes, {id: '9'}]}\n", more=f"---\n{BASE}{documents}")
    assert [one[0] for one in names] == ["empty-knowledge"] * count


def test_a_project_says_how_much_a_rule_matters(tmp_path: Path) -> None:
    """block, warn, info or off."""
    spec = f"  prompt: {SECRET}\n"
    assert [one[1] for one in found(tmp_path, spec)] == ["block"]
    for weight in ("block", "warn", "info"):
        assert [one[1] for one in found(tmp_path, spec, rules={"secret-in-prompt": weight})] == [weight]
    assert found(tmp_path, spec, rules={"secret-in-prompt": "off"}) == []


def checks(shell: Shell, text: str) -> None:
    """Write the checks of the project."""
    shell.bench.edit("cozeops.yaml", "  values:\n", f"  checks: {text}\n  values:\n")


def findings(shell: Shell, *arguments: str) -> dict[str, str]:
    """Name@address -> severity of a plan's checks."""
    ran = shell("plan", "--format", "json", *arguments)
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)["findings"]
    return {f"{one['name']}@{one['address']}": one["severity"] for one in found if one["code"] > "COZE200"}


def test_an_unknown_rule_is_3_with_the_one_that_was_meant(shell: Shell) -> None:
    """A rule that is switched off by a misspelt name would be worse than none."""
    checks(shell, "{rules: {secret-in-promt: off}}")
    ran = shell("validate")
    assert ran.code == 3
    assert "did you mean secret-in-prompt?" in ran.err
    shell.bench.edit("cozeops.yaml", "secret-in-promt: off", "secret-in-prompt: of")
    assert shell("validate").code == 3


def test_validate_tells_them_offline(shell: Shell) -> None:
    """As text, as JSON and for machines; the project is valid all the same."""
    shell.bench.edit(CHEF, "# 角色", f"# 角色\n{SECRET}")
    ran = shell("validate")
    assert ran.code == 0
    assert "COZE201 secret-in-prompt  Bot/chef" in ran.out
    assert SECRET not in ran.out
    told = json.loads(shell("validate", "--format", "json").out)
    assert [(one["code"], one["address"]) for one in told["findings"]] == [("COZE201", "Bot/chef")]
    assert "COZE201" in shell("validate", "--format", "sarif").out
    assert not shell.bench.emulator.requests


def test_a_secret_stops_the_apply_until_it_is_acknowledged(shell: Shell, tmp_path: Path) -> None:
    """5, then 0 with --ack; afterwards the bot is not touched, and it holds up nobody else."""
    shell.bench.edit(CHEF, "# 角色", f"# 角色\n{SECRET}")
    plan = tmp_path / "plan.json"
    assert shell("plan", "--out", str(plan)).code == 0
    assert shell("apply", str(plan)).code == 5
    assert shell.bench.writes() == []
    assert shell("apply", str(plan), "--ack", "secret-in-prompt@Bot/chef").code == 0
    assert findings(shell) == {"secret-in-prompt@Bot/chef": "warn"}
    shell.bench.edit("manifests/bots/translator.yaml", "temperature: 0.1", "temperature: 0.2")
    assert shell("apply", "--yes").code == 0


def test_allowed_models_come_from_values_too(shell: Shell) -> None:
    """One place for a model's id."""
    checks(
        shell,
        '{allow_models: ["${values.model}"], rules: {connector-not-allowed: warn}, allow_connectors: [api]}',
    )
    assert {name: weight for name, weight in findings(shell).items() if "unknown-variable" not in name} == {
        "model-not-allowed@Bot/menu-writer": "block",
        "connector-not-allowed@Bot/chef": "warn",
        "connector-not-allowed@Bot/nutritionist": "warn",
        "connector-not-allowed@Bot/support": "warn",
    }


def test_an_environment_lays_its_checks_upon_those_of_the_project(tmp_path: Path) -> None:
    """A rule that it loosens leaves the lists as they are."""
    project = (
        "kind: Project\nmetadata: {name: a}\nspec:\n"
        "  checks: {allow_models: ['1'], rules: {empty-knowledge: off}}\n"
        "  environments:\n    dev: {checks: {rules: {secret-in-prompt: info}}}\n"
    )
    loaded = Loader(tmp_path).load({"cozeops.yaml": project, "m.yaml": bot("  name: a\n")}, "dev")
    assert loaded.settings.checks == {
        "allow_models": ["1"],
        "rules": {"empty-knowledge": "off", "secret-in-prompt": "info"},
    }


def test_variables_of_coze(applied: Shell) -> None:
    """Known where the bot shows its variables, else a note; nothing while the bot is not touched."""
    applied.bench.edit(CHEF, "# 角色", "# 角色\n{{ city }} {{mood}} {{}} {{#if}}")
    assert findings(applied) == {"unknown-variable@Bot/chef": "info"}
    id, _ = applied.bench.bot("每日学一菜")
    data = applied.bench.emulator.dump()
    data["tables"]["bots"][id]["variables"] = [{"keyword": "city"}, {"keyword": "user_name"}]
    applied.bench.emulator.load(data)
    assert findings(applied) == {"unknown-variable@Bot/chef": "warn"}
    assert "{{mood}}" in applied("plan").out
    applied.bench.edit(CHEF, " {{mood}}", "")
    assert findings(applied) == {}


def test_variables_that_were_there_before_are_not_told_again(applied: Shell) -> None:
    """Whoever edits another line of the prompt is not asked about {{user_name}} every time."""
    applied.bench.edit(CHEF, "# 角色", "# 角色\n多一行。")
    assert findings(applied) == {}
