"""What a plan touches, and what needs what: the nodes and edges that Markdown and HTML draw. Pure."""

from __future__ import annotations

from cozeops.address import Address
from cozeops.engine.model.plan import Action, Plan
from cozeops.frozen import frozen

MOST_NODES = 60
"""A larger picture helps nobody."""


@frozen
class Node:
    """An address; `action` none: it does not change, but something that changes needs it."""

    address: Address
    action: Action


@frozen
class Graph:
    """Edges are pairs of indexes into `nodes`: from what is needed to what needs it."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[int, int], ...]
    left_out: int = 0


def graph_of(plan: Plan) -> Graph:
    """The changes of a plan with what they need; the first sixty."""
    actions = {change.address: change.action for change in plan.changes}
    wanted = list(
        dict.fromkeys(address for change in plan.pending for address in (change.address, *change.needs))
    )
    index = {address: number for number, address in enumerate(wanted[:MOST_NODES])}
    edges = [
        (index[need], index[change.address])
        for change in plan.pending
        for need in change.needs
        if need in index and change.address in index and need != change.address
    ]
    nodes = tuple(Node(address, actions.get(address, Action.NONE)) for address in index)
    return Graph(nodes, tuple(dict.fromkeys(edges)), len(wanted) - len(nodes))
