"""The graph of a plan in Mermaid. Labels are encoded: nothing in a name is syntax."""

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
        yield f'  n{number}["{_label(node)}"]:::{node.action.value}'
    yield from (f"  n{need} --> n{dependent}" for need, dependent in graph.edges)
    for action in sorted({node.action.value for node in graph.nodes}):
        yield f"  classDef {action} stroke:{_CLASSES[action]},stroke-width:2px"


def _label(node: Node) -> str:
    text = shortened(one_line(str(node.address)), _MOST)
    return _UNSAFE.sub(lambda match: f"#{ord(match[0])};", f"{GLYPHS[node.action]} {text}")
