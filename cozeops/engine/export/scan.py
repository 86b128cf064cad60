"""Reading whole workspaces for `export`: everything in them that a manifest can describe, whoever made it.

What the token may not see is left out and said; a server that does not answer ends it, for half a workspace
would look like a whole one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from cozeops.address import Address
from cozeops.declare.calls import Call, Page, Path
from cozeops.declare.codec import can_have, decode
from cozeops.declare.kind import Keyed, Kind
from cozeops.declare.resource import Resource
from cozeops.declare.rows import Row, publication_of, rows_of
from cozeops.engine.diff.publication import publishing
from cozeops.engine.export.manifest_values import readable, refers_to
from cozeops.engine.export.names import age
from cozeops.engine.model.live import Live
from cozeops.engine.observe.cache import Reader, scoped
from cozeops.engine.observe.lookup import Observer
from cozeops.engine.observe.snapshot import WORKERS
from cozeops.engine.observe.threads import each, reading_workers
from cozeops.errors import ApiError, DeniedError, IncompleteError, NotFoundError, OddReplyError
from cozeops.frozen import frozen
from cozeops.kinds import kinds
from cozeops.values import Json, Reference, put

WORKSPACE, ENTERPRISE = "Workspace", "EnterpriseMembers"
_FOLDER = Call("getFolder", "GET", "/v1/folders/{folder_id}")
_ROOT = "0"
"""What some replies have for the folder of what is in none."""
_DEEPEST = 20
"""Folders in folders: far more than people make, lest a circle of them never ends."""
_FORBIDDEN, _HTTP_FORBIDDEN = 4101, 403
"""What concerns one object; a token that is refused itself has other codes."""


Ids = Set[tuple[str, str]]
"""(kind, id) of live objects."""


@frozen
class Place:
    """A workspace that the token sees."""

    id: str
    name: str
    enterprise: str = ""
    """The id of the enterprise that it belongs to (empty: none, or Coze does not say)."""


@frozen
class ScannedObject:
    """A live object, read as far as it can be."""

    kind: Kind
    id: str
    name: str
    scope: str
    """The id of its workspace; empty for what lives in none."""
    live: Live
    unread: tuple[tuple[str, str], ...] = ()
    """Labels of what was refused, each with the reason."""
    behind: str = ""
    """Why users do not see the draft (empty: they do, or it is published nowhere that is looked at)."""
    folders: tuple[str, ...] = ()
    """The names of the folders that it is in, from the outermost."""

    @property
    def told_id(self) -> str:
        """The id, where Coze tells it: otherwise `id` is what the object is about."""
        return self.id if _is_id(self.id) or not self.kind.keyed else ""


@frozen
class Skipped:
    """What is not exported, and why. Without an id: a whole list."""

    kind: str
    id: str
    name: str
    scope: str
    reason: str


@frozen
class Survey:
    """Everything that was read, in a stable order."""

    found: tuple[ScannedObject, ...]
    skipped: tuple[Skipped, ...]


@frozen
class _Listed:
    kind: Kind
    id: str
    name: str
    scope: str
    item: Json


@dataclass(slots=True)
class _Notes:
    skipped: list[Skipped] = field(default_factory=list)

    def skip(self, one: _Listed, reason: str) -> None:
        self.skipped.append(Skipped(one.kind.name, one.id, one.name, one.scope, reason))


def places(reader: Reader) -> tuple[Place, ...]:
    """The workspaces that the token sees, oldest first. Raises AccessError, ApiError."""
    reader.user()
    kind = kinds()[WORKSPACE]
    assert kind.listing
    items = reader.listing(kind.listing, {}).items
    found = (
        Place(
            str(item[kind.listing.id]),
            str(item.get(kind.listed_name) or ""),
            str(item.get("enterprise_id") or ""),
        )
        for item in items
    )
    return tuple(sorted(found, key=lambda one: age(one.id)))


def survey(
    reader: Reader,
    chosen: Iterable[Place],
    *,
    account: bool = False,
    only: Ids | None = None,
    known: Ids = frozenset(),
) -> Survey:
    """Read these workspaces, what is in them, and what that refers to. Raises ApiError.

    `account`: also what lives in no workspace. `only`: of what is listed, these are read (None: all);
    `known`: these need not be, whatever refers to them.
    """
    notes, observer = _Notes(), Observer(reader)
    homes = list(chosen)
    wanted = [*_lists([one.id for one in homes], account=account)]
    wanted += _enterprise_lists({one.enterprise for one in homes if one.enterprise}) if account else ()
    with reading_workers(WORKERS) as pool:
        lists = each(pool, lambda what: _listed(reader, what, notes), wanted)
        listed = [one for some in lists for one in some]
        listed += _enterprises(listed)
        if only is not None:
            listed = [one for one in listed if (one.kind.name, one.id) in only]
        found = list(_read_all(observer, listed, notes, pool))
        named = list(_referred(found, known, reader, notes, pool))
        found += _read_all(observer, named, notes, pool)
    return Survey(
        tuple(sorted(found, key=lambda one: (one.kind.name, age(one.id)))),
        tuple(sorted(notes.skipped, key=lambda one: (one.scope, one.kind, age(one.id), one.reason))),
    )


def _lists(homes: list[str], *, account: bool) -> Iterator[tuple[Kind, str]]:
    """What is listed: the workspaces, and each kind in them or beside them that cozeops could have made."""
    for kind in kinds().values():
        if not (kind.listing and kind.create) or kind.name == WORKSPACE:
            continue
        if kind.scope == WORKSPACE:
            yield from ((kind, home) for home in homes)
        elif account and not kind.scope:
            yield kind, ""
    yield from ((kinds()[WORKSPACE], home) for home in homes)


def _enterprise_lists(enterprises: Iterable[str]) -> Iterator[tuple[Kind, str]]:
    """What is listed in the enterprises that the workspaces belong to."""
    for kind in kinds().values():
        if kind.scope == ENTERPRISE and kind.listing:
            yield from ((kind, one) for one in sorted(enterprises))


def _enterprises(listed: Iterable[_Listed]) -> list[_Listed]:
    """The enterprises that something was found in: no list has them."""
    homes = sorted({one.scope for one in listed if one.kind.scope == ENTERPRISE})
    return [_Listed(kinds()[ENTERPRISE], home, "enterprise", "", {}) for home in homes]


def _listed(reader: Reader, what: tuple[Kind, str], notes: _Notes) -> list[_Listed]:
    kind, home = what
    page = kind.listing
    assert page
    everything = _Listed(kind, "", "", home, {})
    if kind.keyed:
        return _listed_by_key(reader, kind, kind.keyed, page, notes)
    try:
        listing = reader.listing(page, scoped(page.call, home))
    except ApiError as error:
        # Most tokens are not for an enterprise: that is no reason to export nothing.
        mild = kind.plane == "enterprise" and error.code
        notes.skip(everything, f"{error.operation}: refused (code {error.code})" if mild else _refusal(error))
        return []
    if page.total and not listing.complete:
        notes.skip(everything, "the list has gaps: some may be missing here")
    scope = home if kind.scope else ""
    found = (
        _Listed(kind, str(item[page.id]), str(item.get(kind.listed_name) or ""), scope, item)
        for item in listing.items
    )
    return [one for one in found if kind.scope or home in ("", one.id)]


def _listed_by_key(reader: Reader, kind: Kind, keyed: Keyed, page: Page, notes: _Notes) -> list[_Listed]:
    """All of a kind whose list may have neither names nor ids."""
    try:
        items = [item for asked in keyed.everywhere for item in reader.listing(page, asked).items]
    except ApiError as error:
        notes.skip(_Listed(kind, "", "", "", {}), _refusal(error))
        return []
    called = [(item, keyed.key(item)) for item in items]
    return [_Listed(kind, str(item.get(page.id) or name), name, "", item) for item, name in called]


def _read_all(
    observer: Observer, listed: Iterable[_Listed], notes: _Notes, pool: ThreadPoolExecutor
) -> Iterator[ScannedObject]:
    for one in each(pool, lambda one: _read(observer, one, notes), listed):
        if one:
            yield one


def _read(observer: Observer, one: _Listed, notes: _Notes) -> ScannedObject | None:
    kind = one.kind
    if kind.keyed:
        return ScannedObject(kind, one.id, one.name, "", Live(one.id, fields=decode(kind, one.item)))
    if kind.listing and not _is_id(one.id):
        notes.skip(one, "its id is not a number")
        return None
    try:
        wire = observer.reader.get_own(kind.get, {kind.id: one.id}) if kind.get else one.item
        reason = kind.foreign(wire)
        if reason:
            notes.skip(one, reason)
            return None
        live, unread = _live(observer, one)
        folders = _folders(observer.reader, str(wire.get(kind.folder) or ""), unread)
    except ApiError as error:
        notes.skip(one, _refusal(error))
        return None
    return ScannedObject(kind, one.id, one.name, one.scope, live, tuple(unread), _behind(kind, live), folders)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _folders(reader: Reader, id: str, unread: list[tuple[str, str]]) -> tuple[str, ...]:
    """The names of a folder and of those around it; refused: none, and why."""
    names: list[str] = []
    try:
        while id not in ("", _ROOT) and len(names) < _DEEPEST:
            folder = reader.get(_FOLDER, {"folder_id": id})
            names.insert(0, str(folder.get("name") or id))
            id = str(folder.get("parent_folder_id") or "")
    except ApiError as error:
        unread.append(("folder", _refusal(error)))
        return ()
    return tuple(names)


def _live(observer: Observer, one: _Listed) -> tuple[Live, list[tuple[str, str]]]:
    """The object with all that lives beside it and may be read. Raises ApiError."""
    unread: list[tuple[str, str]] = []
    asked: dict[Path, Any] = {}
    fields = observer.read(_resource(one, {}), one.scope or None, one.id).fields
    for row in rows_of(one.kind):
        probe = _probe(row)
        if probe is None or not (row.publication or can_have(one.kind, row, fields)):
            continue
        try:
            observer.read(_resource(one, {row.path: probe}), one.scope or None, one.id)
            asked[row.path] = probe
        except ApiError as error:
            unread.append((row.label, _refusal(error)))
    return observer.read(_resource(one, asked), one.scope or None, one.id), unread


def _refusal(error: ApiError) -> str:
    """Why one thing could not be read, in words that stay the same; what concerns all is raised again."""
    if isinstance(error, NotFoundError):
        return f"{error.operation}: it is absent, or this token does not see it (code {error.code})"
    if isinstance(error, DeniedError) and (error.code == _FORBIDDEN or error.status == _HTTP_FORBIDDEN):
        return f"{error.operation}: this token may not (code {error.code})"
    if isinstance(error, IncompleteError):
        return f"{error.operation}: the pages of the list do not add up"
    if isinstance(error, OddReplyError):
        return f"{error.operation}: the reply is not of the shape that the API describes"
    raise error


def _probe(row: Row) -> Any:
    """The value that makes an observer look at what lives beside the object."""
    if row.collection and row.collection.listed:
        return []
    if row.publication:
        uses = [{"connector": Reference("Connector", id=id)} for id in row.publication.builtin.values()]
        return {"connectors": uses}
    return None


def _resource(one: _Listed, values: Mapping[Path, Any]) -> Resource:
    asked: Json = {}
    for path, value in values.items():
        put(asked, path, value)
    return Resource(Address(one.kind.name, one.id), one.kind, one.name, asked)


def _behind(kind: Kind, live: Live) -> str:
    publication = publication_of(kind)
    if not publication or not live.channels:
        return ""
    names = {id: name for name, id in publication.calls.builtin.items()}
    return publishing(kind, tuple(sorted(live.channels)), live, names, draft_changes=False).reason


def _referred(
    found: Iterable[ScannedObject], there: Ids, reader: Reader, notes: _Notes, pool: ThreadPoolExecutor
) -> Iterator[_Listed]:
    """What is referred to and in no list: plugins, workflows."""
    known = {(one.kind.name, one.id) for one in found} | set(there)
    wanted: dict[tuple[str, str], str] = {}
    for one in found:
        for ref in refers_to(one.kind, readable(one.kind, one.live)):
            kind = kinds()[ref.kind]
            if ref.id and kind.get and (ref.kind, ref.id) not in known:
                scope = one.scope if kind.scope else ""
                wanted[ref.kind, ref.id] = min(wanted.get((ref.kind, ref.id), scope), scope, key=age)

    def look(key: tuple[str, str]) -> _Listed | None:
        kind = kinds()[key[0]]
        assert kind.get
        one = _Listed(kind, key[1], "", wanted[key], {})
        try:
            wire = reader.get(kind.get, {kind.id: key[1]})
        except ApiError as error:
            notes.skip(one, _refusal(error))
            return None
        return _Listed(kind, key[1], str(wire.get(kind.listed_name) or ""), wanted[key], wire)

    yield from (one for one in each(pool, look, sorted(wanted)) if one)
