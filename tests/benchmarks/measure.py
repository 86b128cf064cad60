"""Measuring: runs in processes of their own, and lines that say what came out."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LATENCY = 0.1
IN_FLIGHT = 16
ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Ran:
    """A process that ended: how long it took, how much memory at most (MiB), and what it printed."""

    seconds: float
    memory: float
    code: int
    out: str
    err: str


def run(command: Sequence[str], environ: Mapping[str, str] | None = None) -> Ran:
    """Run a command to its end."""
    began = time.perf_counter()
    surroundings = {**os.environ, **(environ or {}), "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    surroundings.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has its byte code
    process = subprocess.Popen(
        [sys.executable, "-c", _WATCHED, *command],
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    out, err = process.communicate()
    seconds = time.perf_counter() - began
    err, _, told = err.rpartition("\x1e")
    facts: dict[str, Any] = json.loads(told) if told else {}
    code = facts.get("code", process.returncode)
    return Ran(facts.get("seconds", seconds), facts.get("kib", 0) / 1024, code, out, err)


# A small parent of its own: `ru_maxrss` of the children is then that of this one command.
_WATCHED = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
code = subprocess.run(sys.argv[1:]).returncode
seconds = time.perf_counter() - began
kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
sys.stderr.write("\\x1e" + json.dumps({"seconds": seconds, "kib": kib, "code": code}) + "\\n")
"""


def cozeops(folder: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> Ran:
    """Run cozeops on a project, with the interpreter of this process. Stops where it fails."""
    ran = run([sys.executable, "-m", "cozeops", "-C", str(folder), *arguments], environ)
    if ran.code not in (0, 2):
        raise SystemExit(
            f"cozeops {' '.join(arguments)}: exit {ran.code}\n{ran.err[-2000:]}{ran.out[-2000:]}"
        )
    return ran


def median_of(times: int, action: Callable[[], float]) -> float:
    """The median of a few measurements."""
    return statistics.median(action() for _ in range(times))


def timed(action: Callable[[], object]) -> float:
    """The seconds that something takes in this process."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def lower_bound(requests: int) -> float:
    """No client can be faster than this with so many requests, 16 in flight."""
    return requests * LATENCY / IN_FLIGHT


def peak() -> float:
    """The most memory that this process had so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def say(line: str = "") -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def title(words: str) -> None:
    """Print a heading."""
    say(f"\n{words}")


def row(name: str, seconds: float, *notes: str) -> None:
    """Print one result."""
    say(f"  {name:44} {seconds:9.3f} s   {'   '.join(notes)}")
