"""Whole seconds, told by replies that begin at different moments, tell the time to less than one."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cozeops.api.server_time import ServerTime

from .fakes import Clock

AHEAD = 784_110_777.4
"""How far the server's clock is ahead in these tests."""


def hear(time: ServerTime, clock: Clock, seconds: float, ahead: float = AHEAD) -> None:
    """A reply that takes so long and is made half way."""
    sent = clock.time
    clock.tick(seconds / 2)
    date = math.floor(clock.time + ahead)
    clock.tick(seconds / 2)
    time.heard(date, sent)


def test_before_the_first_reply_nothing_is_known() -> None:
    """Neither bound."""
    time = ServerTime(Clock())
    assert time.earliest() is time.latest() is None


def test_one_reply_tells_a_second_and_what_it_took() -> None:
    """It may be as old as it took, and was cut to whole seconds."""
    clock = Clock()
    time = ServerTime(clock)
    hear(time, clock, 0.5)
    least, most = time.earliest(), time.latest()
    assert least is not None
    assert most is not None
    assert least <= clock.time + AHEAD <= most
    assert most - least == pytest.approx(1.5)


def test_many_tell_it_to_what_one_takes() -> None:
    """They begin at any moment of a second."""
    clock = Clock()
    time = ServerTime(clock)
    for _ in range(100):
        hear(time, clock, 0.1)
        clock.tick(0.037)
    least, most = time.earliest(), time.latest()
    assert least is not None
    assert most is not None
    assert least <= clock.time + AHEAD <= most
    assert most - least < 0.13


@given(st.lists(st.tuples(st.floats(0.001, 5), st.floats(0, 3)), min_size=1, max_size=30))
def test_the_bounds_hold(replies: list[tuple[float, float]]) -> None:
    """However long replies take and whenever they are asked for."""
    clock = Clock()
    time = ServerTime(clock)
    for seconds, pause in replies:
        hear(time, clock, seconds)
        clock.tick(pause)
        least, most = time.earliest(), time.latest()
        assert least is not None
        assert most is not None
        assert least - 1e-3 <= clock.time + AHEAD <= most + 1e-3


@pytest.mark.parametrize("jump", [60.0, -60.0])
def test_a_clock_that_was_set_anew_is_believed(jump: float) -> None:
    """As are several servers whose clocks differ: the last one counts."""
    clock = Clock()
    time = ServerTime(clock)
    for _ in range(20):
        hear(time, clock, 0.13)
    hear(time, clock, 0.13, AHEAD + jump)
    least, most = time.earliest(), time.latest()
    assert least is not None
    assert most is not None
    assert least <= clock.time + AHEAD + jump <= most


def test_a_clock_that_stands_still_is_not_overtaken() -> None:
    """What it says counts: ours went on for three seconds, and it did not."""
    clock = Clock()
    time = ServerTime(clock)
    time.heard(1000.0, clock.time)
    clock.tick(3)
    time.heard(1000.0, clock.time)
    assert time.earliest() == 1000.0
