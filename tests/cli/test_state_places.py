"""A state belongs to one project: another one never reads it, and none is left behind in silence."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cozeops.cli import cli
from cozeops.cli.errors import exit_code_of
from tests.cli.conftest import Ran, served
from tests.kit import Bench

BOT = """\
kind: Workspace
metadata: {name: home}
spec: {name: %s, description: 一个小组}
---
kind: Bot
metadata: {name: clerk, workspace: home}
spec: {name: 店员, prompt: %s}
---
kind: KnowledgeBase
metadata: {name: faq, workspace: home}
spec: {name: 常见问题, format: text, description: 常见的问题}
"""


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


class Repository:
    """One repository with a remote, and projects in its folders."""

    def __init__(self, folder: Path, bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self.bench, self._capsys = folder / "repository", bench, capsys
        git(folder, "init", "-q", "--bare", "hub.git")
        git(folder, "init", "-q", "-b", "main", "repository")
        git(self.root, "remote", "add", "origin", str(folder / "hub.git"))
        (self.root / ".gitignore").write_text(".cozeops/\n")
        git(self.root, "add", ".gitignore")
        git(self.root, "commit", "-qm", "begin")

    def write(
        self,
        place: str,
        name: str,
        *,
        workspace: str,
        prompt: str = "你好",
        spec: str = "state: {backend: git}",
    ) -> Path:
        """A project in a folder of the repository."""
        folder = self.root / place
        (folder / "manifests").mkdir(parents=True, exist_ok=True)
        (folder / "cozeops.yaml").write_text(
            f"kind: Project\nmetadata: {{name: {name}}}\nspec:\n  manifests: [manifests]\n  {spec}\n", "utf-8"
        )
        (folder / "manifests" / "all.yaml").write_text(BOT % (workspace, prompt), "utf-8")
        return folder

    def __call__(self, place: str, *arguments: str) -> Ran:
        self._capsys.readouterr()
        line = ["-C", str(self.root / place), *arguments]
        code = exit_code_of(lambda: cli.main(args=line, prog_name="cozeops", standalone_mode=False))
        captured = self._capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    def changes(self, place: str, *arguments: str) -> dict[str, str]:
        """The actions of a plan that are changes."""
        ran = self(place, "plan", "--format", "json", *arguments)
        assert ran.code == 0, ran.err
        return {
            one["address"]: one["action"] for one in json.loads(ran.out)["changes"] if one["action"] != "none"
        }

    def findings(self, place: str) -> dict[str, dict[str, Any]]:
        ran = self(place, "plan", "--format", "json")
        assert ran.code == 0, ran.err
        return {one["code"]: one for one in json.loads(ran.out)["findings"]}

    def live(self) -> dict[str, str]:
        """Every bot's prompt by the name of its workspace."""
        spaces = {id: row["name"] for id, row in self.bench.table("workspaces").items()}
        return {
            spaces[row["space_id"]]: row["draft"]["prompt_info"]["prompt"]
            for row in self.bench.table("bots").values()
        }


@pytest.fixture
def repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Repository]:
    bench = Bench(tmp_path)
    with served(bench, monkeypatch):
        yield Repository(tmp_path, bench, capsys)


def test_two_projects_on_one_remote_never_touch_each_other(repository: Repository) -> None:
    repository.write("a", "first", workspace="甲", prompt="甲的话")
    repository.write("b", "second", workspace="乙", prompt="乙的话")
    assert repository("a", "apply", "--yes").code == 0
    assert set(repository.changes("b").values()) == {"create"}
    assert repository("b", "apply", "--yes", "--prune").code == 0
    assert repository.live() == {"甲": "甲的话", "乙": "乙的话"}
    for place in ("a", "b"):
        assert repository.changes(place, "--prune") == {}
    (repository.root / "b" / "manifests" / "all.yaml").unlink()
    repository("b", "apply", "--yes", "--prune")
    assert len(repository.bench.table("datasets")) >= 1
    assert repository.changes("a") == {}


def test_two_projects_of_one_name_in_one_repository_are_told_apart(repository: Repository) -> None:
    repository.write("a", "bots", workspace="甲", prompt="甲的话")
    repository.write("b", "bots", workspace="乙", prompt="乙的话")
    assert repository("a", "apply", "--yes").code == 0
    for command in (("plan",), ("apply", "--yes", "--prune"), ("drift",)):
        ran = repository("b", *command)
        assert ran.code == 3
        assert "in the folder a, this is bots in b" in ran.err
        assert "metadata.name" in ran.err
    assert repository.live() == {"甲": "甲的话"}


def test_what_the_hint_says_mends_it(repository: Repository) -> None:
    repository.write("a", "bots", workspace="甲")
    assert repository("a", "apply", "--yes").code == 0
    shutil.move(repository.root / "a", repository.root / "c")
    assert repository("c", "plan").code == 3
    assert repository("c", "state", "migrate").code == 3, "a folder is never guessed at"
    ran = repository("c", "state", "migrate", "--from-folder", "a")
    assert (ran.code, ran.err) == (0, "")
    assert repository.changes("c") == {}


def test_a_renamed_project_says_so_and_takes_its_state_along(repository: Repository) -> None:
    repository.write("a", "old", workspace="甲")
    assert repository("a", "apply", "--yes").code == 0
    repository.write("a", "new", workspace="甲")
    assert set(repository.changes("a").values()) == {"adopt"}
    told = repository.findings("a")["COZE127"]
    assert told["hint"].endswith("cozeops state migrate --from git --from-project old")
    ran = repository("a", "state", "migrate", "--from", "git", "--from-project", "old")
    assert ran.code == 0, ran.err
    assert repository.changes("a") == {}


@pytest.mark.parametrize(
    ("before", "after", "origin"),
    [
        ("state: {backend: local}", "state: {backend: git}", "local"),
        (
            "state: {backend: git}",
            "state: {backend: git}\n  environments: {prod: {default: true}}",
            "git:default",
        ),
        (
            "state: {backend: local}",
            "state: {backend: git}\n  environments: {prod: {default: true}}",
            "local:default",
        ),
        (
            "state: {backend: local}",
            "state: {backend: local}\n  environments: {prod: {default: true}}",
            "local:default",
        ),
    ],
    ids=["local to git", "environments added", "both", "environments added to a local one"],
)
def test_a_state_that_is_left_behind_is_told_and_moves(
    repository: Repository, before: str, after: str, origin: str
) -> None:
    repository.write("a", "bots", workspace="甲", spec=before)
    assert repository("a", "apply", "--yes").code == 0
    repository.write("a", "bots", workspace="甲", spec=after)
    told = repository.findings("a")["COZE127"]
    assert told["hint"].endswith(f"cozeops state migrate --from {origin}")
    assert repository("a", "state", "migrate", "--from", origin).code == 0
    assert "COZE127" not in repository.findings("a")
    assert repository.changes("a") == {}
    again = repository("a", "state", "migrate", "--from", origin)
    assert again.code == 3, "what was moved is not there a second time"


def test_an_older_state_is_nobodys_until_somebody_takes_it_over(repository: Repository) -> None:
    folder = repository.write("a", "bots", workspace="甲", spec="state: {backend: local}")
    assert repository("a", "apply", "--yes").code == 0
    file = folder / ".cozeops" / "state" / "default.json"
    data = json.loads(file.read_text("utf-8"))
    del data["project"], data["home"]
    file.write_text(json.dumps(data), "utf-8")
    os.utime(file)
    ran = repository("a", "plan")
    assert ran.code == 3
    assert "cozeops state migrate" in ran.err
    assert repository("a", "state", "migrate").code == 0
    assert repository.changes("a") == {}
