"""The runs that came to an end: in the state, and one line each in `.cozeops/history/<environment>.jsonl`.

The file is what a project without a state has, and what a run leaves whose state could not be saved. Both
are for people and for `rollback`; losing them loses nothing else. A line that cannot be read is left out.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from cozeops.state.files import OWN_FOLDER, inside, open_plain, own_folder, read_bytes, sync_folder, told
from cozeops.state.model import State
from cozeops.state.run import FinishedRun
from cozeops.values import canonical


def append_run(root: Path, finished: FinishedRun) -> None:
    """Add a run to the history of its environment. Raises StateError."""
    line = canonical(finished.to_json())
    path = own_folder(root, "history") / f"{finished.run.environment}.jsonl"
    with told(f"write {path}"):
        with os.fdopen(open_plain(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "ab") as stream:
            # A line that a crash tore before stays alone: this one begins on a line of its own.
            stream.write(("\n" + line + "\n").encode("utf-8", "surrogatepass"))
            stream.flush()
            os.fsync(stream.fileno())
        sync_folder(path.parent)


def read_runs(root: Path, environment: str, state: State | None = None) -> list[FinishedRun]:
    """The runs of an environment that this folder and the state know, newest first. Raises StateError."""
    path = inside(root, Path(OWN_FOLDER, "history", f"{environment}.jsonl"))
    with told(f"read {path}"):
        content = read_bytes(path) or b""
    here = (run for line in content.split(b"\n") if line and (run := _run(line)))
    found = {one.run.id: one for one in (*here, *(state.runs if state else ()))}
    return sorted(found.values(), key=lambda finished: finished.ended, reverse=True)


def _run(line: bytes) -> FinishedRun | None:
    try:
        return FinishedRun.from_json(json.loads(line.decode("utf-8", "surrogatepass")))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None
