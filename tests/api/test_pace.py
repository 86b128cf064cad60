"""A limit that nobody told is found out; on a clock of its own, against servers that count in their ways."""

from __future__ import annotations

import heapq
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

import pytest

from cozeops.api.pace import Pace
from cozeops.declare.calls import Call

from .fakes import Clock, Script, client, ok, refusal

LATENCY = 0.1


class Server(Protocol):
    """Whatever says yes or no."""

    def takes(self, now: float) -> bool:
        """Whether a call at this time is let in."""


@dataclass
class Bucket:
    """`rate` tokens a second, at most `burst` of them saved."""

    rate: float
    burst: float
    tokens: float = 0.0
    at: float = 0.0

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def takes(self, now: float) -> bool:
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@dataclass
class Window:
    """At most `rate` calls in each second of the clock."""

    rate: int
    seen: dict[int, int] = field(default_factory=dict)

    def takes(self, now: float) -> bool:
        count = self.seen[int(now)] = self.seen.get(int(now), 0) + 1
        return count <= self.rate


@dataclass
class Went:
    """How a simulation went."""

    seconds: float
    refused: int
    calls: int

    def used(self, rate: float) -> float:
        """The share of the limit that was used; what a full bucket gives at once is counted in."""
        return self.calls / (rate * (self.seconds + 1))


def simulate(
    server: Server, calls: int, workers: int = 16, *, jitter: float = 0.02, retry_after: float = 0.0
) -> Went:
    """So many callers, each with one call after the other; a refused one is repeated after half a second.

    They begin a moment after each other, and the server takes them in another order.
    """
    clock = Clock()
    start, callers = clock.time, Callers(server, clock, calls, jitter, retry_after)
    waiting = [(start + who / 1000, who, callers.calling()) for who in range(workers)]
    while waiting:
        clock.time, who, one = heapq.heappop(waiting)
        if (pause := next(one, None)) is not None:
            heapq.heappush(waiting, (clock.time + pause, who, one))
    return Went(clock.time - start, callers.refused, calls)


class Callers:
    """They share a pace and a number of calls. What each does is told as the pauses that it makes."""

    def __init__(self, server: Server, clock: Clock, calls: int, jitter: float, retry_after: float) -> None:
        self._server, self._clock, self._pace = server, clock, Pace(clock)
        self._left, self._jitter, self._retry_after = calls, jitter, retry_after
        self._number = count()
        self.refused = 0

    def calling(self) -> Iterator[float]:
        """One of them, until no call is left."""
        while self._left:
            self._left -= 1
            while not (yield from self._once()):
                self.refused += 1
                yield max(0.5, self._retry_after)

    def _once(self) -> Generator[float, None, bool]:
        yield from self._place()
        sent, late = self._clock.time, self._jitter * (next(self._number) * 7 % 5 - 2) / 2
        yield (LATENCY + late) / 2
        good = self._server.takes(self._clock.time)
        yield LATENCY / 2
        if good:
            self._pace.admitted(sent)
        else:
            self._pace.refused(sent, self._retry_after)
        return good

    def _place(self) -> Iterator[float]:
        """As the client waits for one: it looks each half second whether it still is worth something."""
        cuts = -1
        while cuts != self._pace.cuts:
            pause, cuts = self._pace.reserve()
            until = self._clock.time + pause
            while self._clock.time < until and cuts == self._pace.cuts:
                yield min(0.5, until - self._clock.time)


@pytest.mark.parametrize("rate", [2, 5, 10, 20, 50])
def test_a_bucket_is_found_out_by_being_refused_once(rate: int) -> None:
    """Those that were under way are refused with it; from then on almost none, and the limit is used."""
    went = simulate(Bucket(rate, rate), 200 * rate)
    assert went.used(rate) >= 0.95
    assert went.refused <= 16 + 0.01 * went.calls


@pytest.mark.parametrize("retry_after", [0.0, 1.0])
@pytest.mark.parametrize("workers", [8, 16])
def test_it_is_found_out_at_once(workers: int, retry_after: float) -> None:
    """Also where many were under way when the first was refused, and some of those sent later were not."""
    went = simulate(Bucket(5, 5), 100, workers, retry_after=retry_after)
    assert went.used(5) >= 0.93
    assert went.refused <= workers


@pytest.mark.parametrize("rate", [5, 20])
def test_a_count_per_second_is_found_out_too(rate: int) -> None:
    """Where its seconds begin is not known, so evenly spaced calls stay a little below."""
    went = simulate(Window(rate), 200 * rate)
    assert went.used(rate) >= 0.75
    assert went.refused <= 16 + 0.02 * went.calls


@pytest.mark.parametrize(("rate", "burst"), [(5, 1), (5, 50), (7.5, 7.5)])
def test_a_server_that_counts_otherwise_is_not_flooded(rate: float, burst: float) -> None:
    """The first guess is wrong; it is doubted in time."""
    went = simulate(Bucket(rate, burst), 1000)
    assert went.used(rate) >= 0.65
    assert went.refused <= 80


def test_without_a_refusal_nobody_waits() -> None:
    """No limit is assumed where none was seen."""
    went = simulate(Bucket(10_000, 10_000), 1600)
    assert went.refused == 0
    assert went.seconds == pytest.approx(100 * LATENCY, rel=0.1)


def test_what_coze_asks_for_holds_for_everybody() -> None:
    """`Retry-After` of one call keeps back the next, whoever sends it."""
    clock = Clock()
    pace = Pace(clock)
    _, before = pace.reserve()
    pace.refused(clock.time, 7.0)
    wait, after = pace.reserve()
    assert wait >= 7.0
    assert before != after


def test_the_client_sends_at_the_rate_that_it_learned() -> None:
    """A refusal of one operation leaves the others alone."""
    clock = Clock()
    script = Script(ok({}), ok({}), refusal(4009, 429, Retry_After="3"), ok({}))
    update, other = Call("updateBot", "POST", "/x"), Call("publishBot", "POST", "/y")
    with client(script, clock, random=lambda: 0.0) as coze:
        for _ in range(3):
            coze.send(update, {})
        assert clock.time == 1003.0
        clock.slept.clear()
        coze.send(other, {})
        assert clock.slept == []
        coze.send(update, {})
    assert sum(clock.slept) > 0
    assert coze.stats.throttled == coze.stats.retries == 1


def test_a_known_limit_is_never_exceeded() -> None:
    """It may be shared with others: then less is left, and it grows back to what is known."""
    clock = Clock()
    pace = Pace(clock, 5.0)
    for _ in range(10):
        clock.sleep(pace.reserve()[0])
        pace.admitted(clock.time)
    clock.tick(0.01)
    pace.refused(clock.time, 0.0)
    assert pace.rate < 5.0
    for _ in range(500):
        clock.sleep(pace.reserve()[0])
        pace.admitted(clock.time)
    assert pace.rate == 5.0


def test_one_that_is_refused_by_itself_tells_of_no_limit() -> None:
    """Coze is busy: its answer to a lone call says nothing about how many it takes."""
    clock = Clock()
    with client(Script(refusal(4009, 429), ok({})), clock, random=lambda: 0.0) as coze:
        coze.send(Call("updateBot", "POST", "/x"), {})
        coze.send(Call("updateBot", "POST", "/x"), {})
    assert clock.slept == [0.0]
