"""Peers, where they are installed: octoDNS (a plan of as many records, no network), dbt-jobs-as-code.

COZEOPS_BENCH_PEERS=/path/to/venv/bin python -m tests.benchmarks peers
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.benchmarks.measure import median_of, row, run, say, title

_CONFIG = """\
providers:
  config: {{class: octodns.provider.yaml.YamlProvider, directory: {folder}/wanted}}
  live: {{class: octodns.provider.yaml.YamlProvider, directory: {folder}/live}}
zones:
  example.com.: {{sources: [config], targets: [live]}}
"""


def main(sizes: list[int], folder: Path) -> None:
    """Measure what is there; say what is not."""
    title("peers")
    octodns = _program("octodns-sync")
    if octodns:
        for size in sizes:
            _octodns(octodns, size, folder / str(size))
    else:
        say("  octoDNS is not installed: pip install octodns, and name its folder in COZEOPS_BENCH_PEERS")
    if _program("dbt-jobs-as-code") is None:
        say("  dbt-jobs-as-code is not installed")


def _program(name: str) -> str | None:
    return shutil.which(name, path=os.environ.get("COZEOPS_BENCH_PEERS") or os.environ.get("PATH"))


def _octodns(program: str, size: int, folder: Path) -> None:
    for side in ("wanted", "live"):
        (folder / side).mkdir(parents=True)
        records = [
            f"r{number:06}:\n  ttl: 300\n  type: A\n  value: 10.0.{number >> 8 & 255}.{number & 255}\n"
            for number in range(size)
        ]
        (folder / side / "example.com.yaml").write_text("---\n" + "".join(records), "utf-8")
    config = folder / "config.yaml"
    config.write_text(_CONFIG.format(folder=folder), "utf-8")

    memory = 0.0

    def once() -> float:
        nonlocal memory
        ran = run([program, "--config-file", str(config)])
        if ran.code:
            raise SystemExit(ran.err[-2000:])
        memory = ran.memory
        return ran.seconds

    seconds = median_of(3 if size <= 10_000 else 1, once)
    row(
        f"octoDNS, {size} records",
        seconds,
        f"{seconds / size * 1e6:.0f} µs per record",
        f"peak {memory:.0f} MiB",
    )
