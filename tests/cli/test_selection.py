"""`plan --changed-since` and `--all-envs`: what a run is about."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from tests.cli.conftest import Shell

TRANSLATOR = {"Bot/translator", "Workspace/kitchen", "Connector/kiosk"}
"""The bot, its workspace, and the channel that the workspace installs."""


def git(shell: Shell, *arguments: str) -> None:
    """Git in the project, whatever the machine's own settings are."""
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
    quiet = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", "-C", str(shell.bench.folder), *who, *arguments], check=True, env=quiet)


@pytest.fixture
def committed(shell: Shell) -> Shell:
    """The quickstart as the first commit of a repository."""
    git(shell, "init", "-q", "-b", "main")
    git(shell, "add", ".")
    git(shell, "commit", "-q", "-m", "first")
    return shell


def planned(shell: Shell, *arguments: str) -> set[str]:
    """The addresses that a plan is about."""
    ran = shell("plan", "--format", "json", *arguments)
    assert ran.code == 0, ran.err
    return {one["address"] for one in json.loads(ran.out)["changes"]}


def test_only_what_differs_is_planned_with_what_it_needs(committed: Shell) -> None:
    """A bot brings its workspace, its knowledge, its plugins; the other bots stay out."""
    committed.bench.edit("manifests/bots/translator.yaml", "temperature: 0.1", "temperature: 0.2")
    assert planned(committed, "--changed-since", "HEAD") == TRANSLATOR
    committed.bench.edit("manifests/bots/support.yaml", "max_tokens: 1024", "max_tokens: 1025")
    found = planned(committed, "--changed-since", "main")
    assert {"Bot/support", "Bot/translator", "KnowledgeBase/recipes", "Workflow/order-lookup"} <= found
    assert "Bot/chef" not in found


def test_shared_prompts_and_values_select_their_users(committed: Shell) -> None:
    """The file that differs may be another than that of the bot."""
    committed.bench.edit("manifests/prompts/brand-voice.md", "# ", "# New: ")
    bots = {one for one in planned(committed, "--changed-since", "HEAD") if one.startswith("Bot/")}
    assert bots == {"Bot/support"}
    git(committed, "commit", "-q", "-a", "-m", "second")
    committed.bench.edit("cozeops.yaml", 'model_writing: "1706077827"', 'model_writing: "1706077828"')
    bots = {one for one in planned(committed, "--changed-since", "HEAD") if one.startswith("Bot/")}
    assert bots == {"Bot/menu-writer"}


def test_comments_select_nothing(committed: Shell) -> None:
    """The plan is empty and says so; nothing but the token is looked at."""
    committed.bench.edit("manifests/bots/chef.yaml", "# The face", "# The friendly face")
    committed.bench.emulator.requests.clear()
    ran = committed("plan", "--changed-since", "HEAD", "--detailed-exitcode")
    assert ran.code == 0
    assert "Nothing that cozeops manages differs from HEAD" in ran.err
    assert [one.operation for one in committed.bench.emulator.requests] == ["getCurrentUser"]


def test_what_others_merged_meanwhile_is_not_planned(committed: Shell) -> None:
    """A branch is compared with the commit where it began, so it does not undo what main has now."""
    git(committed, "checkout", "-q", "-b", "topic")
    git(committed, "checkout", "-q", "main")
    committed.bench.edit("manifests/bots/chef.yaml", "temperature: 0.7", "temperature: 0.9")
    git(committed, "commit", "-q", "-a", "-m", "on main")
    git(committed, "checkout", "-q", "topic")
    committed.bench.edit("manifests/bots/translator.yaml", "temperature: 0.1", "temperature: 0.2")
    assert planned(committed, "--changed-since", "main") == TRANSLATOR


def test_a_new_project_is_new_as_a_whole(committed: Shell) -> None:
    """Also where the project was invalid then, which is said."""
    committed.bench.edit("manifests/bots/chef.yaml", "temperature: 0.7", "temprature: 0.7")
    git(committed, "commit", "-q", "-a", "-m", "broken")
    committed.bench.edit("manifests/bots/chef.yaml", "temprature: 0.7", "temperature: 0.7")
    assert "Bot/menu-writer" in planned(committed, "--changed-since", "HEAD")
    assert "1 problem in the project" in committed("plan", "--changed-since", "HEAD").err


def test_a_project_in_a_folder_of_the_repository(shell: Shell) -> None:
    """The rest of the repository does not matter, and neither index nor files are touched."""
    outer = shell.bench.folder.parent
    run = ["git", "-C", str(outer), "-c", "user.name=a", "-c", "user.email=a@b.c"]
    for line in (["init", "-q"], ["add", "project"], ["commit", "-q", "-m", "a"]):
        subprocess.run([*run, *line], check=True)
    shell.bench.edit("manifests/bots/translator.yaml", "temperature: 0.1", "temperature: 0.2")
    before = (outer / ".git/index").read_bytes()
    assert planned(shell, "--changed-since", "HEAD") == TRANSLATOR
    assert (outer / ".git/index").read_bytes() == before


@pytest.mark.parametrize("ref", ["nothing", "--all", "HEAD:cozeops.yaml"])
def test_what_git_does_not_know_is_3(committed: Shell, ref: str) -> None:
    """With what to do about it."""
    ran = committed("plan", f"--changed-since={ref}")
    assert ran.code == 3
    assert "Git knows no such commit here" in ran.err
    assert "fetch" in ran.err


def test_outside_git_it_is_3(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any request."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(shell.bench.folder.parent))
    ran = shell("plan", "--changed-since", "main")
    assert ran.code == 3
    assert "is not in a Git repository" in " ".join(ran.err.split())
    assert not shell.bench.emulator.requests


ENVIRONMENTS = """\
kind: Project
metadata: {name: a}
spec:
  manifests: [manifests]
  values: {model: "1", model_writing: "2"}
  environments:
    dev: {token: "${env:DEV_TOKEN}"}
    prod: {values: {model: "3"}}
"""


def test_all_environments_are_planned(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """No default is needed; 2 when any of them has changes."""
    monkeypatch.setenv("DEV_TOKEN", "pat_emulator")
    shell.bench.write("cozeops.yaml", ENVIRONMENTS)
    ran = shell("plan", "--all-envs")
    assert ran.code == 0
    assert ran.out.count("Plan for ") == 2
    assert ran.out.index("Plan for dev") < ran.out.index("Plan for prod")
    assert shell("apply", "--yes", "--env", "prod").code == 0
    assert shell("plan", "--env", "prod", "--detailed-exitcode").code == 0
    assert shell("plan", "--all-envs", "--detailed-exitcode").code == 2


@pytest.mark.parametrize("also", [["--env", "dev"], ["--out", "x.json"], ["--verify", "sha256:0"]])
def test_what_is_about_one_environment_does_not_go_with_all(shell: Shell, also: list[str]) -> None:
    """3, and nothing is read."""
    shell.bench.write("cozeops.yaml", ENVIRONMENTS)
    assert shell("plan", "--all-envs", *also).code == 3
    assert not shell.bench.emulator.requests


def test_a_project_without_environments_has_not_all_of_them(shell: Shell) -> None:
    """3."""
    assert shell("plan", "--all-envs").code == 3
