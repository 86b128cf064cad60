"""Lists of things that live beside an object and have calls of their own: documents, members, voices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cozeops.declare.calls import Call, Page, Path
from cozeops.frozen import frozen
from cozeops.values import Json


@frozen
class Item:
    """One live item of a collection: its key, id (empty: it has none), comparable fields, readiness.

    `protected` names why it must never be removed (empty: it may).
    """

    key: str
    id: str
    fields: Json
    ready: bool = True
    failed: bool = False
    stamp: int = 0
    protected: str = ""
    uploaded: bool = True
    """Whether it came from a file (a web page did not)."""

    def __post_init__(self) -> None:
        """Raise TypeError for what a reply of another shape would make of it."""
        if not (isinstance(self.key, str) and isinstance(self.id, str) and isinstance(self.stamp, int)):
            raise TypeError("the key and the id of an item are text, its stamp is a number")


@frozen
class Receiver:
    """A removal names who gets the resources of who leaves: a field of the spec, and a parameter."""

    field: str
    parameter: str


@frozen
class Listed:
    """How live items are read: a listing, and its entries."""

    page: Page
    decode: Callable[[Json], Item]
    alias: Callable[[str], str] = lambda key: key
    """Another key under which a live item may stand for a desired one."""


@frozen
class Adding:
    """How items are added, and what they are made from."""

    call: Call
    encode: Callable[[Sequence[Json], Json], Json]
    """(items, the object's declared values) -> parameters of the call beside the object's id."""
    batch: int = 1
    """The most items in a request."""
    weight: Callable[[Any], int] = lambda item: 0
    """About how many bytes of the body an item takes, where they may be more than a request can have."""
    group: Callable[[Any], str] = lambda item: ""
    """Items of different groups may not share a request."""
    uploads: bool = False
    """Whether the files of items go through `uploadFile` first."""
    made: Path = ()
    """Where the reply lists what it made; `Listed.decode` reads an entry."""
    refused: Callable[[Json], Mapping[str, str]] = lambda payload: {}
    """The items that a successful reply nevertheless refused, each with the reason."""
    invited: Callable[[Json], set[str]] = lambda payload: set()
    """The items that a reply says are there once somebody accepts."""
    first: bool = False
    """Whether new items come before old ones go (documents), or after (collaborators)."""


@frozen
class Changing:
    """How an item is changed in place. What it cannot change is changed by removing and adding."""

    call: Call
    encode: Callable[[Item, Json, Json], Json]
    """(live item, desired item, declared values) -> parameters of the call."""
    fields: frozenset[str]
    """The fields that it can change; with the name of the content, also that."""
    never: Callable[[Item, Any], str] = lambda live, item: ""
    """(live item, desired item) -> why the one can never become the other (empty: it can)."""


@frozen
class Removal:
    """How items are removed, who gets what they leave, and what is lost by it."""

    call: Call
    encode: Callable[[Sequence[Item]], Json]
    batch: int = 1
    last: bool = False
    """Whether items go when all else is done: what needs the object must let go of them first."""
    receiver: Receiver | None = None
    """Who gets the resources of a removed item, where the call asks."""
    heir: str = ""
    """Who gets them, where it does not (empty: nobody owns anything)."""
    loses: str = ""
    """What an item that was removed does not have when it is added again (empty: nothing is lost)."""
    replacing: str = ""
    """Why nothing should be replaced without a question (empty: it may)."""


@frozen
class Content:
    """What of a live item cannot be read back, such as its file."""

    name: str
    of: Callable[[Any], Any]
    """That part of a desired item, as it is remembered."""


@frozen
class Readiness:
    """How to ask whether added items are ready: they are processed for a while."""

    call: Call
    """Its payload is a list."""
    ids: str
    """The parameter that takes the ids of the items."""
    decode: Callable[[Json], Item]
    """An entry of the reply, read."""


@frozen
class Export:
    """How a manifest lists live items."""

    write: Callable[[Item, str], Any]
    """(live item, the path of its file) -> the entry; None: that cannot be told."""
    types: frozenset[str] = frozenset()
    """The types of files that items are made from."""


@frozen
class Collection:
    """A list of things that live beside the object and have calls of their own.

    The written list is the whole truth. An item that differs is changed in place when `change` can,
    else it is replaced. A part that is None does not exist: nothing can be removed, say.
    """

    add: Adding
    remove: Removal | None = None
    change: Changing | None = None
    listed: Listed | None = None
    """None: what is there cannot be read back."""
    key: Callable[[Any], str] = str
    """What names a desired item among its siblings."""
    compare: Callable[[Any, Json], Json] = lambda item, values: {}
    """(desired item, the object's declared values) -> the fields that a live item must have."""
    content: Content | None = None
    """None: everything can be read back."""
    keeps: Callable[[Any], bool] | None = None
    """Whether a desired item names no source: it keeps what is there, whatever is in it. None: none may."""
    readiness: Readiness | None = None
    """None: added items are there at once."""
    export: Export | None = None
    shared: str = ""
    """The group of the spec that applies to every item, such as `chunking`; `Item.fields` has it too."""
    created_with: str = ""
    """The field of the spec whose item is there as soon as the object is created."""
    after: str = ""
    """The kind whose items of the same keys must be there first."""
    seen_in_publications: bool = False
    """Items are connectors: one that a bot of the scope is published on is certainly there."""

    def is_kept(self, item: Any) -> bool:
        """Whether a desired item only keeps what is there."""
        return self.keeps is not None and self.keeps(item)

    def changes(self, name: str) -> bool:
        """Whether a field, or the content by its name, is changed in place."""
        return self.change is not None and name in self.change.fields
