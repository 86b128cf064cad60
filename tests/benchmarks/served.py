"""An emulator in a process of its own, as far away as the latency says."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_SERVE = """
import sys
sys.setswitchinterval(0.0005)  # many connections wait: none of them for a long turn of another
from cozeops.emulator import Emulator, Options
options = Options(qps_limits=False, processing_seconds=0.0)
Emulator(options=options).serve_forever(ready=lambda url: print(url, flush=True))
"""
TOKEN = "pat_emulator"


@dataclass(frozen=True, slots=True)
class Served:
    """A running emulator, and its levers."""

    url: str

    def environ(self, **others: str) -> dict[str, str]:
        """What a client needs to know."""
        return {"COZE_API_BASE": self.url, "COZE_API_TOKEN": TOKEN, **others}

    def seed(self, seed: dict[str, Any]) -> None:
        """Start anew with this."""
        self._pull("POST", "/reset")
        self._pull("POST", "/seed", seed)

    def delay(self, seconds: float) -> None:
        """Answer so much later."""
        self._pull("DELETE", "/faults")
        if seconds:
            self._pull("POST", "/faults", {"kind": "latency", "seconds": seconds})

    def limit(self, operation: str, qps: float) -> None:
        """Refuse more than so many calls per second."""
        self._pull("PUT", "/limits", {"operation": operation, "qps": qps})

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._pull("POST", "/clock", {"seconds": seconds})

    def forget_requests(self) -> None:
        """Begin to count."""
        self._pull("DELETE", "/requests")

    def log(self) -> list[dict[str, Any]]:
        """Every request since then."""
        found: list[dict[str, Any]] = self._pull("GET", "/requests")
        return found

    def counted(self) -> Counter[str]:
        """Requests by operation since then."""
        return Counter(one["operation"] for one in self.log())

    def _pull(self, method: str, path: str, body: Any = None) -> Any:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=120)
        content = json.dumps(body, ensure_ascii=False).encode() if body is not None else None
        connection.request(
            method, f"/_emulator{path}", body=content, headers={"Content-Type": "application/json"}
        )
        reply = connection.getresponse()
        found = json.loads(reply.read())
        connection.close()
        if reply.status != 200:
            raise RuntimeError(f"{method} {path}: {found}")
        return found


@contextmanager
def served() -> Iterator[Served]:
    """Serve an emulator until the end."""
    command = [sys.executable, "-c", _SERVE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield Served(server.stdout.readline().strip())
        finally:
            server.kill()
