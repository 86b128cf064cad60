"""What a commit of the state says: who applied what, for people, and at its end for programs."""

from __future__ import annotations

from collections.abc import Iterator

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


def _changes(state: State, before: State | None) -> Iterator[str]:
    known = before.resources if before else {}
    for address in sorted({*state.resources, *known}):
        if address not in known:
            yield f"+ {address}"
        elif address not in state.resources:
            yield f"- {address}"
        elif state.resources[address] != known[address]:
            yield f"~ {address}"
