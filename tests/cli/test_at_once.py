"""Two applies started at the same moment: as if one had come after the other, over each backend."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.processes import finish, project, shape, start
from tests.kit import Bench
from tests.s3 import S3_ENVIRON, client_of, new_bucket, serving


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


def _at_once(folder: Path, expected: dict[str, Any], backend: str) -> None:
    state = f"  state: {{backend: {backend}}}\n" if backend else ""
    bench = project(folder / "project", state)
    if backend == "git":
        _with_remote(bench)
    with bench.emulator.serve() as url:
        both = [start(bench, url, "apply", "--yes", "--lock-timeout", "60") for _ in range(2)]
        said = [finish(process) for process in both]
        assert [code for code, _ in said] == [0, 0], said
        code, out = finish(start(bench, url, "plan", "--detailed-exitcode"))
        assert code == 0, out
        kept = finish(start(bench, url, "state", "list"))[1].splitlines() if backend else []
    assert shape(bench) == expected
    assert bench.writes().count("createBot") == 5
    assert len([line for line in kept if line.startswith("Bot/")]) == (5 if backend else 0), kept


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """The URL of an S3 server."""
    with serving() as endpoint:
        yield endpoint


@pytest.fixture(params=["", "local", "git", "s3"], ids=["no-state", "local", "git", "s3"])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a project writes about each place for a state."""
    if request.param != "s3":
        return str(request.param)
    endpoint = request.getfixturevalue("s3_endpoint")
    for name, value in S3_ENVIRON.items():
        monkeypatch.setenv(name, value)
    return f"s3, bucket: {new_bucket(client_of(endpoint))}, endpoint: '{endpoint}'"


def test_two_applies_at_once_are_serial(tmp_path: Path, undisturbed: dict[str, Any], backend: str) -> None:
    """The second waits for the lock, plans again and finds nothing to do; the state has it all."""
    _at_once(tmp_path, undisturbed, backend)


@pytest.mark.long
@pytest.mark.parametrize("_round", range(20))
def test_two_applies_at_once_twenty_times(
    tmp_path: Path, undisturbed: dict[str, Any], backend: str, _round: int
) -> None:
    """The same, twenty times."""
    _at_once(tmp_path, undisturbed, backend)
