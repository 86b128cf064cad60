"""Small plans, records and resources, made by hand: one fact each."""

from __future__ import annotations

from typing import Any

from cozeops.address import Address
from cozeops.declare.resource import Resource
from cozeops.declare.verbs import verb_of
from cozeops.engine.model.plan import Action, Change, Finding, Plan, Step
from cozeops.kinds import kinds
from cozeops.state.model import Ownership, Record

CHEF = Address("Bot", "chef")
GUIDE = Address("Bot", "guide")
KITCHEN = Address("Workspace", "kitchen")
RECIPES = Address("KnowledgeBase", "recipes")


def change(address: Address = CHEF, action: Action = Action.UPDATE, **more: Any) -> Change:
    """A change of one address."""
    return Change(**{"address": address, "id": "7", "action": action, **more})


def unchanged(count: int) -> list[Change]:
    """As many bots that are as declared."""
    return [change(Address("Bot", f"b{number}"), Action.NONE) for number in range(count)]


def plan(*changes: Change, findings: tuple[Finding, ...] = (), **more: Any) -> Plan:
    """A plan of these changes."""
    return Plan("dev", "https://api.coze.cn", changes, findings, **more)


def step(operation: str, *rest: Any, kind: str = "Bot") -> Step:
    """A step of an operation that a kind declares."""
    return Step(verb_of(kinds()[kind], operation, creating=operation.startswith("create")), operation, *rest)


def steps(*operations: str) -> tuple[Step, ...]:
    """A step for each operation."""
    return tuple(step(operation) for operation in operations)


def resource(address: Address = CHEF, **more: Any) -> Resource:
    """The desired side of one address."""
    return Resource(
        **{"address": address, "kind": kinds()[address.kind], "name": address.name, "values": {}, **more}
    )


def record(id: str = "7", ownership: Ownership = Ownership.CREATED, **more: Any) -> Record:
    """What a state remembers of one address."""
    return Record(id, ownership, **more)
