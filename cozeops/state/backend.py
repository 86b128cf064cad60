"""What every place for a state can do. Plan loads without a lock; apply locks, loads, saves."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from cozeops.frozen import frozen
from cozeops.state.errors import LockedError, StateError
from cozeops.state.model import State
from cozeops.state.run import RunInfo

Found = TypeVar("Found")


@dataclass(slots=True, eq=False)
class Held:
    """The proof that a run holds the lock; a backend notes in it what it last saw."""

    info: RunInfo
    version: str = ""
    """What the backend last read or wrote: a commit, an ETag, a file's identity."""
    token: str = ""
    """What makes the lock ours: the lock's commit, ETag or file."""
    attempted: bytes = b""
    """What this run last tried to store; whether it arrived may be unknown."""
    saved: bool = False
    """Whether this run saved before: the backup is made once per run."""
    released: bool = False

    def check(self) -> None:
        """Raise StateError once the lock is given back."""
        if self.released:
            raise StateError("the state was saved after its lock was given back")


class Backend(Protocol):
    """A place for the state of one environment."""

    @property
    def name(self) -> str:
        """What it is, for messages: `the state .cozeops/state/dev.json`."""

    @property
    def interval(self) -> float:
        """Seconds that should lie between two saves of a run; 0 where saving is cheap."""

    def load(self) -> State | None:
        """The state, None where none was saved yet. Raises InvalidState, StateError."""

    def lock(self, info: RunInfo, timeout: float) -> AbstractContextManager[Held]:
        """Hold the state for a run, waiting at most `timeout` seconds. Raises LockedError."""

    def save(self, state: State, held: Held) -> State:
        """Store a state that was loaded or saved before; its serial grows. Raises StateMovedError."""

    def holder(self) -> RunInfo | None:
        """Who holds the lock now. None where nobody does, or where it is not told."""

    def projects(self) -> tuple[str, ...]:
        """Names of projects that keep a state in the same place; none where that is not known."""

    def unlock(self, force: bool) -> RunInfo | None:
        """Remove the lock of a run that is dead (with `force`: of any run) and tell whose it was.

        None where there was no lock. Raises LockedError where the run may be alive.
        """


@frozen
class RetryPolicy:
    """How to wait: the clocks and the pause between two attempts, in seconds."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time
    pause: float = 1.0

    def acquire(self, attempt: Callable[[], Found], timeout: float) -> Found:
        """What `attempt` gives, trying again while it raises LockedError and there is time."""
        deadline = self.clock() + timeout
        while True:
            try:
                return attempt()
            except LockedError:
                left = deadline - self.clock()
                if left <= 0:
                    raise
                self.sleep(min(left, self.pause))
