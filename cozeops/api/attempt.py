"""One request on its way, and what came of it: for the log, and for a trace.

Never its query, its headers or its body: they hold the token, prompts, and names of users.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from cozeops.api.outgoing import Outgoing
from cozeops.api.transport import Received
from cozeops.errors import ApiError
from cozeops.values import Json

Trace = Callable[[Json], None]
"""Whoever wants to know of each request. It is told from many threads, and must not raise."""


@dataclass(slots=True)
class Attempt:
    """The attempt `number` (from 1), sent after `waited` seconds for room, a limit or a retry."""

    outgoing: Outgoing
    number: int
    waited: float
    seconds: float = 0.0
    status: int | None = None
    """None: no reply came."""
    code: int | None = None
    """None: nothing was there that Coze could have said."""
    log_id: str = ""
    received: int = 0
    """Bytes of the reply's body."""

    def answered(self, received: Received) -> None:
        """A whole reply came."""
        self.status, self.log_id, self.received = received.status, received.log_id, len(received.content)

    def failed(self, error: ApiError) -> None:
        """It was an error, or none came."""
        self.code = error.code or self.code
        self.log_id = error.log_id or self.log_id

    def __str__(self) -> str:
        came = f"HTTP {self.status}, log id {self.log_id or 'none'}, code {self.code or 0}"
        told = came if self.status else "failed"
        return f"{self.outgoing}: {told}, {self.seconds * 1000:.0f} ms"

    def line(self) -> Json:
        """A line of a trace: times in seconds, `sent` and `received` in bytes of the bodies."""
        return {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "operation": self.outgoing.operation,
            "method": self.outgoing.request.method,
            "path": self.outgoing.path,
            "status": self.status,
            "code": self.code,
            "log_id": self.log_id or None,
            "attempt": self.number,
            "waited": round(self.waited, 3),
            "seconds": round(self.seconds, 3),
            "sent": int(self.outgoing.request.headers.get("Content-Length", 0)),
            "received": self.received,
        }
