"""What needs what in a project, before anything is compared: as Mermaid, as dot, as JSON. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from cozeops.address import Address
from cozeops.declare.resource import Resource
from cozeops.frozen import frozen
from cozeops.report.terminal.safe import one_line

FORMAT = "cozeops-graph/1"
# Everything else is written as its number: nothing in a name is syntax.
_UNSAFE = re.compile(r"[^\w /.-]")


@frozen
class Dependencies:
    """Resources in order, and pairs (what is needed, what needs it)."""

    nodes: tuple[Resource, ...]
    edges: tuple[tuple[Address, Address], ...]


def dependencies_of(resources: Iterable[Resource]) -> Dependencies:
    """The graph: references, the workspace that something lives in, and prompts that are compiled in."""
    nodes = tuple(sorted(resources, key=lambda one: one.address))
    known = {one.address for one in nodes}
    edges = [
        (need, one.address)
        for one in nodes
        for need in sorted((one.needs | one.prompts) & known)
        if need != one.address
    ]
    return Dependencies(nodes, tuple(edges))


def as_mermaid(graph: Dependencies) -> Iterator[str]:
    """The lines of a flowchart."""
    index = {one.address: number for number, one in enumerate(graph.nodes)}
    yield "flowchart LR"
    for address, number in index.items():
        yield f'  n{number}["{_UNSAFE.sub(_entity, one_line(str(address)))}"]'
    yield from (f"  n{index[need]} --> n{index[dependent]}" for need, dependent in graph.edges)


def _entity(match: re.Match[str]) -> str:
    return f"#{ord(match[0])};"


def as_dot(graph: Dependencies) -> Iterator[str]:
    """The lines of a digraph for Graphviz."""
    yield "digraph cozeops {"
    yield "  rankdir=LR;"
    yield "  node [shape=box];"
    yield from (f"  {_quoted(str(one.address))};" for one in graph.nodes)
    yield from (f"  {_quoted(str(need))} -> {_quoted(str(dependent))};" for need, dependent in graph.edges)
    yield "}"


def _quoted(text: str) -> str:
    return '"' + one_line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def as_json(graph: Dependencies) -> Iterator[str]:
    """One JSON document."""
    nodes = [
        {
            "address": str(one.address),
            "kind": one.kind.name,
            "name": one.name,
            "workspace": one.scope.name if one.scope and one.kind.home == "workspace" else None,
            "labels": dict(one.labels),
        }
        for one in graph.nodes
    ]
    edges = [{"needs": str(need), "address": str(dependent)} for need, dependent in graph.edges]
    yield json.dumps({"format": FORMAT, "nodes": nodes, "edges": edges}, ensure_ascii=False, indent=2)
