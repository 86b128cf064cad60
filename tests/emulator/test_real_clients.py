"""The official JavaScript SDK against a served emulator; the Python one is in `test_sdk*.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

from .real_clients import Unavailable, javascript


@pytest.mark.long
def test_the_javascript_sdk(tmp_path: Path) -> None:
    """All that its example programs call; skipped where it cannot be had."""
    try:
        steps = javascript(tmp_path)
    except Unavailable as why:
        pytest.skip(str(why))
    assert [step for step in steps if step.error] == []
    assert len(steps) > 50
