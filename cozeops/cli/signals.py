"""Ctrl-C and SIGTERM: the first drains, the second stops at once."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

import click

from cozeops.errors import ExitCode

LEAVING: list[Callable[[], str]] = []
"""What is asked for words about what stays behind, as `Host.leaving`."""


@contextmanager
def stopping(flag: Event | None = None) -> Iterator[Event]:
    """A flag that a signal sets; what is under way ends. A second one stops at once."""
    flag = flag or Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        if flag.is_set():
            # Threads that wait for Coze cannot be stopped. The journal has what they were about to do.
            told = [words for one in LEAVING if (words := one())]
            then = "; ".join(told) or "the next cozeops plan looks at what was under way"
            click.echo(f"stopped at once: {then}", err=True)
            sys.stderr.flush()
            os._exit(ExitCode.CANCELLED)
        flag.set()
        click.echo("stopping: what is under way ends, nothing new begins (again to stop at once)", err=True)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield flag
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
