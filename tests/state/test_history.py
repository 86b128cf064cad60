"""The runs that came to an end, and how a run is described."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from cozeops.errors import ExitCode
from cozeops.state import FinishedRun, RunInfo, append_run, new_run_id, read_runs
from cozeops.state.run import age, is_run_id
from tests.state.given import a_run


def test_runs_are_read_newest_first(tmp_path: Path) -> None:
    """Each environment has its own history; the file is closed to others."""
    first = FinishedRun(a_run("run-1"), 10.0, ExitCode.PARTIAL, {"updated": 2, "failed": 1})
    second = FinishedRun(replace(a_run("run-2"), user="爱丽丝"), 20.0)
    for run in (second, first, FinishedRun(a_run("run-3", environment="prod"), 30.0)):
        append_run(tmp_path, run)
    assert read_runs(tmp_path, "dev") == [second, first]
    path = tmp_path / ".cozeops/history/dev.jsonl"
    assert os.name != "posix" or stat.S_IMODE(path.stat().st_mode) == 0o600


def test_there_is_no_history_at_first(tmp_path: Path) -> None:
    """Asking makes no folders."""
    assert read_runs(tmp_path, "dev") == []
    assert list(tmp_path.iterdir()) == []


def test_a_torn_line_costs_only_itself(tmp_path: Path) -> None:
    """What a crash or an editor left is skipped, and the next run is not lost in it."""
    append_run(tmp_path, FinishedRun(a_run("run-1"), 10.0))
    path = tmp_path / ".cozeops/history/dev.jsonl"
    with path.open("ab") as stream:
        stream.write(b'[]\n{"run": {}}\n\xff\n{"run": {"id": "run-2"')
    append_run(tmp_path, FinishedRun(a_run("run-3"), 30.0))
    assert [finished.run.id for finished in read_runs(tmp_path, "dev")] == ["run-3", "run-1"]


def test_who_runs_here() -> None:
    """In CI the run names who started the job and where to look; elsewhere the account."""
    github = {
        "GITHUB_ACTOR": "alice",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "team/bots",
        "GITHUB_RUN_ID": "7",
    }
    run = RunInfo.here("dev", "apply", environ=github, commit="c0ffee")
    assert (run.user, run.job, run.pid) == (
        "alice",
        "https://github.com/team/bots/actions/runs/7",
        os.getpid(),
    )
    assert run.id[:15] == new_run_id(run.time)[:15]
    gitlab = {"GITLAB_USER_LOGIN": "bob", "CI_JOB_URL": "https://gitlab.com/jobs/7"}
    other = RunInfo.here("dev", "apply", environ=gitlab)
    assert (other.user, other.job) == ("bob", "https://gitlab.com/jobs/7")
    assert RunInfo.here("dev", "apply", environ={}).user
    assert RunInfo.from_json(run.to_json()) == run


def test_what_others_wrote_is_made_harmless() -> None:
    """A lock on a shared remote cannot move the cursor of who reads it."""
    found = RunInfo.from_json({"id": "run-1", "user": "\x1b[2Jalice\n", "host": "x" * 5000, "job": 7})
    assert found.user == " [2Jalice "
    assert len(found.host) == 200
    assert found.job == ""


@pytest.mark.parametrize(
    "data", [None, [], {}, {"id": "../x"}, {"id": "a", "time": "x"}, {"id": "a", "pid": "1"}]
)
def test_what_is_no_run_is_refused(data: object) -> None:
    """Anything else is a ValueError."""
    with pytest.raises(ValueError, match="not the record of a run"):
        RunInfo.from_json(data)


def test_ids_sort_by_time() -> None:
    """Ids are file names, sort by time, and two are never equal."""
    early, late = new_run_id(1_000_000_000), new_run_id(2_000_000_000)
    assert early < late
    assert is_run_id(early)
    assert new_run_id(0) != new_run_id(0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 seconds"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (7200, "2 hours"),
        (90000, "1 day"),
    ],
)
def test_ages_in_words(seconds: float, words: str) -> None:
    """How long ago, with one unit; a clock that is behind shows none below zero."""
    assert age(seconds) == words
