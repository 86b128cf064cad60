"""Routes as rows of a table, and the call that an operation is given.

A family of resources is one module in `families/` with some of these names; nothing else needs to know it:

    TABLES     the TableSpecs it stores rows in
    ROUTES     its Routes
    SEEDS      its Seeds: sections of a seed file
    LISTENERS  what to do, outside the lock and after the commit, when an operation emitted an event
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, Protocol

from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from . import families
from .fields import Fields
from .options import Options
from .store import Bucket, Store, Table, TableSpec
from .wire import CozeError, Payload, Row, forbidden


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever holds the token: the user, and what the token opens."""

    user_id: str
    permissions: frozenset[str] | None
    workspaces: frozenset[str] | None
    read_only: bool
    privileged: bool = True  # whether enterprise operations take the token

    def may(self, permission: str) -> bool:
        """Whether the token has a permission point; None stands for all of them."""
        return self.permissions is None or permission in self.permissions

    def covers(self, workspace_id: str) -> bool:
        """Whether the token was granted a workspace; None stands for all of them."""
        return self.workspaces is None or workspace_id in self.workspaces


@dataclass(slots=True)
class Call:
    """One authorised and validated request, with the world it acts on."""

    route: Route
    path: Mapping[str, str]
    query: Row
    body: Row
    headers: Mapping[str, str]
    files: list[FileStorage]
    caller: Caller
    store: Store
    options: Options
    now: float
    lag: float = 0.0
    sleep: Callable[[float], None] = time.sleep
    prepared: Any = None
    events: list[tuple[str, Row]] = field(default_factory=list)

    @property
    def seconds(self) -> int:
        """The time as the API writes it."""
        return int(self.now)

    def listed(self, table: str) -> Table:
        """Return a table as listings see it: they may lag behind the writes."""
        return self.store.past(table, self.now - self.lag) if self.lag else self.store[table]

    def bucket(self, table: str, index: str, key: Any) -> Bucket:
        """Return the rows of one index key as listings see them."""
        return self.listed(table).where(index, key)

    def require(self, permission: str) -> None:
        """Refuse a token that lacks a further permission point."""
        if not self.caller.may(permission):
            raise forbidden(f"The token lacks the permission {permission}")

    def emit(self, event: str, **facts: Any) -> None:
        """Tell the listeners of a family, once the call has been committed."""
        self.events.append((event, facts))


Operation = Callable[[Call], Payload]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A documented limit that the operations of one `bucket` share: per second, or one at a time."""

    bucket: str
    qps: float | None = None
    serial: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One operation: where it is, who may call it, what it accepts, what it does."""

    method: str
    path: str
    operation: str
    permission: str | None
    run: Operation
    query: Fields = field(default_factory=dict)
    body: Fields | None = None
    multipart: bool = False
    reads: bool = False  # a POST that changes nothing
    limit: Limit | None = None
    prepare: Callable[[Call], Any] | None = None  # runs outside the lock, before: for what may take long
    public: bool = False  # needs no token (the OAuth endpoints)

    @property
    def writes(self) -> bool:
        """Whether a read-only token is refused."""
        return self.method != "GET" and not self.reads


@dataclass(frozen=True, slots=True)
class Seed:
    """A section of a seed file: the accepted fields of an entry and how one becomes rows."""

    section: str
    fields: Fields
    plant: Callable[[Planting, Row], None]
    order: int = 50


class Planting(Protocol):
    """What planting a seed needs of the emulator."""

    store: Store
    options: Options

    @property
    def seconds(self) -> int:
        """The time."""


class Listener(Protocol):
    """Reacts to an event, outside the lock."""

    def __call__(self, host: Any, event: str, facts: Row, /) -> None: ...


def modules() -> Iterator[ModuleType]:
    """Import every family: a file in `families/` is all that it takes to add one."""
    for info in sorted(iter_modules(families.__path__), key=lambda info: info.name):
        yield import_module(f"{families.__name__}.{info.name}")


class Registry:
    """All families put together."""

    def __init__(self) -> None:
        found = list(modules())
        self.tables: list[TableSpec] = [spec for module in found for spec in getattr(module, "TABLES", ())]
        self.routes: list[Route] = [route for module in found for route in getattr(module, "ROUTES", ())]
        self.seeds: list[Seed] = sorted(
            (seed for module in found for seed in getattr(module, "SEEDS", ())), key=lambda seed: seed.order
        )
        self.listeners: dict[str, list[Listener]] = {}
        for module in found:
            for event, listener in getattr(module, "LISTENERS", {}).items():
                self.listeners.setdefault(event, []).append(listener)
        rules = [_rule(route) for route in self.routes]
        # no redirects: an API path is exactly itself
        self._map = Map(rules, merge_slashes=False, redirect_defaults=False, strict_slashes=True)
        self._map.update()
        self._adapter = self._map.bind("127.0.0.1")

    def match(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """Find the route of a request; an unknown path is HTTP 404 with code 4000."""
        try:
            route, values = self._adapter.match(path, method)
        except HTTPException:
            raise CozeError(
                4000, f"The requested API path {method} {path} does not exist", status=404
            ) from None
        return route, dict(values)


@cache
def registry() -> Registry:
    """Return all families put together; they never change."""
    return Registry()


def _rule(route: Route) -> Rule:
    path = route.path.replace("{", "<").replace("}", ">")
    return Rule(path, methods=[route.method], endpoint=route)
