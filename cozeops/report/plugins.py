"""Plugins of the store, as people read them and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO

from cozeops.engine.actions.plugin_store import Plugin
from cozeops.report.terminal.safe import one_line
from cozeops.report.terminal.sheet import Sheet, Span


def render_plugins(
    plugins: Iterable[Plugin], stream: TextIO, *, width: int | None = None, color: bool | None = None
) -> None:
    """Write each with its id, its tools and what it is for."""
    sheet = Sheet(stream, width=width, color=color)
    for one in plugins:
        marks = ", ".join(
            word for word in ("official" if one.official else "", one_line(one.category)) if word
        )
        sheet.line(Span(one_line(one.name), "bold"), f"  {one_line(one.id)}", f"  {marks}" if marks else "")
        tools = (
            "not told to this token" if one.tools is None else ", ".join(map(one_line, one.tools)) or "none"
        )
        sheet.line(Span("tools ", "dim"), tools, indent=2, hang=6)
        if one.description:
            sheet.line(one_line(one.description), indent=2)


def plugins_json(plugins: Iterable[Plugin]) -> str:
    """The same for scripts."""
    found = [
        {
            "id": one.id,
            "name": one.name,
            "description": one.description,
            "category": one.category or None,
            "official": one.official,
            "tools": None if one.tools is None else list(one.tools),
        }
        for one in plugins
    ]
    return json.dumps({"format": "cozeops-plugins/1", "plugins": found}, ensure_ascii=False, indent=2)
