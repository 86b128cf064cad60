"""State and journal around a run: loaded for a plan; locked, kept and noted for an apply."""

from __future__ import annotations

import os
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from cozeops.address import Address
from cozeops.engine.prior.claims import claimed
from cozeops.engine.prior.state import PriorState
from cozeops.engine.run.owed import is_owed
from cozeops.errors import CozeopsError, ExitCode, UsageError
from cozeops.frozen import frozen
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
    slot_of,
)
from cozeops.state.files import inside
from cozeops.state.run import MOST_CHANGES, PastChange
from cozeops.state.settings import bucket_nobody_trusts
from cozeops.values import Json

if TYPE_CHECKING:
    from cozeops.engine.model.outcome import Outcome
    from cozeops.engine.model.plan import Plan
    from cozeops.engine.plan.shards import Shard
    from cozeops.manifests.load import Project
    from cozeops.operations.live_project import LiveProject


_TRACED = 600.0
"""Seconds for which a journal is kept for what its run created: far longer than lists lag behind."""


@frozen
class StatePlace:
    """Where the state of an environment, or of a shard of it, is kept. Needs no connection."""

    project: Project
    environ: Mapping[str, str]
    shard: Shard | None = None

    @property
    def number(self) -> int:
        """Of the shard; 0: the whole."""
        return self.shard.number if self.shard else 0

    @property
    def home(self) -> str:
        """The project's folder within its repository: two projects there may have one name.

        Only for places that projects share; empty where nobody knows.
        """
        if (self.project.settings.state or {}).get("backend", "local") == "local":
            return ""
        from cozeops.state.past import local_git

        prefix = local_git(self.project.root, self.environ).ask("rev-parse", "--show-prefix")
        return "" if prefix.code else prefix.text.rstrip("/") or "."

    @property
    def slot(self) -> str:
        """What the state is called in its place."""
        return slot_of(self.project.environment, self.number)

    def backend(self, number: int | None = None) -> Backend | None:
        """This one's, or that of another shard; None where the environment keeps no state."""
        return self._opened(self.project.settings.state, self.number if number is None else number)

    def lockable(self) -> Backend:
        """What a run locks: without a state this folder, for two runs would make what both miss twice."""
        backend = self.backend() or self._opened({"backend": "local"}, self.number)
        assert backend is not None
        return backend

    def _opened(self, settings: Mapping[str, Any] | None, number: int) -> Backend | None:
        project = self.project
        return open_backend(
            settings,
            root=project.root,
            environment=project.environment,
            environ=self.environ,
            project=project.name,
            shard=number,
        )


def place_of(live: LiveProject) -> StatePlace:
    """Where the state of a connected project is kept."""
    return StatePlace(live.project, live.host.environ, live.shard)


def demand_backend(place: StatePlace) -> Backend:
    """The backend, for operations that are about the state. Raises UsageError."""
    backend, project = place.backend(), place.project
    if backend is None:
        raise UsageError(
            f"environment {project.environment} keeps no state",
            hint="write `state: {backend: local}` (or git, s3) under spec in cozeops.yaml",
        )
    return backend


def recall(live: LiveProject) -> PriorState | None:
    """What is remembered, for a plan: takes no lock, writes nothing. Raises StateError, UsageError."""
    place = place_of(live)
    backend = place.backend()
    if backend is None:
        return None
    _tell_bucket(live)
    unfinished = journals_of(live)
    neighbours = _neighbours(place, live.client.base_url)
    state = _recovered(_opened(place, backend, live.client.base_url, neighbours), unfinished)
    prior = _prior(state, unfinished, live.host.environ)
    shared = neighbours.share(prior) if neighbours else prior
    return claimed(shared, live.project.resources)


def journals_of(live: LiveProject) -> list[UnfinishedJournal]:
    """What dead runs of this project and environment left that wrote to this server."""
    project = live.project
    return open_journals(project.root, place_of(live).slot, server=live.client.base_url, project=project.name)


def _neighbours(place: StatePlace, base_url: str) -> Neighbours | None:
    """The other shards; None where the state is that of the whole."""

    def load(number: int) -> State | None:
        backend = place.backend(number)
        state = backend.load() if backend else None
        slot = slot_of(place.project.environment, number)
        return _checked(place, state, slot, base_url) if state else None

    return Neighbours(place.shard, place.project.resources, load) if place.shard else None


@dataclass(slots=True)
class StateSession:
    """The ledger of one apply."""

    prior: PriorState | None
    info: RunInfo
    environ: Mapping[str, str] = field(default_factory=dict)
    journal: Journal | None = None
    saver: Saver | None = None
    unfinished: list[UnfinishedJournal] = field(default_factory=list)
    past: bool = False
    """Whether the manifests are those of the commit by construction."""
    wrote: bool = False
    """Whether something was about to be written to Coze: what fails from then on is an apply in part."""
    made: bool = False
    """Whether it created something: without a state the journal remembers that until lists show it."""
    _settling: Lock = field(default_factory=Lock)

    def begin(self, project: Project) -> None:
        """The first write is near: from here on it is noted."""
        if self.info.commit and not self.past:
            from cozeops.operations.changed_since import is_edited

            edited = is_edited(project, self.info.commit, self.environ)
            self.info = replace(self.info, edited=edited)
            if self.saver:
                self.saver.note_run(self.info.to_json())
        self.journal = Journal.begin(self.info, root=project.root)
        if self.saver:
            self.saver.log_to(self.journal)

    def intent(self, entry: Json, *, repeatable: bool) -> int:
        """Note a write before it is sent."""
        assert self.journal is not None
        number = self.journal.intent(entry, sync=not repeatable)
        self.wrote = True
        self.made = self.made or "name" in entry
        return number

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

    def finish(self, project: Project, plan: Plan, outcomes: Sequence[Outcome], code: int) -> None:
        """The run is over: close the journals that it settled, and write it into the history."""
        from cozeops.engine.model.outcome import Status

        done = {str(outcome.address) for outcome in outcomes if outcome.status is Status.DONE}
        for left in self.unfinished if self._is_saved() else ():
            if journal := left.claim():
                young = time.time() - left.run.time < _TRACED
                for entry in journal.pending:
                    # Of what may have been made a moment ago only who has seen it may forget.
                    traced = young and "name" in entry.intent and entry.intent.get("address") not in done
                    if not is_owed(entry.intent) and not traced:
                        journal.done(entry.number, {"settled_by": self.info.id})
                journal.finish(keep=young and self.saver is None and bool(traces_in([left])))
        counts = Counter(str(outcome.status) for outcome in outcomes)
        actions = {change.address: str(change.action) for change in plan.changes}
        changes = tuple(
            PastChange(str(one.address), actions.get(one.address, ""), str(one.status))
            for one in outcomes[:MOST_CHANGES]
        )
        finished = FinishedRun(self.info, time.time(), code, counts, changes)
        append_run(project.root, finished)
        if self.saver:
            self.saver.note_finished(finished)

    def settle(self, address: Address, result: Json) -> None:
        """Nothing is owed to an address any more of what earlier runs left open."""
        with self._settling:
            for left in self.unfinished:
                open_entries = {one.number for one in left.pending if _is_owed_to(address, one)}
                if not open_entries:
                    continue
                self.save()  # the journal may be what the state has its last records from
                if journal := left.claim():
                    for entry in journal.pending:
                        if entry.number in open_entries:
                            journal.done(entry.number, result)
                    journal.finish()

    def close(self) -> None:
        """The state is saved, if it can be: what only the journal has stays for the next run."""
        if self.journal:
            unsaved = self.made if self.saver is None else not self.saver.whole
            self.journal.finish(keep=unsaved)

    def _is_saved(self) -> bool:
        """Whether the state has all that journals of earlier runs added to it."""
        try:
            self.save()
        except CozeopsError:  # the last save of the run is tried again, and tells
            return False
        return True


@contextmanager
def writing(
    live: LiveProject, operation: str, *, lock_timeout: float = 0.0, commit: str = ""
) -> Iterator[StateSession]:
    """Hold the state for a run that writes; without one, this folder. Raises LockedError, StateError.

    `commit` is that of the manifests, where they are not those of the folder; `lock_timeout` is in seconds.
    """
    from cozeops.state.past import commit_here

    project, host, base_url, place = live.project, live.host, live.client.base_url, place_of(live)
    slot, backend = place.slot, place.backend()
    info = RunInfo.here(
        slot,
        operation,
        environ=host.environ,
        commit=commit or commit_here(project.root, host.environ),
        server=base_url,
        project=project.name,
    )
    session = StateSession(None, info, host.environ, past=bool(commit))
    with _partial_once_written(session), ExitStack() as stack:
        held = stack.enter_context(place.lockable().lock(info, lock_timeout))
        unfinished = session.unfinished = journals_of(live)
        stack.callback(session.close)  # the saver ends before it
        if backend:
            _tell_bucket(live)
            neighbours = _neighbours(place, base_url)
            state = _recovered(_opened(place, backend, base_url, neighbours), unfinished)
            session.prior = _prior(state, unfinished, host.environ)
            if neighbours:
                session.prior = neighbours.share(session.prior)
                state = replace(state, resources=session.prior.records)
            session.prior = claimed(session.prior, project.resources)
            rescue = inside(project.root, f".cozeops/rescue-{slot}-{info.id}.json")
            session.saver = stack.enter_context(Saver(backend, held, state, rescue=rescue))
            session.saver.note_run(info.to_json())
        yield session


def _tell_bucket(live: LiveProject) -> None:
    """Name a bucket that only the project names, before it is asked or written to."""
    if bucket := bucket_nobody_trusts(live.project.settings.state, live.host.environ):
        live.host.say(
            f"The state is in the bucket {bucket}, which only the project names "
            f"(COZEOPS_TRUSTED_BUCKETS={bucket} in your shell says that it is yours)."
        )


@contextmanager
def _partial_once_written(session: StateSession) -> Iterator[None]:
    """A full disk after the first write is no plain error: something was applied."""
    try:
        yield
    except CozeopsError as error:
        if session.wrote and error.exit_code == ExitCode.ERROR:
            error.exit_code = ExitCode.PARTIAL
        raise


def _opened(place: StatePlace, backend: Backend, base_url: str, neighbours: Neighbours | None) -> State:
    """The state that is there, or a new one."""
    state = backend.load()
    if state is None:
        key = (neighbours.key() if neighbours else "") or os.urandom(32).hex()
        return State(place.slot, base_url, str(uuid.uuid4()), place.project.name, place.home, key=key)
    return _checked(place, state, place.slot, base_url)


def _checked(place: StatePlace, state: State, slot: str, base_url: str) -> State:
    demand_own(place, state)
    for what, then, now in (
        ("environment", state.environment, slot),
        ("server", state.base_url, base_url),
    ):
        if then != now:
            hint = "check --env and COZE_API_BASE"
            raise UsageError(f"the state is of {what} {then}, this is {now}", hint=hint)
    return state


def demand_own(place: StatePlace, state: State) -> None:
    """Raise UsageError for the state of another project, or one that does not say whose it is."""
    name = place.project.name
    if not state.project:
        raise UsageError(
            f"the state of {state.environment} does not say of which project it is",
            hint=f"if it is that of {name}: cozeops state migrate",
        )
    if state.project != name:
        raise UsageError(
            f"the state is of the project {state.project}, this is {name}",
            hint="give each project a place of its own ({project} in state.key); after a new name in "
            f"cozeops.yaml: cozeops state migrate --from-project {state.project}",
        )
    if state.home and (home := place.home) and state.home != home:
        raise UsageError(
            f"the state is of the project {name} in the folder {state.home}, this is {name} in {home}",
            hint="give one of them another metadata.name in cozeops.yaml; if you moved the folder: "
            f"cozeops state migrate --from-folder {state.home}",
        )


def _prior(state: State, unfinished: list[UnfinishedJournal], environ: Mapping[str, str]) -> PriorState:
    creates = (entry.intent for left in unfinished for entry in left.pending if _is_create(entry.intent))
    begun = (_address(intent) for intent in creates)
    key = environ.get("COZEOPS_STATE_KEY") or state.key
    return PriorState(state.resources, frozenset(address for address in begun if address), key)


def _recovered(state: State, unfinished: list[UnfinishedJournal]) -> State:
    """Objects that a killed run made, and whose record never reached the state."""
    known = dict(state.resources)
    for left in unfinished:
        for entry in left.entries:
            address, id = _address(entry.intent), (entry.result or {}).get("id")
            if address and id and _is_create(entry.intent) and address not in known:
                name, scope = entry.intent["name"], entry.intent.get("scope", "")
                at = entry.intent.get("at")
                made = at if isinstance(at, int) else 0
                known[address] = Record(str(id), Ownership.CREATED, name, scope, made=made)
    return replace(state, resources=known)


def _is_owed_to(address: Address, entry: Entry) -> bool:
    return is_owed(entry.intent) and entry.intent.get("address") == str(address)


def _is_create(intent: Json) -> bool:
    """Whether a state would have remembered what it makes."""
    return "name" in intent and not intent.get("stateless")


def traces_in(journals: Iterable[UnfinishedJournal]) -> dict[Address, Record]:
    """What runs made, or may have, and a list may not show yet: without an id where nobody heard back."""
    found: dict[Address, Record] = {}
    for journal in journals:
        for entry in journal.entries:
            intent, result = entry.intent, entry.result
            address, at, id = _address(intent), intent.get("at"), (result or {}).get("id", "")
            if address and "name" in intent and isinstance(at, int) and (result is None or id):
                name, scope = str(intent["name"]), str(intent.get("scope", ""))
                found[address] = Record(str(id), Ownership.CREATED, name, scope, made=at)
    return found


def _address(intent: Json) -> Address | None:
    try:
        return Address.parse(str(intent.get("address")))
    except ValueError:
        return None
