"""Plans over a network: against the lower bound, and against a sequential script on the SDK."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.benchmarks.fleet import Fleet
from tests.benchmarks.measure import LATENCY, cozeops, lower_bound, median_of, row, run, title
from tests.benchmarks.served import Served, served

_SCALED = 100


def main(bots: int, folder: Path) -> None:
    """Measure plans that find nothing to do."""
    with served() as coze:
        title(f"no-op plan of {bots} bots, {LATENCY * 1000:.0f} ms away, at most 16 in flight")
        fleet = Fleet(bots)
        fleet.write(folder / "plain")
        coze.seed(fleet.seed())
        coze.advance(60)
        without = _plan(coze, folder / "plain", "without a state")
        kept = Fleet(bots, state=True)
        kept.write(folder / "kept")
        coze.delay(0)
        cozeops(folder / "kept", "apply", "--yes", environ=coze.environ())
        coze.advance(60)
        with_state = _plan(coze, folder / "kept", "with a state")
        coze.delay(0)
        coze.seed(Fleet(_SCALED).seed())
        coze.advance(60)
        sequential = _script(coze, folder) * bots / _SCALED
        row(f"SDK script, sequential ({_SCALED} bots, scaled)", sequential)
        row("  the script / without a state", sequential / without, "times")
        row("  the script / with a state", sequential / with_state, "times (bar: 200)")


def _plan(coze: Served, project: Path, name: str) -> float:
    coze.delay(LATENCY)
    requests = 0

    def once() -> float:
        nonlocal requests
        coze.forget_requests()
        ran = cozeops(project, "plan", environ=coze.environ())
        if "No changes" not in ran.out and "nothing to do" not in ran.out.lower():
            raise SystemExit(f"a plan that should be empty:\n{ran.out[:2000]}")
        requests = coze.counted().total()
        return ran.seconds

    seconds = median_of(3, once)
    bound = lower_bound(requests)
    row(name, seconds, f"{requests} requests", f"bound {bound:.2f} s", f"ratio {seconds / bound:.2f}")
    return seconds


def _script(coze: Served, folder: Path) -> float:
    coze.delay(LATENCY)
    project = folder / "script"
    Fleet(_SCALED).write(project)
    ran = run([sys.executable, "-m", "tests.benchmarks.sdk_script", str(project)], coze.environ())
    if ran.code:
        raise SystemExit(ran.err[-2000:])
    return ran.seconds
