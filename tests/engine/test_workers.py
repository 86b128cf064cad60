"""A pool of reads ends with what used it, whatever ends that."""

from __future__ import annotations

from concurrent.futures import Future, wait
from threading import Event

import pytest

from cozeops.engine.observe.threads import each, reading_workers, result_of


def test_it_is_waited_for() -> None:
    with reading_workers(2) as pool:
        made = [pool.submit(pow, 2, number) for number in range(5)]
    assert [one.result(timeout=0) for one in made] == [1, 2, 4, 8, 16]


def test_ctrl_c_waits_for_no_read() -> None:
    """What is under way may take a minute; what has not begun never does."""
    begun, go_on = Event(), Event()

    def read() -> bool:
        begun.set()
        return go_on.wait(30)

    def interrupted() -> None:
        with reading_workers(1) as pool:
            made.extend([pool.submit(read), pool.submit(pow, 2, 2)])
            begun.wait(30)
            raise KeyboardInterrupt

    made: list[Future[int]] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    under_way, waiting = made
    assert not under_way.done()
    assert waiting.cancelled()
    go_on.set()
    assert under_way.result(timeout=30)


def test_an_error_waits_for_what_is_under_way_and_for_nothing_else() -> None:
    begun, go_on = Event(), Event()

    def read() -> bool:
        begun.set()
        return go_on.wait(30)

    def fail() -> None:
        with reading_workers(1) as pool:
            made.extend([pool.submit(read), pool.submit(pow, 2, 2)])
            begun.wait(30)
            go_on.set()
            raise ValueError("of a read")

    made: list[Future[int]] = []
    with pytest.raises(ValueError, match="of a read"):
        fail()
    under_way, waiting = made
    assert under_way.done()
    assert waiting.done()


def test_a_long_wait_is_many_short_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two of them a signal is noticed that came as a wait began."""
    turns = 0
    future: Future[str] = Future()

    def waited(futures: list[Future[str]], timeout: float) -> object:
        nonlocal turns
        turns += 1
        if turns == 3:
            future.set_result("there")
        return wait(futures, timeout=0)

    monkeypatch.setattr("cozeops.engine.observe.threads.wait", waited)
    assert result_of(future) == "there"
    assert turns == 3


def test_each_begins_at_once_and_ends_in_order() -> None:
    """An error is raised where its item stands."""
    gate = Event()

    def work(number: int) -> int:
        if number == 0:
            gate.wait(30)
        if number == 1:
            gate.set()
        return 6 // (number - 2)

    with reading_workers(2) as pool:
        made = each(pool, work, range(4))
        assert [next(made), next(made)] == [-3, -6]
        with pytest.raises(ZeroDivisionError):
            next(made)
