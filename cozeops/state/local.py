"""The state in a file of the project: for one machine, or as a start.

The lock is one of the operating system: it dies with its process, so nothing stale is left behind.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from cozeops.address import Address
from cozeops.state.backend import Held, RetryPolicy
from cozeops.state.document import Loaded, based_on, load_bytes, to_bytes
from cozeops.state.errors import LockedError, StateError
from cozeops.state.files import (
    OWN_FOLDER,
    identity,
    identity_of,
    inside,
    make_private,
    open_plain,
    own_folder,
    read_bytes,
    sweep,
    told,
    try_lock,
    write_atomically,
)
from cozeops.state.journal import InvalidJournal, logged
from cozeops.state.model import Record, State, Texts, record_from_json
from cozeops.state.run import RunInfo
from cozeops.values import Json, canonical, digest

DEFAULT_FOLDER = f"{OWN_FOLDER}/state"
_BACKUPS = 20
"""Backups that are kept, one per run that saved."""
_ATTEMPTS = 3
_HOLDER = 64 << 10
"""Bytes that a file may have which says who holds the lock."""
_INSTANT = 0.02
"""Seconds between two attempts to lock."""
_OPEN = os.O_RDWR | getattr(os, "O_CLOEXEC", 0)


class LocalBackend:
    """`<folder>/<environment>.json`, with backups beside it."""

    interval = 0.0
    """Every record is on the disk before the next write: what is lost here nobody can read from Coze.

    Where a run has a journal, that is where they go; the file is saved whole now and then, and says whose
    journal has the rest.
    """

    def __init__(
        self,
        root: Path,
        environment: str,
        *,
        folder: str = DEFAULT_FOLDER,
        patience: RetryPolicy | None = None,
    ) -> None:
        self._root = root
        self._environment = environment
        self._folder = inside(root, folder)
        self._path = self._folder / f"{environment}.json"
        # No environment's state ends in these, so no two names can meet.
        self._lock_path = self._folder / f"{environment}.lock"
        self._holder_path = self._folder / f"{environment}.holder"
        self._backups = self._folder / "backups" / environment
        self._patience = patience or RetryPolicy()
        self._texts = Texts()
        self.name = f"the state {folder}/{environment}.json"

    def load(self) -> State | None:
        """The state. Needs no lock: the file is only ever replaced whole. Raises InvalidJournal, too."""
        loaded = self._whole()
        return loaded.state if loaded else None

    @contextmanager
    def lock(self, info: RunInfo, timeout: float) -> Iterator[Held]:
        """Hold the file's lock."""
        self._make_folders()
        descriptor = self._patience.acquire(self._try_lock, timeout)
        held = Held(info, token=identity(os.fstat(descriptor)))
        try:
            with told(f"write {self._holder_path}"):
                sweep(self._path)
                write_atomically(self._holder_path, canonical(info.to_json()).encode())
            yield held
        finally:
            held.released = True
            with suppress(OSError):  # it only says who it was, and the lock ends all the same
                if self._owns(held):
                    self._holder_path.unlink(missing_ok=True)
            os.close(descriptor)

    def save(self, state: State, held: Held) -> State:
        """Replace the file, after a backup of what stood there before this run."""
        held.check()
        if not self._owns(held):
            raise StateError(
                f"the lock on {self.name} was taken away; nothing was saved",
                hint="somebody ran `cozeops state unlock --force`: see what they did, then plan again",
            )
        with told(f"save {self._path}"):
            # Reading it again is only needed where it is not the file that we wrote.
            if held.saved and held.version == self._version():
                saved = replace(state, serial=state.serial + 1)
            else:
                loaded = self._loaded()
                saved = based_on(self.name, state, loaded, held.attempted)
                if loaded and not held.saved:
                    self._back_up(self._whole() or loaded)
            held.attempted = to_bytes(saved, self._texts)
            write_atomically(self._path, held.attempted)
            held.version, held.saved = self._version(), True
        return saved

    def holder(self) -> RunInfo | None:
        """Who holds the lock, as far as it told."""
        if self._is_free():
            return None
        return self._told_holder()

    def projects(self) -> tuple[str, ...]:
        """None: the place is this project's own."""
        return ()

    def unlock(self, force: bool) -> RunInfo | None:
        """The lock of a dead process is gone by itself; `force` takes it from a living one."""
        if self._is_free():
            left = self._told_holder()
            self._holder_path.unlink(missing_ok=True)
            return left
        holder = self._told_holder()
        if not force:
            raise self._locked(holder)
        with told(f"remove {self._lock_path}"):
            # The next run locks a new file; the old holder notices before it saves.
            self._lock_path.unlink(missing_ok=True)
            self._holder_path.unlink(missing_ok=True)
        return holder

    def _make_folders(self) -> None:
        own_folder(self._root)
        with told(f"make {self._folder}"):
            make_private(self._folder)

    def _try_lock(self) -> int:
        for _ in range(_ATTEMPTS):
            with told(f"lock {self._lock_path}"):
                descriptor = open_plain(self._lock_path, _OPEN | os.O_CREAT)
                # Somebody may force the lock between our opening and our locking: then it is no lock.
                ours = identity(os.fstat(descriptor))
                if try_lock(descriptor) and ours == identity_of(self._lock_path):
                    return descriptor
                os.close(descriptor)
            # Who only asks whether the lock is free holds it for an instant.
            self._patience.sleep(_INSTANT)
        raise self._locked(self._told_holder())

    def _is_free(self) -> bool:
        try:
            descriptor = open_plain(self._lock_path, _OPEN)
        except FileNotFoundError:
            return True
        try:
            return try_lock(descriptor)
        finally:
            os.close(descriptor)

    def _owns(self, held: Held) -> bool:
        return held.token == identity_of(self._lock_path)

    def _locked(self, holder: RunInfo | None) -> LockedError:
        return LockedError(self.name, holder, now=self._patience.now(), dies=True)

    def _told_holder(self) -> RunInfo | None:
        try:
            return RunInfo.from_json(json.loads(read_bytes(self._holder_path, _HOLDER) or b""))
        except (OSError, ValueError, RecursionError):
            return None

    def _loaded(self) -> Loaded | None:
        with told(f"read {self._path}"):
            content = read_bytes(self._path)
        return None if content is None else load_bytes(content, self.name, environment=self._environment)

    def _whole(self) -> Loaded | None:
        """The file, with what the journal of a run that did not end adds to it."""
        loaded, before = self._loaded(), b""
        while loaded and loaded.state.journal and loaded.content != before:
            log = logged(self._root, self._environment, loaded.state.journal)
            if log is not None:
                whole = replace(loaded.state.with_records(_changes(log, self.name)), journal="")
                return Loaded(whole, to_bytes(whole), loaded.migrated_from)
            # A run saves the whole before it removes its journal: that happened just now, or it is lost.
            before = loaded.content
            loaded = self._loaded()
        return loaded

    def _version(self) -> str:
        found = self._path.lstat()
        return f"{identity(found)}-{found.st_mtime_ns}-{found.st_size}"

    def _back_up(self, loaded: Loaded) -> None:
        make_private(self._backups)
        state = loaded.state
        # A new lineage begins at serial 1 again and must not replace the backups of the old one.
        name = f"{state.serial:08}-{digest(state.lineage)[7:15]}.json"
        write_atomically(self._backups / name, loaded.content)
        for old in sorted(self._backups.glob("*.json"), key=_saved_at, reverse=True)[_BACKUPS:]:
            old.unlink(missing_ok=True)


def _changes(log: Iterable[Json], name: str) -> dict[Address, Record | None]:
    try:
        return {
            Address.parse(address): record_from_json(record) if record else None
            for change in log
            for address, record in change.items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidJournal(
            f"the journal of {name} is damaged ({type(error).__name__}: {error})",
            hint="look at what that run did on Coze, then remove the journal",
        ) from None


def _saved_at(path: Path) -> tuple[int, str]:
    try:
        return path.stat().st_mtime_ns, path.name
    except OSError:  # a run that is going on removed it
        return 0, path.name
