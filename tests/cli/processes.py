"""cozeops in processes of their own, as CI runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.kit import Bench


def project(folder: Path, state: str) -> Bench:
    """The quickstart with a line for its state, and an emulator in real time."""
    bench = Bench(folder, clock=time.time)
    bench.edit("cozeops.yaml", "  manifests: [manifests]\n", f"  manifests: [manifests]\n{state}")
    bench.seed()
    return bench


def start(bench: Bench, url: str, *arguments: str) -> subprocess.Popen[str]:
    """Run cozeops in a process of its own."""
    environment = {**os.environ, "COZE_API_BASE": url, "COZE_API_TOKEN": "pat_emulator"}
    line = [sys.executable, "-m", "cozeops", "-C", str(bench.folder), *arguments]
    return subprocess.Popen(
        line,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Its exit code, and what it said."""
    out, err = process.communicate(timeout=120)
    return process.returncode, out + err


def shape(bench: Bench) -> dict[str, Any]:
    """What is live, by name: no ids, no times."""
    bots = {row["draft"]["name"]: row for row in bench.table("bots").values()}
    return {
        "count": {name: len(bench.table(name)) for name in ("workspaces", "bots", "datasets", "documents")},
        "channels": {name: sorted(row["online"]) for name, row in bots.items()},
        "prompts": {name: row["draft"]["prompt_info"]["prompt"] for name, row in bots.items()},
        "knowledge": {name: len(row["draft"]["knowledge"]["dataset_ids"]) for name, row in bots.items()},
        "people": {name: sorted(row["collaborators"]) for name, row in bots.items()},
        "documents": sorted(row["name"] for row in bench.table("documents").values()),
    }
