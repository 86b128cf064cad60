"""Plans and events as people read them: terminal, Markdown, HTML. No I/O but the stream given.

Importing this package costs nothing: a renderer is loaded when it is asked for, rich when it prints.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cozeops.report.drift import render_drift
    from cozeops.report.html import plan_html
    from cozeops.report.markdown import plan_markdown
    from cozeops.report.outcomes import render_outcomes
    from cozeops.report.plan_text import render_plan
    from cozeops.report.problems import render_error, render_problems
    from cozeops.report.progress import Progress

_HOMES = {
    "Progress": "progress",
    "plan_html": "html",
    "render_drift": "drift",
    "plan_markdown": "markdown",
    "render_error": "problems",
    "render_outcomes": "outcomes",
    "render_plan": "plan_text",
    "render_problems": "problems",
}

__all__ = [
    "Progress",
    "plan_html",
    "plan_markdown",
    "render_drift",
    "render_error",
    "render_outcomes",
    "render_plan",
    "render_problems",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
