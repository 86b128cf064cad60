"""What the requests of a run cost, in words. Pure."""

from __future__ import annotations

from cozeops.report.words import count
from cozeops.values import Json


def stats_text(stats: Json) -> str:
    """The `stats` of a plan or a report: requests by operation, and what they waited for."""
    by_operation = sorted(stats["by_operation"].items(), key=lambda one: (-one[1], one[0]))
    widest = max((len(operation) for operation, _ in by_operation), default=0)
    told = [
        f"{count(stats['requests'], 'request')} in {stats['seconds']:.1f} s,"
        f" at most {stats['most_in_flight']} in flight",
        *(f"  {operation.ljust(widest)}  {number:>6,}" for operation, number in by_operation),
        f"{count(stats['retries'], 'retry', 'retries')}, {stats['throttled']:,} throttled,"
        f" {stats['seconds_waiting']:.1f} s waiting",
    ]
    return "\n".join(told)
