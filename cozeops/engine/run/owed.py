"""What a run owes to an object: its published copy must pass its Checks, or it goes back to what it was.

Noted in the journal before anything is published, closed once it is judged. What a run that ended left open
is shown by the next plan, and done by the next apply.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, field
from typing import Any, TypeGuard

from cozeops.address import Address
from cozeops.declare.rows import publication_of, rows_of
from cozeops.frozen import frozen
from cozeops.kinds import kinds
from cozeops.values import Json, digest

OWES = "owes"
"""The part of an entry of the journal that says what is owed."""


@frozen
class Revert:
    """The way back to what users had, as the journal has it: values by the labels of plans."""

    back: Json = field(default_factory=dict)
    """The fields of an update that makes the draft what was published."""
    forward: Json = field(default_factory=dict)
    """Those of the update that gives it the new text again."""
    uses: list[Json] = field(default_factory=list)
    """Where it was published (`connector` and `params`); empty where it was not."""
    leave: list[str] = field(default_factory=list)
    """Channels that it was not on."""
    lost: list[str] = field(default_factory=list)
    """Labels of what the API cannot restore."""
    touched: list[list[str]] = field(default_factory=list)
    """Paths of the fields that are not as they were."""
    old: str = ""
    """A digest of these fields as they were published before."""
    new: str = ""
    """The same, as they are published now."""

    @classmethod
    def from_json(cls, data: Json) -> Revert:
        """Read it back. Raises ValueError, TypeError."""
        way = cls(**data)
        if not (
            all(isinstance(one, dict) for one in (way.back, way.forward, *way.uses))
            and all(isinstance(one, str) for one in (way.old, way.new))
            and all(map(_is_texts, (way.leave, way.lost, *way.touched)))
            and all(isinstance(one.get("connector"), str) and "params" in one for one in way.uses)
        ):
            raise ValueError("not a way back")
        return way


@frozen
class Owed:
    """What a run that ended owes to one object."""

    run: str
    """The id of the run."""
    address: Address
    id: str
    """Of the live object."""
    checks: tuple[str, ...] = ()
    """Addresses of the Checks that its published copy was to pass."""
    way: Revert | None = None
    """None: what was published before cannot be read, and nobody can go back to it."""
    begun: bool = False
    """Whether it was going back when it ended."""

    @classmethod
    def from_entry(cls, run: str, intent: Json) -> Owed:
        """Read an entry of the journal. Raises ValueError, TypeError, KeyError for what is none."""
        owes, address = intent[OWES], Address.parse(str(intent["address"]))
        checks, id = intent.get("items", []), owes["id"]
        way = Revert.from_json(owes["way"]) if owes.get("way") is not None else None
        kind = kinds()[address.kind]
        labels = {row.label for row in rows_of(kind) if row.in_body and row.wire.on_update}
        if not (_is_texts(checks) and isinstance(id, str) and publication_of(kind) and kind.update):
            raise ValueError("not what a run owes")
        if way and not labels >= {*way.back, *way.forward}:
            raise ValueError(f"a {kind.name} has no such fields")
        return cls(run, address, id, tuple(checks), way, begun=owes.get("begun") is True)

    def to_entry(self) -> Json:
        """The entry of the journal."""
        owes = {"id": self.id, "way": asdict(self.way) if self.way else None, "begun": self.begun}
        operation = "goBack" if self.begun else "checkPublished"
        return {"address": str(self.address), "operation": operation, "items": list(self.checks), OWES: owes}

    def binding(self) -> str:
        """A digest of all of it."""
        return digest({"run": self.run, **self.to_entry()})


def is_owed(intent: Mapping[str, Any]) -> bool:
    """Whether an entry of the journal is one of these."""
    return OWES in intent


def _is_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
