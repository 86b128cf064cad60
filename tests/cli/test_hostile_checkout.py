"""Random checkouts of somebody who means harm, over every command.

Whatever lies in the folder: nothing outside of it is written, no program of it is started, nothing hangs and
nothing is "a defect".
"""

from __future__ import annotations

import json
import os
import random
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Shell

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links, devices and pipes of POSIX")
FEW, MANY = range(8), range(8, 120)

COMMANDS = [
    ["validate"],
    ["fmt", "--check"],
    ["fmt"],
    ["graph"],
    ["plan"],
    ["plan", "--out", "out/plan.json", "--also", "markdown=out/plan.md"],
    ["plan", "--changed-since", "HEAD"],
    ["plan", "--all-envs"],
    ["plan", "--run-checks"],
    ["apply", "--yes", "--report", "out/report.json", "--events", "out/events", "--trace-http", "out/trace"],
    ["drift"],
    ["check", "--also", "junit=out/junit.xml"],
    ["history"],
    ["rollback", "20260101T000000Z-00000001", "--plan"],
    ["state", "list"],
    ["state", "pull"],
    ["state", "unlock"],
    ["schema", "--write"],
    ["whoami"],
    ["explain-value", "Bot/chef.spec.prompt"],
    ["export", "--out", "out/exported"],
    ["init"],
]
OWN = [
    ".cozeops",
    ".cozeops/state",
    ".cozeops/journal",
    ".cozeops/history",
    ".cozeops/past",
    ".cozeops/state/default.json",
    ".cozeops/state/default.lock",
    ".cozeops/state/default.holder",
    ".cozeops/state/backups",
    ".cozeops/journal/default-20260101T000000Z-00000001.jsonl",
    ".cozeops/history/default.jsonl",
    ".cozeops/past/x.lock",
    ".cozeops/.gitignore",
]
NAMED = ["out", "out/plan.json", "out/report.json", "out/events", "out/trace", "out/plan.md", "schemas"]
SOURCES = ["cozeops.yaml", "manifests", "manifests/extra.yaml", "manifests/bots", "prompts", ".gitattributes"]
RUN = {"id": "20260101T000000Z-00000001", "environment": "default", "operation": "apply", "time": 1.0}


def _lines(*lines: object) -> bytes:
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


TEXTS = [
    b"",
    b"\0\xff" * 99,
    b"[]",
    b'{"format": "cozeops-state/1"}',
    b"[" * 5000,
    _lines({"format": "cozeops-journal/2", "run": RUN}, {"n": 1, "intent": {"name": {}}}),
    _lines({"run": RUN, "ended": 1e300, "exit_code": 0, "counts": {"a": 1}}),
    _lines({"run": RUN | {"commit": "HEAD"}, "ended": 2.0, "exit_code": 0, "counts": {}}),
    b'{"n": ' + b"9" * 5000 + b"}\n",
]


class Attacker:
    """Puts things into a checkout; `outside` holds what must stay as it is, `trap` leaves a mark."""

    def __init__(self, root: Path, outside: Path, chance: random.Random) -> None:
        self.root, self.outside, self.chance = root, outside, chance
        self.mark = outside.parent / "ran"
        self.trap = outside.parent / "trap"
        self.trap.write_text(f"#!/bin/sh\ntouch {self.mark}\ncat\n")
        self.trap.chmod(0o755)

    def put(self) -> None:
        """One of all that a checkout may hold."""
        place = self.root / self.chance.choice([*OWN, *NAMED, *SOURCES])
        how: Callable[[Path], None] = self.chance.choice(
            (self._link, self._link, self._pipe, self._device, self._text, self._text, self._tracked)
            if self.chance.random() < 0.7
            else (self._attributes, self._bare, self._nested, self._program)
        )
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            else:
                place.unlink(missing_ok=True)
            how(place)
        except OSError:  # one thing in the way of another
            return

    def _link(self, place: Path) -> None:
        targets = ["file", "folder", "folder/new", "pipe", "loop"]
        target = self.chance.choice(targets)
        place.symlink_to(place.name if target == "loop" else self.outside / target)

    def _pipe(self, place: Path) -> None:
        os.mkfifo(place)

    def _device(self, place: Path) -> None:
        os.mknod(place, stat.S_IFCHR | 0o666, os.makedev(1, self.chance.choice([3, 5, 7])))

    def _text(self, place: Path) -> None:
        place.write_bytes(self.chance.choice(TEXTS))

    def _tracked(self, place: Path) -> None:
        self._text(place)
        self._git("add", "-f", str(place))

    def _attributes(self, _: Path) -> None:
        text = "* filter=trap diff=trap export-subst\n*.md export-ignore working-tree-encoding=UTF-16\n"
        (self.root / ".gitattributes").write_text(text)
        for name in ("filter.trap.smudge", "filter.trap.clean", "diff.trap.textconv", "core.fsmonitor"):
            self._git("config", name, str(self.trap))

    def _bare(self, _: Path) -> None:
        folder = self.root / self.chance.choice([".", "manifests", "prompts"])
        (folder / "objects/info").mkdir(parents=True)
        (folder / "refs").mkdir()
        (folder / "objects/info/alternates").write_text(f"{self.root}/.git/objects\n")
        (folder / "HEAD").write_text("ref: refs/heads/main\n")
        (folder / "config").write_text(f"[core]\n\tbare = true\n\tfsmonitor = {self.trap}\n")

    def _nested(self, place: Path) -> None:
        place.mkdir()
        subprocess.run(["git", "init", "-q", str(place)], check=False, capture_output=True)
        subprocess.run(["git", "-C", str(place), "config", "core.fsmonitor", str(self.trap)], check=False)

    def _program(self, _: Path) -> None:
        for name in ("git", "python3", "ssh", "sh"):
            shutil.copy(self.trap, self.root / name)

    def _git(self, *words: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
        subprocess.run(["git", "-C", str(self.root), *who, *words], check=False, capture_output=True)


def _shape(folder: Path) -> dict[str, object]:
    """Every file below a folder, and what is in it."""
    return {
        path.relative_to(folder).as_posix(): (
            path.read_bytes() if path.is_file() else None,
            stat.S_IFMT(path.lstat().st_mode),
        )
        for path in sorted(folder.rglob("*"))
    }


def _outside(folder: Path) -> Path:
    outside = folder / "outside"
    (outside / "folder").mkdir(parents=True)
    (outside / "file").write_text("precious")
    (outside / "folder/default.json").write_text("precious")
    os.mkfifo(outside / "pipe")
    return outside


def _attack(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    chance = random.Random(seed)
    root, outside = shell.bench.folder, _outside(tmp_path)
    shell.bench.edit(
        "cozeops.yaml", "  manifests: [manifests]\n", "  manifests: [manifests]\n  state: {backend: local}\n"
    )
    attacker = Attacker(root, outside, chance)
    attacker._git("init", "-q", "-b", "main")
    attacker._git("add", "-A")
    attacker._git("commit", "-qm", "one")
    if chance.random() < 0.5:
        shell("apply", "--yes")
    for _ in range(chance.randint(1, 5)):
        attacker.put()
    attacker.mark.unlink(missing_ok=True)
    before = _shape(outside)
    monkeypatch.chdir(root)
    monkeypatch.setenv("PATH", os.pathsep.join([".", str(root), os.environ["PATH"]]))
    for command in chance.sample(COMMANDS, 7):
        ran = shell(*command)
        told = f"seed {seed}: {command}: {ran.err}"
        assert "defect" not in ran.err, told
        assert _shape(outside) == before, told
        assert not attacker.mark.exists(), told


@pytest.mark.parametrize("seed", FEW)
def test_a_hostile_checkout(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """A few of them."""
    _attack(shell, tmp_path, monkeypatch, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", MANY)
def test_many_hostile_checkouts(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """More of them."""
    _attack(shell, tmp_path, monkeypatch, seed)
