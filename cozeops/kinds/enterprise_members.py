"""The people of an enterprise. Who is in it, and in which role, cannot be read back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field

from cozeops.declare.calls import Call
from cozeops.declare.collections import Adding, Changing, Collection, Item
from cozeops.declare.fields import Flaw, Is, Spec
from cozeops.declare.kind import Kind
from cozeops.kinds.parts.members import ALREADY_THERE, compared, flaws, key, removal_of, role_of
from cozeops.values import Json


class Person(Spec):
    """An employee: the enterprise's account system knows them already."""

    user: str = Field(pattern=r"^\d+$", examples=["2069720456000001"])
    """The user's id on Coze."""
    role: Literal["admin", "member"] = "member"
    """What the user may do. Super admins are appointed in the console."""


def _added(items: Sequence[Json], values: Json) -> Json:
    return {"users": [{"user_id": key(item), "role": _role(item)} for item in items]}


def _changed(live: Item, item: Json, values: Json) -> Json:
    return {"user_id": live.id, "role": _role(item)}


def _role(item: Json) -> str:
    return f"enterprise_{role_of(item)}"


_PEOPLE = "/v1/enterprises/{enterprise_id}/members"

MEMBERS = Collection(
    key=key,
    compare=compared,
    add=Adding(
        # Whoever is in already stays as they are (4201), so their role is set right after it.
        call=Call(
            "addEnterpriseMember", "POST", _PEOPLE, repeatable=True, already=ALREADY_THERE, edition="team"
        ),
        encode=_added,
    ),
    change=Changing(
        call=Call("updateEnterpriseMember", "PUT", f"{_PEOPLE}/{{user_id}}", repeatable=True, edition="team"),
        encode=_changed,
        fields=frozenset({"role"}),
    ),
    remove=removal_of("Enterprise", _PEOPLE),
)


class EnterpriseMembersSpec(Spec):
    """An enterprise and its people. Only what a state remembers of them can be compared."""

    id: Annotated[str, Field(pattern=r"^\w+$", examples=["volcano_2100000001"])]
    """The enterprise's id; the API makes none."""
    members: Annotated[list[Person] | None, Is.UNORDERED, MEMBERS] = None
    """Everybody but the super admins. With a state, who is not listed any more is removed."""
    receiver: Annotated[str | None, Field(pattern=r"^\d+$", examples=["2069720456000000"]), Is.OUTSIDE] = None
    """A super admin or admin of the enterprise, who gets the resources of people that are removed."""


def _check(values: Json) -> Iterator[Flaw]:
    yield from flaws(values, frozenset({"admin"}))


KIND = Kind(
    name="EnterpriseMembers",
    summary="an enterprise and its people",
    spec=EnterpriseMembersSpec,
    id="enterprise_id",
    plane="enterprise",
    check=_check,
    uncreatable="write the enterprise's id, which the console shows",
)
