"""The quickstart on an emulator, fresh or settled."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """The quickstart, and a live side on which nothing of it exists yet."""
    made = Bench(tmp_path / "project")
    made.seed()
    return made


@pytest.fixture
def settled(bench: Bench) -> Bench:
    """The quickstart, applied."""
    bench.settle()
    bench.emulator.requests.clear()
    return bench
