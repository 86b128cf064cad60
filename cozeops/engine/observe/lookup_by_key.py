"""Looking up what no id leads to: which object is meant, some of its own fields say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cozeops.declare.calls import Call, Page
from cozeops.declare.codec import decode, parameters
from cozeops.declare.kind import Keyed
from cozeops.declare.resource import Resource
from cozeops.engine.diff.references import compared
from cozeops.engine.model.live import Live, Snapshot
from cozeops.engine.observe.cache import Reader
from cozeops.engine.observe.match import Match, ambiguous
from cozeops.errors import NotFoundError
from cozeops.values import Json, Unknown, scalars


def look_keyed(
    resource: Resource, keyed: Keyed, snapshot: Snapshot, reader: Reader, known: str | None
) -> Match:
    """Find the live object; `known` is its id, where a manifest or a state has it. Raises ApiError."""
    kind, fields = resource.kind, compared(resource, snapshot)
    if any(isinstance(leaf, Unknown) for value in fields.values() for leaf in scalars(value)):
        return Match(absent=True)  # what it belongs to does not exist yet
    params = parameters(kind, fields, creating=False)
    if kind.get:
        return _got(resource, keyed, kind.get, reader, params)
    assert kind.listing is not None
    return _listed(resource, keyed, kind.listing, reader, params, known)


def _got(resource: Resource, keyed: Keyed, call: Call, reader: Reader, params: Json) -> Match:
    """What is there as soon as somebody asks: the reply, with what was asked for."""
    wire: dict[str, Any] = dict(params)
    try:
        for asked in keyed.asks(params):
            wire |= reader.get(call, asked)
    except NotFoundError as error:
        return Match(unsure=error.message)
    return Match(Live(keyed.key(params), fields=decode(resource.kind, wire)))


def _listed(
    resource: Resource, keyed: Keyed, page: Page, reader: Reader, params: Json, known: str | None
) -> Match:
    listings = [reader.listing(page, asked) for asked in keyed.asks(params)]
    items = [item for one in listings for item in one.items]
    same = [item for item in items if keyed.key(item) == keyed.key(params)]
    if known:
        told = [item for item in items if item.get(page.id)]
        return _known(
            resource, [item for item in told if str(item[page.id]) == known] if told else same, known
        )
    if len(same) == 1:
        return _live(resource, same[0], str(same[0].get(page.id) or ""))
    if same and all(item.get(page.id) for item in same):
        return ambiguous(resource, keyed.key(params), [str(item[page.id]) for item in same])
    if same:
        return Match(unsure=f"{len(same)} live objects are {keyed.key(params)}, and the list has no ids")
    complete = all(one.complete for one in listings)
    return Match(absent=complete, unsure="" if complete else f"{page.call.operation} has gaps")


def _known(resource: Resource, fitting: Sequence[Json], known: str) -> Match:
    if len(fitting) == 1:
        return _live(resource, fitting[0], known)
    why = f"may be any of {len(fitting)}, for the list has no ids" if fitting else "is not in the list"
    return Match(unsure=f"{known} {why}", gone=not fitting)


def _live(resource: Resource, item: Mapping[str, Any], id: str) -> Match:
    return Match(Live(id, fields=decode(resource.kind, dict(item))))
