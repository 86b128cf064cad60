"""The live side as one run saw it: frozen, and only what the manifests claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, BinaryIO, Protocol

from cozeops.address import Address
from cozeops.declare.calls import Call, Page, Path
from cozeops.declare.codec import Fields
from cozeops.declare.collections import Item
from cozeops.declare.resource import Resource
from cozeops.frozen import frozen
from cozeops.values import Json, Reference, Unknown


class Reply(Protocol):
    """What came back from one call."""

    @property
    def payload(self) -> Any:
        """What the call is for."""

    @property
    def log_id(self) -> str:
        """What Coze's support asks for."""

    @property
    def already(self) -> bool:
        """Whether it was as it should be before: nothing was written."""


class Listing(Protocol):
    """What came back from all pages of a list."""

    @property
    def items(self) -> tuple[Json, ...]:
        """Distinct items."""

    @property
    def complete(self) -> bool:
        """Whether nothing is missing from it."""

    @property
    def log_id(self) -> str:
        """What Coze's support asks for, of the page that came last."""


class Remote(Protocol):
    """The live side. The engine knows no more of it than this."""

    def send(
        self, call: Call, params: Mapping[str, Any], *, upload: tuple[str, bytes | BinaryIO] | None = None
    ) -> Reply:
        """Make one call. Raises ApiError."""

    def listing(self, page: Page, params: Mapping[str, Any], *, likely: int = 0) -> Listing:
        """Read all pages, at once those that `likely` items are on. Raises ApiError."""

    def now(self) -> float | None:
        """The time on the server (Unix seconds): it is at least so late. None before the first reply."""

    def latest(self) -> float | None:
        """The same: it is at most so late."""


@frozen
class Live:
    """One object as it is on Coze."""

    id: str
    fields: Fields = field(default_factory=dict)
    items: Mapping[Path, tuple[Item, ...]] = field(default_factory=dict)
    """Collections that were read."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """Named parts, such as tools: name -> id."""
    channels: Mapping[str, int] = field(default_factory=dict)
    """Connectors in scope that it is published on: id -> when (Unix seconds)."""
    published: Fields | None = None
    """The published copy, where it had to be read and could be."""
    edited: int = 0
    """When the draft was edited last (Unix seconds; 0: unknown)."""
    owner: str = ""
    """The id of the user who owns it (empty: unknown)."""
    role: str = ""
    """What the token's user is in it (empty: unknown)."""
    unmoved: bool = False
    """The list says that it is as it was applied last: nothing more was read."""


@frozen
class Snapshot:
    """Everything that was read for a plan."""

    live: Mapping[Address, Live]
    user: str = ""
    """The id of the token's user."""
    at: float = 0.0
    """When reading began (Unix seconds of the server, at the earliest; 0: unknown)."""
    absent: frozenset[Address] = frozenset()
    """Addresses that a complete listing does not have (so they may be created)."""
    unsure: Mapping[Address, str] = field(default_factory=dict)
    """Addresses that were not found, and why that proves nothing."""
    gone: Mapping[Address, str] = field(default_factory=dict)
    """Of those: what was remembered and is gone -> the id of what has its name now (empty: nothing has)."""
    named: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    """(kind, scope id, name) -> id, for references by name."""
    parts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Id -> its named parts, for references into objects that the project does not declare."""
    strangers: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """(kind, scope id) -> (id, name) of listed objects that no address claims."""
    occupied: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Scope id -> the connectors that something in it is published on."""

    online: frozenset[Address] = frozenset()
    """Addresses that others need to be published somewhere, and are."""

    def home_id(self, resource: Resource) -> str | None:
        """The id of the workspace that a resource lives in; None while that does not exist."""
        home = self.live.get(resource.scope) if resource.scope else None
        return home.id if home else None

    def must_stay(self, item: Item) -> bool:
        """Whether an item is never removed: the owner of a workspace, the token's own user."""
        return bool(item.protected) or item.key == self.user

    def id_of(self, ref: Reference, scope: str) -> str | Unknown:
        """The id that a reference stands for."""
        if ref.id:
            return ref.id
        if ref.address:
            found = self.live.get(ref.address)
            return found.id if found else Unknown(ref.address)
        return self.named[ref.kind, scope, ref.name or ""]

    def part_of(self, ref: Reference, scope: str) -> Mapping[str, str]:
        """The named parts of what a reference stands for."""
        if ref.address:
            found = self.live.get(ref.address)
            return found.parts if found else {}
        return self.parts.get(str(self.id_of(ref, scope)), {})
