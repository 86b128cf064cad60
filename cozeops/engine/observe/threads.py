"""Threads for reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
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
