"""Look at what is remembered of an environment, and mend it by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from cozeops.address import Address
from cozeops.errors import CozeopsError, UsageError
from cozeops.operations.state import StatePlace, demand_backend, writing
from cozeops.state import Ownership, Record, RunInfo, State

if TYPE_CHECKING:
    from cozeops.operations.live_project import LiveProject
    from cozeops.state import Backend, Held


def load_state(place: StatePlace) -> State:
    """What is remembered. Raises UsageError, StateError, CozeopsError where there is nothing."""
    backend = demand_backend(place)
    state = backend.load()
    if state is None:
        raise CozeopsError(f"{backend.name} is empty", hint="the first apply fills it")
    return state


def rename(place: StatePlace, before: Address, after: Address) -> None:
    """An address is another one from now on; the live object stays. Raises UsageError, StateError."""
    if before.kind != after.kind:
        raise UsageError(f"{before} and {after} are of different kinds")
    with _changing(place, "state mv") as (backend, held, state):
        demand_record(state, before)
        if after in state.resources:
            raise UsageError(f"{after} is remembered already", hint=f"cozeops state rm {after}")
        backend.save(state.without(before).with_record(after, state.resources[before]), held)


def forget(place: StatePlace, address: Address) -> None:
    """Forget an address; nothing happens on Coze. Raises UsageError, StateError."""
    with _changing(place, "state rm") as (backend, held, state):
        demand_record(state, address)
        backend.save(state.without(address), held)


def replace_state(place: StatePlace, given: State) -> None:
    """Put another document in the place of the state, of the same lineage and not older.

    Raises UsageError, StateError.
    """
    with _locked(place, "state push") as (backend, held):
        state = backend.load()
        if state is not None:
            _demand_successor(given, state)
        backend.save(replace(given, serial=state.serial if state else given.serial), held)


def unlock(place: StatePlace, *, force: bool) -> RunInfo | None:
    """Remove the lock of a run that died; with `force` also of one that may live. None: there is no lock."""
    return demand_backend(place).unlock(force)


def demand_record(state: State, address: Address) -> Record:
    """What is remembered of an address. Raises UsageError where nothing is."""
    if address not in state.resources:
        same = sorted(str(known) for known in state.resources if known.kind == address.kind)
        raise UsageError(
            f"{address} is not in the state", hint=f"it has {', '.join(same[:8])}" if same else ""
        )
    return state.resources[address]


def import_object(live: LiveProject, address: Address, id: str) -> None:
    """Remember that an address is a live object. Raises UsageError, ApiError, StateError."""
    from cozeops.engine.observe.cache import Reader
    from cozeops.engine.observe.lookup import Observer
    from cozeops.engine.observe.snapshot import Remembered, channels_of, observe

    resources = live.project.resources
    resource = next(one for one in resources if one.address == address)
    with writing(live, "import") as session:
        assert session.prior is not None  # as demand_importable has seen to
        for known, record in session.prior.records.items():
            if record.id == id and known != address:
                raise UsageError(f"{id} is {known} already", hint=f"cozeops state mv {known} {address}")
        homes = [one for one in resources if one.address == resource.scope]
        snapshot = observe(homes, live.client, Remembered(session.prior.known(homes)))
        scope = snapshot.home_id(resource)
        there = Observer(Reader(live.client), channels_of(resources)).read(resource, scope, id)
        session.remember(address, Record(there.id, Ownership.IMPORTED, resource.name, scope or ""))


def demand_importable(place: StatePlace, address: Address, id: str) -> None:
    """Raise UsageError for what cannot be remembered."""
    resource = next((one for one in place.project.resources if one.address == address), None)
    if resource is None or not resource.kind.lives:
        raise UsageError(f"{address} is not in the project", hint="write its manifest first")
    if place.project.settings.state is None:
        raise UsageError("import needs a state", hint=f'write `id: "{id}"` under spec instead')


@contextmanager
def _locked(place: StatePlace, operation: str) -> Iterator[tuple[Backend, Held]]:
    backend = demand_backend(place)
    from cozeops.state.past import commit_here

    info = RunInfo.here(
        place.slot, operation, environ=place.environ, commit=commit_here(place.project.root, place.environ)
    )
    with backend.lock(info, 0) as held:
        yield backend, held


@contextmanager
def _changing(place: StatePlace, operation: str) -> Iterator[tuple[Backend, Held, State]]:
    with _locked(place, operation) as (backend, held):
        state = backend.load()
        if state is None:
            raise CozeopsError(f"{backend.name} is empty", hint="the first apply fills it")
        yield backend, held, state


def _demand_successor(given: State, state: State) -> None:
    for what, then, now in (
        ("environment", given.environment, state.environment),
        ("lineage", given.lineage, state.lineage),
    ):
        if then != now:
            raise UsageError(f"the file is of {what} {then}, the state of {now}")
    if given.serial < state.serial:
        raise UsageError(
            f"the file has serial {given.serial}, the state is at {state.serial}",
            hint="an older state forgets what was made since: pull the state, and mend that",
        )
