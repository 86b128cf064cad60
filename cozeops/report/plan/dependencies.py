"""What needs what in a project, before anything is compared, for other programs: as dot, as JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from cozeops.declare.resource import Resource
from cozeops.report.plan.graph import Graph, dependencies_of
from cozeops.report.terminal.safe import one_line

FORMAT = "cozeops-graph/1"


def as_dot(graph: Graph) -> Iterator[str]:
    """The lines of a digraph for Graphviz."""
    names = [_quoted(str(node.address)) for node in graph.nodes]
    yield "digraph cozeops {"
    yield "  rankdir=LR;"
    yield "  node [shape=box];"
    yield from (f"  {name};" for name in names)
    yield from (f"  {names[need]} -> {names[dependent]};" for need, dependent in graph.edges)
    yield "}"


def _quoted(text: str) -> str:
    return '"' + one_line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def as_json(resources: Iterable[Resource]) -> str:
    """One JSON document: the resources, and what each needs."""
    known = {resource.address: resource for resource in resources}
    graph = dependencies_of(known.values())
    nodes = [
        {
            "address": str(one.address),
            "kind": one.kind.name,
            "name": one.name,
            "workspace": one.scope.name if one.scope and one.kind.home == "workspace" else None,
            "labels": dict(one.labels),
        }
        for one in (known[node.address] for node in graph.nodes)
    ]
    addresses = [str(node.address) for node in graph.nodes]
    edges = [{"needs": addresses[need], "address": addresses[dependent]} for need, dependent in graph.edges]
    return json.dumps({"format": FORMAT, "nodes": nodes, "edges": edges}, ensure_ascii=False, indent=2)
