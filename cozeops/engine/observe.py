"""Reading the live side: only what the manifests claim, lists before objects, every read made once.

The one module of the engine that waits for Coze outside apply. It decides nothing: it finds, reads and
decodes. Which object an address means is the identity ladder of the design: `spec.id`, then the one
object of that kind with that name in that scope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, TypeVar

from cozeops.address import Address
from cozeops.engine.snapshot import Listing, Live, Remote, Snapshot
from cozeops.errors import ApiError, DeniedError, InvalidProject, NotFoundError, Problem
from cozeops.kinds import Kind, Resource, kinds, references, rows_of
from cozeops.kinds._codec import decode
from cozeops.kinds._declare import Call, Item, Page, Path, Publication, Row
from cozeops.values import MISSING, Json, Reference, dig

T = TypeVar("T")
WORKERS = 16
_ME = Call("getCurrentUser", "GET", "/v1/users/me")


@dataclass(frozen=True, slots=True)
class Found:
    """What looking for a resource gave: a live object, or why there is none."""

    live: Live | None = None
    absent: bool = False
    """A complete listing does not have it."""
    unsure: str = ""
    """It was not found, but that proves nothing; the reason."""
    problem: Problem | None = None


class Reader:
    """The reads of one run, each made once however many threads ask for it."""

    def __init__(self, remote: Remote) -> None:
        self.remote = remote
        self._lock = Lock()
        self._made: dict[tuple[Any, ...], Future[Any]] = {}

    def listing(self, page: Page, params: Mapping[str, Any]) -> Listing:
        """All pages of a list."""
        key = (page.call.operation, *sorted(page.call.fixed.items()), *sorted(params.items()))
        return self._once(key, lambda: self.remote.listing(page, params))

    def get(self, call: Call, params: Mapping[str, Any]) -> Json:
        """One object. Raises NotFoundError."""
        key = (call.operation, *sorted(call.fixed.items()), *sorted(params.items()))
        payload = self._once(key, lambda: self.remote.send(call, params)).payload
        return payload if isinstance(payload, dict) else {}

    def user(self) -> str:
        """The id of the token's user; the first request of a run, so a bad token ends it here."""
        return str(self.get(_ME, {}).get("user_id") or "")

    def _once(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        with self._lock:
            future: Future[T] | None = self._made.get(key)
            mine = future is None
            if future is None:
                future = self._made[key] = Future()
        if mine:
            try:
                future.set_result(make())
            except BaseException as error:
                future.set_exception(error)
        return future.result()


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
            for item in self._listed(kind, scope).items:
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
        listing, known = self._listed(kind, scope), resource.id or self._ids.get(resource.address)
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

    def _listed(self, kind: Kind, scope: str | None) -> Listing:
        assert kind.listing is not None
        return self.reader.listing(kind.listing, _scoped(kind.listing.call, scope))

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
            # What is not on the API channel has no copy that can be read (COZE_API 5.5); times decide.
            return None

    def published(self, about: Publication, scope: str, connector: str) -> Mapping[str, int]:
        """Who is published on a connector: id -> when."""
        params = {**_scoped(about.listing.call, scope), "connector_id": connector}
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


def observe(
    resources: Iterable[Resource],
    remote: Remote,
    *,
    ids: Mapping[Address, str] | None = None,
    workers: int = WORKERS,
) -> Snapshot:
    """Read everything that planning these resources needs. `ids` are those that a state remembers.

    Raises InvalidProject when a name matches several live objects, AccessError, ApiError.
    """
    known = list(resources)
    reader = Reader(remote)
    user = reader.user()
    channels = {one.address: one.id for one in known if one.kind.name == "Connector" and one.id}
    observer = Observer(reader, channels, ids)
    scopes: dict[Address, str] = {}
    found: dict[Address, Found] = {}
    with ThreadPoolExecutor(workers) as pool:
        for scoped in (False, True):
            batch = [one for one in known if one.kind.lives and bool(one.kind.scope) is scoped]
            looked = pool.map(observer.look, batch, [_scope_of(one, scopes) for one in batch])
            found.update(zip((one.address for one in batch), looked, strict=True))
            scopes |= {address: one.live.id for address, one in found.items() if one.live}
        named, parts = _outsiders(known, scopes, reader, pool)
        occupied = _occupied(known, scopes, observer, pool)
    if problems := [one.problem for one in found.values() if one.problem]:
        raise InvalidProject(problems)
    return Snapshot(
        live={address: one.live for address, one in found.items() if one.live},
        user=user,
        absent=frozenset(address for address, one in found.items() if one.absent),
        unsure={address: one.unsure for address, one in found.items() if one.unsure},
        named=named,
        parts=parts,
        strangers=_strangers(known, found, scopes, observer),
        occupied=occupied,
    )


def parts_of(kind: Kind, wire: Json) -> dict[str, str]:
    """The named parts of a live object."""
    if not kind.parts:
        return {}
    path, name, id = kind.parts
    found = dig(wire, path)
    return {str(part[name]): str(part[id]) for part in found} if isinstance(found, list) else {}


def _outsiders(
    known: list[Resource], scopes: Mapping[Address, str], reader: Reader, pool: ThreadPoolExecutor
) -> tuple[dict[tuple[str, str, str], str], dict[str, Mapping[str, str]]]:
    """What references by name and into undeclared objects mean."""
    named: dict[tuple[str, str, str], str] = {}
    problems: list[Problem] = []
    for one in known:
        for ref in references(one.values):
            scope = _scope_of(one, scopes)
            if ref.name:
                match _by_name(one, ref, scope, reader):
                    case str() as id:
                        named[ref.kind, scope or "", ref.name] = id
                    case problem:
                        problems.append(problem)
    if problems:
        raise InvalidProject(problems)
    wanted = {
        (ref.kind, ref.id or named[ref.kind, _scope_of(one, scopes) or "", ref.name or ""])
        for one in known
        for ref in references(one.values)
        if ref.part and not ref.address
    }

    def read(key: tuple[str, str]) -> tuple[str, Mapping[str, str]]:
        kind = kinds()[key[0]]
        return key[1], parts_of(kind, reader.get(kind.get, {kind.id: key[1]}) if kind.get else {})

    return named, dict(pool.map(read, sorted(wanted)))


def _by_name(resource: Resource, ref: Reference, scope: str | None, reader: Reader) -> str | Problem:
    kind = kinds()[ref.kind]
    if scope is None or kind.listing is None:
        return _unresolved(resource, ref, "cannot be looked up by name here", "write {id: ...}")
    items = reader.listing(kind.listing, _scoped(kind.listing.call, scope)).items
    ids = [str(item[kind.listing.id]) for item in items if item.get(kind.listed_name) == ref.name]
    if len(ids) == 1:
        return ids[0]
    if not ids:
        return _unresolved(resource, ref, "is not in the workspace", "check the name, or write {id: ...}")
    return _unresolved(
        resource, ref, f"is the name of {len(ids)} objects", f"write {{id: ...}}: {', '.join(ids)}"
    )


def _unresolved(resource: Resource, ref: Reference, why: str, hint: str) -> Problem:
    message = f"{resource.address}: the {ref.kind} called {ref.name!r} {why}"
    return Problem("COZE100", message, hint, resource.locate(()))


def _occupied(
    known: list[Resource], scopes: Mapping[Address, str], observer: Observer, pool: ThreadPoolExecutor
) -> dict[str, frozenset[str]]:
    wanted: dict[str, Publication] = {}
    for one in known:
        for row in rows_of(one.kind):
            scope = _scope_of(one, scopes)
            if row.publication and scope and dig(one.values, row.path) is not MISSING:
                wanted[scope] = row.publication
    found = pool.map(lambda scope: observer.occupied(wanted[scope], scope), wanted)
    return dict(zip(wanted, found, strict=True))


def _strangers(
    known: list[Resource], found: Mapping[Address, Found], scopes: Mapping[Address, str], observer: Observer
) -> dict[tuple[str, str], tuple[tuple[str, str], ...]]:
    claimed = {one.live.id for one in found.values() if one.live}
    listed = {
        (one.kind.name, scope): one.kind
        for one in known
        if one.kind.create and one.kind.scope and not one.id and (scope := _scope_of(one, scopes))
    }
    strangers = {}
    for (name, scope), kind in listed.items():
        assert kind.listing is not None
        items = observer._listed(kind, scope).items
        pairs = ((str(item[kind.listing.id]), str(item.get(kind.listed_name) or "")) for item in items)
        strangers[name, scope] = tuple(pair for pair in pairs if pair[0] not in claimed)
    return strangers


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


def _scope_of(resource: Resource, scopes: Mapping[Address, str]) -> str | None:
    return scopes.get(resource.scope) if resource.scope else None


def _scoped(call: Call, scope: str | None) -> dict[str, Any]:
    return {call.scope: scope} if call.scope else {}


def _number(value: Any) -> int:
    # Times are integers in most replies and strings of digits in some (COZE_API 1.2).
    try:
        return int(value or 0)
    except (TypeError, ValueError):
        return 0
