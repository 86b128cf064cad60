"""Looking up one resource on the live side: which object it means, and what is there.

The identity ladder: `spec.id`, then the id that the state remembers, then the one object of that kind with
that name in that workspace. Nothing is decided here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from cozeops.address import Address
from cozeops.declare.calls import Path
from cozeops.declare.codec import Fields, can_have, decode, normal, seen
from cozeops.declare.collections import Item
from cozeops.declare.fields import UNREADABLE
from cozeops.declare.kind import Keyed, Kind
from cozeops.declare.publication import Publication, uses_in
from cozeops.declare.resource import Resource, never_on
from cozeops.declare.rows import Row, collection_rows, publication_of, row_at
from cozeops.engine.model.live import Listing, Live, Snapshot
from cozeops.engine.observe.cache import Reader, progress, scoped
from cozeops.engine.observe.lookup_by_key import look_keyed
from cozeops.engine.observe.match import Match, ambiguous, otherwise_called
from cozeops.engine.prior.freshness import observation, unmoved
from cozeops.engine.prior.items import LAG, UNHEARD, unseen
from cozeops.errors import ApiError, DeniedError, IncompleteError, NotFoundError
from cozeops.state.model import Ownership, Record, leaf_hash
from cozeops.values import MISSING, Json, Reference, dig, put


class Observer:
    """Looks up resources.

    `channels` are the connectors in scope of this project. `records` are what a state remembers, by the
    address of today. `snapshot` has the ids of what others are found by. `traces` are what the journal
    knows of creates that may not show in lists yet.
    """

    def __init__(
        self,
        reader: Reader,
        channels: Mapping[Address, str] | None = None,
        records: Mapping[Address, Record] | None = None,
        snapshot: Snapshot | None = None,
        traces: Mapping[Address, Record] | None = None,
    ) -> None:
        self._traces = traces or {}
        self.reader = reader
        self._snapshot = snapshot or Snapshot({})
        self._channels = channels or {}
        self._records = records or {}
        self._listed, self._published = _remembered(self._records)

    def look(self, resource: Resource, scope: str | None) -> Match:
        """Find the live object of a resource and read what the manifest declares of it.

        `scope` is the id of its workspace, None while that does not exist. Raises ApiError.
        """
        with self.reader.understood(resource.address):
            return self._look(resource, scope)

    def _look(self, resource: Resource, scope: str | None) -> Match:
        kind = resource.kind
        if kind.keyed:
            record = self._records.get(resource.address)
            known = resource.id or (record.id if record else None)
            return look_keyed(resource, kind.keyed, self._snapshot, self.reader, known)
        found, item = self._identified(resource, scope)
        if found.live is None or not (kind.get or kind.listing):
            return found
        if kind.get:
            try:
                item = self.reader.get_own(kind.get, {kind.id: found.live.id})
            except NotFoundError as error:
                why = f"{error.message} (id {found.live.id})"
                return self._gone(resource, scope, why) if kind.listing and kind.create else Match(unsure=why)
        return replace(found, live=self._read(resource, scope, found.live.id, item))

    def unmoved(self, resource: Resource, scope: str | None) -> Live | None:
        """The live object, where the lists say that it is as it was when the state last saw it; else None.

        Nothing of it is read beside them. Raises ApiError.
        """
        record, now = self._records.get(resource.address), self.reader.remote.now()
        if record is None or now is None:
            return None
        with self.reader.understood(resource.address):
            found, item = self._identified(resource, scope)
            if found.live is None or found.live.id != record.id or not item:
                return None
            channels = self._shown(resource, scope, record.id)
            same = unmoved(resource.kind, record, item, channels, now)
        return Live(record.id, channels=channels, unmoved=True) if same else None

    def identify(self, resource: Resource, scope: str | None) -> Match:
        """Which live object a resource is; nothing of it is read but its entry in a list. Raises ApiError."""
        with self.reader.understood(resource.address):
            return self._identified(resource, scope)[0]

    def read(
        self, resource: Resource, scope: str | None, id: str, *, channels: bool = True, copies: bool = True
    ) -> Live:
        """Read one live object again. Raises NotFoundError when it is not there any more.

        `channels`: also where it is published; `copies`: also what is published there.
        """
        with self.reader.understood(resource.address):
            return self._read_again(resource, scope, id, channels=channels, copies=copies)

    def _read_again(
        self, resource: Resource, scope: str | None, id: str, *, channels: bool, copies: bool
    ) -> Live:
        kind = resource.kind
        if kind.keyed:
            return self._read_keyed(resource, kind.keyed, id)
        if kind.get:
            wire = self.reader.get_own(kind.get, {kind.id: id})
            return self._read(resource, scope, id, wire, channels=channels, copies=copies)
        if kind.listing:
            for item in self.listed(kind, scope).items:
                if item.get(kind.listing.id) == id:
                    return self._read(resource, scope, id, item, channels=channels, copies=copies)
            operation = kind.listing.call.operation
            raise NotFoundError(f"{resource.address} ({id}) is not listed any more", operation=operation)
        return Live(id)

    def _identified(self, resource: Resource, scope: str | None) -> tuple[Match, Json]:
        kind = resource.kind
        if not (kind.get or kind.listing):
            return Match(Live(resource.id or "")), {}
        if kind.scope and scope is None and not (resource.id and kind.get and not kind.create):
            return self._without_workspace(resource), {}
        return self._find(resource, scope)

    def _read_keyed(self, resource: Resource, keyed: Keyed, id: str) -> Live:
        if not resource.values:
            return Live(id)  # without its fields there is nothing to look for
        found = look_keyed(resource, keyed, self._snapshot, self.reader, id)
        if found.live is None:
            call = resource.kind.get or (resource.kind.listing.call if resource.kind.listing else None)
            operation = call.operation if call else ""
            raise NotFoundError(found.unsure or f"{resource.address} is not there", operation=operation)
        return found.live

    def _find(self, resource: Resource, scope: str | None) -> tuple[Match, Json]:
        """Which object it is, with its entry in the list (empty where no list was needed)."""
        kind, record = resource.kind, self._records.get(resource.address)
        if resource.id and kind.get and not kind.create:
            return Match(Live(resource.id)), {}
        assert kind.listing is not None, f"{kind.name} has neither a list nor spec.id"
        known = resource.id or (record.id if record else None)
        key, wanted = (kind.listing.id, known) if known else self._called(resource)
        matches = self.reader.index(kind.listing, scoped(kind.listing.call, scope), key).get(wanted, [])
        if len(matches) > 1:
            return ambiguous(resource, resource.name, [str(item[kind.listing.id]) for item in matches]), {}
        if matches:
            if known and not resource.id and (other := _another(record, matches[0].get(kind.listed_name))):
                return otherwise_called(resource, known, other), {}
            return Match(Live(str(matches[0][kind.listing.id]))), matches[0]
        if known:
            return self._unlisted(resource, scope, known), {}
        if trace := self._fresh_trace(resource, scope):
            return self._traced(resource, trace), {}
        # Only a complete listing proves that something may be created.
        absent = self.listed(kind, scope).complete or kind.create is None
        unsure = "" if absent else f"the answer of {kind.listing.call.operation} has gaps"
        return Match(absent=absent, unsure=unsure), {}

    def _fresh_trace(self, resource: Resource, scope: str | None) -> Record | None:
        """What the journal says of a create that lists may lag behind, of this very object."""
        trace = self._traces.get(resource.address)
        same = trace is not None and (trace.name, trace.scope) == (resource.name, scope or "")
        return trace if trace and same and _is_new(trace, self.reader.remote.now()) else None

    def _traced(self, resource: Resource, trace: Record) -> Match:
        """What was made a moment ago, or may have been, and no list shows: it is never made once more."""
        kind = resource.kind
        if not trace.id:
            return Match(
                unsure="a run began to make it a moment ago and never heard back; no list shows it yet"
            )
        with suppress(NotFoundError):
            if kind.get:
                found = decode(kind, self.reader.get_own(kind.get, {kind.id: trace.id}))
                if found.get(("name",), resource.name) == resource.name:
                    return Match(Live(trace.id))
        return Match(unsure=f"{trace.id} was made a moment ago, and no list shows it yet")

    def _called(self, resource: Resource) -> tuple[str, str]:
        """The key of a listed item that finds a resource of unknown id, and what must stand there."""
        after = resource.named_after
        if after is None:
            return resource.kind.listed_name, resource.name
        return row_at(resource.kind, resource.kind.named_after).reads[0][0], self._connector(after)

    def _unlisted(self, resource: Resource, scope: str | None, known: str) -> Match:
        """What no list shows: a list may lag, so it is asked for by its id where Coze has a call for that."""
        kind, record = resource.kind, self._records.get(resource.address)
        source = "spec.id" if resource.id else "the state's id"
        where = f"of {resource.scope} " if resource.scope else ""
        why = f"{source} {known} is not in the list {where}that this token can see"
        if record is None or record.id != known:
            return Match(unsure=why)
        if kind.get and record.scope == (scope or ""):
            try:
                self.reader.get_own(kind.get, {kind.id: known})
            except NotFoundError:
                return self._gone(resource, scope, f"{why}, nor is it found by its id")
            return Match(Live(known))
        if not self.listed(kind, scope).complete:
            return Match(unsure=f"{why}, and that list has gaps")
        if _is_new(record, self.reader.remote.now()):
            return Match(unsure=f"{known} was made a moment ago, and no list shows it yet")
        return self._gone(resource, scope, why)

    def _gone(self, resource: Resource, scope: str | None, why: str) -> Match:
        """It was remembered and is not there; perhaps another has its name."""
        kind, record = resource.kind, self._records.get(resource.address)
        if record is None or not record.id:
            return Match(unsure=why)
        assert kind.listing is not None
        items = self.reader.index(kind.listing, scoped(kind.listing.call, scope), kind.listed_name)
        named = [str(item[kind.listing.id]) for item in items.get(resource.name, [])]
        return Match(unsure=why, gone=True, instead=next((id for id in named if id != record.id), ""))

    def _without_workspace(self, resource: Resource) -> Match:
        """Its workspace does not exist: nothing to list."""
        kind, record = resource.kind, self._records.get(resource.address)
        trace = self._traces.get(resource.address)
        if record is None and trace and kind.create and _is_new(trace, self.reader.remote.now()):
            return Match(unsure=f"a run made it a moment ago, and no list shows {resource.scope} yet")
        if record and record.id and kind.create:
            why = f"{resource.scope} is not there, and it lived in that ({record.id})"
            if kind.get:
                with suppress(NotFoundError):
                    self.reader.get_own(kind.get, {kind.id: record.id})
                    return Match(unsure=f"{why}; it is still found by its id, so its workspace is hidden")
            return Match(unsure=why, gone=True)
        if resource.id and kind.create:
            return Match(unsure=f"{resource.scope} does not exist yet, so {resource.id} cannot live in it")
        # What the API cannot make is taken at its word.
        return Match(Live(resource.id)) if resource.id else Match(absent=True)

    def seen(
        self,
        resource: Resource,
        scope: str | None,
        id: str,
        records: Mapping[Address, Record],
        at: float,
        until: float,
    ) -> Json:
        """What the lists say of an object, to be remembered; empty where they prove nothing.

        `at` and `until` as `observation` takes them.
        """
        kind = resource.kind
        if kind.listing is None or not kind.marks:
            return {}
        items = self.reader.index(kind.listing, scoped(kind.listing.call, scope), kind.listing.id).get(id, [])
        channels = self._shown(resource, scope, id)
        return observation(resource, items[0], channels, records, at, until=until) if items else {}

    def listed(self, kind: Kind, scope: str | None) -> Listing:
        """All objects of a kind in a workspace."""
        assert kind.listing is not None
        params, likely = scoped(kind.listing.call, scope), self._listed[kind.name, scope or ""]
        return self.reader.listing(kind.listing, params, likely=likely)

    def _read(
        self,
        resource: Resource,
        scope: str | None,
        id: str,
        wire: Json,
        *,
        channels: bool = True,
        copies: bool = True,
    ) -> Live:
        kind, fields = resource.kind, decode(resource.kind, wire)
        shown = self._shown(resource, scope, id) if channels else {}
        edited = _number(wire.get(kind.edited))
        return Live(
            id,
            fields=fields,
            items=dict(self._collections(resource, id)),
            channels=shown,
            published=self._published_copy(resource, id, fields, edited, shown) if copies and shown else None,
            parts=parts_of(kind, wire),
            edited=edited,
            owner=str(wire.get(kind.owner) or ""),
            role=str(wire.get(kind.role) or ""),
        )

    def _collections(self, resource: Resource, id: str) -> Iterable[tuple[Path, tuple[Item, ...]]]:
        for row in collection_rows(resource.kind):
            about = row.collection
            if not about or not about.listed or dig(resource.values, row.path) is MISSING:
                continue
            listing = self.reader.listing(about.listed.page, {resource.kind.id: id})
            if not listing.complete:
                told = f" (log id {listing.log_id})" if listing.log_id else ""
                raise IncompleteError(
                    f"{resource.address}: Coze's list of {row.label} does not add up{told}",
                    operation=about.listed.page.call.operation,
                    log_id=listing.log_id,
                    hint="it may lag behind a recent write: try again",
                )
            items = tuple(about.listed.decode(item) for item in listing.items)
            if late := self._unshown(resource, row, id, items):
                raise IncompleteError(
                    f"{resource.address}: {late} was added and Coze's list of {row.label} does not show it",
                    operation=about.listed.page.call.operation,
                    log_id=listing.log_id,
                    hint="it lags behind a recent write: try again in a moment",
                )
            yield row.path, items

    def _unshown(self, resource: Resource, row: Row, id: str, items: Iterable[Item]) -> str:
        """The id of an item that is there and not listed (empty: none): it must not be added once more."""
        about, record, now = row.collection, self._records.get(resource.address), self.reader.remote.now()
        if about is None or about.readiness is None or now is None:
            return ""
        for item in unseen(record, row, items, now):
            with suppress(NotFoundError):
                found = progress(self.reader.remote, about.readiness, {resource.kind.id: id}, [item])
                if any(one.id == item for one in found):
                    return item
        return ""

    def _published_copy(
        self, resource: Resource, id: str, fields: Fields, edited: int, channels: Mapping[str, int]
    ) -> Fields | None:
        """What is published, where it must be compared; None where times decide, or it cannot be read."""
        published = publication_of(resource.kind)
        assert published is not None
        uses = uses_in(dig(resource.values, published.row.path))
        wanted = {self._connector(use["connector"]) for use in uses}
        shown = [when for connector, when in channels.items() if connector in wanted]
        # Not older than the publication: an edit may have come after it, so the copies are compared.
        if not shown or 0 < edited < min(shown) or self._drifted(resource, fields):
            return None
        try:
            call, id_of = published.calls.published, resource.kind.id
            copy = decode(resource.kind, self.reader.get_own(call, {id_of: id}))
        except DeniedError:
            raise
        except ApiError:
            # What is not on the API channel has no copy that can be read; times decide.
            return None
        # Of thousands nearly all are equal: their texts are kept once.
        return fields if copy == fields else copy

    def _drifted(self, resource: Resource, fields: Fields) -> bool:
        """Whether the draft is not what was applied last: it will be written and published anyway."""
        record = self._records.get(resource.address)
        applied = record.applied if record else {}
        return any(
            value is not UNREADABLE and leaf_hash(_as_declared(resource, row, value)) != applied[row.label]
            for path, value in fields.items()
            if (row := row_at(resource.kind, path)).label in applied
        )

    def _shown(self, resource: Resource, scope: str | None, id: str) -> dict[str, int]:
        """The connectors in scope that an object is published on, with the time; none where not managed."""
        published = publication_of(resource.kind)
        managed = published is not None and dig(resource.values, published.row.path) is not MISSING
        beside = [self._connector(ref) for ref in never_on(resource)] if managed else []
        return self.shown_on(resource.kind, scope, id, beside) if managed else {}

    def shown_on(self, kind: Kind, scope: str | None, id: str, beside: Iterable[str] = ()) -> dict[str, int]:
        """The connectors in scope (and some beside) that an object is published on, with the time."""
        published = publication_of(kind)
        if published is None or scope is None:
            return {}
        about = published.calls
        times = {one: self.published(about, scope, one).get(id) for one in {*self.in_scope(about), *beside}}
        return {connector: when for connector, when in times.items() if when is not None}

    def read_departed(self, resource: Resource, scope: str | None, id: str) -> Live:
        """Read what no manifest declares any more: that it is there, and where it is published.

        Of what can be deleted also the items that would go with it.
        """
        live = self.read(resource, scope, id, channels=False, copies=False)
        if resource.kind.delete:
            values: Json = {}
            for row in collection_rows(resource.kind):
                about = row.collection
                if about and about.listed and about.remove and can_have(resource.kind, row, live.fields):
                    put(values, row.path, [])
            items = dict(self._collections(replace(resource, values=values), id))
            live = replace(live, items=items)
        return replace(live, channels=self.shown_on(resource.kind, scope, id))

    def published(self, about: Publication, scope: str, connector: str) -> Mapping[str, int]:
        """Who is published on a connector: id -> when."""

        def times() -> dict[str, int]:
            params = {**scoped(about.listing.call, scope), "connector_id": connector}
            likely = self._published[scope, connector]
            # Of entries that say all about a bot these two stay: in a large workspace the rest is much.
            items = self.reader.listing_own(about.listing, params, likely=likely).items
            return {str(item.get(about.listing.id)): _number(item.get(about.published_at)) for item in items}

        return self.reader.derived((about.listing.call.operation, scope, connector), times)

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


def _remembered(
    records: Mapping[Address, Record],
) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """How many objects of a kind a workspace has, and how many show on a connector in it."""
    listed = Counter((address.kind, record.scope) for address, record in records.items())
    published = Counter(
        (record.scope, connector)
        for record in records.values()
        for connector in record.observed.get("channels", ())
    )
    return listed, published


def _as_declared(resource: Resource, row: Row, value: Any) -> Any:
    """A live value as far as the manifest is about it."""
    wanted = dig(resource.values, row.path) if row.open else MISSING
    return value if wanted is MISSING else seen(row, value, normal(row, wanted))[0]


def parts_of(kind: Kind, wire: Json) -> dict[str, str]:
    """The named parts of a live object."""
    if not kind.parts:
        return {}
    path, name, id = kind.parts
    found = dig(wire, path)
    items = [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []
    return {str(part[name]): str(part[id]) for part in items if name in part and id in part}


def _another(record: Record | None, name: Any) -> str:
    """What an object is called, where all that is known is that a run made it under another name."""
    bare = record is not None and record.ownership is Ownership.CREATED
    if record is None or not bare or record.applied or record.observed or not record.name:
        return ""
    return str(name) if isinstance(name, str) and name != record.name else ""


def _is_new(record: Record, now: float | None) -> bool:
    """Whether cozeops made it so short a time ago that lists may not show it yet."""
    lag = LAG if record.id else UNHEARD
    return bool(record.made and now is not None and now - record.made < lag)


def _number(value: Any) -> int:
    # Times are integers in most replies and strings of digits in some.
    try:
        return int(value or 0)
    except (TypeError, ValueError):
        return 0
