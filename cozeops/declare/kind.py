"""The words in which a kind is declared: its fields, where they stand on the wire, what the API can do.

A kind is data. One `Annotated` row per field says everything that cozeops knows about it: the JSON
Schema, the reading and the writing, the comparison, the redaction and the edges between resources are
all read off that row. This module knows no HTTP, no YAML and no terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from enum import Enum, auto
from typing import Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict

from cozeops.frozen import frozen
from cozeops.values import Json

Path = tuple[str, ...]
Edition = Literal["free", "pro_personal", "team", "enterprise"]
EDITIONS: Final = get_args(Edition)
"""What an account can be, from the least to the most."""


class Spec(BaseModel):
    """The body of a manifest, or a group of fields inside it. Absent fields are not managed.

    `None` as a default stands for "absent"; a written `null` is refused before it gets here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


# ---------------------------------------------------------------------------------------------- calls


@frozen
class Call:
    """One operation of the API. Parameters named in `path` go there, others to the query or the body."""

    operation: str
    """The operationId of the contract."""
    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """Parameters that are the same in every call."""
    headers: Mapping[str, str] = field(default_factory=dict)
    payload: Path = ("data",)
    """Where in the reply the payload stands; () = the reply itself."""
    query: tuple[str, ...] = ()
    """Parameters that go to the query although there is a body."""
    scope: str = ""
    """The parameter that takes the id of the workspace (or other scope) the object lives in."""
    names_object: bool = False
    """Whether the body has the object's id (a call with the id in its path has it anyway)."""
    result: Path = ()
    """Where in the payload a create puts the new id."""
    or_result: Path = ()
    """Where some replies put it instead."""
    repeatable: bool = False
    """Whether sending it twice does the same as sending it once (reads always are)."""
    already: frozenset[int] = frozenset()
    """Error codes that mean "it is as you want it": added twice, removed twice."""
    file: str = ""
    """The parameter that is a file of the project; the request is then a multipart form."""
    edition: Edition = "free"
    """The least edition of the account that may make it."""
    role: Literal["", "admin"] = ""
    """What its caller must be in the workspace (an owner is an admin; empty: a member)."""

    @property
    def reads(self) -> bool:
        """Whether the call changes nothing on Coze."""
        return self.method == "GET" or self.repeatable


@frozen
class Page:
    """A listing in pages, in one of Coze's styles: a total, a has_more flag, or page tokens."""

    call: Call
    items: Path
    id: str
    """The key of an item that is its id."""
    size: int
    """The most items per page that Coze documents."""
    larger: int = 0
    """Asked for first where no limit is documented; a server may answer less, or refuse it."""
    total: Path = ()
    more: Path = ()
    number: str = "page_num"
    per_page: str = "page_size"
    key: Callable[[Json], str] | None = None
    """What tells items apart where their id may be missing."""
    confirm: bool = False
    """Whether it is read twice: a list without a total proves nothing else, and what it lacks is created."""


@frozen
class Upload:
    """Files are sent with this multipart call first; what it returns stands where the file stood."""

    call: Call


UPLOAD: Final = Upload(Call("uploadFile", "POST", "/v1/files/upload", result=("id",), repeatable=True))

# --------------------------------------------------------------------------------------------- traits


class Is(Enum):
    """Facts about a field that need no argument."""

    __hash__ = object.__hash__  # each is there once; Enum would hash its name every time

    TEXT = auto()
    """Long text: line ends do not count, shown as a unified diff, may come from files and prompts."""
    UNORDERED = auto()
    """A list whose order means nothing."""
    SECRET = auto()
    """Never shown, never logged, never stored: `${env:NAME}` in a manifest, a keyed digest in a state."""
    GENERATED = auto()
    """Made by Coze and never sent: what a manifest says is what somebody else was told, and is compared."""
    FIXED = auto()
    """Set at creation, readable, and never changed afterwards."""
    DEFINING = auto()
    """Set at creation and part of what the object is: an export has it, although nobody can change it."""
    NEEDED_TO_CREATE = auto()
    """Optional for an object that exists; a new one cannot be made without it."""
    NEEDED_TO_UPDATE = auto()
    """Nothing of an object can be changed without it."""
    PASSING = auto()
    """Looked at while the call is made, and not kept: no later write resets it."""
    OUTSIDE = auto()
    """Not sent with the object: a collection beside it reads this field."""


class Unreadable(Enum):
    """What `decode` gives for a field whose value the reply does not tell."""

    UNREADABLE = auto()


UNREADABLE: Final = Unreadable.UNREADABLE


class Inherit(Enum):
    """What a place on the wire is called where nothing else is said."""

    OWN_NAME = auto()


OWN_NAME: Final = Inherit.OWN_NAME


@frozen
class Wire:
    """Where a field stands on the wire, below the place of the group that it is in.

    Dots part keys and `*` maps over a list. `read` is the same place unless it is given; it may list
    alternatives, the first that is there wins; `read=None` is a field that cannot be read back.
    """

    write: str | Inherit = OWN_NAME
    read: str | Sequence[str] | Inherit | None = OWN_NAME
    on_create: bool = True
    on_update: bool = True


@frozen
class Absent:
    """What it means that a reply does not have the field: this value (UNREADABLE: nothing is known).

    Without this trait an absent text, list or map is empty, and anything else is unset.
    """

    value: Any


@frozen
class Convert:
    """Pure functions between the value in a spec and the value on the wire."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


def codes(table: Mapping[Any, Any]) -> Convert:
    """Words in the spec for codes on the wire. A code that nobody knows is shown as it came."""
    back = {code: word for word, code in table.items()}
    return Convert(encode=lambda word: table.get(word, word), decode=lambda code: back.get(code, code))


@frozen
class Ref:
    """The field names resources of another kind: by `metadata.name`, `{id: ...}` or `{name: ...}`."""

    kind: str
    builtin: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Names that need no resource, with their ids on Coze."""
    ids: bool = False
    """Whether a text of digits that names no resource is an id on Coze."""


@frozen
class Size:
    """Limits of Coze, checked offline: characters of a text, items of a list."""

    most: int
    least: int = 0


@frozen
class File:
    """The field is a path; the file itself is sent. `glob`: the path may match many files."""

    upload: bool = True
    """Whether it goes through `uploadFile` first, or inside the request."""
    glob_for: str = ""
    """For a pattern: the field of the item that each matching path becomes."""


@frozen
class Setter:
    """The field has a call of its own, and cannot be read back."""

    call: Call
    parameter: str


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


@frozen
class Keyed:
    """How an object is found that no id leads to: by what some of its own fields say.

    Both take parameters as the kind's update has them: names of the wire, ids for references.
    """

    asks: Callable[[Json], Sequence[Json]]
    """Parameters -> those of each read (`get` or `listing`) that the object may be in."""
    key: Callable[[Json], str]
    """Parameters, or a listed item -> what tells the object from all others."""
    everywhere: tuple[Json, ...] = ()
    """Parameters of the reads that have all objects of the account."""
    published: Path = ()
    """The reference to what must be published before anything is written."""
    refuses: Callable[[Json, Json], Iterator[Flaw]] = lambda wanted, live: iter(())
    """(declared values, live values) -> what Coze would refuse."""


@frozen
class Publication:
    """Draft and published copies: an edit reaches users only when it is published to a connector."""

    publish: Call
    unpublish: Call
    listing: Page
    """Lists what is published on `connector_id`, with the time of publishing."""
    published: Call
    """Reads the published copy."""
    versions: Page
    """Lists the versions of one object on `connector_id`: `version`, `created_at` (Unix seconds)."""
    required: str
    """The connector that must be in every call that names a custom one."""
    encode: Callable[[Sequence[Json]], Json]
    """What is published where (`connector` bound to its id) -> parameters of `publish`."""
    leaving: str
    """The parameter of `unpublish` that takes the connector."""
    builtin: Mapping[str, str] = field(default_factory=dict)
    """Connectors that need no resource: name -> id."""
    published_at: str = "published_at"
    """The key of a listed item that is the time of publishing (Unix seconds)."""


@frozen
class Copying:
    """Objects that no call creates can be copied into another workspace: a task, asked for and awaited."""

    begin: Call
    """Its reply has `task_id`, or `copied_entity_id` where the copy is made at once."""
    progress: Call
    published: Page | None = None
    """Lists what is published in a workspace (None: that does not matter to whoever uses a copy)."""


# ---------------------------------------------------------------------------------------------- kinds


HOMES: Final = {"Workspace": "workspace", "EnterpriseMembers": "enterprise"}
"""The kinds that others live in -> the key of `metadata` that names one of them."""


@frozen
class Flaw:
    """Something wrong between fields of one spec; `path` is where to point."""

    path: tuple[str | int, ...]
    message: str
    hint: str = ""
    code: str = ""
    """Of a mistake that has a code of its own; empty: fields that do not go together."""


def _nothing_wrong(values: Json) -> Iterator[Flaw]:
    return iter(())


def _as_it_is(values: Json, name: str) -> Json:
    return values


def _unchanged(values: Json) -> Json:
    return values


def _body_as_it_is(params: Json, creating: bool) -> Json:
    return params


def _ours(wire: Json) -> str:
    return ""


@frozen
class Kind:
    """What cozeops knows about one kind of resource. A capability that is None does not exist."""

    name: str
    summary: str
    spec: type[Spec]
    id: str = ""
    """The wire name of the id, in paths, bodies and the reply to `get`. Empty: it is nothing on Coze."""
    scope: str = ""
    """The kind that it lives in, which `metadata` names (see `home`); empty: the kind lives by itself."""
    plane: Literal["workspace", "enterprise"] = "workspace"
    """Whose token its calls take: that of a workspace, or one that was issued for the enterprise."""
    listing: Page | None = None
    get: Call | None = None
    keyed: Keyed | None = None
    """None: the object is found by its id, or by its name."""
    create: Call | None = None
    update: Call | None = None
    delete: Call | None = None
    replaces_whole: bool = False
    """Whether an update resets what it leaves out, over the whole object (else: per sub-object)."""
    parts: tuple[Path, str, str] | None = None
    """(list, name, id): named parts of a live object that others may refer to, such as tools."""
    listed_name: str = "name"
    """The key of a listed item that is its name."""
    marks: tuple[str, ...] = ()
    """Keys of a listed item that change whenever the object does (empty: the list does not tell)."""
    edited: str = ""
    """The key of the reply to `get` that is the time of the last edit of the draft (Unix seconds)."""
    owner: str = ""
    """The key of a live object that is the id of the user who owns it."""
    folder: str = ""
    """The key of a live object that is the id of the folder it is in: only the console moves it."""
    role: str = ""
    """The key of a live object that is what the token's user is in it."""
    check: Callable[[Json], Iterator[Flaw]] = _nothing_wrong
    """Rules between fields, on the values as they stand in the manifest."""
    settle: Callable[[Json, str], Json] = _as_it_is
    """(resolved values, name) -> the form that is compared and encoded."""
    written: Callable[[Json], Json] = _unchanged
    """The way back: values as they are compared -> the form that a manifest has."""
    foreign: Callable[[Json], str] = _ours
    """(reply to `get`) -> why no manifest can describe this object (empty: one can)."""
    manageable: Callable[[Json], bool] = lambda item: True
    """Whether a listed item could be one of ours (a personal workspace could not)."""
    uncreatable: str = ""
    """What to do by hand where `create` is None."""
    copy: Copying | None = None
    """How one of another workspace is copied, where `create` is None."""
    costs: str = ""
    """What a create and an update cost for good: none is made unless somebody says so (empty: nothing)."""
    body: Callable[[Json, bool], Json] = _body_as_it_is
    """(parameters, whether of a create) -> the parameters as the call takes them."""
    serves: str = ""
    """What becomes of a resource that is nothing on Coze."""

    @property
    def home(self) -> str:
        """The key of `metadata` that names what it lives in; empty: it lives by itself."""
        return HOMES[self.scope] if self.scope else ""

    @property
    def lives(self) -> bool:
        """Whether the kind is anything on Coze (a Prompt is not)."""
        return bool(self.id)
