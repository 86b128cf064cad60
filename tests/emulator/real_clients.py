"""What the official SDKs' example programs call, against a served emulator; prints a table.

    python -m tests.emulator.real_clients [FOLDER]

The packages of the registries have no example programs in them: their methods are called in the same order.
The JavaScript SDK is fetched with npm into FOLDER (a temporary one if none is given), at the version below.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cozeops.emulator import DEFAULT_WORKSPACE, Emulator, Options

from .conftest import SEED
from .fuzzed import MORE

JAVASCRIPT = "@coze/api@1.3.9"
_CHATFLOW = {"workflow_id": "710", "workflow_name": "talk", "workflow_mode": "chatflow"}


class Unavailable(Exception):
    """The SDK cannot be run here; the message says why."""


class Step(NamedTuple):
    """One call of an example program; an empty error is success."""

    program: str
    method: str
    error: str


@contextmanager
def served() -> Iterator[str]:
    """The URL of an emulator with what the programs refer to."""
    emulator = Emulator(options=Options(processing_seconds=0.0, qps_limits=False))
    emulator.seed(SEED)
    emulator.seed({**MORE, "workflows": [_CHATFLOW], "chat_rules": [], "workflow_rules": []})
    with emulator.serve() as url:
        yield url


def javascript(folder: Path) -> list[Step]:
    """Run the JavaScript SDK. Raises Unavailable without node, npm or the registry."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise Unavailable("node and npm are not installed")
    if not (folder / "node_modules" / "@coze" / "api").exists():
        fetch = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", JAVASCRIPT]
        fetched = subprocess.run(fetch, capture_output=True, text=True, timeout=300, check=False)
        if fetched.returncode:
            raise Unavailable(f"npm cannot fetch {JAVASCRIPT}: {fetched.stderr.strip()[-200:]}")
    script = Path(__file__).with_suffix(".mjs")
    with served() as url:
        line = ["node", str(script), str(folder), url, DEFAULT_WORKSPACE]
        ran = subprocess.run(line, capture_output=True, text=True, timeout=300, check=False)
    steps = [Step(**json.loads(text)) for text in ran.stdout.splitlines() if text.startswith("{")]
    return steps if ran.returncode == 0 else [*steps, Step("node", "", ran.stderr.strip()[-500:])]


def main(folder: Path) -> int:
    """Print the table; the number of calls that failed."""
    steps = javascript(folder)
    for step in steps:
        print(f"{step.program:20} {step.method:50} {step.error or 'ok'}")  # noqa: T201
    return sum(bool(step.error) for step in steps)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(temporary)) > 0)
