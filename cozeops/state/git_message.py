"""What a commit of the state says: who applied what, for people and for the history."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cozeops.state.model import State
from cozeops.state.run import plain
from cozeops.values import canonical

_MOST = 50
"""Addresses that a message lists."""
_SERIAL = "Serial: "
_RUN = "Run: "


def message_of(state: State, before: State | None) -> str:
    """The message of the commit that stores `state` over `before`."""
    changes = list(_changes(state, before))
    who = plain(state.run.get("user", "")) or "somebody"
    what = plain(state.run.get("operation", "")) or "apply"
    count = f"{len(changes)} resource{'s' if len(changes) != 1 else ''}"
    listed = changes[:_MOST] + ([f"… and {len(changes) - _MOST} more"] if len(changes) > _MOST else [])
    body = "\n".join(listed) + "\n\n" if listed else ""
    return (
        f"{what} {state.environment}: {count}, by {who}\n\n{body}[skip ci]\n"
        f"{_SERIAL}{state.serial}\n{_RUN}{canonical(state.run)}\n"
    )


def run_of(message: str) -> tuple[int, Mapping[str, Any]]:
    """The serial and the run of a commit; 0 and nothing where somebody else wrote it."""
    serial, run = 0, {}
    for line in message.split("\n"):
        if line.startswith(_SERIAL) and line.removeprefix(_SERIAL).isdecimal():
            serial = int(line.removeprefix(_SERIAL))
        elif line.startswith(_RUN):
            try:
                run = json.loads(line.removeprefix(_RUN))
            except (ValueError, RecursionError):
                run = {}
    return serial, run if isinstance(run, dict) else {}


def _changes(state: State, before: State | None) -> Iterator[str]:
    known = before.resources if before else {}
    for address in sorted({*state.resources, *known}):
        if address not in known:
            yield f"+ {address}"
        elif address not in state.resources:
            yield f"- {address}"
        elif state.resources[address] != known[address]:
            yield f"~ {address}"
