"""The example of what a company has beside its bots: it validates, is applied, and is then as written."""

from __future__ import annotations

from pathlib import Path

from tests.kit import ROOT, Bench

COMPANY = ROOT / "examples" / "company"


def test_the_example_is_applied_and_then_the_plan_is_empty(tmp_path: Path) -> None:
    """Every kind of it on the real wire."""
    bench = Bench(tmp_path / "company", source=COMPANY)
    bench.seed()
    bench.settle()
    assert bench.plan().pending == ()
    assert bench.plan().findings == ()
