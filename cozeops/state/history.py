"""The runs that came to an end, one line each in `.cozeops/history/<environment>.jsonl`.

It is for people and for `rollback`; losing it loses nothing else. A line that cannot be read is left out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cozeops.errors import ExitCode
from cozeops.state.files import OWN_FOLDER, inside, own_folder, read_bytes, told
from cozeops.state.run import RunInfo
from cozeops.values import canonical


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run, when it ended (Unix seconds), how often each outcome came, and the exit code."""

    run: RunInfo
    ended: float
    exit_code: int = ExitCode.OK
    counts: Mapping[str, int] = field(default_factory=dict)


def append_run(root: Path, finished: FinishedRun) -> None:
    """Add a run to the history of its environment. Raises StateError."""
    line = canonical(
        {
            "run": finished.run.to_json(),
            "ended": finished.ended,
            "exit_code": int(finished.exit_code),
            "counts": dict(finished.counts),
        }
    )
    path = own_folder(root, "history") / f"{finished.run.environment}.jsonl"
    with told(f"write {path}"):
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
        with os.fdopen(os.open(path, flags, 0o600), "ab") as stream:
            # A line that a crash tore before stays alone: this one begins on a line of its own.
            stream.write(("\n" + line + "\n").encode("utf-8", "surrogatepass"))
            stream.flush()
            os.fsync(stream.fileno())


def read_runs(root: Path, environment: str) -> list[FinishedRun]:
    """The runs of an environment, newest first. Raises StateError."""
    path = inside(root, Path(OWN_FOLDER, "history", f"{environment}.jsonl"))
    with told(f"read {path}"):
        content = read_bytes(path) or b""
    found = [run for line in content.split(b"\n") if line and (run := _run(line))]
    return sorted(found, key=lambda finished: finished.ended, reverse=True)


def _run(line: bytes) -> FinishedRun | None:
    try:
        data = json.loads(line.decode("utf-8", "surrogatepass"))
        return FinishedRun(
            RunInfo.from_json(data["run"]),
            float(data["ended"]),
            int(data["exit_code"]),
            {str(name): int(count) for name, count in data["counts"].items()},
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
