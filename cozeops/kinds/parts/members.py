"""People of an enterprise and its organizations: one per call, and one call at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cozeops.declare.calls import Call
from cozeops.declare.collections import Item, Receiver, Removal
from cozeops.declare.fields import Flaw
from cozeops.kinds.parts.collaboration import twice
from cozeops.values import Json

ALREADY_THERE = frozenset({4201})
_ALREADY_GONE = frozenset({4200})


def removal_of(thing: str, people: str) -> Removal:
    """How a member of a `thing` (as operationIds name it) is removed, whose members are at `people`."""
    call = Call(
        f"remove{thing}Member",
        "DELETE",
        f"{people}/{{user_id}}",
        repeatable=True,
        already=_ALREADY_GONE,
        edition="team",
    )
    return Removal(call, _removed, receiver=Receiver("receiver", "receiver_user_id"), last=True)


def _removed(items: Sequence[Item]) -> Json:
    return {"user_id": items[0].key}


def key(item: Json) -> str:
    """A person is known by the user id."""
    return str(item["user"])


def compared(item: Json, values: Json) -> Json:
    """What a live person must have."""
    return {"role": role_of(item)}


def written(item: Item, file: str) -> Any:
    """A live person as a manifest lists them."""
    return {"user": item.key, **item.fields}


def role_of(item: Json) -> str:
    """The declared role, or the one that goes without saying."""
    return str(item.get("role", "member"))


def flaws(values: Json, receivers: frozenset[str]) -> Iterator[Flaw]:
    """A person listed twice; a receiver who is listed without the role that Coze asks of one."""
    members = values.get("members", [])
    yield from twice([member["user"] for member in members], ("members",))
    receiver = values.get("receiver")
    for member in members:
        if member["user"] == receiver and role_of(member) not in receivers:
            allowed = " or ".join(sorted(receivers))
            message = (
                f"Coze gives the resources of who leaves to a {allowed}; {receiver} is a {role_of(member)}"
            )
            yield Flaw(("receiver",), message, "name somebody else, or give them the role")
