"""What time it is on the server, by the `Date` of its replies.

A reply tells whole seconds, and was made at some moment between sending and hearing. So each one puts the
server's clock between two bounds, and many that begin at different moments put it between two near ones.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable


class ServerTime:
    """How far the server's clock is ahead of ours; for all threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._ahead = (-math.inf, math.inf)
        """At least and at most, in seconds."""

    def heard(self, date: float, sent: float) -> None:
        """A reply with this date (Unix seconds) has just come; `sent` is when it was asked for."""
        least, most = date - self._clock(), date + 1.0 - sent
        with self._lock:
            both = max(self._ahead[0], least), min(self._ahead[1], most)
            # Where they contradict each other, another server answered, or its clock was set anew.
            self._ahead = both if both[0] <= both[1] else (least, most)

    def earliest(self) -> float | None:
        """It is at least so late, in Unix seconds; None before the first reply."""
        return self._clock() + self._ahead[0] if math.isfinite(self._ahead[0]) else None

    def latest(self) -> float | None:
        """It is at most so late, in Unix seconds; None before the first reply."""
        return self._clock() + self._ahead[1] if math.isfinite(self._ahead[1]) else None
