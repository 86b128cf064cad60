"""What looking for the live side of a resource gives."""

from __future__ import annotations

from cozeops.codes import Code
from cozeops.declare.resource import Resource
from cozeops.engine.model.live import Live
from cozeops.errors import Problem
from cozeops.frozen import frozen


@frozen
class Match:
    """What looking for a resource gave: a live object, or why there is none."""

    live: Live | None = None
    absent: bool = False
    """A complete listing does not have it."""
    unsure: str = ""
    """It was not found, but that proves nothing; the reason."""
    gone: bool = False
    """It was remembered, and neither its id nor a complete listing shows it."""
    instead: str = ""
    """Where it is gone: the id of the live object that has its name now (empty: none has)."""
    problem: Problem | None = None


def ambiguous(resource: Resource, called: str, ids: list[str]) -> Match:
    """Several live objects fit."""
    message = f"{resource.address}: {len(ids)} live objects are called {called!r}: {', '.join(ids)}"
    hint = f'say which one is meant: write `id: "{ids[0]}"` under spec'
    return Match(problem=Problem(Code.AMBIGUOUS_NAME, message, hint, resource.locate(())))


def otherwise_called(resource: Resource, id: str, called: str) -> Match:
    """What a run is said to have made as this resource has another name: it may be somebody else's."""
    message = f"{resource.address}: a run is said to have made {id} as it, and that is called {called!r}"
    hint = f'if it is the one, write `id: "{id}"` under spec; if not, remove that run from .cozeops/journal'
    return Match(problem=Problem(Code.AMBIGUOUS_NAME, message, hint, resource.locate(())))
