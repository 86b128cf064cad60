"""State and journal around a run: loaded for a plan; locked, kept and noted for an apply."""

from __future__ import annotations

import os
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cozeops.address import Address
from cozeops.engine.prior.state import PriorState
from cozeops.errors import UsageError
from cozeops.operations.shard_states import Neighbours
from cozeops.state import (
    Backend,
    Entry,
    FinishedRun,
    Journal,
    Ownership,
    Record,
    RunInfo,
    Saver,
    State,
    UnfinishedJournal,
    append_run,
    open_backend,
    open_journals,
    read_runs,
    slot_of,
)
from cozeops.values import Json

if TYPE_CHECKING:
    from cozeops.engine.model.outcome import Outcome
    from cozeops.engine.plan.shards import Shard
    from cozeops.manifests.load import Project


RETURN = "return"
"""The part of an entry that says how to go back."""


def backend_of(project: Project, shard: int = 0) -> Backend | None:
    """Where the state of the project's environment, or of a shard, is kept; None where it keeps none."""
    return open_backend(
        project.settings.state,
        root=project.root,
        environment=project.environment,
        environ=os.environ,
        shard=shard,
    )


def runs_of(project: Project, shard: Shard | None) -> list[FinishedRun]:
    """The runs of the environment, or of a shard of it, newest first. Raises StateError."""
    number = _number(shard)
    backend = backend_of(project, number)
    slot = slot_of(project.environment, number)
    return read_runs(project.root, slot, backend.load() if backend else None)


def demand_backend(project: Project, shard: Shard | None = None) -> Backend:
    """The same, for commands that are about the state. Raises UsageError."""
    backend = backend_of(project, _number(shard))
    if backend is None:
        raise UsageError(
            f"environment {project.environment} keeps no state",
            hint="write `state: {backend: local}` (or git, s3) under spec in cozeops.yaml",
        )
    return backend


def recall(project: Project, base_url: str, shard: Shard | None = None) -> PriorState | None:
    """What is remembered, for a plan: takes no lock, writes nothing."""
    backend = backend_of(project, _number(shard))
    if backend is None:
        return None
    slot = slot_of(project.environment, _number(shard))
    unfinished = open_journals(project.root, slot)
    neighbours = _neighbours(project, shard, base_url) if shard else None
    memory = _memory(_recovered(_opened(backend, slot, base_url, neighbours), unfinished), unfinished)
    return neighbours.share(memory) if neighbours else memory


def _neighbours(project: Project, shard: Shard, base_url: str) -> Neighbours:
    def load(number: int) -> State | None:
        backend = backend_of(project, number)
        state = backend.load() if backend else None
        return _checked(state, slot_of(project.environment, number), base_url) if state else None

    return Neighbours(shard, project.resources, load)


def _number(shard: Shard | None) -> int:
    return shard.number if shard else 0


@dataclass(slots=True)
class StateSession:
    """The ledger of one apply."""

    memory: PriorState | None
    info: RunInfo
    shard: Shard | None = None
    journal: Journal | None = None
    saver: Saver | None = None
    unfinished: list[UnfinishedJournal] = field(default_factory=list)

    def begin(self, project: Project) -> None:
        """The first write is near: from here on it is noted."""
        self.journal = Journal.begin(self.info, root=project.root)

    def intent(self, entry: Json, *, repeatable: bool) -> int:
        """Note a write before it is sent."""
        assert self.journal is not None
        return self.journal.intent(entry, sync=not repeatable)

    def done(self, number: int, result: Json) -> None:
        """Note what came of it."""
        assert self.journal is not None
        self.journal.done(number, result)

    def remember(self, address: Address, record: Record, *, wrote: bool = True) -> None:
        """Keep what is known of an address; whether something was written to Coze for it."""
        if self.saver:
            self.saver.put(address, record, wrote=wrote)

    def remember_all(self, records: Mapping[Address, Record]) -> None:
        """Keep what is known of many addresses at once."""
        if self.saver and records:
            self.saver.put_all(records)

    def forget(self, address: Address) -> None:
        """Drop what is known of an address."""
        if self.saver:
            self.saver.forget(address)

    def save(self) -> None:
        """Return once what is remembered is kept."""
        if self.saver:
            self.saver.flush()

    def finish(self, project: Project, outcomes: Sequence[Outcome], code: int) -> None:
        """The run is over: close the journals that it settled, and write it into the history."""
        for left in self.unfinished:
            journal = left.claim()
            if journal:
                for entry in journal.pending:
                    if RETURN not in entry.intent:
                        journal.done(entry.number, {"settled_by": self.info.id})
                journal.finish()
        counts = Counter(str(outcome.status) for outcome in outcomes)
        finished = FinishedRun(self.info, time.time(), code, counts)
        append_run(project.root, finished)
        if self.saver:
            self.saver.note_finished(finished)

    def returns(self) -> Iterator[tuple[UnfinishedJournal, Entry]]:
        """What earlier runs were about to put back when they ended."""
        return ((left, entry) for left in self.unfinished for entry in left.pending if RETURN in entry.intent)

    def settle(self, left: UnfinishedJournal, entry: Entry, result: Json) -> None:
        """Close one entry of a journal that was left behind."""
        if journal := left.claim():
            journal.done(entry.number, result)
            journal.finish()


@contextmanager
def keeping(
    project: Project,
    base_url: str,
    *,
    operation: str,
    lock_timeout: float,
    shard: Shard | None = None,
    commit: str | None = None,
) -> Iterator[StateSession]:
    """Hold the state for a run; without one, this folder. Raises LockedError, StateError.

    `commit` is that of the manifests, where they are not those of the folder.
    """
    number = _number(shard)
    slot, backend = slot_of(project.environment, number), backend_of(project, number)
    # Two runs of one machine would make what both find missing twice.
    gate = backend or open_backend(
        {"backend": "local"},
        root=project.root,
        environment=project.environment,
        environ=os.environ,
        shard=number,
    )
    assert gate is not None
    info = RunInfo.here(slot, operation, environ=os.environ, commit=commit or commit_of(project))
    with ExitStack() as stack:
        held = stack.enter_context(gate.lock(info, lock_timeout))
        unfinished = open_journals(project.root, slot)
        kept = StateSession(None, info, shard, unfinished=unfinished)
        if backend:
            neighbours = _neighbours(project, shard, base_url) if shard else None
            state = _recovered(_opened(backend, slot, base_url, neighbours), unfinished)
            kept.memory = _memory(state, unfinished)
            if neighbours:
                kept.memory = neighbours.share(kept.memory)
                state = replace(state, resources=kept.memory.records)
            rescue = project.root / ".cozeops" / f"rescue-{slot}-{info.id}.json"
            kept.saver = stack.enter_context(Saver(backend, held, state, rescue=rescue))
            kept.saver.note_run(info.to_json())
        try:
            yield kept
        finally:
            if kept.journal:
                kept.journal.finish()


def commit_of(project: Project) -> str:
    """The commit of the manifests; empty outside Git."""
    line = ["git", "-C", str(project.root), "rev-parse", "--verify", "--quiet", "HEAD"]
    try:
        done = subprocess.run(line, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def _opened(backend: Backend, slot: str, base_url: str, neighbours: Neighbours | None) -> State:
    """The state that is there, or a new one."""
    state = backend.load()
    if state is None:
        key = (neighbours.key() if neighbours else "") or os.urandom(32).hex()
        return State(slot, base_url, lineage=str(uuid.uuid4()), key=key)
    return _checked(state, slot, base_url)


def _checked(state: State, slot: str, base_url: str) -> State:
    for what, then, now in (
        ("environment", state.environment, slot),
        ("server", state.base_url, base_url),
    ):
        if then != now:
            hint = "check --env and COZE_API_BASE"
            raise UsageError(f"the state is of {what} {then}, this is {now}", hint=hint)
    return state


def _memory(state: State, unfinished: list[UnfinishedJournal]) -> PriorState:
    creates = (entry.intent for left in unfinished for entry in left.pending if "name" in entry.intent)
    begun = (_address(intent) for intent in creates)
    key = os.environ.get("COZEOPS_STATE_KEY") or state.key
    return PriorState(state.resources, frozenset(address for address in begun if address), key)


def _recovered(state: State, unfinished: list[UnfinishedJournal]) -> State:
    """Objects that a killed run made, and whose record never reached the state."""
    for left in unfinished:
        for entry in left.entries:
            address, id = _address(entry.intent), (entry.result or {}).get("id")
            if address and id and "name" in entry.intent and address not in state.resources:
                name, scope = entry.intent["name"], entry.intent.get("scope", "")
                record = Record(str(id), Ownership.CREATED, name, scope)
                state = replace(state, resources={**state.resources, address: record})
    return state


def _address(intent: Json) -> Address | None:
    try:
        return Address.parse(str(intent.get("address")))
    except ValueError:
        return None
