"""Benchmarks: requests, seconds and ratios. Nothing here passes or fails.

    python -m tests.benchmarks [NAME ...] [--bots 1000] [--objects 1000 10000 50000]

Names: plans, applies, fleets, reports, limits, offline, startup, peers. Ratios of one run can be compared;
seconds of two machines cannot.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import applies, fleets, limits, offline, peers, plans, reports, startup


def main() -> None:
    """Run what was asked for, or everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--bots", type=int, default=1000)
    parser.add_argument("--objects", type=int, nargs="+", default=[1000, 10_000, 50_000])
    options = parser.parse_args()
    known: dict[str, Callable[[Path], None]] = {
        "plans": lambda folder: plans.main(options.bots, folder),
        "applies": lambda folder: applies.main(options.bots, options.bots // 2, folder),
        "fleets": lambda folder: fleets.main(10 * options.bots, folder),
        "reports": lambda folder: reports.main(10 * options.bots, folder),
        "limits": limits.main,
        "offline": lambda folder: offline.main(options.objects, folder),
        "startup": lambda folder: startup.main(options.bots, folder),
        "peers": lambda folder: peers.main(options.objects, options.bots, folder),
    }
    if unknown := set(options.names) - known.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(known)}")
    for name in options.names or known:
        with tempfile.TemporaryDirectory(prefix="cozeops-bench-") as folder:
            known[name](Path(folder))


if __name__ == "__main__":
    main()
