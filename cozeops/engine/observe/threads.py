"""Threads for reads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any, Final, TypeVar

S = TypeVar("S")
T = TypeVar("T")

TURN: Final = 0.5
"""Seconds of one wait. A Ctrl-C that comes just as the main thread falls asleep does not wake it."""


def result_of(future: Future[T]) -> T:
    """What a future gives, however long it takes; Ctrl-C is noticed within a turn."""
    while not wait([future], timeout=TURN).done:
        pass
    return future.result()


def settle(futures: Sequence[Future[Any]]) -> None:
    """Wait until all of these came to an end, whatever that is; Ctrl-C is noticed within a turn."""
    while wait(futures, timeout=TURN).not_done:
        pass


def each(pool: ThreadPoolExecutor, work: Callable[[S], T], items: Iterable[S]) -> Iterator[T]:
    """What the work gives for each item, in their order; all of it begins now."""
    begun = [pool.submit(work, item) for item in items]
    return (result_of(future) for future in begun)


@contextmanager
def reading_workers(count: int) -> Iterator[ThreadPoolExecutor]:
    """A pool that is waited for at its end, but not by who presses Ctrl-C: a read may take a minute."""
    pool = ThreadPoolExecutor(count, thread_name_prefix="read")
    try:
        yield pool
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    except BaseException:
        pool.shutdown(cancel_futures=True)
        raise
    pool.shutdown()


def begun(count: int, errands: Sequence[Callable[[], T]], name: str) -> list[Future[T]]:
    """The errands, carried out in their order by so many threads.

    The end of the process does not wait for them (for those of a ThreadPoolExecutor it does).
    """
    futures = [Future[T]() for _ in errands]
    waiting = SimpleQueue[tuple[Future[T], Callable[[], T]]]()
    for pair in zip(futures, errands, strict=True):
        waiting.put(pair)
    for number in range(min(count, len(futures))):
        Thread(target=_carry_out, args=(waiting,), name=f"{name}_{number}", daemon=True).start()
    return futures


def _carry_out(waiting: SimpleQueue[tuple[Future[T], Callable[[], T]]]) -> None:
    while True:
        try:
            future, errand = waiting.get_nowait()
        except Empty:
            return
        if not future.set_running_or_notify_cancel():
            continue
        try:
            future.set_result(errand())
        except BaseException as error:
            future.set_exception(error)


def results_until(futures: Sequence[Future[T]], stop: Event, grace: float) -> Iterator[T | None]:
    """What each future gives, in their order. None: it did not end within `grace` seconds after `stop`.

    What has not begun when the last result is taken, or none is wanted any more, never begins.
    """
    leave = 0.0
    try:
        for future in futures:
            while not wait([future], timeout=TURN / 5).done:
                if stop.is_set():
                    leave = leave or time.monotonic() + grace
                    if time.monotonic() >= leave:
                        break
            yield future.result() if future.done() else None
    finally:
        for future in futures:
            future.cancel()
