"""A disk that is full once Coze was written to: applied in part, and never "an error, nothing happened"."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell

STATE = "  manifests: [manifests]\n  state: {backend: local}\n"


def _full(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    "place",
    [
        "cozeops.state.local.write_atomically",
        "cozeops.state.history.sync_folder",
        "cozeops.cli.files.output.write_whole",
    ],
)
def test_full_after_the_writes_is_seven(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """The state, the history or the report: the changes are made, and the exit code says so."""
    shell.bench.edit("cozeops.yaml", "  manifests: [manifests]\n", STATE)
    writes = shell.bench.writes
    real = __import__("cozeops.state.files", fromlist=["write_atomically"]).write_atomically

    def full_once_written(*given: Any, **more: Any) -> Any:
        if writes():
            _full()
        return real(*given, **more) if place.endswith("write_atomically") else None

    monkeypatch.setattr(place, full_once_written)
    ran = shell("apply", "--yes", "--report", str(tmp_path / "report.json"))
    assert writes()
    assert ran.code == 7, ran.err
    assert "No space left" in " ".join(ran.err.split())
    assert "defect" not in ran.err
