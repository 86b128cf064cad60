"""The example of a whole company: dev, promotion, prod; and then both are as written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.conftest import Shell, served
from tests.kit import OPTIONS, ROOT, Bench

FULL = ROOT / "examples" / "full"
PROMOTE = ("promote", "--from", "dev", "--to", "prod", "--yes")


@pytest.fixture
def company(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shell]:
    """The example, and what its console has."""
    bench = Bench(tmp_path / "full", source=FULL, options=replace(OPTIONS, foreign_callbacks="accept"))
    bench.emulator.seed(json.loads((FULL / "console.json").read_text(encoding="utf-8")))
    with served(bench, monkeypatch) as url:
        for name in ("COZE_PROD_TOKEN", "COZE_PROD_ENTERPRISE_TOKEN"):
            monkeypatch.setenv(name, "pat_emulator")
        yield Shell(bench, url, capsys)


def _demand(shell: Shell, code: int, *line: str) -> str:
    ran = shell(*line)
    assert ran.code == code, ran.out + ran.err
    return ran.out


def _publish_copies(bench: Bench) -> None:
    """As somebody in the console."""
    for id, row in bench.table("workflows").items():
        if not row["published"]:
            bench.emulator.edit("workflows", id, published=True, versions=["v0.0.1"])


def test_from_dev_to_prod(company: Shell, tmp_path: Path) -> None:
    """As the README of the example goes, line by line."""
    bench, plan = company.bench, str(tmp_path / "prod.json")
    _demand(company, 0, "apply", "--yes")
    _demand(company, 7, *PROMOTE)
    assert "COZE154" in _demand(company, 5, *PROMOTE)  # still a draft
    _publish_copies(bench)
    _demand(company, 0, *PROMOTE)
    assert len(bench.table("workflows")) == 2
    _demand(company, 0, "--env", "prod", "plan", "--out", plan)
    assert "COZE140" in company("--env", "prod", "apply", plan).err
    _demand(company, 0, "--env", "prod", "apply", plan, "--ack", "COZE140")
    for environment in ("dev", "prod"):
        said = _demand(company, 0, "--env", environment, "plan", "--detailed-exitcode")
        assert "No changes" in said
        assert "not compared" not in said
    bots = sorted(row["draft"]["name"] for row in bench.table("bots").values())
    assert bots == ["厨房助手", "厨房助手", "客服", "客服"]
    assert {row["name"] for row in bench.table("organizations").values()} >= {"禾灶厨房"}
    for table in ("api_apps", "voices", "voiceprint_groups", "benefit_limitations", "variable_values"):
        assert bench.table(table), table


def test_prod_waits_for_what_is_not_promoted(company: Shell) -> None:
    """Before the promotion the plan of prod blocks, and says how to go on."""
    said = _demand(company, 0, "--env", "prod", "plan")
    assert "cozeops promote" in said
    _demand(company, 5, "--env", "prod", "apply", "--yes")
    assert company.bench.writes() == []


def test_its_readme_names_its_folders_and_what_is_run_here() -> None:
    """What people are told to type is what is tested."""
    text = (FULL / "README.md").read_text(encoding="utf-8")
    assert all((FULL / target).exists() for target in re.findall(r"\]\(([^)]+)\)", text))
    assert " ".join(PROMOTE) in text
    assert "apply prod.json --ack COZE140" in text
