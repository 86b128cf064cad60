"""What a run cost: requests are the cost that cozeops counts, prints and tests."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from cozeops.frozen import frozen


@frozen
class Stats:
    """Numbers of a moment."""

    requests: Mapping[str, int]
    """Requests sent, repeats included, by operation."""
    retries: int
    throttled: int
    """Replies that said "too many requests"."""
    waited: float
    """Seconds spent waiting for a retry or for a known limit, over all threads."""
    most_in_flight: int

    @property
    def total(self) -> int:
        """All requests sent."""
        return sum(self.requests.values())


class Tally:
    """Counts from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[str] = Counter()
        self._retries = self._throttled = self._most_in_flight = 0
        self._waited = 0.0

    def sent(self, operation: str, attempt: int, in_flight: int) -> None:
        """A request goes out."""
        with self._lock:
            self._requests[operation] += 1
            self._retries += attempt > 1
            self._most_in_flight = max(self._most_in_flight, in_flight)

    def throttled(self) -> None:
        """A reply said "too many requests"."""
        with self._lock:
            self._throttled += 1

    def waited(self, seconds: float) -> None:
        """Somebody is about to wait."""
        with self._lock:
            self._waited += seconds

    def snapshot(self) -> Stats:
        """The numbers now."""
        with self._lock:
            requests = MappingProxyType(dict(sorted(self._requests.items())))
            return Stats(requests, self._retries, self._throttled, self._waited, self._most_in_flight)
