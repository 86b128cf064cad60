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
class Collection:
    """A list of things that live beside the object and have calls of their own.

    The written list is the whole truth. An item that differs is changed in place when `change` can,
    else it is replaced.
    """

    add: Call
    remove: Call | None
    encode_add: Callable[[Sequence[Json], Json], Json]
    """(items, the object's declared values) -> parameters of `add` beside the object's id."""
    encode_remove: Callable[[Sequence[Item]], Json] = lambda items: {}
    listing: Page | None = None
    """None: what is there cannot be read back."""
    decode: Callable[[Json], Item] | None = None
    key: Callable[[Any], str] = str
    """What names a desired item among its siblings."""
    alias: Callable[[str], str] = lambda key: key
    """Another key under which a live item may stand for a desired one."""
    compare: Callable[[Any, Json], Json] = lambda item, values: {}
    """(desired item, the object's declared values) -> the fields that a live item must have."""
    change: Call | None = None
    encode_change: Callable[[Item, Json, Json], Json] | None = None
    """(live item, desired item, declared values) -> parameters of `change`."""
    in_place: frozenset[str] = frozenset()
    """Fields that `change` can change; with the name of what is `opaque`, also that."""
    group: Callable[[Any], str] = lambda item: ""
    """Items of different groups may not share a request."""
    uploads: bool = False
    """Whether the files of items go through `uploadFile` first."""
    add_batch: int = 1
    remove_batch: int = 1
    add_first: bool = False
    """Whether new items come before old ones go (documents), or after (collaborators)."""
    progress: Call | None = None
    """How to ask whether added items are ready (payload: a list); None: they are at once."""
    progress_of: str = ""
    """The parameter of `progress` that takes the ids of the items."""
    progressed: Callable[[Json], Item] | None = None
    """An entry of the reply to `progress`, read."""
    refused: Callable[[Json], Mapping[str, str]] = lambda payload: {}
    """The items that a successful reply nevertheless refused, each with the reason."""
    invited: Callable[[Json], set[str]] = lambda payload: set()
    """The items that a reply says are there once somebody accepts."""
    added: Path = ()
    """Where the reply to `add` lists what it made; `decode` reads an entry."""
    shared: str = ""
    """The group of the spec that applies to every item, such as `chunking`; `Item.fields` has it too."""
    destructive_change: str = ""
    """Why replacing an item loses something (empty: it does not)."""
    lost_by_removal: str = ""
    """What an item that was removed does not have when it is added again (empty: nothing is lost)."""
    unchangeable: Callable[[Item, Any], str] = lambda live, item: ""
    """(live item, desired item) -> why the one can never become the other (empty: it can)."""
    created_with: str = ""
    """The field of the spec whose item is there as soon as the object is created."""
    receiver: Receiver | None = None
    """Who gets the resources of a removed item, where the call asks."""
    heir: str = ""
    """Who gets them, where it does not (empty: nobody owns anything)."""
    remove_last: bool = False
    """Whether items go when all else is done: what needs the object must let go of them first."""
    after: str = ""
    """The kind whose items of the same keys must be there first."""
    opaque: str = ""
    """What of a live item cannot be read back, such as its content (empty: everything can)."""
    content: Callable[[Any], Any] | None = None
    """The opaque part of a desired item, as it is remembered."""
    written: Callable[[Item, str], Any] | None = None
    """(live item, the path of its file) -> what a manifest lists for it; None: that cannot be told."""
    takes: frozenset[str] = frozenset()
    """The types of files that items are made from."""
    seen_in_publications: bool = False
    """Items are connectors: one that a bot of the scope is published on is certainly there."""
