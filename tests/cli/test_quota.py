"""Quotas: found by what they are about, changed by an id that Coze tells once, frozen and never deleted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell, served
from tests.kit import Bench

QUOTA = """\
kind: Quota
metadata: {name: kiosk}
spec:
  entity_type: single_device
  entity_id: "51237824000"
  benefit_type: resource_point
  limit: 5000
  started_at: 1767196800
  ended_at: 1798732800
"""
WITH_STATE = "kind: Project\nmetadata: {name: p}\nspec: {state: {backend: local}}\n"
Limited = Callable[..., Shell]


@pytest.fixture
def limited(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Limited]:
    """A shell on a project with a quota, with a state or without."""
    with ExitStack() as stack:

        def serve(*, state: bool = True, **options: Any) -> Shell:
            bench = Bench(tmp_path / "project", source=None)
            bench.emulator.options = replace(bench.emulator.options, **options)
            bench.write("quota.yaml", QUOTA)
            if state:
                bench.write("cozeops.yaml", WITH_STATE)
            return Shell(bench, stack.enter_context(served(bench, monkeypatch)), capsys)

        yield serve


def plan(shell: Shell) -> tuple[list[dict[str, Any]], list[str]]:
    """Changes, and codes of findings."""
    found = json.loads(shell("plan", "--format", "json").out)
    changes = [one for one in found["changes"] if one["action"] != "none"]
    return changes, [one["code"] for one in found["findings"]]


def live(shell: Shell) -> dict[str, Any]:
    """The only quota."""
    (row,) = shell.bench.table("benefit_limitations").values()
    found: dict[str, Any] = row
    return found


@pytest.mark.parametrize("reply", ["flat", "nested"])
@pytest.mark.parametrize("told", [True, False])
def test_a_state_remembers_the_id(limited: Limited, reply: str, told: bool) -> None:
    """Made, changed, frozen: whatever of the id the replies tell."""
    shell = limited(benefit_reply=reply, benefit_ids=told)
    assert shell("apply", "--yes").code == 0
    assert plan(shell) == ([], [])
    assert (live(shell)["limit"], live(shell)["active_mode"]) == (5000, "absolute_time")
    shell.bench.edit("quota.yaml", "limit: 5000", "limit: 6000")
    shell.bench.edit("quota.yaml", "  ended_at", "  status: frozen\n  ended_at")
    (change,), codes = plan(shell)
    assert [one["path"] for one in change["fields"]] == ["spec.limit", "spec.status"]
    assert codes == []
    assert shell("apply", "--yes").code == 0
    assert (live(shell)["limit"], live(shell)["status"]) == (6000, "frozen")
    assert plan(shell) == ([], [])


def test_without_a_state_it_is_made_only_when_somebody_says_so(limited: Limited) -> None:
    """Its id would be lost; written under spec, it serves as well."""
    shell = limited(state=False)
    assert plan(shell)[1] == ["COZE145"]
    assert shell("apply", "--yes").code == 5
    digest = json.loads(shell("plan", "--format", "json").out)["digest"]
    report = shell.bench.folder.parent / "run.json"
    ran = shell("apply", "--digest", digest, "--ack", "COZE145", "--report", str(report))
    assert ran.code == 0
    id = next(iter(shell.bench.table("benefit_limitations")))
    assert id in report.read_text("utf-8")
    assert plan(shell) == ([], [])
    shell.bench.edit("quota.yaml", "limit: 5000", "limit: 6000")
    assert plan(shell)[1] == ["COZE142"]
    assert shell("apply", "--yes").code == 5
    shell.bench.edit("quota.yaml", "spec:\n", f'spec:\n  id: "{id}"\n')
    assert plan(shell)[1] == []
    assert shell("apply", "--yes").code == 0
    assert live(shell)["limit"] == 6000


def test_a_lost_reply_makes_no_second_one(limited: Limited) -> None:
    """It is found by what it is about; its id is lost, and the plan says so once it matters."""
    shell = limited()
    shell.bench.emulator.faults.add("drop", operation="createBenefitLimitation", times=1, phase="after")
    assert shell("apply", "--yes", "--unknown-wait", "1").code == 7
    assert plan(shell) == ([], [])
    shell.bench.edit("quota.yaml", "limit: 5000", "limit: 6000")
    assert plan(shell)[1] == ["COZE142"]
    assert len(shell.bench.table("benefit_limitations")) == 1


def test_a_lost_reply_is_found_where_the_list_tells_ids(limited: Limited) -> None:
    shell = limited(benefit_ids=True)
    shell.bench.emulator.faults.add("drop", operation="createBenefitLimitation", times=1, phase="after")
    assert shell("apply", "--yes", "--unknown-wait", "1").code == 0
    shell.bench.edit("quota.yaml", "limit: 5000", "limit: 6000")
    assert shell("apply", "--yes").code == 0
    assert live(shell)["limit"] == 6000


def test_one_that_left_the_manifests_stays(limited: Limited) -> None:
    """It is forgotten, and the plan says that it stays on Coze."""
    shell = limited()
    assert shell("apply", "--yes").code == 0
    shell.bench.write(
        "quota.yaml", "kind: Workspace\nmetadata: {name: own}\nspec: {name: 厨房, description: 后厨}\n"
    )
    found = json.loads(shell("plan", "--prune", "--format", "json").out)
    assert [one["code"] for one in found["findings"]] == ["COZE119"]
    assert shell("apply", "--prune", "--yes").code == 0
    assert live(shell)["status"] == "valid"
    assert json.loads(shell("plan", "--format", "json").out)["findings"] == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('  entity_id: "51237824000"\n', "", "single_device is about one of them"),
        ("single_device", "enterprise_all_devices", "enterprise_all_devices is about all of them"),
        ("1798732800", "1767196800", "it ends before it begins"),
        ("resource_point", "points", "resource_point"),
        ("limit: 5000", "limit: -1", "at least 0"),
    ],
)
def test_mistakes_are_found_offline(limited: Limited, old: str, new: str, said: str) -> None:
    shell = limited()
    shell.bench.edit("quota.yaml", old, new)
    ran = shell("validate")
    assert ran.code == 3
    assert said in ran.err + ran.out


def test_two_manifests_of_one_quota_are_a_mistake(limited: Limited) -> None:
    """Nothing but what they are about tells quotas apart."""
    shell = limited()
    shell.bench.write("twin.yaml", QUOTA.replace("name: kiosk", "name: twin"))
    ran = shell("validate")
    assert ran.code == 3
    assert "COZE021" in ran.err + ran.out


def test_two_for_one_consumer_are_told_apart_by_their_period(limited: Limited) -> None:
    """One counts on, one begins anew every day."""
    shell = limited()
    daily = QUOTA.replace("name: kiosk", "name: daily") + "  trigger_unit: day\n  trigger_time: 1\n"
    shell.bench.write("daily.yaml", daily.replace("limit: 5000", "limit: 100"))
    assert shell("apply", "--yes").code == 0
    assert sorted(row["limit"] for row in shell.bench.table("benefit_limitations").values()) == [100, 5000]
    assert plan(shell) == ([], [])
    shell.bench.edit("daily.yaml", "limit: 100", "limit: 200")
    assert shell("apply", "--yes").code == 0
    assert sorted(row["limit"] for row in shell.bench.table("benefit_limitations").values()) == [200, 5000]
