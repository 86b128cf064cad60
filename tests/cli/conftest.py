"""The command line in this process, against an emulator on a real socket."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cozeops.cli import cli
from cozeops.cli.errors import exit_code_of
from tests.cli.processes import project, shape
from tests.kit import Bench


@dataclass(frozen=True)
class Ran:
    """What a command gave."""

    code: int
    out: str
    err: str


class Shell:
    """Runs commands in a project, with the environment of a user."""

    def __init__(self, bench: Bench, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.bench, self.url, self._capsys = bench, url, capsys

    def line(self, arguments: tuple[str, ...]) -> list[str]:
        """What is written behind `cozeops`."""
        return ["-C", str(self.bench.folder), *arguments]

    def __call__(self, *arguments: str) -> Ran:
        self._capsys.readouterr()
        line = self.line(arguments)
        code = exit_code_of(lambda: cli.main(args=line, prog_name="cozeops", standalone_mode=False))
        captured = self._capsys.readouterr()
        return Ran(code, captured.out, captured.err)


@contextmanager
def served(bench: Bench, monkeypatch: pytest.MonkeyPatch, token: str = "pat_emulator") -> Iterator[str]:
    """The URL of a bench's emulator; the environment of a user leads there."""
    with bench.emulator.serve() as url:
        for name in ("CI", "COLUMNS"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("COZE_API_BASE", url)
        monkeypatch.setenv("COZE_API_TOKEN", token)
        monkeypatch.setattr(sys, "stdin", sys.__stdin__)
        # Apply waits for what the emulator processes, by the emulator's clock.
        monkeypatch.setattr("cozeops.cli.connected.sleep", bench.emulator.advance)
        yield url


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shell]:
    """The quickstart, a served emulator, and a token for it."""
    bench = Bench(tmp_path / "project")
    bench.seed()
    with served(bench, monkeypatch) as url:
        yield Shell(bench, url, capsys)


@pytest.fixture
def applied(shell: Shell) -> Shell:
    """The quickstart, applied."""
    assert shell("apply", "--yes").code == 0
    shell.bench.emulator.requests.clear()
    return shell


Command = Callable[..., Ran]


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What an apply that nobody kills makes."""
    bench = project(tmp_path_factory.mktemp("undisturbed") / "project", "")
    bench.settle()
    return shape(bench)
