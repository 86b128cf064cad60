"""Applying many prompt changes over a network: against the lower bound of the requests that it needs."""

from __future__ import annotations

import time
from pathlib import Path

from tests.benchmarks.fleet import Fleet
from tests.benchmarks.measure import LATENCY, cozeops, lower_bound, row, title
from tests.benchmarks.served import Served, served


def main(bots: int, changed: int, folder: Path) -> None:
    """Change prompts of a fleet, with and without a state."""
    title(f"apply of {changed} prompt changes in a fleet of {bots}, {LATENCY * 1000:.0f} ms away")
    with served() as coze:
        for state in (False, True):
            fleet = Fleet(bots, state=state)
            project = folder / ("kept" if state else "plain")
            fleet.write(project)
            coze.delay(0)
            coze.seed(fleet.seed())
            coze.advance(60)
            if state:
                cozeops(project, "apply", "--yes", environ=coze.environ())
                coze.advance(60)
            _changes(coze, fleet, project, changed)


def _changes(coze: Served, fleet: Fleet, project: Path, changed: int) -> None:
    for number in range(changed):
        fleet.write_prompt(project, number, "改")
    plan = project / "plan.json"
    cozeops(project, "plan", "--out", str(plan), environ=coze.environ())
    coze.delay(LATENCY)
    coze.forget_requests()
    began = time.perf_counter()
    ran = cozeops(project, "apply", str(plan), "--parallelism", "16", environ=coze.environ())
    seconds = time.perf_counter() - began
    counted = coze.counted()
    requests = counted.total()
    # The state is noted from a list that is made 2 s after the last write: that wait is no request.
    settling = 2.0 if fleet.state else 0.0
    bound = lower_bound(requests) + settling
    name = "with a state" if fleet.state else "without a state"
    row(
        name,
        ran.seconds if ran.seconds else seconds,
        f"{requests} requests",
        f"bound {bound:.2f} s",
        f"ratio {ran.seconds / bound:.2f}",
        f"peak {ran.memory:.0f} MiB",
    )
    row("  by operation", 0.0, ", ".join(f"{one} {count}" for one, count in sorted(counted.items())))
    needed = lower_bound(4 * changed)
    row("  4 requests per change alone", needed, f"ratio {ran.seconds / (needed + settling):.2f}")
