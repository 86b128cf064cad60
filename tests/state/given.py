"""What the tests of the state share: states, runs, clocks and timers that do not wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from cozeops.address import Address
from cozeops.state import Ownership, Record, RunInfo, State

CHEF = Address("Bot", "chef")


def a_state(environment: str = "dev", **known: str) -> State:
    """A new state that knows the bots `name=id`."""
    state = State(environment=environment, base_url="http://127.0.0.1:1", lineage="lineage-1")
    for name, id in known.items():
        state = state.with_record(Address("Bot", name), Record(id, Ownership.CREATED))
    return state


def a_run(id: str = "run-1", *, environment: str = "dev", time: float = 1000.0) -> RunInfo:
    """A run of alice on another machine."""
    return RunInfo(id, environment, "apply", time, user="alice", host="laptop", pid=4711, commit="c0ffee")


@dataclass
class FakeTime:
    """A clock that moves only when somebody sleeps, and the timers that wait on it."""

    now: float = 100.0
    slept: list[float] = field(default_factory=list)
    timers: list[FakeTimer] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def timer(self, wait: float, call: Callable[[], None]) -> FakeTimer:
        made = FakeTimer(self.now + wait, call)
        self.timers.append(made)
        return made

    def advance(self, seconds: float) -> None:
        """Let time pass and due timers ring."""
        self.now += seconds
        for timer in [timer for timer in self.timers if timer.started and timer.due <= self.now]:
            self.timers.remove(timer)
            timer.call()


@dataclass
class FakeTimer:
    """One timer: rings when FakeTime advances."""

    due: float
    call: Callable[[], None]
    daemon: bool = False
    started: bool = False

    def start(self) -> None:
        self.started = True

    def cancel(self) -> None:
        self.started = False


@pytest.fixture
def fake() -> FakeTime:
    """A clock, a sleep and timers without waiting."""
    return FakeTime()
