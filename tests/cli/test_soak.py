"""Apply after apply with faults: nothing piles up in the process, on the disk, or on the live side."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path

import pytest

from cozeops.api.client import Client
from cozeops.errors import ExitCode
from tests.cli.soak import Held, Soak, served

WARM = 10
"""Rounds after which everything that is made once has been made."""
MOST_GROWN, MOST_PER_ROUND = 8 * 1024, 12
"""Kilobytes of memory. Some per round stay: a command is a process of its own, so not for long."""
pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts files in /proc")


@pytest.mark.parametrize("rounds", [24, pytest.param(2000, marks=pytest.mark.long)])
def test_nothing_piles_up(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    rounds: int,
) -> None:
    """Memory, threads, connections, temporary files, the files of the project, objects on the live side."""
    aside = tmp_path / "tmp"
    aside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(aside))
    monkeypatch.setitem(Client.__init__.__kwdefaults__, "sleep", lambda seconds: time.sleep(seconds / 50))
    began = time.monotonic()
    with served() as url:
        soak = Soak(tmp_path / "project", url)
        monkeypatch.setenv("COZE_API_BASE", url)
        monkeypatch.setenv("COZE_API_TOKEN", "pat_emulator")
        # What the emulator processes is awaited by its clock.
        monkeypatch.setattr(
            "cozeops.cli.connected.sleep", lambda seconds: soak.control("POST", "clock", seconds=seconds)
        )
        for number in range(rounds):
            soak.round(number)
            said = capsys.readouterr()
            assert "defect" not in said.out + said.err
            assert "Traceback" not in said.out + said.err
        assert soak.apply() == 0, capsys.readouterr()
        assert ExitCode.BLOCKED not in soak.codes  # nobody is asked to settle what faults left behind
        tables = {name: len(soak.table(name)) for name in ("workspaces", "bots", "datasets", "documents")}
    capsys.readouterr()
    with capsys.disabled():
        print(f"\n{rounds} rounds, {time.monotonic() - began:.0f} s, exit codes {dict(soak.codes)}")  # noqa: T201
        print(json.dumps(_summary(soak.held)))  # noqa: T201
    # The token's own workspace is there from the beginning.
    assert tables == {"workspaces": 2, "bots": 1, "datasets": 1, "documents": 1}
    _demand_flat(soak.held, rounds)


def _summary(held: list[Held]) -> dict[str, list[int]]:
    """Each number after the warm-up, and at quarters of the way."""
    places = [min(WARM, len(held) - 1), *(len(held) * part // 4 - 1 for part in (1, 2, 3, 4))]
    return {name: [getattr(held[at], name) for at in places] for name in Held.__dataclass_fields__}


def _demand_flat(held: list[Held], rounds: int) -> None:
    first, last = held[WARM : WARM + 10], held[-10:]
    for name in ("threads", "files", "children", "temporary"):
        before, after = (max(getattr(one, name) for one in some) for some in (first, last))
        assert after <= before, (name, before, after)
    assert max(one.kept for one in held) < 60  # of backups and runs a bounded number is kept
    grown = statistics.median(one.kilobytes for one in last) - statistics.median(
        one.kilobytes for one in first
    )
    assert grown < MOST_GROWN + MOST_PER_ROUND * rounds, f"{grown:.0f} kB more after {rounds} rounds"
