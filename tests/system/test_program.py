"""Starting programs: in one place, found outside the checkout, without its environment."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from cozeops.engine.policy.process import ask
from cozeops.state.git_program import Git
from cozeops.system.program import find_program, search_path

PACKAGE = Path(__file__).resolve().parents[2] / "cozeops"
STARTS = re.compile(
    r"\b(subprocess|pty|multiprocessing|concurrent\.futures\.process|create_subprocess\w*|Popen)\b"
    r"|\bos\.(exec|spawn|posix_spawn|system|popen|fork|startfile)"
)


def test_nothing_else_starts_a_program() -> None:
    """`system/program.py` alone does."""
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if STARTS.search(line.partition("#")[0])
    }
    assert found == {"system/program.py"}


def _git(root: Path, *words: str) -> str:
    environ = {"PATH": os.environ["PATH"], "HOME": str(root.parent), "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "protocol.file.allow=always")
    return subprocess.run(
        ["git", "-C", str(root), *who, *words], check=True, capture_output=True, text=True, env=environ
    ).stdout.strip()


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """A file that is there once something of the checkout ran."""
    return tmp_path / "ran"


@pytest.fixture
def checkout(tmp_path: Path, mark: Path) -> Path:
    """A repository that names a program wherever one can be named."""
    root = tmp_path / "checkout"
    root.mkdir()
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\nenv > {mark}\ncat\n")
    trap.chmod(0o755)
    _git(root, "init", "-q", "-b", "main")
    (root / ".gitattributes").write_text("* filter=trap diff=trap export-ignore\n")
    (root / "cozeops.yaml").write_text("spec: {}\n")
    _git(root, "add", ".")
    _git(root, "commit", "-qm", "one")
    for name in ("core.fsmonitor", "core.sshCommand", "core.askPass", "core.pager", "core.editor"):
        _git(root, "config", name, str(trap))
    for name in ("filter.trap.smudge", "filter.trap.clean", "diff.trap.textconv", "diff.external"):
        _git(root, "config", name, str(trap))
    _git(root, "config", "core.alternateRefsCommand", str(trap))
    _git(root, "config", "remote.origin.url", "ext::" + str(trap))
    hooks = root / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc"):
        (hooks / name).write_bytes(trap.read_bytes())
        (hooks / name).chmod(0o755)
    return root


@pytest.mark.skipif(os.name != "posix", reason="the program is a shell script")
def test_git_starts_nothing_that_the_repository_names(checkout: Path, mark: Path) -> None:
    """Neither when it reads what is here, nor when it is sent to a remote that is a command."""
    git = Git(checkout, os.environ, local=True)
    commit = git.run("rev-parse", "--verify", "HEAD").text
    git.run("ls-files", "-z", "--cached")
    git.run("ls-tree", "-r", "-z", commit)
    git.run("cat-file", "blob", f"{commit}:cozeops.yaml")
    assert git.ask("fetch", "origin").code
    assert Git(checkout, os.environ).ask("ls-remote", "--", "origin").code
    assert not mark.exists()


@pytest.mark.skipif(os.name != "posix", reason="the program is a shell script")
def test_git_sees_no_token_under_any_name(checkout: Path, mark: Path) -> None:
    """A manifest says which variable holds the token: git gets only what it needs."""
    environ = {**os.environ, "COZE_API_TOKEN": "canary", "MY_BOTS": "canary", "COZEOPS_STATE_KEY": "canary"}
    git = Git(checkout, environ)
    shown = git.ask("-c", "alias.show-env=!env", "show-env").text
    assert "canary" not in shown
    assert "GIT_TERMINAL_PROMPT=0" in shown


@pytest.mark.skipif(os.name != "posix", reason="the program is a shell script")
def test_programs_of_the_checkout_are_not_found(checkout: Path, mark: Path) -> None:
    """Also by a relative PATH, from a folder below, or through a link outside that leads in."""
    tools, below = checkout / "tools", checkout / "below"
    tools.mkdir()
    below.mkdir()
    (tools / "git").write_text(f"#!/bin/sh\ntouch {mark}\n")
    (tools / "git").chmod(0o755)
    link = checkout.parent / "link"
    link.symlink_to(tools)
    outside = checkout.parent / "bin"
    outside.mkdir()
    (outside / "git").symlink_to(tools / "git")
    path = os.pathsep.join(["tools", ".", "", str(tools), str(link), str(outside), os.environ["PATH"]])
    assert search_path(path, below).startswith(str(outside))
    assert find_program("git", os.pathsep.join([str(tools), str(link), "tools", str(outside)]), below) is None
    Git(below, {**os.environ, "PATH": path}).ask("version")
    answer = ask(["git", "version"], b"", root=below, search=str(tools), seconds=9)
    assert "no git on PATH" in answer.failure
    assert not mark.exists()
    assert ask(["../tools/git"], b"", root=below, search=os.environ["PATH"], seconds=9).code == 0
    assert mark.exists()
