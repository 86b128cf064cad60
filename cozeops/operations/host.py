"""What a program lends to an operation: nothing below asks the process for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import field
from threading import Event

from cozeops.frozen import frozen


def to_nobody(sentence: str) -> None:
    """A program that wants no sentences."""


@frozen
class Host:
    """The program that an operation runs in."""

    environ: Mapping[str, str]
    """The variables that count: COZE_API_TOKEN, COZE_API_BASE, COZEOPS_*, PATH, CI."""
    say: Callable[[str], None] = to_nobody
    """Gets sentences for a person while an operation runs, without a line break at their end."""
    stop: Event = field(default_factory=Event)
    """Set it, and what is under way ends while nothing new begins."""
    sleep: Callable[[float], None] = time.sleep
    """Seconds."""
    clock: Callable[[], float] = time.monotonic
    """Seconds since some moment."""
    leaving: list[Callable[[], str]] = field(default_factory=list)
    """What is to be said by who ends at once: words about what stays behind (empty: nothing does)."""
