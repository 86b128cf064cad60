"""Creates, and lists that no create of ours may disturb."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Turns:
    """Creates go side by side; a list that must be without gaps waits for them, and they wait for it.

    Coze's pages move when an object is made while they are read: a list that is read during a hundred
    creates of ours would never prove that one name is free.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._creating = 0
        self._listing = False

    @contextmanager
    def creating(self) -> Iterator[None]:
        """While an object is made."""
        with self._changed:
            self._changed.wait_for(lambda: not self._listing)
            self._creating += 1
        try:
            yield
        finally:
            with self._changed:
                self._creating -= 1
                self._changed.notify_all()

    @contextmanager
    def listing(self) -> Iterator[None]:
        """While a list is read in peace: one at a time."""
        with self._changed:
            self._changed.wait_for(lambda: not self._listing)
            self._listing = True
            self._changed.wait_for(lambda: not self._creating)
        try:
            yield
        finally:
            with self._changed:
                self._listing = False
                self._changed.notify_all()
