"""Lists that the changes of an apply share when they look again just before they write."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from cozeops.engine.model.live import Remote
from cozeops.engine.observe.cache import Reader

_MOMENT = 0.5
"""Seconds for which a list may serve another change, too."""
_WHOLE, _BESIDE = 2, 10
"""For how many times as long as reading it took: where the list decides, and where it only tells who is
published, beside an object that is read by itself."""
_EARLY = 0.5
"""The part of that time after which one change reads them anew, while the others go on."""


class Shared:
    """Changes that begin in the same moment share their lists, no others; safe to use from many threads.

    Where reading them takes longer than a moment, they serve for as long as that took: what they say is
    as old while they are read, and a run would do nothing else otherwise. They serve longer for an object
    that is there and is read `alone`.
    """

    def __init__(self, remote: Remote, clock: Callable[[], float]) -> None:
        self._remote = remote
        self._clock = clock
        self._lock = Lock()
        self._current: Reader | None = None
        self._next: Reader | None = None
        self._began = self._next_began = 0.0
        self._calm = False

    def reader(self, *, alone: bool) -> Reader:
        """Reads for one change."""
        with self._lock:
            self._take_over()
            now, current = self._clock(), self._current
            if current is None or now - self._began > self._lasts(current, alone=alone):
                return self._begin(now)
            if alone and self._next is None and now - self._began > _EARLY * self._lasts(current, alone=True):
                # This one waits for what is read anew: nobody else has to.
                self._next, self._next_began = Reader(self._remote), now
                return self._next
            return current

    def in_peace(self, disturbed: Reader) -> Reader:
        """Reads in the place of those that our own creates disturbed; only within `turns.listing()`.

        Others that were disturbed by the same creates get the same.
        """
        with self._lock:
            if self._current is None or self._current is disturbed or not self._calm:
                self._begin(self._clock())
                self._calm = True
            assert self._current is not None
            return self._current

    def _begin(self, now: float) -> Reader:
        self._current, self._began, self._next, self._calm = Reader(self._remote), now, None, False
        return self._current

    def _take_over(self) -> None:
        """From now on what was read anew serves all; what failed serves nobody."""
        if self._next and self._next.at_rest:
            if not self._next.failed:
                self._current, self._began, self._calm = self._next, self._next_began, False
            self._next = None
        if self._current and self._current.failed:
            self._current = None

    def _lasts(self, reader: Reader, *, alone: bool) -> float:
        return max(_MOMENT, (_BESIDE if alone else _WHOLE) * reader.listed_for)
