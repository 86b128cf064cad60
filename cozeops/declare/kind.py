"""A kind: what cozeops knows about one kind of resource. It is data, and knows no HTTP and no YAML."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal

from cozeops.declare.calls import Call, Page, Path
from cozeops.declare.fields import Flaw, Spec
from cozeops.frozen import frozen
from cozeops.values import Json

HOMES: Final = {"Workspace": "workspace", "EnterpriseMembers": "enterprise"}
"""The kinds that others live in -> the key of `metadata` that names one of them."""


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
class Copying:
    """Objects that no call creates can be copied into another workspace: a task, asked for and awaited."""

    begin: Call
    """Its reply has `task_id`, or `copied_entity_id` where the copy is made at once."""
    progress: Call
    published: Page | None = None
    """Lists what is published in a workspace (None: that does not matter to whoever uses a copy)."""


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
    named_after: Path = ()
    """The reference to what Coze names the object after, where it is written: it is found by that."""
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
