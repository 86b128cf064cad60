"""Apply after apply in one process, while the server fails: what is still held after each of them.

The emulator is a process of its own, so that what it remembers is not taken for what cozeops keeps.
"""

from __future__ import annotations

import gc
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cozeops.cli import cli
from cozeops.cli.errors import exit_code_of

PROJECT = """\
kind: Project
metadata: {name: soak}
spec: {manifests: [manifests], state: {backend: local}}
"""
MANIFEST = """\
kind: Workspace
metadata: {name: home}
spec: {name: 家, description: d}
---
kind: KnowledgeBase
metadata: {name: book, workspace: home}
spec: {name: 书, format: text, documents: [{file: page.md}]}
---
kind: Bot
metadata: {name: guide, workspace: home}
spec:
  name: 导览
  prompt: {file: prompt.md}
  icon: icon.png
  knowledge: {datasets: [book]}
  model: {id: "1706077826", temperature: 0.5}
  publish: {connectors: [api, chat_sdk]}
"""
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "error", "status": 500, "phase": "before"},
    {"kind": "error", "status": 502, "phase": "after"},
    {"kind": "drop", "phase": "before"},
    {"kind": "drop", "phase": "after"},
    {"kind": "throttle"},
    {"kind": "throttle", "status": 200, "retry_after": 0.01},
    {"kind": "truncate"},
    {"kind": "garbage"},
    {"kind": "slow", "seconds": 0.02},
    {"kind": "latency", "seconds": 0.01},
    {"kind": "lag", "seconds": 5.0},
)


@dataclass(frozen=True)
class Held:
    """What a process holds after an apply."""

    kilobytes: int
    threads: int
    files: int
    """Open files and sockets."""
    children: int
    temporary: int
    """Entries of the folder for temporary files."""
    kept: int
    """Files below the project's folder."""


@dataclass
class Soak:
    """The project, the emulator's address, and what was seen."""

    folder: Path
    url: str
    seed: int = 7
    held: list[Held] = field(default_factory=list)
    codes: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        (self.folder / "manifests").mkdir(parents=True)
        self._write("cozeops.yaml", PROJECT)
        self._write("manifests/home.yaml", MANIFEST)
        self._change(0)

    def round(self, number: int) -> None:
        """An edit in Git, sometimes one by hand, up to three faults, an apply, a look at what is held."""
        self._change(number)
        self.control("DELETE", "requests")
        if number % 5 == 0:
            self._by_hand(number)
        for fault in self._random.choices(FAULTS, k=number % 4):
            times = {"times": self._random.randint(1, 8), "skip": self._random.randint(0, 20)}
            self.control("POST", "faults", **fault, **times)
        self.apply(aside=number % 50 == 49)
        self.control("DELETE", "faults")
        gc.collect()
        self.held.append(_held(self.folder))

    def apply(self, *, aside: bool = False) -> int:
        """Apply in this process, or aside in one of its own."""
        line = ["-C", str(self.folder), "apply", "--yes", "--unknown-wait", "0.1", "--wait-timeout", "5"]
        if aside:
            ran = subprocess.run([sys.executable, "-m", "cozeops", *line], capture_output=True, check=False)
            code = ran.returncode
        else:
            code = exit_code_of(lambda: cli.main(args=line, prog_name="cozeops", standalone_mode=False))
        self.codes[code] += 1
        return code

    def control(self, method: str, path: str, **body: Any) -> Any:
        """Use the emulator's control API."""
        # Not with httpx: each of its clients loads certificates, and what that leaves behind is not ours.
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        content = json.dumps(body).encode() if body else None
        connection.request(
            method, f"/_emulator/{path}", body=content, headers={"Content-Type": "application/json"}
        )
        reply = connection.getresponse()
        found = json.loads(reply.read())
        connection.close()
        assert reply.status == 200, found
        return found

    def table(self, name: str) -> dict[str, Any]:
        """Live rows."""
        found: dict[str, Any] = self.control("GET", "state")["tables"].get(name, {})
        return found

    def _change(self, number: int) -> None:
        self._write("manifests/prompt.md", f"你是导览员。\n今天是第 {number} 天。\n")
        if number % 3 == 0:
            self._write("manifests/page.md", f"第 {number} 页\n")
        if number % 7 == 0:
            (self.folder / "manifests" / "icon.png").write_bytes(b"\x89PNG\r\n\x1a\n%d" % number)

    def _by_hand(self, number: int) -> None:
        for id in self.table("bots"):
            changes = {"model_info_config": {"model_id": "1706077826", "temperature": 0.1 + number % 8 / 10}}
            self.control("POST", "edit", table="bots", id=id, changes=changes)

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")


def _held(folder: Path) -> Held:
    status = Path("/proc/self/status").read_text()
    kilobytes = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return Held(
        kilobytes=kilobytes,
        threads=threading.active_count(),
        files=len(os.listdir("/proc/self/fd")),  # noqa: PTH208
        children=len(children),
        temporary=sum(1 for _ in Path(tempfile.gettempdir()).iterdir()),
        kept=sum(1 for path in folder.rglob("*") if path.is_file()),
    )


@contextmanager
def served() -> Iterator[str]:
    """An emulator in a process of its own."""
    settings = ["--option", "processing_seconds=0", "--option", "qps_limits=false"]
    line = [sys.executable, "-m", "cozeops", "emulator", "--port", "0", *settings]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().split("COZE_API_BASE=")[1].split()[0]
        finally:
            process.terminate()
