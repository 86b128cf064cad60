"""A graph in Mermaid. Labels are encoded: nothing in a name is syntax."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cozeops.report.forms.inert import shortened
from cozeops.report.plan.graph import Graph, Node
from cozeops.report.terminal.safe import one_line
from cozeops.report.words import GLYPHS

# Strokes only: they are seen on a dark page and on a light one.
_CLASSES = {
    "create": "#2da44e",
    "update": "#bf8700",
    "replace": "#8250df",
    "delete": "#cf222e",
    "publish": "#0969da",
    "unpublish": "#8250df",
    "adopt": "#0969da",
    "forget": "#8250df",
    "none": "#8c959f",
}
_UNSAFE = re.compile(r"[^\w /.-]")
_MOST = 60


def mermaid(graph: Graph) -> Iterator[str]:
    """The lines of a flowchart: what is needed points to what needs it."""
    yield "flowchart LR"
    for number, node in enumerate(graph.nodes):
        of_class = f":::{node.action.value}" if graph.compared else ""
        yield f'  n{number}["{_label(node, graph.compared)}"]{of_class}'
    yield from (f"  n{need} --> n{dependent}" for need, dependent in graph.edges)
    for action in sorted({node.action.value for node in graph.nodes if graph.compared}):
        yield f"  classDef {action} stroke:{_CLASSES[action]},stroke-width:2px"


def _label(node: Node, compared: bool) -> str:
    text = one_line(str(node.address))
    if compared:
        text = f"{GLYPHS[node.action]} {shortened(text, _MOST)}"
    return _UNSAFE.sub(lambda match: f"#{ord(match[0])};", text)
