"""The write journal: what a run is about to do, and what came of it, so that the next can finish it.

Kept with or without a state, in `.cozeops/journal/<environment>-<run>.jsonl`: a line with the run, then
a line before each write and one after it. A run that lives holds the system's lock on its journal.
Entries are JSON of the caller; a Secret in one is refused.

It is also the write-ahead log of a local state: between two saves of the whole, what changed in it is added
here. Such lines replace each other, so that all of them over any state of that run give its last one.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cozeops.errors import CozeopsError
from cozeops.frozen import frozen
from cozeops.state.errors import StateError
from cozeops.state.files import (
    OWN_FOLDER,
    identity,
    identity_of,
    inside,
    open_plain,
    own_folder,
    read_bytes,
    sync_folder,
    told,
    try_lock,
)
from cozeops.state.run import RunInfo, is_run_id, plain
from cozeops.values import Json, canonical, read_json

FOLDER = "journal"
FORMAT = "cozeops-journal/2"
_READ = {"cozeops-journal/1", FORMAT}
"""The first one had no lines of the state."""
_GROUP = 32
"""Entries that may wait to be synced together."""
_GROUP_SECONDS = 1.0
_OPEN = os.O_RDWR | os.O_APPEND | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class InvalidJournal(CozeopsError):
    """A journal that cannot be read: damaged in its middle, or of a newer cozeops."""


@frozen
class Entry:
    """A write that was noted. `result` is None while nothing is known of what came of it."""

    number: int
    intent: Json
    result: Json | None = None


@frozen
class UnfinishedJournal:
    """What a run left behind that did not come to its end."""

    path: Path
    run: RunInfo
    entries: tuple[Entry, ...]

    @property
    def pending(self) -> list[Entry]:
        """The writes of which nobody knows whether they happened."""
        return [entry for entry in self.entries if entry.result is None]

    def claim(self) -> Journal | None:
        """Go on with it: `done` closes its pending entries, as they are now. None where another does."""
        return Journal.resume(self.path)


class Journal:
    """The journal of a run that is going on. Threads share it."""

    def __init__(
        self, path: Path, descriptor: int, entries: Sequence[Entry], clock: Callable[[], float]
    ) -> None:
        self.path = path
        self._descriptor = descriptor
        self._clock = clock
        self._lock = threading.Lock()
        self._last = max((entry.number for entry in entries), default=0)
        self._pending = {entry.number: entry for entry in entries if entry.result is None}
        self._unsynced = 0
        self._synced_at = clock()

    @classmethod
    def begin(
        cls, run: RunInfo, *, root: Path, clock: Callable[[], float] = time.monotonic, folder: str = FOLDER
    ) -> Journal:
        """Open the journal of a new run; those in another folder are of other things. Raises StateError."""
        if not is_run_id(run.id):
            raise ValueError(f"not the id of a run: {run.id!r}")
        parent = own_folder(root, folder)
        path = parent / f"{run.environment}-{run.id}.jsonl"
        with told(f"begin the journal {path}"):
            descriptor = open_plain(path, _OPEN | os.O_CREAT | os.O_EXCL)
            try_lock(descriptor)  # nobody else knows the file yet
            journal = cls(path, descriptor, (), clock)
            journal._note({"format": FORMAT, "run": run.to_json()}, sync=True)
            sync_folder(parent)
        return journal

    @classmethod
    def resume(cls, path: Path, *, clock: Callable[[], float] = time.monotonic) -> Journal | None:
        """Go on with a journal that was left behind. None where a living process has it, or it is gone."""
        with told(f"open the journal {path}"):
            try:
                descriptor = open_plain(path, _OPEN)
            except FileNotFoundError:
                return None
            try:
                # Who had it may have finished and removed it since we opened it.
                if not try_lock(descriptor) or identity_of(path) != identity(os.fstat(descriptor)):
                    os.close(descriptor)
                    return None
                content = read_bytes(path) or b""
                entries = _entries(_lines(content, path)[1:], path)
                # A torn last line would run into the next one.
                os.ftruncate(descriptor, content.rfind(b"\n") + 1)
            except (OSError, CozeopsError):
                os.close(descriptor)
                raise
        return cls(path, descriptor, entries, clock)

    @property
    def pending(self) -> list[Entry]:
        """The writes that have no result yet."""
        with self._lock:
            return list(self._pending.values())

    def intent(self, entry: Json, *, sync: bool) -> int:
        """Note a write before it is sent; the number is for `done`. Raises StateError, TypeError.

        With `sync` it is on the disk when this returns: for writes that cannot be repeated safely.
        """
        with self._lock:
            number = self._last + 1
            self._note({"n": number, "intent": entry}, sync=sync)
            self._last = number
            self._pending[number] = Entry(number, entry)
            return number

    def done(self, number: int, result: Json) -> None:
        """Note what came of a write. Raises StateError, TypeError; ValueError for an unknown number."""
        with self._lock:
            if number not in self._pending:
                raise ValueError(f"the journal has no open entry {number}")
            self._note({"n": number, "done": result}, sync=False)
            del self._pending[number]

    def log(self, change: Json, *, sync: bool) -> int:
        """Add a change of the state; how many bytes it took. Raises StateError."""
        with self._lock:
            return self._note({"state": change}, sync=sync)

    def finish(self, *, keep: bool = False) -> bool:
        """Close it; True when it is removed. With pending entries, or `keep`, it stays for the next run."""
        with self._lock, told(f"close the journal {self.path}"):
            done = not self._pending and not keep
            if self._descriptor < 0:
                return done
            os.fsync(self._descriptor)
            if done:
                self.path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = -1
            return done

    def _note(self, line: Json, *, sync: bool) -> int:
        content = (canonical(line) + "\n").encode("utf-8", "surrogatepass")
        if self._descriptor < 0:
            raise StateError(f"the journal {self.path} is closed")
        with told(f"write the journal {self.path}"):
            start = os.lseek(self._descriptor, 0, os.SEEK_END)
            try:
                _write(self._descriptor, content)
            except OSError:
                # Half a line on a full disk must not swallow the next one.
                os.ftruncate(self._descriptor, start)
                raise
            self._unsynced += 1
            late = self._clock() - self._synced_at >= _GROUP_SECONDS
            if sync or late or self._unsynced >= _GROUP:
                os.fsync(self._descriptor)
                self._unsynced, self._synced_at = 0, self._clock()
        return len(content)


def open_journals(
    root: Path, environment: str, *, server: str, project: str, folder: str = FOLDER
) -> list[UnfinishedJournal]:
    """The journals of an environment whose runs are dead, oldest first.

    What a run owes on another server stays for a run there. Raises StateError; InvalidJournal, also for one
    of another project, or one that does not say where it wrote.
    """
    found = left_journals(root, environment, folder)
    return [journal for journal in found if _is_of(journal, plain(server), plain(project))]


def left_journals(root: Path, environment: str, name: str = FOLDER) -> list[UnfinishedJournal]:
    """The same on whichever server it was, and whosever it says that it is: for people to look at."""
    folder = inside(root, Path(OWN_FOLDER, name))  # a plan makes no folders
    found = []
    with told(f"read {folder}"):
        for path in sorted(folder.glob("*.jsonl")):
            # `dev-eu-…` also begins with `dev-`: the first line decides whose it is.
            if path.name.startswith(f"{environment}-") and not _is_live(path):
                journal = _unfinished(path, environment)
                found += [journal] if journal else []
    return sorted(found, key=lambda journal: (journal.run.time, journal.run.id))


def _is_of(journal: UnfinishedJournal, server: str, project: str) -> bool:
    run = journal.run
    if not run.server or run.project != project:
        other = f"is of the project {run.project or '?'}" if run.server else "does not say to which server"
        raise InvalidJournal(
            f"{journal.path}: the journal {other}",
            hint="look at what that run did on Coze, then remove the file",
        )
    return run.server == server


def logged(root: Path, environment: str, run: str) -> list[Json] | None:
    """What a run added to its state since it saved it whole, in order; None where it left no journal.

    Raises InvalidJournal, StateError.
    """
    if not is_run_id(run):
        return None
    path = inside(root, Path(OWN_FOLDER, FOLDER, f"{environment}-{run}.jsonl"))
    with told(f"read {path}"):
        found = _read(path, environment)
    return [line["state"] for line in found[1] if "state" in line] if found else None


def _unfinished(path: Path, environment: str) -> UnfinishedJournal | None:
    found = _read(path, environment)
    return UnfinishedJournal(path, found[0], tuple(_entries(found[1], path))) if found else None


def _read(path: Path, environment: str) -> tuple[RunInfo, list[Json]] | None:
    """The run and the lines of a journal; None where there is none of this environment."""
    content = read_bytes(path)
    if content is None:  # its run ended just now
        return None
    lines = _lines(content, path)
    if not lines:
        return None  # killed before its first line: it wrote nothing to Coze
    header = lines[0]
    if header.get("format") not in _READ:
        raise InvalidJournal(
            f"{path}: the format is {header.get('format')!r}, this version reads {FORMAT}",
            hint="finish that run with the cozeops that began it, or remove the file",
        )
    try:
        run = RunInfo.from_json(header.get("run"))
    except ValueError as error:
        raise _damaged(path, 1, str(error)) from None
    return (run, lines[1:]) if run.environment == environment else None


def _lines(content: bytes, path: Path) -> list[Json]:
    """The whole lines; what stands after the last line break was torn off by a crash."""
    found = []
    for number, line in enumerate(content.split(b"\n")[:-1], 1):
        try:
            data = read_json(line.decode("utf-8", "surrogatepass"))
        except ValueError as error:
            raise _damaged(path, number, str(error)) from None
        if not isinstance(data, dict):
            raise _damaged(path, number, "not an object")
        found.append(data)
    return found


def _entries(lines: list[Json], path: Path) -> list[Entry]:
    found: dict[int, Entry] = {}
    for row, line in enumerate(lines, 2):
        if "state" in line:
            continue
        number: Any = line.get("n")
        if not isinstance(number, int):
            raise _damaged(path, row, "neither an intent nor its result")
        if isinstance(line.get("intent"), dict) and number not in found:
            found[number] = Entry(number, line["intent"])
        elif isinstance(line.get("done"), dict) and number in found:
            found[number] = Entry(number, found[number].intent, line["done"])
        else:
            raise _damaged(path, row, "neither an intent nor its result")
    return list(found.values())


def _damaged(path: Path, row: int, reason: str) -> InvalidJournal:
    return InvalidJournal(
        f"{path}:{row}: the journal is damaged: {reason}",
        hint="look at what that run did on Coze, then remove the file",
    )


def _is_live(path: Path) -> bool:
    try:
        descriptor = open_plain(path, _OPEN)
    except FileNotFoundError:
        return True
    try:
        return not try_lock(descriptor)
    finally:
        os.close(descriptor)


def _write(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]
