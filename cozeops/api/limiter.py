"""How fast requests may go: limits per operation, and a number of requests in flight that finds itself.

The gate works like congestion control (additive increase, multiplicative decrease): it halves when Coze
says "too many" or suddenly becomes slow, and widens again with good replies. It does not start narrow: a
limit of one operation is learned as fast with many calls under way, and a small plan takes one round.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Final

from cozeops.api.pace import Pace

# 5 QPS for each of the collaborator calls, 10 QPS for uploads (personal edition).
RATES: Final = {
    **{
        f"{verb}{thing}Collaborator": 5.0
        for verb in ("add", "remove")
        for thing in ("Bot", "App", "Workflow")
    },
    "uploadFile": 10.0,
}
# 20 QPS (free edition) for all calls of a family together.
FAMILIES: Final = {
    frozenset({"createChat", "getChat", "listChatMessages", "cancelChat"}): 20.0,
    frozenset({"runWorkflow", "streamWorkflowRun"}): 50.0,
}
# One member per call, no concurrent requests.
ONE_AT_A_TIME: Final = frozenset(
    f"{verb}{scope}Member" for verb in ("add", "update", "remove") for scope in ("Enterprise", "Organization")
)

_SLOWER = 3.0
"""A reply that takes this many times the usual time, and a second more, is a jump."""
_SMOOTHING = 0.2
_NAP = 0.5
"""Seconds after which somebody who waits for a place looks whether there is a better one."""


@dataclass(slots=True)
class Passage:
    """One request on its way. Whoever sent it says how it went."""

    began: float
    answered: bool = False
    throttled: bool = False
    retry_after: float = 0.0


class ConcurrencyLimit:
    """Lets at most `limit` requests through at once; `limit` moves between 1 and `most`."""

    def __init__(self, most: int, *, clock: Callable[[], float]) -> None:
        self._most = most
        self._clock = clock
        self._room = threading.Condition()
        self._limit = float(most)
        self._in_flight = 0
        self._cut: float | None = None
        self._usual: dict[str, float] = {}

    @property
    def limit(self) -> int:
        """How many requests may be in flight now."""
        return int(self._limit)

    @property
    def in_flight(self) -> int:
        """How many are."""
        return self._in_flight

    @contextmanager
    def passage(self, operation: str) -> Iterator[Passage]:
        """Wait for room, and give it back at the end."""
        with self._room:
            self._room.wait_for(lambda: self._in_flight < self.limit)
            self._in_flight += 1
        passage = Passage(self._clock())
        try:
            yield passage
        finally:
            with self._room:
                self._in_flight -= 1
                self._learn(operation, passage)
                self._room.notify_all()

    def _learn(self, operation: str, passage: Passage) -> None:
        now = self._clock()
        if passage.throttled or (passage.answered and self._jumped(operation, now - passage.began)):
            # What was under way when the limit was cut tells nothing about the new limit.
            if self._cut is None or passage.began >= self._cut:
                self._limit = max(1.0, self._limit / 2)
                self._cut = now
        elif passage.answered:
            self._limit = min(float(self._most), self._limit + 1.0 / self._limit)

    def _jumped(self, operation: str, seconds: float) -> bool:
        usual = self._usual.get(operation, seconds)
        self._usual[operation] = usual + _SMOOTHING * (seconds - usual)
        return seconds > _SLOWER * usual + 1.0


class Limiter:
    """All limits together. `noted` is told the seconds that a limit made a request wait."""

    def __init__(
        self,
        most: int,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        noted: Callable[[float], None],
    ) -> None:
        self.gate = ConcurrencyLimit(most, clock=clock)
        self._clock = clock
        self._sleep = sleep
        self._noted = noted
        self._paces = {operation: Pace(clock, rate) for operation, rate in RATES.items()}
        for family, rate in FAMILIES.items():
            self._paces |= dict.fromkeys(family, Pace(clock, rate))
        self._members = threading.Lock()

    @contextmanager
    def admit(self, operation: str) -> Iterator[Passage]:
        """Wait until a request of this operation may be sent."""
        pace = self._paces.get(operation) or self._paces.setdefault(operation, Pace(self._clock))
        turn = self._members if operation in ONE_AT_A_TIME else nullcontext()
        with turn:
            while True:
                cuts = self._await(pace)
                with self.gate.passage(operation) as passage:
                    if pace.cuts != cuts:  # a limit was met while this one waited
                        continue
                    try:
                        yield passage
                    finally:
                        _tell(pace, passage)
                    return

    def _await(self, pace: Pace) -> int:
        wait, cuts = pace.reserve()
        # A place may be far away only because the replies that tell of a higher rate were still under way.
        while wait > 0 and pace.cuts == cuts:
            nap = min(wait, _NAP)
            self._noted(nap)
            self._sleep(nap)
            wait -= nap
        return cuts


def _tell(pace: Pace, passage: Passage) -> None:
    if passage.throttled:
        pace.refused(passage.began, passage.retry_after)
    elif passage.answered:
        pace.admitted(passage.began)
