"""Reading the live side for a plan: only what the manifests claim, lists before objects.

Workspaces first, for everything else is listed in them; then all the rest at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import field
from time import monotonic
from typing import Any

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.declare.kind import Kind
from cozeops.declare.publication import Publication
from cozeops.declare.resource import Resource, published_by
from cozeops.declare.rows import publication_of
from cozeops.engine.model.live import Live, Remote, Snapshot
from cozeops.engine.observe.cache import Reader, scoped
from cozeops.engine.observe.lookup import Observer, parts_of
from cozeops.engine.observe.lookup_by_key import look_keyed
from cozeops.engine.observe.match import Match
from cozeops.engine.observe.threads import each, reading_workers, result_of, settle
from cozeops.engine.prior.freshness import unedited
from cozeops.errors import InvalidProject, NotFoundError, Problem
from cozeops.frozen import frozen
from cozeops.kinds import kinds
from cozeops.state.model import Record
from cozeops.values import MISSING, Json, Reference, dig

WORKERS = 16


@frozen
class Remembered:
    """What is known of resources before anything is read."""

    records: Mapping[Address, Record] = field(default_factory=dict)
    """What a state remembers."""
    traces: Mapping[Address, Record] = field(default_factory=dict)
    """What the journal remembers of creates."""
    trusted: Collection[Address] = ()
    """Those of which a record stands as long as their list entry did not move."""


def observe(
    resources: Iterable[Resource],
    remote: Remote,
    remembered: Remembered | None = None,
    *,
    project: Collection[Resource] = (),
    unread: Collection[Address] = (),
    meanwhile: Callable[[], object] = bool,
) -> Snapshot:
    """Read everything that planning these resources needs.

    `project` are all resources where these are a part: its channels are in scope too, and what it names is no
    stranger. Those in `unread` are only looked up: whoever writes them reads them just before.
    `meanwhile` is called while the first replies are under way.
    Raises InvalidProject when a name matches several live objects, AccessError, ApiError.
    """
    known = list(resources)
    reader, began = Reader(remote), monotonic()
    remembered = remembered or Remembered()
    kept, trusted = remembered.records, remembered.trusted
    observer = Observer(reader, channels_of(project or known), kept, traces=remembered.traces)
    scopes: dict[Address, str] = {}
    found: dict[Address, Match] = {}
    at = 0.0
    plain = [one for one in known if one.kind.lives and not one.kind.keyed]

    def look(one: Resource) -> Match:
        way = observer.identify if one.address in unread else observer.look
        return way(one, _scope_of(one, scopes))

    with reading_workers(WORKERS) as pool:
        me = pool.submit(reader.user)
        # A workspace that a state remembers is most likely there: nobody waits for the list that shows it.
        likely = {address: record.id for address, record in kept.items()}
        _begin_lists(plain, likely, observer, pool)
        # Not in this thread: an interrupt that comes in the middle of an import may be lost in there.
        beside = pool.submit(meanwhile)
        unchanged = {one.address for one in plain if one.address in trusted and unedited(one, kept)}
        for scoped in (False, True):
            batch = [one for one in plain if bool(one.kind.scope) is scoped]
            begun = _begin_lists(batch, scopes, observer, pool)
            result_of(beside)
            user = result_of(me)
            at = at or (remote.now() or 0.0) - (monotonic() - began)
            # What the lists say all about takes no request: threads would be in each other's way.
            if listed := [one for one in batch if one.address in unchanged]:
                settle(begun)
                lives = ((one.address, observer.unmoved(one, _scope_of(one, scopes))) for one in listed)
                found |= {address: Match(live) for address, live in lives if live}
            found |= _each([one for one in batch if one.address not in found], look, pool, WORKERS)
            scopes |= {address: one.live.id for address, one in found.items() if one.live}
        named, parts = _outsiders(known, scopes, reader, pool)
        occupied = _occupied(known, scopes, observer, pool)
        found |= _keyed(known, Snapshot(_live(found), named=named), observer, kept, pool)
    if problems := [one.problem for one in found.values() if one.problem]:
        raise InvalidProject(problems)
    return Snapshot(
        live=_live(found),
        user=user,
        at=at,
        absent=frozenset(address for address, one in found.items() if one.absent),
        unsure={address: one.unsure for address, one in found.items() if one.unsure},
        gone={address: one.instead for address, one in found.items() if one.gone},
        named=named,
        parts=parts,
        strangers=_strangers(plain, _claims(found, kept, known, project), scopes, observer),
        occupied=occupied,
        online=frozenset(_online(known, found, scopes, observer)),
    )


def _live(found: Mapping[Address, Match]) -> dict[Address, Live]:
    return {address: one.live for address, one in found.items() if one.live}


def _keyed(
    known: list[Resource],
    snapshot: Snapshot,
    observer: Observer,
    records: Mapping[Address, Record],
    pool: ThreadPoolExecutor,
) -> dict[Address, Match]:
    """What is found by its fields, now that the ids of what they name are known."""

    def look(one: Resource) -> Match:
        assert one.kind.keyed is not None
        record = records.get(one.address)
        id = one.id or (record.id if record else None)
        return look_keyed(one, one.kind.keyed, snapshot, observer.reader, id)

    batch = [one for one in known if one.kind.keyed]
    return dict(zip((one.address for one in batch), each(pool, look, batch), strict=True))


def _online(
    known: list[Resource], found: Mapping[Address, Match], scopes: Mapping[Address, str], observer: Observer
) -> Iterator[Address]:
    """Addresses that others need to be published, and are."""
    resources = {one.address: one for one in known}
    for address in {need for one in known for need in published_by(one)} & resources.keys():
        one, live = resources[address], found[address].live
        if live and observer.shown_on(one.kind, _scope_of(one, scopes), live.id):
            yield address


def _each(
    batch: list[Resource], look: Callable[[Resource], Match], pool: ThreadPoolExecutor, workers: int
) -> dict[Address, Match]:
    """Look each of them up, with a task per thread: a task per bot would take more room than the bot."""
    waiting = iter(batch)
    found: dict[Address, Match] = {}

    def task() -> None:
        try:
            for one in waiting:
                found[one.address] = look(one)
        except BaseException:
            deque(waiting, maxlen=0)  # nobody needs the rest
            raise

    for begun in [pool.submit(task) for _ in range(min(workers, len(batch)))]:
        result_of(begun)
    return {one.address: found[one.address] for one in batch}


def channels_of(resources: Iterable[Resource]) -> dict[Address, str]:
    """The project's own connectors: they are in scope of every publication."""
    return {one.address: one.id for one in resources if one.kind.name == "Connector" and one.id}


def _begin_lists(
    batch: list[Resource], scopes: Mapping[Address, str], observer: Observer, pool: ThreadPoolExecutor
) -> list[Future[Any]]:
    """Read the lists that looking up these resources needs at once, not each when the first one asks.

    Nobody waits for them here, and what goes wrong is told to whoever asks for what is in them.
    """
    listed = {
        (one.kind.name, scope): one.kind
        for one in batch
        if one.kind.listing and (one.kind.create or not one.id)
        if (scope := _scope_of(one, scopes)) or not one.kind.scope
    }
    begun: list[Future[Any]] = [
        pool.submit(observer.listed, kind, scope) for (_, scope), kind in listed.items()
    ]
    return begun + [
        pool.submit(observer.published, about, scope, connector)
        for scope, about in _publishing(batch, scopes).items()
        for connector in observer.in_scope(about)
    ]


def _outsiders(
    known: list[Resource], scopes: Mapping[Address, str], reader: Reader, pool: ThreadPoolExecutor
) -> tuple[dict[tuple[str, str, str], str], dict[str, Mapping[str, str]]]:
    """What references by name and into undeclared objects mean. Raises InvalidProject."""
    named: dict[tuple[str, str, str], str] = {}
    wanted: dict[tuple[str, str], tuple[Resource, tuple[str | int, ...]]] = {}
    unknown: dict[str, Problem] = {}
    for one in known:
        scope = _scope_of(one, scopes) or ""
        for path, ref in one.references:
            if ref.name:
                match _by_name(ref, scope, reader):
                    case str() as id:
                        named[ref.kind, scope, ref.name] = id
                    case (why, hint):
                        what = f"{one.address}: the {ref.kind} called {ref.name!r} {why}"
                        # A plugin is named once in the manifest, and once for each of its tools here.
                        unknown.setdefault(
                            what, Problem(Code.UNKNOWN_REFERENCE, what, hint, one.locate(path))
                        )
                        continue
            if ref.part and not ref.address:
                id = ref.id or named[ref.kind, scope, ref.name or ""]
                wanted.setdefault((ref.kind, id), (one, path))
    parts = dict(zip(wanted, each(pool, lambda key: _parts(key, reader), wanted), strict=True))
    problems = [_unseen(key, *wanted[key]) for key, found in parts.items() if found is None]
    if problems or unknown:
        raise InvalidProject([*unknown.values(), *problems])
    return named, {key[1]: found for key, found in parts.items() if found is not None}


def _unseen(key: tuple[str, str], resource: Resource, path: tuple[str | int, ...]) -> Problem:
    what = f"{resource.address}: there is no {' '.join(key)}, or the token does not see it"
    # Only here: to find a line, its file is parsed again.
    return Problem(Code.UNKNOWN_REFERENCE, what, "check the id", resource.locate(path))


def _parts(key: tuple[str, str], reader: Reader) -> Mapping[str, str] | None:
    """The named parts of an object that the project does not declare; None where there is no such object."""
    kind = kinds()[key[0]]
    try:
        return parts_of(kind, reader.get(kind.get, {kind.id: key[1]}) if kind.get else {})
    except NotFoundError:
        return None


def _by_name(ref: Reference, scope: str, reader: Reader) -> str | tuple[str, str]:
    """The id, or why there is none and what to do."""
    kind = kinds()[ref.kind]
    if not scope or kind.listing is None:
        return "cannot be looked up by name here", "write {id: ...}"
    items = reader.index(kind.listing, scoped(kind.listing.call, scope), kind.listed_name).get(
        ref.name or "", []
    )
    ids = [str(item[kind.listing.id]) for item in items]
    if len(ids) == 1:
        return ids[0]
    if not ids:
        return "is not in the workspace", "check the name, or write {id: ...}"
    return f"is the name of {len(ids)} objects", f"write {{id: ...}}: {', '.join(ids)}"


def _occupied(
    known: list[Resource], scopes: Mapping[Address, str], observer: Observer, pool: ThreadPoolExecutor
) -> dict[str, frozenset[str]]:
    wanted = _publishing(known, scopes)
    found = each(pool, lambda scope: observer.occupied(wanted[scope], scope), wanted)
    return dict(zip(wanted, found, strict=True))


def _publishing(known: list[Resource], scopes: Mapping[Address, str]) -> dict[str, Publication]:
    """The workspaces in which something says where it is published."""
    found: dict[str, Publication] = {}
    for one in known:
        scope, published = _scope_of(one, scopes), publication_of(one.kind)
        if scope and scope not in found and published and dig(one.values, published.row.path) is not MISSING:
            found[scope] = published.calls
    return found


@frozen
class _Claims:
    """What the project names, by id; where it was not looked up, by its name."""

    ids: frozenset[str]
    others: tuple[Resource, ...]
    """Resources of the project that were not looked up."""

    def strangers(
        self, kind: Kind, scope: str, items: Iterable[Json], scopes: Mapping[Address, str]
    ) -> tuple[tuple[str, str], ...]:
        """(id, name) of what is listed in a workspace, and nobody claims."""
        assert kind.listing is not None
        named = {
            one.name for one in self.others if one.kind is kind and (_scope_of(one, scopes) or "") == scope
        }
        listed = [item for item in items if kind.manageable(item)]
        pairs = ((str(item[kind.listing.id]), str(item.get(kind.listed_name) or "")) for item in listed)
        return tuple(pair for pair in pairs if pair[0] not in self.ids and pair[1] not in named)


def _claims(
    found: Mapping[Address, Match],
    records: Mapping[Address, Record],
    known: list[Resource],
    project: Collection[Resource],
) -> _Claims:
    chosen = {one.address for one in known}
    others = tuple(one for one in project if one.address not in chosen)
    ids = {one.live.id for one in found.values() if one.live} | {one.id for one in others if one.id}
    return _Claims(frozenset(ids | {record.id for record in records.values() if record.id}), others)


def _strangers(
    known: list[Resource], claims: _Claims, scopes: Mapping[Address, str], observer: Observer
) -> dict[tuple[str, str], tuple[tuple[str, str], ...]]:
    """What is listed where something could be created, and nobody claims."""
    listed = {
        (one.kind.name, scope): one.kind
        for one in known
        if one.kind.create and (scope := _scope_of(one, scopes) if one.kind.scope else "") is not None
    }
    return {
        (name, scope): claims.strangers(kind, scope, observer.listed(kind, scope or None).items, scopes)
        for (name, scope), kind in listed.items()
    }


def unmanaged(
    resources: Collection[Resource], snapshot: Snapshot, remote: Remote
) -> list[tuple[str, str, str]]:
    """(kind, id, name) of all that lives in the project's workspaces, and that no manifest names.

    `resources` are those of the whole project. What the snapshot has not listed is read. Raises ApiError.
    """
    known = dict(snapshot.strangers)
    scopes = {one.address: live.id for one in resources if (live := snapshot.live.get(one.address))}
    claims = _Claims(frozenset(one.id for one in resources if one.id), tuple(resources))
    homes = {(one.kind.name, scopes[one.address]) for one in resources if one.address in scopes}
    reader = Reader(remote)
    for home, scope in sorted(homes):
        for kind in kinds().values():
            listable = kind.scope == home and kind.create and kind.listing and not kind.keyed
            if listable and kind.listing and (kind.name, scope) not in known:
                items = reader.listing(kind.listing, scoped(kind.listing.call, scope)).items
                known[kind.name, scope] = claims.strangers(kind, scope, items, scopes)
    return [(kind, id, name) for (kind, _), pairs in known.items() for id, name in pairs]


def _scope_of(resource: Resource, scopes: Mapping[Address, str]) -> str | None:
    return scopes.get(resource.scope) if resource.scope else None
