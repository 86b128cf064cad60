"""The graph of a plan as inline SVG: what is needed stands left of what needs it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cozeops.address import Address
from cozeops.report.forms.html_page import esc
from cozeops.report.plan.graph import Graph
from cozeops.report.terminal.cells import truncate, width
from cozeops.report.terminal.safe import one_line
from cozeops.report.words import GLYPHS

_CELL = 7.6
_ROW = 44
_BOX = 30
_GAP = 70
_PAD = 16
_MOST_CELLS = 36

Box = tuple[float, float, float]
"""Left, top, width."""


def svg(graph: Graph, anchors: Mapping[Address, str]) -> str:
    """The drawing; empty where nothing needs anything. `anchors` are the ids of the changes on the page."""
    tied = sorted({end for edge in graph.edges for end in edge})
    if not tied:
        return ""
    labels = {node: _label(graph, node) for node in tied}
    boxes = _place(tied, graph.edges, labels)
    right = max(left + wide for left, _, wide in boxes.values()) + _PAD
    bottom = max(top for _, top, _ in boxes.values()) + _BOX + _PAD
    edges = "".join(_edge(boxes[need], boxes[dependent]) for need, dependent in graph.edges)
    nodes = "".join(_node(graph, node, boxes[node], labels[node], anchors) for node in tied)
    return (
        f'<div class="graph" tabindex="0"><svg role="img" aria-label="What needs what" width="{right:.0f}" '
        f'height="{bottom:.0f}" viewBox="0 0 {right:.0f} {bottom:.0f}">{edges}{nodes}</svg></div>'
    )


def _label(graph: Graph, node: int) -> str:
    one = graph.nodes[node]
    return truncate(f"{GLYPHS[one.action]} {one_line(str(one.address))}", _MOST_CELLS)


def _place(
    tied: Sequence[int], edges: Sequence[tuple[int, int]], labels: Mapping[int, str]
) -> dict[int, Box]:
    """Columns by the longest way from something that needs nothing."""
    depth = dict.fromkeys(tied, 0)
    for _ in tied:  # more rounds than this would be a circle
        for need, dependent in edges:
            depth[dependent] = max(depth[dependent], min(depth[need] + 1, len(tied)))
    columns = sorted(set(depth.values()))
    boxes: dict[int, Box] = {}
    left = float(_PAD)
    for column in columns:
        members = [node for node in tied if depth[node] == column]
        wide = max(width(labels[node]) for node in members) * _CELL + 24
        for row, node in enumerate(members):
            boxes[node] = (left, _PAD + row * _ROW, wide)
        left += wide + _GAP
    return boxes


def _edge(start: Box, end: Box) -> str:
    x1, y1 = start[0] + start[2], start[1] + _BOX / 2
    x2, y2 = end[0], end[1] + _BOX / 2
    bend = (x1 + x2) / 2
    return (
        f'<path d="M{x1:.0f} {y1:.0f}C{bend:.0f} {y1:.0f} {bend:.0f} {y2:.0f} {x2 - 6:.0f} {y2:.0f}"/>'
        f'<path class="tip" d="M{x2 - 8:.0f} {y2 - 4:.0f}L{x2:.0f} {y2:.0f}L{x2 - 8:.0f} {y2 + 4:.0f}Z"/>'
    )


def _node(graph: Graph, node: int, box: Box, label: str, anchors: Mapping[Address, str]) -> str:
    left, top, wide = box
    one = graph.nodes[node]
    drawn = (
        f'<g class="a-{one.action.value}"><rect x="{left:.0f}" y="{top:.0f}" width="{wide:.0f}" '
        f'height="{_BOX}" rx="6"/><text x="{left + 12:.0f}" y="{top + 20:.0f}">{esc(label)}</text></g>'
    )
    anchor = anchors.get(one.address)
    return f'<a href="#{anchor}">{drawn}</a>' if anchor else drawn
