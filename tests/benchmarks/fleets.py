"""A whole company: many workspaces in one project, planned as a whole and in shards."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.fleet import Fleet
from tests.benchmarks.measure import LATENCY, cozeops, lower_bound, row, title
from tests.benchmarks.served import served

_SHARDS = 8
_PER_HOME = 50


def main(bots: int, folder: Path) -> None:
    """No-op plans without a state, all bots of the company at once and in parts."""
    homes = max(1, bots // _PER_HOME)
    title(f"{bots} bots in {homes} workspaces, {LATENCY * 1000:.0f} ms away")
    fleet = Fleet(bots, workspaces=homes)
    fleet.write(folder / "company")
    with served() as coze:
        coze.seed(fleet.seed())
        coze.advance(60)
        coze.delay(LATENCY)
        parts = (f"{number}/{_SHARDS}" for number in (1, 2))
        for name, shard in (("the whole", []), *((f"shard {part}", ["--shard", part]) for part in parts)):
            coze.forget_requests()
            file = folder / "plan.json"
            ran = cozeops(folder / "company", "plan", "--out", str(file), *shard, environ=coze.environ())
            requests = coze.counted().total()
            bound = lower_bound(requests)
            row(
                name,
                ran.seconds,
                f"{requests} requests",
                f"bound {bound:.2f} s",
                f"ratio {ran.seconds / bound:.2f}",
                f"peak {ran.memory:.0f} MiB",
                f"plan {file.stat().st_size / 1024**2:.1f} MiB",
            )
