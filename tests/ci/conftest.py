"""A repository with a bare remote, an emulator and a GitHub on loopback: what the recipes' scripts meet."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ci.github import REPOSITORY, TOKEN, GitHub
from tests.cli import warm
from tests.kit import Bench

CI = Path(__file__).resolve().parents[2] / "examples" / "ci"
SCRIPTS = CI / "scripts"
STATE = "\n  state: {backend: git}\n"


@dataclass(frozen=True)
class Ran:
    """What a script gave."""

    code: int
    out: str
    err: str
    outputs: dict[str, str]
    summary: str


class Forge:
    """A team's repository, and runners that check it out."""

    def __init__(self, home: Path, bench: Bench, coze: str, github: GitHub) -> None:
        self.home, self.bench, self.coze, self.github = home, bench, coze, github
        self.hub = home / "hub.git"
        self._runs = 0

    def git(self, *arguments: str, folder: Path | None = None) -> str:
        """Run git, by default where the team works, without anybody's configuration."""
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "GIT_CONFIG_NOSYSTEM": "1",
            **{f"GIT_{role}_NAME": "cook" for role in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{role}_EMAIL": "cook@example.com" for role in ("AUTHOR", "COMMITTER")},
        }
        line = ["git", "-C", str(folder or self.bench.folder), *arguments]
        return subprocess.run(line, env=environ, check=True, capture_output=True, text=True).stdout.strip()

    def push(self, branch: str, message: str) -> str:
        """Commit everything and push it; the commit."""
        self.git("checkout", "-q", "-B", branch)
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        self.git("push", "-q", "--force", "origin", branch)
        return self.git("rev-parse", "HEAD")

    def checkout(self, branch: str) -> Path:
        """A fresh and shallow copy, as a runner makes it."""
        self._runs += 1
        folder = self.home / f"run-{self._runs}" / "repository"
        self.git("clone", "-q", "--depth", "1", "--branch", branch, f"file://{self.hub}", str(folder))
        return folder

    def run(self, script: str, branch: str = "main", **variables: str) -> Ran:
        """Check a branch out and run a script there, with what a runner would give it."""
        return self.run_in(self.checkout(branch), script, **variables)

    def run_in(self, folder: Path, script: str, **variables: str) -> Ran:
        """The same in a folder that is there."""
        temporary = folder.parent / "tmp"
        temporary.mkdir(exist_ok=True)
        files = {name: temporary / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("", encoding="utf-8")
        environ = {
            "PATH": warm.path(),
            "HOME": str(temporary),
            "LANG": "C.UTF-8",
            "RUNNER_TEMP": str(temporary),
            "GITHUB_WORKSPACE": str(folder),
            "GITHUB_API_URL": self.github.url,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": TOKEN,
            "COZE_API_BASE": self.coze,
            "COZE_API_TOKEN": "pat_emulator",
            **{name: str(file) for name, file in files.items()},
            **variables,
        }
        line = ["sh", str(SCRIPTS / script)]
        ran = subprocess.run(line, cwd=folder, env=environ, check=False, capture_output=True, text=True)
        told = files["GITHUB_OUTPUT"].read_text("utf-8").splitlines()
        outputs = dict(pair.split("=", 1) for pair in told)
        summary = files["GITHUB_STEP_SUMMARY"].read_text("utf-8")
        assert TOKEN not in ran.stdout + ran.stderr
        return Ran(ran.returncode, ran.stdout, ran.stderr, outputs, summary)

    def action(self, command: str, branch: str = "main", **variables: str) -> Ran:
        """What the composite action runs."""
        return self.run("github.sh", branch, COZEOPS_COMMAND=command, COZEOPS_ENV="", **variables)

    def propose(self, branch: str, number: int, message: str) -> Ran:
        """Push to a pull request, and let its workflow plan."""
        head = self.github.pulls[number] = self.push(branch, message)
        return self.action("plan", branch, PULL_REQUEST=str(number), HEAD_SHA=head)


@pytest.fixture
def forge(tmp_path: Path) -> Iterator[Forge]:
    """The quickstart with its state on a branch, pushed to a bare remote."""
    for tool in ("git", "curl", "jq", "sh"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")
    bench = Bench(tmp_path / "team")
    bench.seed()
    bench.edit("cozeops.yaml", "\n  manifests: [manifests]\n", f"\n  manifests: [manifests]{STATE}")
    github = GitHub()
    with bench.emulator.serve() as coze, github.serve():
        forge = Forge(tmp_path, bench, coze, github)
        forge.git("init", "-q", "--bare", str(forge.hub), folder=tmp_path)
        forge.git("init", "-q", "-b", "main")
        forge.git("remote", "add", "origin", f"file://{forge.hub}")
        forge.push("main", "Begin")
        yield forge
