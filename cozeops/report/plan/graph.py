"""What needs what, in a plan or in a project: the nodes and edges that are drawn. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cozeops.address import Address
from cozeops.declare.resource import Resource
from cozeops.engine.model.plan import Action, Plan
from cozeops.frozen import frozen

MOST_NODES = 60
"""A larger picture helps nobody."""


@frozen
class Node:
    """An address; `action` none: it does not change, but something that changes needs it."""

    address: Address
    action: Action = Action.NONE


@frozen
class Graph:
    """Edges are pairs of indexes into `nodes`: from what is needed to what needs it."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[int, int], ...]
    left_out: int = 0
    compared: bool = True
    """False: a project before anything is compared, where no action means anything."""


def graph_of(plan: Plan) -> Graph:
    """The changes of a plan with what they need; the first sixty."""
    actions = {change.address: change.action for change in plan.changes}
    wanted = list(
        dict.fromkeys(address for change in plan.pending for address in (change.address, *change.needs))
    )
    nodes = [Node(address, actions.get(address, Action.NONE)) for address in wanted[:MOST_NODES]]
    needs = ((need, change.address) for change in plan.pending for need in change.needs)
    return Graph(tuple(nodes), _edges(nodes, needs), len(wanted) - len(nodes))


def dependencies_of(resources: Iterable[Resource]) -> Graph:
    """All resources: references, the workspace that one lives in, and prompts that are compiled in."""
    ordered = sorted(resources, key=lambda resource: resource.address)
    nodes = [Node(resource.address) for resource in ordered]
    needs = (
        (need, resource.address) for resource in ordered for need in sorted(resource.needs | resource.prompts)
    )
    return Graph(tuple(nodes), _edges(nodes, needs), compared=False)


def _edges(nodes: Sequence[Node], needs: Iterable[tuple[Address, Address]]) -> tuple[tuple[int, int], ...]:
    """The pairs (what is needed, what needs it) among the nodes, each once."""
    index = {node.address: number for number, node in enumerate(nodes)}
    return tuple(
        dict.fromkeys(
            (index[need], index[dependent])
            for need, dependent in needs
            if need in index and dependent in index and need != dependent
        )
    )
