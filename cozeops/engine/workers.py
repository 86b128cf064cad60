"""Threads for reads."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


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
