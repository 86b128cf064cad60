"""cozeops in processes of their own, as CI runs it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from tests.cli import child
from tests.kit import Bench

_WARM = multiprocessing.get_context("forkserver")
_WARM.set_forkserver_preload(child.PRELOAD)
_STARTING = threading.Lock()
LONGEST = 120.0
"""Seconds after which a process counts as hung."""


def project(folder: Path, state: str) -> Bench:
    """The quickstart with a line for its state, and an emulator in real time."""
    bench = Bench(folder, clock=time.time)
    bench.edit("cozeops.yaml", "  manifests: [manifests]\n", f"  manifests: [manifests]\n{state}")
    bench.seed()
    return bench


def forked(line: list[str], environment: Mapping[str, str], out: str, err: str) -> ForkServerProcess:
    """`cozeops LINE` on two terminals or files, in a process that need not import it."""
    process = _WARM.Process(target=child.run, args=(line, dict(environment), out, err))
    with _STARTING:
        process.start()
        # Each start asks all known processes how they ended: where this thread asks, too, one of the two
        # finds nothing to read, and the exit code is 255.
        vars(multiprocessing.process)["_children"].discard(process)
    return process


class Started:
    """A process of its own, and what it says."""

    def __init__(self, line: list[str], environment: Mapping[str, str]) -> None:
        self._out, self._err = tempfile.NamedTemporaryFile(), tempfile.NamedTemporaryFile()  # noqa: SIM115
        self._process = forked(line, environment, self._out.name, self._err.name)
        self.pid = self._process.pid or 0

    def poll(self) -> int | None:
        """Its exit code, once it has ended."""
        return self._process.exitcode

    def kill(self) -> None:
        """Kill it, and all that it has started. It may have ended by itself."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def end(self) -> tuple[int, str]:
        """Wait for its end: its exit code, and what it said."""
        self._process.join(LONGEST)
        code = self.poll()
        assert code is not None, "it hangs"
        with self._out as out, self._err as err:
            return code, (out.read() + err.read()).decode()


def start(bench: Bench, url: str, *arguments: str) -> Started:
    """Run cozeops in a process of its own."""
    environment = {**os.environ, "COZE_API_BASE": url, "COZE_API_TOKEN": "pat_emulator"}
    return Started(["-C", str(bench.folder), *arguments], environment)


def finish(process: Started) -> tuple[int, str]:
    """Its exit code, and what it said."""
    return process.end()


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
