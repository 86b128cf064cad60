"""Saving while an apply goes on: nothing that was written to Coze may be forgotten by a crash.

The first record is saved at once, then a backend is asked at most once per its interval; a timer saves
what waits, so that a long pause between writes loses nothing either. Threads share one saver.

A local state is saved whole at first, at the end, and whenever the run's journal has grown by as much as the
whole: in between each record is added to the journal, so that what a run writes grows with what it makes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from cozeops.address import Address
from cozeops.errors import CozeopsError
from cozeops.state.backend import Backend, Held
from cozeops.state.document import to_bytes
from cozeops.state.errors import StateMovedError
from cozeops.state.files import write_atomically
from cozeops.state.journal import Journal
from cozeops.state.model import Record, State, record_to_json
from cozeops.state.run import FinishedRun
from cozeops.values import Json

_LOG = 1 << 20
"""Bytes that the journal takes at least before the state is saved whole again."""
_MOMENT = 1.0
"""Seconds that a record waits for others where nothing would be lost with it."""


class Timer(Protocol):
    """Something that calls back later, unless it is cancelled."""

    daemon: bool

    def start(self) -> None:
        """Begin to wait."""

    def cancel(self) -> None:
        """Do not call back."""


class Saver:
    """Keeps a state durable during a run; use it as a context, it saves at the end however that comes.

    `rescue` is a local file that gets the state where the backend could not take it at the end.
    """

    def __init__(
        self,
        backend: Backend,
        held: Held,
        state: State,
        *,
        rescue: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        timer: Callable[[float, Callable[[], None]], Timer] = threading.Timer,
    ) -> None:
        self._backend = backend
        self._held = held
        self._state = state  # without its records
        self._records = dict(state.resources)
        self._rescue = rescue
        self._clock = clock
        self._timer = timer
        self._guard = threading.Lock()  # the fields; held for an instant
        self._saving = threading.Lock()  # one save at a time; held while the backend works
        self._edits = 0
        self._saved_edits = 0
        self._last: float | None = None
        self._armed: Timer | None = None
        self._problem: CozeopsError | None = None
        self._moved: StateMovedError | None = None
        self._journal: Journal | None = None
        self._logged = 0
        self._in_part = False

    def __enter__(self) -> Saver:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._guard:
            self._journal = None  # it ends before the state is read again
            self._edits += self._in_part
        if error is None:
            self.flush()
            return
        try:
            self.flush()
        except CozeopsError as problem:
            # What ended the run is what its user must hear first.
            error.add_note(f"{problem.message}; {problem.hint}")

    @property
    def state(self) -> State:
        """The state as it is now, saved or not."""
        with self._guard:
            return replace(self._state, resources=dict(self._records))

    @property
    def whole(self) -> bool:
        """Whether the last save has all: nothing of it stands in a journal alone."""
        with self._guard:
            return not self._in_part

    def log_to(self, journal: Journal) -> None:
        """Add records to the journal of the run from now on, where that is beside the state."""
        if not self._backend.interval:
            self._journal = journal

    def put(self, address: Address, record: Record, *, wrote: bool = True) -> None:
        """Remember a record. Raises StateMovedError where somebody else saved meanwhile.

        Unless something was written to Coze for it, it may wait for others: it can be learned again.
        A backend that cannot be reached is tried again later; `flush` tells.
        """
        self._change(address, record, wrote=wrote)

    def put_all(self, records: Mapping[Address, Record]) -> None:
        """Remember many records, with one save for all of them; they can be learned again."""
        with self._guard:
            self._records.update(records)
            self._edits += 1
        if not self._journal:
            self._save_when_due()

    def forget(self, address: Address) -> None:
        """Forget an address."""
        self._change(address, None, wrote=True)

    def note_run(self, run: Mapping[str, Any]) -> None:
        """Say who applied what; saved with the next record or by `flush`."""
        with self._guard:
            self._state = replace(self._state, run=dict(run))
            self._edits += 1

    def note_finished(self, run: FinishedRun) -> None:
        """Say how the run ended; saved by `flush`."""
        with self._guard:
            self._state = self._state.with_run(run)
            self._edits += 1

    def flush(self) -> None:
        """Save now. Raises the backend's error, with the place of the rescue file in its hint."""
        self._disarm()
        try:
            self._save(force=True)
            if self._problem:
                raise self._problem
        except CozeopsError as problem:
            self._save_elsewhere(problem)
            raise

    def _change(self, address: Address, record: Record | None, *, wrote: bool) -> None:
        with self._guard:
            if record is None:
                self._records.pop(address, None)
            else:
                self._records[address] = record
            self._edits += 1
            journal = self._journal if self._in_part else None  # the first save says where to look
        if journal:
            self._log(journal, {str(address): record_to_json(record) if record else None}, sync=wrote)
        elif wrote or self._journal:
            self._save_when_due()
        else:
            self._arm(max(_MOMENT, self._backend.interval))

    def _log(self, journal: Journal, change: Json, *, sync: bool) -> None:
        try:
            size = journal.log(change, sync=sync)
        except CozeopsError:
            # What the journal lacks would be undone by what it has: the whole is saved from here on.
            self._journal = None
            self._save_when_due()
            return
        with self._guard:
            self._logged += size
            full = self._logged >= max(_LOG, len(self._held.attempted))
            self._logged = 0 if full else self._logged
        if full:
            self._save(force=True)

    def _save_when_due(self) -> None:
        wait = self._seconds_left()
        if wait > 0:
            self._arm(wait)
        else:
            self._save(force=False)

    def _seconds_left(self) -> float:
        with self._guard:
            if self._last is None:
                return 0.0
            return self._last + self._backend.interval - self._clock()

    def _save(self, *, force: bool) -> None:
        # While a slow place is asked, the writes to Coze go on: what they put is saved next time.
        if not self._saving.acquire(blocking=force or not self._backend.interval):
            self._arm(self._backend.interval)
            return
        try:
            if self._moved:
                raise self._moved
            # Another thread may have saved while this one waited for its turn.
            if not force and self._seconds_left() > 0:
                self._arm(self._seconds_left())
                return
            with self._guard:
                run = self._held.info.id if self._journal else ""
                state = replace(self._state, resources=dict(self._records), journal=run)
                edits = self._edits
            if edits != self._saved_edits:
                self._ask(state, edits)
        finally:
            self._saving.release()

    def _ask(self, state: State, edits: int) -> None:
        try:
            saved = self._backend.save(state, self._held)
        except StateMovedError as moved:
            self._moved = moved
            raise
        except CozeopsError as problem:  # away, or the right to it ran out: the writes to Coze count first
            self._problem = problem
        else:
            self._problem = None
            with self._guard:
                self._state = replace(self._state, serial=saved.serial)
                self._saved_edits, self._in_part = edits, bool(state.journal)
        finally:
            with self._guard:
                self._last = self._clock()
        if self._problem and self._backend.interval:
            self._arm(self._backend.interval)

    def _arm(self, wait: float) -> None:
        with self._guard:
            if self._armed or self._held.released:
                return
            self._armed = self._timer(wait, self._tick)
            self._armed.daemon = True
            self._armed.start()

    def _disarm(self) -> None:
        with self._guard:
            armed, self._armed = self._armed, None
        if armed:
            armed.cancel()

    def _tick(self) -> None:
        with self._guard:
            self._armed = None
        if not self._held.released:
            with suppress(StateMovedError):  # it is kept, and told to whoever puts next
                self._save_when_due()

    def _save_elsewhere(self, problem: CozeopsError) -> None:
        if self._rescue is None:
            return
        with suppress(OSError):
            write_atomically(self._rescue, to_bytes(self.state))
            problem.hint = (
                f"the state of this run is in {self._rescue}: cozeops state push {self._rescue}"
                f" once that is mended ({problem.hint})"
            )
