"""From the stored bytes to a state and back: formats, migrations, whose state it is.

A newer format is refused; an older one is migrated in memory, and the backend keeps the old bytes
before it saves for the first time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from cozeops.frozen import frozen
from cozeops.state.errors import StateMovedError
from cozeops.state.model import FORMAT, InvalidState, State, Texts, read_state, write_state
from cozeops.values import Json, read_json

Migration = Callable[[Json], Json]
"""Takes a document of one format and gives that of the next, `format` included."""

MIGRATIONS: Mapping[str, Migration] = {}
"""The format that a migration reads -> the migration."""


@frozen
class Loaded:
    """A state as it was stored. `migrated_from` is the older format that it had, or empty."""

    state: State
    content: bytes
    migrated_from: str = ""


def load_bytes(
    content: bytes, name: str, *, environment: str, migrations: Mapping[str, Migration] = MIGRATIONS
) -> Loaded:
    """A state from what is stored; `name` is for messages. Raises InvalidState."""
    try:
        text = content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise InvalidState(
            f"{name} is not a state: {error}", hint="restore it from its backup or its history"
        ) from None
    text, migrated_from = _migrated(text, migrations)
    state = read_state(text, name)
    if state.environment != environment:
        raise InvalidState(
            f"{name} is the state of the environment {state.environment!r}, not of {environment!r}",
            hint="give each environment a place of its own in its `state` block",
        )
    return Loaded(state, content, migrated_from)


def to_bytes(state: State, texts: Texts | None = None) -> bytes:
    """What is stored for a state."""
    return write_state(state, texts).encode("utf-8", "surrogatepass")


def based_on(where: str, state: State, found: Loaded | None, attempted: bytes) -> State:
    """`state` ready to be saved over `found`. Raises StateMovedError where it was not made from that.

    `attempted` is what this run last tried to store: a save whose reply was lost may have happened.
    """
    if found is None:
        if state.serial:
            raise StateMovedError(where, expected=state.serial, found=None)
    elif attempted and found.content == attempted:
        return replace(state, serial=found.state.serial + 1)
    elif (found.state.serial, found.state.lineage) != (state.serial, state.lineage):
        raise StateMovedError(where, expected=state.serial, found=found.state.serial)
    return replace(state, serial=state.serial + 1)


def _migrated(text: str, migrations: Mapping[str, Migration]) -> tuple[str, str]:
    if not any(old in text for old in migrations):
        return text, ""
    try:
        data = read_json(text)
    except ValueError:
        return text, ""  # read_state says what is wrong with it
    first = found = data.get("format") if isinstance(data, dict) else None
    seen: set[str] = set()
    while isinstance(found, str) and found != FORMAT and found in migrations and found not in seen:
        seen.add(found)
        data = migrations[found](data)
        found = data.get("format")
    return (json.dumps(data), str(first)) if seen else (text, "")
