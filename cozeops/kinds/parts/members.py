"""People of an enterprise and its organizations: one per call, and one call at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cozeops.declare.collections import Item
from cozeops.declare.fields import Flaw
from cozeops.kinds.parts.collaboration import twice
from cozeops.values import Json

ALREADY_THERE = frozenset({4201})
ALREADY_GONE = frozenset({4200})


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
