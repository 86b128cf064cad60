"""How a call of the API is declared: where its parameters go, what of its reply counts. No HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Final, Literal, get_args

from cozeops.frozen import frozen
from cozeops.values import Json

Path = tuple[str, ...]
Edition = Literal["free", "pro_personal", "team", "enterprise"]
EDITIONS: Final = get_args(Edition)
"""What an account can be, from the least to the most."""


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
    each: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Parameters that are asked for with each of these constants (a type, say): the list is all of it."""
    parent: str = ""
    """The parameter that takes the id of an item where a reply has one level alone: the list is the tree."""
    inside: str = ""
    """The key of an item that says how many are inside it: where it is 0, nobody asks."""
    confirm: bool = False
    """Whether it is read twice: a list without a total proves nothing else, and what it lacks is created."""


@frozen
class Upload:
    """Files are sent with this multipart call first; what it returns stands where the file stood."""

    call: Call


UPLOAD: Final = Upload(Call("uploadFile", "POST", "/v1/files/upload", result=("id",), repeatable=True))

LARGEST_BODY: Final = 15_000_000
"""Bytes that Coze takes in the body of a request ("15 MB": the smaller reading of it)."""
