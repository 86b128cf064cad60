"""A state that would be left behind: where it may be, and how it moves to where the project keeps it now."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cozeops.api.connection import base_of
from cozeops.errors import CozeopsError, UsageError
from cozeops.frozen import frozen
from cozeops.operations.state import StatePlace, demand_backend
from cozeops.state import RunInfo, open_backend, read_state

if TYPE_CHECKING:
    from cozeops.state import Backend, State

_MOVED = "moved_to"
_DEFAULT = "default"
"""The environment of a project that has no `environments`."""


@frozen
class Source:
    """A place that may have the state; `text` is how `--from` writes it."""

    text: str
    backend: Backend


@frozen
class LeftBehind:
    """A state that nobody reads any more."""

    text: str
    name: str
    resources: int
    project: str = ""
    """The name that the project had, where it was another one."""

    @property
    def command(self) -> str:
        """What moves it."""
        renamed = f" --from-project {self.project}" if self.project else ""
        return f"cozeops state migrate --from {self.text}{renamed}"


@frozen
class Claim:
    """What a person says of a state that is not evidently the project's."""

    project: str = ""
    """The name that the project had."""
    folder: str = ""
    """The folder within the repository that it lay in."""


def left_behind(place: StatePlace) -> list[LeftBehind]:
    """States that the project may have had before it kept one where it does now, and is empty there."""
    found = []
    for source in _sources(place):
        try:
            state = source.backend.load()
        except CozeopsError:
            continue  # what cannot be read there is nobody's loss: it is not ours to judge
        if state and state.resources and state.project in ("", place.project.name):
            found.append(LeftBehind(source.text, source.backend.name, len(state.resources)))
    return found + list(_renamed(place))


def _renamed(place: StatePlace) -> Iterator[LeftBehind]:
    """The state of a project of another name that lay in this very folder."""
    backend = place.backend()
    for name in backend.projects() if backend and place.home else ():
        if name == place.project.name:
            continue
        source = _source(place, _current(place), place.project.environment, name)
        state = source.backend.load()
        if state and state.resources and state.home == place.home:
            yield LeftBehind(source.text, source.backend.name, len(state.resources), name)


def migrate_state(place: StatePlace, origin: str, claim: Claim) -> LeftBehind:
    """Move a state to where the project keeps it now; the old place keeps a note of that.

    `origin` is `BACKEND[:ENVIRONMENT]` or a file; empty: the only one that is left behind, or what is in
    place already and does not say whose it is. Raises UsageError, StateError, LockedError.
    """
    backend = demand_backend(place)
    from cozeops.state.past import commit_here

    info = RunInfo.here(
        place.slot,
        "state migrate",
        environ=place.environ,
        commit=commit_here(place.project.root, place.environ),
    )
    with backend.lock(info, 0) as held:
        there = backend.load()
        if there and there.resources and not origin:
            backend.save(_taken_over(place, there, claim), held)
            return LeftBehind(place.slot, backend.name, len(there.resources))
        if there and there.resources:
            raise UsageError(
                f"{backend.name} is not empty: nothing was moved", hint="cozeops state list shows it"
            )
        if origin and Path(origin).is_file():
            given = read_state(Path(origin).read_text(encoding="utf-8"), origin)
            backend.save(_arrived(place, given, there, claim), held)
            return LeftBehind(origin, origin, len(given.resources))
        source = _chosen(place, origin, claim)
        with source.backend.lock(info, 0) as old:
            state = source.backend.load()
            if state is None or not state.resources:
                raise UsageError(f"{source.backend.name} is empty", hint="name another place with --from")
            backend.save(_arrived(place, state, there, claim), held)
            # What is left says where it went; without resources nobody takes it for a memory.
            emptied = replace(state, resources={}, run={**state.run, _MOVED: backend.name})
            source.backend.save(emptied, old)
        return LeftBehind(source.text, source.backend.name, len(state.resources))


def _taken_over(place: StatePlace, state: State, claim: Claim) -> State:
    _demand_claimed(place, state, claim)
    return replace(state, project=place.project.name, home=place.home)


def _arrived(place: StatePlace, state: State, there: State | None, claim: Claim) -> State:
    """The state as it is saved in the new place: a new one there, or over an empty one."""
    _demand_claimed(place, state, claim)
    lineage, serial = (there.lineage, there.serial) if there else (str(uuid.uuid4()), 0)
    return replace(
        state,
        environment=place.slot,
        project=place.project.name,
        home=place.home,
        lineage=lineage,
        serial=serial,
    )


def _demand_claimed(place: StatePlace, state: State, claim: Claim) -> None:
    project = place.project
    if state.project not in ("", project.name, claim.project):
        raise UsageError(
            f"that state is of the project {state.project}, this is {project.name}",
            hint=f"if it is the same under a new name: --from-project {state.project}",
        )
    if state.home and state.home not in (place.home, claim.folder):
        raise UsageError(
            f"that state is of the project in the folder {state.home}, this one is in {place.home}",
            hint=f"if you moved the folder: --from-folder {state.home}",
        )
    base_url = base_of(place.environ, project.settings.base_url)
    if state.base_url != base_url:
        raise UsageError(
            f"that state is of the server {state.base_url}, this is {base_url}",
            hint="check --env and COZE_API_BASE",
        )


def _chosen(place: StatePlace, origin: str, claim: Claim) -> Source:
    if origin:
        return _named(place, origin, claim)
    sources = {source.text: source for source in _sources(place)}
    candidates = [sources[old.text] for old in left_behind(place) if not old.project]
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise UsageError("no state is left behind", hint="name a place with --from BACKEND[:ENVIRONMENT]")
    listed = ", ".join(source.text for source in candidates)
    raise UsageError(
        f"{len(candidates)} states may be the one: {listed}",
        hint=f"say which: cozeops state migrate --from {candidates[0].text}",
    )


def _named(place: StatePlace, origin: str, claim: Claim) -> Source:
    backend, _, environment = origin.partition(":")
    settings = _settings_of(place).get(backend)
    if settings is None:
        raise UsageError(
            f"{origin} is neither a file nor a place for a state",
            hint=f"write {' or '.join(_settings_of(place))}, with :ENVIRONMENT where it had another one",
        )
    for project in (claim.project or place.project.name, ""):
        source = _source(place, settings, environment or place.project.environment, project)
        state = source.backend.load()
        if state and state.resources:
            return source
    return source


def _sources(place: StatePlace) -> Iterator[Source]:
    """Where the state may have been: without a project's name, in another environment, on this machine."""
    current = (place.project.settings.state or {}).get("backend", "local")
    own, name = place.project.environment, place.project.name
    # Another remote place is not looked at: nobody said that it was there, and it costs requests.
    for backend, settings in _settings_of(place).items():
        if backend not in (current, "local"):
            continue
        for environment in dict.fromkeys((own, _DEFAULT)):
            # The file of a folder has no project in its name.
            for project in ("",) if backend == "local" else (name, ""):
                if (backend, environment, project) != (current, own, "" if backend == "local" else name):
                    yield _source(place, settings, environment, project)


def _current(place: StatePlace) -> dict[str, Any]:
    return dict(place.project.settings.state or {})


def _settings_of(place: StatePlace) -> dict[str, dict[str, Any]]:
    current = _current(place)
    defaults: dict[str, dict[str, Any]] = {"local": {"backend": "local"}, "git": {"backend": "git"}}
    return {**defaults, current.get("backend", "local"): current}


def _source(place: StatePlace, settings: dict[str, Any], environment: str, project: str) -> Source:
    backend = open_backend(
        settings,
        root=place.project.root,
        environment=environment,
        environ=place.environ,
        project=project,
        shard=place.number,
    )
    assert backend is not None
    here = environment == place.project.environment
    return Source(settings["backend"] + ("" if here else f":{environment}"), backend)
