"""Peers: octoDNS (a plan of as many records, no network) and dbt-jobs-as-code (of as many jobs, over one).

They are taken from the folder of programs that COZEOPS_BENCH_PEERS names, else installed with pip into an
environment of their own.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tests.benchmarks import dbt_peer
from tests.benchmarks.measure import median_of, row, run, say, title

_PACKAGES = {"octodns-sync": "octodns", "dbt-jobs-as-code": "dbt-jobs-as-code"}
_CONFIG = """\
providers:
  config: {{class: octodns.provider.yaml.YamlProvider, directory: {folder}/wanted}}
  live: {{class: octodns.provider.yaml.YamlProvider, directory: {folder}/live}}
zones:
  example.com.: {{sources: [config], targets: [live]}}
"""


def main(sizes: list[int], objects: int, folder: Path) -> None:
    """Measure what is there or can be installed; say what cannot."""
    title("peers")
    found = programs(folder / "venv", "octodns-sync", "dbt-jobs-as-code")
    for size in sizes if found["octodns-sync"] else ():
        _octodns(found["octodns-sync"], size, folder / str(size))
    if found["dbt-jobs-as-code"]:
        dbt_peer.main(found["dbt-jobs-as-code"], objects, folder)


def programs(venv: Path, *names: str) -> dict[str, str]:
    """Where each program is; empty where it is not, and cannot be installed."""
    given = os.environ.get("COZEOPS_BENCH_PEERS")
    found = {name: shutil.which(name, path=given or os.environ.get("PATH")) or "" for name in names}
    if given or all(found.values()):
        return found
    packages = [_PACKAGES[name] for name in names]
    run([sys.executable, "-m", "venv", str(venv)])
    ran = run([str(venv / "bin" / "pip"), "install", "--quiet", *packages])
    if ran.code:
        say(f"  {' and '.join(packages)} cannot be installed: {ran.err.strip()[-300:]}")
    return {name: shutil.which(name, path=str(venv / "bin")) or "" for name in names}


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
