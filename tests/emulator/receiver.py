"""A callback receiver on loopback: echoes challenges, keeps what it was sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any


@dataclass
class Receiver:
    """What arrived, and how it is answered."""

    url: str = ""
    echoes: bool = True
    statuses: list[int] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=dict)
    pushes: Queue[tuple[dict[str, str], bytes]] = field(default_factory=Queue)

    def push(self) -> tuple[dict[str, str], bytes]:
        """Wait for the next push."""
        return self.pushes.get(timeout=10)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Serve a receiver."""
    receiver = Receiver()

    class _Connection(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """Stay quiet."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sent = json.loads(body)
            reply, status = receiver.answer, 200
            if "challenge" in sent:
                reply = {"challenge": sent["challenge"] if receiver.echoes else "no"}
            else:
                status = receiver.statuses.pop(0) if receiver.statuses else 200
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(reply).encode())
            if "challenge" not in sent:
                receiver.pushes.put((dict(self.headers), body))

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Connection)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook?a=b"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
