"""A promotion that is killed: the next one finishes it, and no copy is made twice."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.cli.processes import finish, start
from tests.cli.test_promote import BEGIN, MANIFESTS, PROD, PROJECT, SEED
from tests.kit import Bench

LINE = ("promote", "--from", "dev", "--to", "prod", "--unknown-wait", "0")


@pytest.mark.parametrize(("moment", "seconds"), [("asked", 0.0), ("told", 2.0)])
def test_killed(tmp_path: Path, moment: str, seconds: float) -> None:
    """As soon as Coze has the request, and as soon as the state has the task."""
    bench = Bench(tmp_path / "project", source=None, clock=time.time)
    bench.set_options(copy_seconds=seconds)
    bench.write("cozeops.yaml", PROJECT)
    bench.write("manifests/kitchen.yaml", MANIFESTS)
    bench.emulator.seed(SEED)
    state = bench.folder / ".cozeops" / "state" / "prod.json"
    journals = bench.folder / ".cozeops" / "journal"

    def due() -> bool:
        if moment == "asked":
            return any(one.operation == BEGIN for one in list(bench.emulator.requests))
        kept = [line for path in journals.glob("*") for line in path.read_text("utf-8").splitlines()]
        kept = [line for line in kept if '"state"' in line]
        kept += [state.read_text("utf-8")] if state.exists() else []
        return any('"task"' in one for one in kept)

    with bench.emulator.serve() as url:
        process = start(bench, url, *LINE, "--yes")
        while process.poll() is None and not due():
            time.sleep(0.002)
        process.kill()
        finish(process)
        for turn in range(6):
            code, said = finish(start(bench, url, *LINE, "--yes"))
            if "COZE156" not in said:
                break
            if not turn:  # whoever asks again before a copy can show gets two
                time.sleep(seconds + 1)
                continue
            # Killed between its note and its request: only a person can know.
            assert code == 5, said
            _, said = finish(start(bench, url, *LINE, "--digest", "sha256:0", "--ack", "COZE156"))
            digest = next(word.rstrip(",") for word in said.split() if word.startswith("sha256:"))
            code, said = finish(start(bench, url, *LINE, "--digest", digest, "--ack", "COZE156"))
            if code != 6:  # the copy may show meanwhile: then the plan is another
                break
        assert code in (5, 7), said
        assert "Traceback" not in said
    known = state.read_text(encoding="utf-8")
    assert '"task"' not in known
    assert '"asked"' not in known
    for table in ("workflows", "apps"):
        copies = [row for row in bench.table(table).values() if row["workspace_id"] == PROD]
        assert len(copies) == 1, table
