"""Killed at any write, started twice at once: the live side ends as if nothing had happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.kit import Bench

WRITES = 29
"""Writes of an undisturbed first apply of the quickstart, uploads included."""
SAMPLE = range(3, WRITES, 7)
STATES = ["", "  state: {backend: local}\n"]


def _bench(folder: Path, state: str) -> Bench:
    bench = Bench(folder, clock=time.time)
    bench.edit("cozeops.yaml", "  manifests: [manifests]\n", f"  manifests: [manifests]\n{state}")
    bench.seed()
    return bench


def _start(bench: Bench, url: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "COZE_API_BASE": url, "COZE_API_TOKEN": "pat_emulator"}
    line = [sys.executable, "-m", "cozeops", "-C", str(bench.folder), *arguments]
    return subprocess.Popen(
        line,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out + err


def _shape(bench: Bench) -> dict[str, Any]:
    """What is live, by name: no ids, no times."""
    bots = {row["draft"]["name"]: row for row in bench.table("bots").values()}
    return {
        "count": {name: len(bench.table(name)) for name in ("workspaces", "bots", "datasets", "documents")},
        "channels": {name: sorted(row["online"]) for name, row in bots.items()},
        "prompts": {name: row["draft"]["prompt_info"]["prompt"] for name, row in bots.items()},
        "knowledge": {name: len(row["draft"]["knowledge"]["dataset_ids"]) for name, row in bots.items()},
        "people": {name: sorted(row["collaborators"]) for name, row in bots.items()},
        "documents": sorted(row["name"] for row in bench.table("documents").values()),
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What an apply that nobody kills makes."""
    bench = _bench(tmp_path_factory.mktemp("undisturbed") / "project", "")
    bench.settle()
    return _shape(bench)


def _killed(tmp_path: Path, state: str, after: int, expected: dict[str, Any]) -> None:
    bench = _bench(tmp_path / "project", state)
    with bench.emulator.serve() as url:
        process = _start(bench, url, "apply", "--yes")
        while process.poll() is None and len(bench.writes()) < after:
            time.sleep(0.002)
        with suppress(ProcessLookupError):  # it was faster
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        code, said = _finish(_start(bench, url, "apply", "--yes"))
        assert code == 0, said
        code, said = _finish(_start(bench, url, "plan", "--detailed-exitcode"))
        assert code == 0, said
    assert _shape(bench) == expected


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
    process = _start(bench, url, "apply", "--yes", "--parallelism", "1")
    while process.poll() is None and len(bench.writes()) < 6:
        time.sleep(0.002)
    process.send_signal(number)
    return _finish(process)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_drains(tmp_path: Path, undisturbed: dict[str, Any], number: int) -> None:
    """What is under way ends, nothing new begins, exit 8; the next apply does the rest."""
    bench = _bench(tmp_path / "project", STATES[1])
    with bench.emulator.serve() as url:
        code, said = _interrupted(bench, url, number)
        assert code == 8, said
        assert "Traceback" not in said
        assert len(bench.writes()) < WRITES
        code, said = _finish(_start(bench, url, "apply", "--yes"))
        assert code == 0, said
    assert _shape(bench) == undisturbed


def _with_remote(bench: Bench) -> None:
    """Make the project a Git repository with a remote of its own."""
    remote = bench.folder.parent / "remote.git"
    who = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    for line in (
        ["init", "-q", "--bare", str(remote)],
        ["-C", str(bench.folder), "init", "-q"],
        ["-C", str(bench.folder), "add", "."],
        ["-C", str(bench.folder), "commit", "-q", "-m", "start"],
        ["-C", str(bench.folder), "remote", "add", "origin", str(remote)],
        ["-C", str(bench.folder), "push", "-q", "origin", "HEAD:main"],
    ):
        subprocess.run(["git", *who, *line], check=True, capture_output=True)


def _at_once(tmp_path: Path, expected: dict[str, Any], backend: str) -> None:
    state = f"  state: {{backend: {backend}}}\n" if backend else ""
    bench = _bench(tmp_path / "project", state)
    if backend == "git":
        _with_remote(bench)
    with bench.emulator.serve() as url:
        both = [_start(bench, url, "apply", "--yes", "--lock-timeout", "60") for _ in range(2)]
        said = [_finish(process) for process in both]
        assert [code for code, _ in said] == [0, 0], said
        assert _finish(_start(bench, url, "plan", "--detailed-exitcode"))[0] == 0
    assert _shape(bench) == expected
    assert bench.writes().count("createBot") == 5


@pytest.mark.parametrize("backend", ["", "local", "git"], ids=["no-state", "local", "git"])
def test_two_applies_at_once_are_serial(tmp_path: Path, undisturbed: dict[str, Any], backend: str) -> None:
    """The second waits for the lock, plans again and finds nothing to do."""
    _at_once(tmp_path, undisturbed, backend)


@pytest.mark.long
@pytest.mark.parametrize("backend", ["local", "git"])
@pytest.mark.parametrize("_round", range(20))
def test_two_applies_at_once_twenty_times(
    tmp_path: Path, undisturbed: dict[str, Any], backend: str, _round: int
) -> None:
    """The same, twenty times."""
    _at_once(tmp_path, undisturbed, backend)
