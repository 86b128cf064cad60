"""A saved plan carries its gate: what it promised to pass is part of what was reviewed."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Shell
from tests.cli.test_gate import PROMPT, SETTINGS, kitchen, once, spoil

__all__ = ["kitchen", "once"]  # fixtures

GATE = "  gate: {checks: before}\n"
CHECK = "manifests/checks.yaml"


def gated(kitchen: Shell) -> str:
    """A change that its Check would hold back, planned under a gate; the digest of the plan."""
    kitchen.bench.edit("cozeops.yaml", SETTINGS, SETTINGS + GATE)
    spoil(kitchen)
    file = kitchen.bench.folder / "plan.json"
    assert kitchen("plan", "--out", str(file)).code == 0
    return str(json.loads(file.read_text("utf-8"))["digest"])


def deleted(kitchen: Shell) -> None:
    (kitchen.bench.folder / CHECK).unlink()


def weakened(kitchen: Shell) -> None:
    kitchen.bench.edit(CHECK, "language: zh", "language: en")


def emptied(kitchen: Shell) -> None:
    kitchen.bench.edit("cozeops.yaml", GATE, "")


def extended(kitchen: Shell) -> None:
    kitchen.bench.edit("cozeops.yaml", GATE, "  gate: {checks: after}\n")


@pytest.mark.parametrize("by", ["file", "digest"])
@pytest.mark.parametrize("change", [deleted, weakened, emptied, extended])
def test_what_the_plan_was_to_pass_has_changed(kitchen: Shell, change: object, by: str) -> None:
    """6, and nothing is written."""
    digest = gated(kitchen)
    assert callable(change)
    change(kitchen)
    ran = kitchen(
        "apply", *(["--digest", digest] if by == "digest" else [str(kitchen.bench.folder / "plan.json")])
    )
    assert ran.code == 6, ran.out + ran.err
    assert kitchen.bench.writes() == []


def test_as_it_was_the_plan_goes_through_its_gate(kitchen: Shell) -> None:
    gated(kitchen)
    ran = kitchen("apply", str(kitchen.bench.folder / "plan.json"))
    assert ran.code == 7, ran.out + ran.err
    assert "publishBot" not in kitchen.bench.writes()


def test_what_promises_nothing_has_no_gate(kitchen: Shell) -> None:
    """Its digest is what it was before plans had gates: also under a gate, where nothing is published."""
    spoil(kitchen)
    assert "gate" not in json.loads(kitchen("plan", "--format", "json").out)
    kitchen.bench.edit(PROMPT, "# 角色：ENGLISH only", "# 角色")
    kitchen.bench.edit("cozeops.yaml", SETTINGS, SETTINGS + GATE)
    assert "gate" not in json.loads(kitchen("plan", "--format", "json").out)
