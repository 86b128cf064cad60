"""Looking up one resource on the live side: which object it means, and what is there.

The identity ladder: `spec.id`, then the id that the state remembers, then the one object of that kind with
that name in that workspace. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cozeops.address import Address
from cozeops.engine.reading import Reader, scoped
from cozeops.engine.snapshot import Listing, Live
from cozeops.errors import ApiError, DeniedError, NotFoundError, Problem
from cozeops.kinds import Kind, Resource, rows_of
from cozeops.kinds._codec import decode
from cozeops.kinds._declare import Item, Path, Publication, Row
from cozeops.values import MISSING, Json, Reference, dig


@dataclass(frozen=True, slots=True)
class Found:
    """What looking for a resource gave: a live object, or why there is none."""

    live: Live | None = None
    absent: bool = False
    """A complete listing does not have it."""
    unsure: str = ""
    """It was not found, but that proves nothing; the reason."""
    problem: Problem | None = None


class Observer:
    """Looks up resources; `channels` are the connectors in scope of this project, `ids` those remembered."""

    def __init__(
        self,
        reader: Reader,
        channels: Mapping[Address, str] | None = None,
        ids: Mapping[Address, str] | None = None,
    ) -> None:
        self.reader = reader
        self._channels = channels or {}
        self._ids = ids or {}

    def look(self, resource: Resource, scope: str | None) -> Found:
        """Find the live object of a resource and read what the manifest declares of it.

        `scope` is the id of its workspace, None while that does not exist. Raises ApiError.
        """
        kind = resource.kind
        if not (kind.get or kind.listing):
            return Found(Live(resource.id or ""))
        if kind.scope and scope is None and not (resource.id and kind.get):
            # Its workspace does not exist yet: nothing to list. An id is taken at its word.
            return Found(Live(resource.id)) if resource.id else Found(absent=True)
        found, wire = self._find(resource, scope)
        if found.live is None:
            return found
        return replace(found, live=self._read(resource, scope, found.live.id, wire))

    def read(self, resource: Resource, scope: str | None, id: str) -> Live:
        """Read one live object again. Raises NotFoundError when it is not there any more."""
        kind = resource.kind
        if kind.get:
            return self._read(resource, scope, id, self.reader.get(kind.get, {kind.id: id}))
        if kind.listing:
            for item in self.listed(kind, scope).items:
                if item.get(kind.listing.id) == id:
                    return self._read(resource, scope, id, item)
            operation = kind.listing.call.operation
            raise NotFoundError(f"{resource.address} ({id}) is not listed any more", operation=operation)
        return Live(id)

    def _find(self, resource: Resource, scope: str | None) -> tuple[Found, Json]:
        kind = resource.kind
        if resource.id and kind.get:
            try:
                return Found(Live(resource.id)), self.reader.get(kind.get, {kind.id: resource.id})
            except NotFoundError as error:
                return Found(unsure=f"{error.message} (spec.id {resource.id})"), {}
        assert kind.listing is not None, f"{kind.name} has neither a list nor spec.id"
        listing, known = self.listed(kind, scope), resource.id or self._ids.get(resource.address)
        matches = [item for item in listing.items if _matches(item, resource, known)]
        if len(matches) > 1:
            return Found(problem=_ambiguous(resource, [str(item[kind.listing.id]) for item in matches])), {}
        if not matches and known:
            source = "spec.id" if resource.id else "the state's id"
            return Found(unsure=f"{source} {known} is not in the list that this token can see"), {}
        if not matches:
            # Only a complete listing proves that something may be created.
            absent = listing.complete or kind.create is None
            unsure = "" if absent else f"the answer of {kind.listing.call.operation} has gaps"
            return Found(absent=absent, unsure=unsure), {}
        id = str(matches[0][kind.listing.id])
        wire = self.reader.get(kind.get, {kind.id: id}) if kind.get else matches[0]
        return Found(Live(id)), wire

    def listed(self, kind: Kind, scope: str | None) -> Listing:
        """All objects of a kind in a workspace."""
        assert kind.listing is not None
        return self.reader.listing(kind.listing, scoped(kind.listing.call, scope))

    def _read(self, resource: Resource, scope: str | None, id: str, wire: Json) -> Live:
        kind = resource.kind
        live = Live(
            id,
            fields=decode(kind, wire),
            items=dict(self._collections(resource, id)),
            parts=parts_of(kind, wire),
            edited=_number(wire.get(kind.edited)),
            owner=str(wire.get(kind.owner) or ""),
        )
        for row in rows_of(kind):
            if row.publication and scope and dig(resource.values, row.path) is not MISSING:
                live = self._publication(resource, row, row.publication, scope, live)
        return live

    def _collections(self, resource: Resource, id: str) -> Iterable[tuple[Path, tuple[Item, ...]]]:
        for row in rows_of(resource.kind):
            about = row.collection
            if not about or not about.listing or dig(resource.values, row.path) is MISSING:
                continue
            listing = self.reader.listing(about.listing, {resource.kind.id: id})
            if not listing.complete:
                raise ApiError(
                    f"{resource.address}: Coze's list of {row.label} does not add up",
                    operation=about.listing.call.operation,
                    hint="it may lag behind a recent write: try again",
                )
            assert about.decode is not None
            yield row.path, tuple(about.decode(item) for item in listing.items)

    def _publication(self, resource: Resource, row: Row, about: Publication, scope: str, live: Live) -> Live:
        channels = {
            connector: when
            for connector in self.in_scope(about)
            if (when := self.published(about, scope, connector).get(live.id)) is not None
        }
        live = replace(live, channels=channels)
        wanted = {self._connector(use["connector"]) for use in dig(resource.values, row.path)["connectors"]}
        shown = [when for connector, when in channels.items() if connector in wanted]
        # Not older than the publication: an edit may have come after it, so the copies are compared.
        if not shown or 0 < live.edited < min(shown):
            return live
        return replace(live, published=self._published_copy(resource.kind, about, live.id))

    def _published_copy(self, kind: Kind, about: Publication, id: str) -> Mapping[Path, Any] | None:
        try:
            return decode(kind, self.reader.get(about.published, {kind.id: id}))
        except DeniedError:
            raise
        except ApiError:
            # What is not on the API channel has no copy that can be read; times decide.
            return None

    def published(self, about: Publication, scope: str, connector: str) -> Mapping[str, int]:
        """Who is published on a connector: id -> when."""
        params = {**scoped(about.listing.call, scope), "connector_id": connector}
        items = self.reader.listing(about.listing, params).items
        return {str(item[about.listing.id]): _number(item.get(about.published_at)) for item in items}

    def occupied(self, about: Publication, scope: str) -> frozenset[str]:
        """The connectors in scope that something in this workspace is published on."""
        return frozenset(
            connector for connector in self.in_scope(about) if self.published(about, scope, connector)
        )

    def in_scope(self, about: Publication) -> list[str]:
        """The connectors that this project looks at."""
        return sorted({*about.builtin.values(), *self._channels.values()})

    def _connector(self, ref: Reference) -> str:
        return ref.id or (self._channels.get(ref.address, "") if ref.address else "")


def parts_of(kind: Kind, wire: Json) -> dict[str, str]:
    """The named parts of a live object."""
    if not kind.parts:
        return {}
    path, name, id = kind.parts
    found = dig(wire, path)
    return {str(part[name]): str(part[id]) for part in found} if isinstance(found, list) else {}


def _matches(item: Json, resource: Resource, known: str | None) -> bool:
    assert resource.kind.listing is not None
    if known:
        return str(item.get(resource.kind.listing.id)) == known
    return item.get(resource.kind.listed_name) == resource.name


def _ambiguous(resource: Resource, ids: list[str]) -> Problem:
    return Problem(
        "COZE099",
        f"{resource.address}: {len(ids)} live objects are called {resource.name!r}: {', '.join(ids)}",
        f'say which one is meant: write `id: "{ids[0]}"` under spec',
        resource.locate(()),
    )


def _number(value: Any) -> int:
    # Times are integers in most replies and strings of digits in some.
    try:
        return int(value or 0)
    except (TypeError, ValueError):
        return 0
