"""`gate: {passed_in: dev}`: what users get has passed its checks somewhere else first."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from cozeops.codes import Code
from tests.cli.conftest import Ran, Shell
from tests.manifests.projects import Loader

PROJECT = """kind: Project
metadata: {name: kitchen}
spec:
  manifests: [manifests]
  state: {backend: local}
  environments:
    dev: {default: true, values: {suffix: （测试）, temperature: 0.9}, gate: {checks: before}}
    prod:
      values: {suffix: "", temperature: 0.3}
      patches: [env/prod]
      gate: {checks: before, passed_in: dev}
"""
KITCHEN = """kind: Workspace
metadata: {name: kitchen}
spec: {name: "厨房${values.suffix}", description: 后厨}
---
kind: Bot
metadata: {name: chef, workspace: kitchen}
spec:
  name: 厨师${values.suffix}
  description: 会做菜
  prompt: {file: chef.md}
  model: {id: "1706077826", temperature: "${values.temperature}"}
  publish: {connectors: [api]}
---
kind: Check
metadata: {name: hello}
spec: {bot: chef, turns: [{say: 你好, expect: {contains: [您好]}}]}
"""
PATCH = "kind: Bot\nmetadata: {name: chef}\nspec: {description: 会做菜的人}\n"


@pytest.fixture
def kitchen(shell: Shell) -> Shell:
    """A bot in two environments."""
    shutil.rmtree(shell.bench.folder)
    for file, text in {
        "cozeops.yaml": PROJECT,
        "manifests/kitchen.yaml": KITCHEN,
        "manifests/chef.md": "你是厨师。",
        "env/prod/chef.yaml": PATCH,
    }.items():
        shell.bench.write(file, text)
    shell.bench.emulator.seed({"chat_rules": [{"id": "hello", "answer": "您好！"}]})
    return shell


def plan(shell: Shell, environment: str) -> list[dict[str, Any]]:
    """What the plan of an environment finds about evidence."""
    ran = shell("plan", "--env", environment, "--format", "json")
    assert ran.code == 0, ran.err
    return [one for one in json.loads(ran.out)["findings"] if one["code"] == "COZE162"]


def apply(shell: Shell, environment: str, *options: str) -> Ran:
    """Apply an environment without asking."""
    return shell("apply", "--env", environment, "--yes", *options)


def test_dev_comes_before_prod(kitchen: Shell) -> None:
    """Blocked, then proven; values and settings may differ; a new text must pass anew."""
    assert "nothing of it has" in plan(kitchen, "prod")[0]["message"]
    assert apply(kitchen, "prod").code == 5
    assert apply(kitchen, "dev").code == 0
    assert plan(kitchen, "prod") == []
    assert apply(kitchen, "prod").code == 0
    kitchen.bench.write("manifests/chef.md", "你是大厨。")
    assert "other content of it has" in plan(kitchen, "prod")[0]["message"]
    assert apply(kitchen, "dev").code == 0
    assert plan(kitchen, "prod") == []


def test_what_was_held_proves_nothing(kitchen: Shell) -> None:
    kitchen.bench.emulator.seed({"chat_rules": [{"id": "hello", "answer": "Hello"}]})
    assert apply(kitchen, "dev").code == 7
    assert plan(kitchen, "prod")


def test_nor_does_what_nobody_talked_to(kitchen: Shell) -> None:
    kitchen.bench.edit("cozeops.yaml", ", gate: {checks: before}}", "}")
    assert apply(kitchen, "dev").code == 0
    assert plan(kitchen, "prod")
    assert apply(kitchen, "dev", "--check", "--rewrite", "Bot/chef").code == 0
    assert plan(kitchen, "prod") == []


def test_a_patch_of_a_text_is_another_text(kitchen: Shell) -> None:
    """What users get there was never talked to."""
    assert apply(kitchen, "dev").code == 0
    kitchen.bench.write("env/prod/chef.yaml", PATCH.replace("description: 会做菜的人", "prompt: 你是经理。"))
    assert plan(kitchen, "prod")


def test_it_can_be_acknowledged(kitchen: Shell, tmp_path: Path) -> None:
    """For the night when it must be; with a reviewed plan only, as every blocking finding."""
    file = tmp_path / "plan.json"
    assert kitchen("plan", "--env", "prod", "--out", str(file)).code == 0
    assert kitchen("apply", "--env", "prod", str(file)).code == 5
    assert kitchen("apply", "--env", "prod", str(file), "--ack", "COZE162").code == 0


BAD = {
    "no such environment": (PROJECT.replace("passed_in: dev", "passed_in: test"), "is no environment"),
    "itself": (PROJECT.replace("passed_in: dev", "passed_in: prod"), "is this environment"),
    "without a state": (PROJECT.replace("  state: {backend: local}\n", ""), "keeps no state"),
}


@pytest.mark.parametrize(("text", "words"), BAD.values(), ids=BAD)
def test_evidence_that_nobody_can_give(tmp_path: Path, text: str, words: str) -> None:
    """Found offline, at its place."""
    files = {"cozeops.yaml": text, "manifests/kitchen.yaml": KITCHEN, "manifests/chef.md": "a"}
    (problem,) = Loader(tmp_path).problems({**files, "env/prod/chef.yaml": PATCH}, "prod")
    assert problem.code == Code.GATE
    assert words in problem.message
    assert problem.position is not None
    line = text.splitlines()[problem.position.line - 1]
    assert "passed_in" in line
