"""`cozeops show`: a saved plan again, whole and in part."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell


@pytest.fixture
def plan(shell: Shell, tmp_path: Path) -> Path:
    """A plan of the quickstart, saved; nothing is asked of Coze from here on."""
    file = tmp_path / "plan.json"
    assert shell("plan", "--out", str(file)).code == 0
    shell.bench.emulator.requests.clear()
    return file


def some(plan: Path) -> list[str]:
    """The addresses that change."""
    changes = json.loads(plan.read_text("utf-8"))["changes"]
    return [one["address"] for one in changes if one["action"] != "none"]


def test_it_shows_what_the_plan_showed(shell: Shell, plan: Path) -> None:
    ran = shell("show", str(plan))
    assert ran.code == 0
    again = shell("plan").out
    assert ran.out.splitlines()[:-1] == again.splitlines()[:-1], "all but what it cost"


def test_it_asks_coze_nothing(shell: Shell, plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COZE_API_TOKEN")
    assert shell("show", str(plan), "-v").code == 0
    assert not shell.bench.emulator.requests


def test_a_part(shell: Shell, plan: Path) -> None:
    first, second, *others = some(plan)
    ran = shell("show", str(plan), "--target", second, "--compact")
    assert ran.code == 0
    assert second in ran.out
    assert not [name for name in (first, *others) if f" {name} " in ran.out]
    assert f"which has {2 + len(others)} changes" in ran.err


def test_the_digest_of_a_part_is_the_plans(shell: Shell, plan: Path) -> None:
    """It is what `apply --digest` takes: a part has none of its own."""
    digest = json.loads(plan.read_text("utf-8"))["digest"]
    for form in ("markdown", "html"):
        assert digest in shell("show", str(plan), "--target", some(plan)[0], "--format", form).out


def test_several_formats_at_once(shell: Shell, plan: Path, tmp_path: Path) -> None:
    page = tmp_path / "plan.html"
    ran = shell("show", str(plan), "--format", "markdown", "--also", f"html={page}")
    assert ran.out.startswith("<!-- cozeops:plan:")
    assert page.read_text("utf-8").startswith("<!doctype html>")


def test_what_the_plan_is_not_about(shell: Shell, plan: Path) -> None:
    ran = shell("show", str(plan), "--target", "Bot/nobody")
    assert ran.code == 3
    assert "is not about Bot/nobody" in ran.err
    assert f"cozeops show --compact {plan}" in ran.err


def test_an_edited_plan_is_not_shown(shell: Shell, plan: Path) -> None:
    """What is shown is what apply would take."""
    text = plan.read_text("utf-8")
    plan.write_text(
        text.replace("createWorkspace", "updateWorkspace").replace("createBot", "updateBot"), "utf-8"
    )
    ran = shell("show", str(plan))
    assert ran.code == 6
    assert not ran.out


def test_no_plan(shell: Shell, tmp_path: Path) -> None:
    assert shell("show", str(tmp_path / "plan.json")).code == 3
    assert shell("show", str(shell.bench.folder / "cozeops.yaml")).code == 3


def test_a_plan_that_is_too_large_to_be_applied_is_not_saved(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be refused only when it is applied, after the review."""
    monkeypatch.setattr("cozeops.cli.files.plan.MAX_BYTES", 1000)
    ran = shell("plan", "--out", str(tmp_path / "plan.json"))
    assert ran.code == 3
    assert "--shard" in ran.err
    assert not (tmp_path / "plan.json").exists()
