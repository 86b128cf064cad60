"""Collaborators and the collaboration mode: the same calls for bots, workflows and apps.

Nothing of it can be read back: there is no list of collaborators and no way to ask for
the mode. A workspace member is added or removed one per call, at most 5 calls a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from cozeops.declare.calls import Call
from cozeops.declare.collections import Adding, Collection, Item, Removal
from cozeops.declare.fields import Flaw, Setter
from cozeops.values import Json

Mode = Literal["single", "collaboration"]

# A duplicate is 4201 where the API documents one (members); 4200 is "missing or not visible".
_ALREADY_THERE = frozenset({4201})
_ALREADY_GONE = frozenset({4200})


def collaborators_of(thing: str, path: str) -> Collection:
    """The collaborators of a `thing` (as operationIds name it) that lives at `path`."""
    return Collection(
        add=Adding(
            call=Call(
                f"add{thing}Collaborator",
                "POST",
                f"{path}/collaborators",
                already=_ALREADY_THERE,
                edition="team",
            ),
            encode=_added,
        ),
        remove=Removal(
            call=Call(
                f"remove{thing}Collaborator",
                "DELETE",
                f"{path}/collaborators/{{user_id}}",
                already=_ALREADY_GONE,
                edition="team",
            ),
            encode=_removed,
        ),
    )


def mode_of(thing: str, path: str) -> Setter:
    """The collaboration mode of a `thing`; enterprise editions only."""
    call = Call(
        f"set{thing}CollaborationMode",
        "POST",
        f"{path}/collaboration_mode",
        repeatable=True,
        edition="team",
    )
    return Setter(call, "collaboration_mode")


def collaboration_flaws(values: Json) -> Iterator[Flaw]:
    """Collaborators that are listed twice, or that nobody may have: of what one person edits alone."""
    group = values.get("collaboration", {})
    people = group.get("collaborators", [])
    yield from twice(people, ("collaboration", "collaborators"))
    if group.get("mode") == "single" and people:
        message = "mode single has no collaborators: Coze takes it only when all of them are removed"
        hint = "write mode: collaboration, or collaborators: []"
        yield Flaw(("collaboration", "mode"), message, hint)


def twice(users: Sequence[str], path: tuple[str, ...]) -> Iterator[Flaw]:
    """Users that a list names more than once."""
    for index, user in enumerate(users):
        if user in users[:index]:
            yield Flaw((*path, index), f"user {user} is listed twice", "keep one of them")


def _added(items: Sequence[Json], values: Json) -> Json:
    return {"collaborators": [{"user_id": user} for user in items]}


def _removed(items: Sequence[Item]) -> Json:
    return {"user_id": items[0].key}
