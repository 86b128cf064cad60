"""Killed at any write: the live side ends as if nothing had happened."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.processes import finish, project, shape, start
from tests.kit import Bench

WRITES = 29
"""Writes of an undisturbed first apply of the quickstart, uploads included."""
SAMPLE = range(3, WRITES, 7)
STATES = ["", "  state: {backend: local}\n"]


def _killed(tmp_path: Path, state: str, after: int, expected: dict[str, Any]) -> None:
    bench = project(tmp_path / "project", state)
    with bench.emulator.serve() as url:
        process = start(bench, url, "apply", "--yes")
        while process.poll() is None and len(bench.writes()) < after:
            time.sleep(0.002)
        process.kill()
        finish(process)
        code, said = finish(start(bench, url, "apply", "--yes"))
        assert code == 0, said
        code, said = finish(start(bench, url, "plan", "--detailed-exitcode"))
        assert code == 0, said
    assert shape(bench) == expected


@pytest.mark.parametrize("state", STATES, ids=["no-state", "state"])
@pytest.mark.parametrize("after", SAMPLE)
def test_killed_after_a_write(tmp_path: Path, undisturbed: dict[str, Any], state: str, after: int) -> None:
    """Property: kill -9, apply again: as undisturbed, nothing twice, the second plan empty."""
    _killed(tmp_path, state, after, undisturbed)


@pytest.mark.long
@pytest.mark.parametrize("state", STATES, ids=["no-state", "state"])
@pytest.mark.parametrize("after", range(1, WRITES + 1))
def test_killed_after_every_write(
    tmp_path: Path, undisturbed: dict[str, Any], state: str, after: int
) -> None:
    """The same after every single write."""
    _killed(tmp_path, state, after, undisturbed)


def _interrupted(bench: Bench, url: str, number: int) -> tuple[int, str]:
    process = start(bench, url, "apply", "--yes", "--parallelism", "1")
    while process.poll() is None and len(bench.writes()) < 6:
        time.sleep(0.002)
    os.kill(process.pid, number)
    return finish(process)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_drains(tmp_path: Path, undisturbed: dict[str, Any], number: int) -> None:
    """What is under way ends, nothing new begins, exit 8; the next apply does the rest."""
    bench = project(tmp_path / "project", STATES[1])
    with bench.emulator.serve() as url:
        code, said = _interrupted(bench, url, number)
        assert code == 8, said
        assert "Traceback" not in said
        assert len(bench.writes()) < WRITES
        code, said = finish(start(bench, url, "apply", "--yes"))
        assert code == 0, said
    assert shape(bench) == undisturbed
