"""What is said about a field of a spec: where it stands on the wire, how it is compared, what it may be.

One `Annotated` row per field says everything: the JSON Schema, the reading and the writing, the comparison,
the redaction and the edges between resources are all read off that row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from enum import Enum, auto
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from cozeops.codes import Code
from cozeops.declare.calls import Call
from cozeops.frozen import frozen
from cozeops.values import Json


class Spec(BaseModel):
    """The body of a manifest, or a group of fields inside it. Absent fields are not managed.

    `None` as a default stands for "absent"; a written `null` is refused before it gets here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


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
class Hidden:
    """When a reply says nothing of a field that others tell. An empty value says nothing then, either."""

    when: Callable[[Json, bool], bool]
    """(the reply, whether it has the field) -> whether that says nothing. Not asked for a value."""


@frozen
class Open:
    """A map of which only the written keys are managed: Coze may add others, and give values back as text."""

    told: frozenset[str] = frozenset()
    """Keys that a reply has where they are set. Of others that it does not have nothing is known."""


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
    line: bool = False
    """Whether the text is a name: one line, without blanks at its ends that Coze might take away."""


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
class Flaw:
    """Something wrong between fields of one spec; `path` is where to point."""

    path: tuple[str | int, ...]
    message: str
    hint: str = ""
    code: Code = Code.RULE
    """Unless the mistake has one of its own: fields that do not go together."""
