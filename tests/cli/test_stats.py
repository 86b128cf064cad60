"""What a run cost: said on request, in the plan, and request by request in a trace."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest

from cozeops.engine.plan.file import plan_digest, read_plan
from cozeops.report.stats import stats_text
from tests.cli.conftest import Shell
from tests.kit import without_stats


@pytest.mark.parametrize("command", ["plan", "drift", "apply"])
def test_stats_go_to_standard_error(applied: Shell, command: str) -> None:
    """Every request is in them, and standard output stays what it was."""
    ran = applied(command, "--stats", *(["--yes"] if command == "apply" else []))
    assert ran.code == 0
    sent = applied.bench.emulator.requests
    assert f"{len(sent)} requests in " in ran.err
    lists = sum(one.operation == "listBots" for one in sent)
    assert re.search(rf"^  listBots +{lists}$", ran.err, re.MULTILINE)
    assert "0 retries, 0 throttled, 0.0 s waiting" in ran.err
    assert "throttled" not in ran.out


def test_stats_of_an_export(applied: Shell, tmp_path: Path) -> None:
    ran = applied("export", "--out", str(tmp_path / "out"), "--stats")
    assert f"{len(applied.bench.emulator.requests)} requests in " in ran.err


def test_stats_of_what_failed(applied: Shell) -> None:
    """What was asked before it went wrong was asked all the same."""
    applied.bench.emulator.faults.add("error", operation="listBots", status=400, code=4000)
    ran = applied("plan", "--stats")
    assert ran.code == 1
    assert "requests in " in ran.err


def test_a_plan_has_them_and_its_digest_does_not(applied: Shell) -> None:
    """Retries and waiting too: a reply of 429 is one of each."""
    applied.bench.edit("manifests/prompts/chef.md", "# 角色", "# 角色\n\n新")
    applied.bench.emulator.faults.add("throttle", operation="listBots", times=1)
    made = read_plan(applied("plan", "--format", "json").out, "plan")
    assert made.stats["requests"] == sum(made.stats["by_operation"].values())
    assert made.stats["retries"] == made.stats["throttled"] == 1
    assert made.stats["seconds_waiting"] >= 0
    assert made.stats["most_in_flight"] >= 1
    assert plan_digest(made) == plan_digest(without_stats(made))


def test_the_words() -> None:
    """Most frequent first; nothing is cut."""
    stats = {
        "requests": 1204,
        "by_operation": {"getBot": 1, "listBots": 1203},
        "retries": 1,
        "throttled": 2,
        "seconds_waiting": 3.25,
        "most_in_flight": 16,
        "seconds": 8.04,
    }
    assert stats_text(stats).splitlines() == [
        "1,204 requests in 8.0 s, at most 16 in flight",
        "  listBots   1,203",
        "  getBot         1",
        "1 retry, 2 throttled, 3.2 s waiting",
    ]


def test_a_trace_has_a_line_per_request(applied: Shell, tmp_path: Path) -> None:
    """In a file of its owner, also where another was before; with the log id of each."""
    file = tmp_path / "trace.ndjson"
    file.write_text("old\n" * 10_000, encoding="utf-8")
    file.chmod(0o644)
    assert applied("plan", "--trace-http", str(file)).code == 0
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert sorted(line["operation"] for line in lines) == sorted(
        one.operation for one in applied.bench.emulator.requests
    )
    assert all(line["log_id"] and line["status"] == 200 and line["code"] == 0 for line in lines)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_trace_without_a_place(applied: Shell, tmp_path: Path) -> None:
    """Told before any request; a manifest is never replaced."""
    settings = applied.bench.folder / "cozeops.yaml"
    before = settings.read_bytes()
    for place in (tmp_path / "no" / "trace", settings):
        assert applied("plan", "--trace-http", str(place)).code == 3
    assert (
        applied("export", "--out", str(tmp_path / "out"), "--trace-http", str(tmp_path / "no" / "t")).code
        == 1
    )
    assert not applied.bench.emulator.requests
    assert settings.read_bytes() == before


def test_a_full_disk_ends_the_trace_and_not_the_run(applied: Shell) -> None:
    """And it is said."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    ran = applied("plan", "--trace-http", "/dev/full")
    assert ran.code == 0
    assert "/dev/full is not whole: No space left on device" in ran.err


def test_one_trace_is_not_for_many_environments(applied: Shell) -> None:
    assert applied("plan", "--all-envs", "--trace-http", "x").code == 3
