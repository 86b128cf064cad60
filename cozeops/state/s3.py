"""The state as an object of an S3-compatible store; the lock is a second object beside it.

Every write is conditional on what we saw, so the store decides who was first. A store that takes
conditions without obeying them is found out when the lock is taken, before anything is lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from cozeops.errors import CozeopsError
from cozeops.state.backend import Held, RetryPolicy
from cozeops.state.document import Loaded, based_on, load_bytes, to_bytes
from cozeops.state.errors import LockedError, StateError
from cozeops.state.model import State
from cozeops.state.run import RunInfo, lock_bytes
from cozeops.state.s3_store import ObjectStore

DEFAULT_KEY = "cozeops/{project}/{env}.json"
OLD_KEY = "cozeops/{env}.json"
"""Where versions that did not tell projects apart kept it."""
_ATTEMPTS = 5
_NO_ETAG = '"00000000000000000000000000000000"'


class S3Backend:
    """`{project}` and `{env}` in the key stand for the project and the environment."""

    interval = 10.0

    def __init__(
        self,
        store: ObjectStore,
        environment: str,
        *,
        project: str = "",
        key: str = OLD_KEY,
        patience: RetryPolicy | None = None,
    ) -> None:
        self._store = store
        self._environment = environment
        self._patience = patience or RetryPolicy(pause=2.0)
        self._key = key.replace("{project}", project).replace("{env}", environment)
        self._lock_key = f"{self._key}.lock"
        self._seen: tuple[Loaded | None, str] | None = None
        self.name = f"the state s3://{store.settings.bucket}/{self._key}"

    def load(self) -> State | None:
        """The state in the store now."""
        self._seen = self._read()
        return self._seen[0].state if self._seen[0] else None

    @contextmanager
    def lock(self, info: RunInfo, timeout: float) -> Iterator[Held]:
        """Hold the lock's object. A run that is killed leaves it behind."""
        content = lock_bytes(info)
        held = Held(info, token=self._patience.acquire(lambda: self._try_lock(content), timeout))
        try:
            self._check_conditions(content)
            yield held
        except BaseException:
            held.released = True
            with suppress(CozeopsError):  # what ended the run is what its user must hear
                self._give_back(content)
            raise
        held.released = True
        self._give_back(content)

    def save(self, state: State, held: Held) -> State:
        """Replace the object that we saw."""
        held.check()
        for _ in range(_ATTEMPTS):
            loaded, etag = self._seen = self._seen or self._read()
            saved = based_on(self.name, state, loaded, held.attempted)
            self._keep_old_format(loaded)
            content = held.attempted = to_bytes(saved)
            # Unless the answer comes, we do not know the object.
            self._seen = None
            if new := self._store.put(self._key, content, replaces=etag):
                self._seen = (Loaded(saved, content), new)
                held.version, held.saved = new, True
                return saved
            # A repeated request whose first one arrived is refused, too: then ours is what is there.
            self._seen = self._read()
            if self._seen[0] and self._seen[0].content == content:
                held.version, held.saved = self._seen[1], True
                return saved
        raise StateError(f"{self.name}: the store refused {_ATTEMPTS} times", hint="apply again")

    def holder(self) -> RunInfo | None:
        """Who holds the lock."""
        found = self._store.get(self._lock_key)
        return _holder(found[0]) if found else None

    def projects(self) -> tuple[str, ...]:
        """None: a token for one object need not be able to list the others."""
        return ()

    def unlock(self, force: bool) -> RunInfo | None:
        """Remove the lock's object, if it still is the one that we looked at."""
        found = self._store.get(self._lock_key)
        if not found:
            return None
        holder = _holder(found[0])
        if not force and not (holder and holder.died_here()):
            raise self._locked(holder)
        self._store.delete(self._lock_key, replaces=found[1])
        return holder

    def _try_lock(self, content: bytes) -> str:
        while True:
            if etag := self._store.put(self._lock_key, content, replaces=""):
                return etag
            # It may be given back between the two calls: then we try again at once.
            if found := self._store.get(self._lock_key):
                if found[0] == content:  # our own, of a request that was repeated
                    return found[1]
                raise self._locked(_holder(found[0]))

    def _check_conditions(self, content: bytes) -> None:
        """Write our own lock under conditions that do not hold: an honest store refuses."""
        for condition in ("", _NO_ETAG):
            if self._store.put(self._lock_key, content, replaces=condition):
                raise StateError(
                    f"{self.name}: the store does not obey conditional writes (If-Match, If-None-Match):"
                    " two runs could overwrite each other",
                    hint="use a store that has them, or the state backend git",
                )

    def _give_back(self, content: bytes) -> None:
        # Somebody may have forced it and locked it for themselves.
        found = self._store.get(self._lock_key)
        if found and found[0] == content:
            self._store.delete(self._lock_key, replaces=found[1])

    def _keep_old_format(self, loaded: Loaded | None) -> None:
        if loaded and loaded.migrated_from:
            name = loaded.migrated_from.replace("/", "-")
            self._store.put(f"{self._key}.{name}", loaded.content, replaces="")

    def _locked(self, holder: RunInfo | None) -> LockedError:
        return LockedError(self.name, holder, now=self._patience.now())

    def _read(self) -> tuple[Loaded | None, str]:
        found = self._store.get(self._key)
        if not found:
            return None, ""
        return load_bytes(found[0], self.name, environment=self._environment), found[1]


def _holder(content: bytes) -> RunInfo | None:
    try:
        return RunInfo.from_json(json.loads(content))
    except (ValueError, RecursionError):
        return None
