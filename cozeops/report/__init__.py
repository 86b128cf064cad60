"""Plans and events as people read them, and as other programs do. No I/O but the stream given.

Importing this package costs nothing: a renderer is loaded when it is asked for, rich when it prints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cozeops.lazily import exports

if TYPE_CHECKING:
    from cozeops.report.annotations import github_annotations
    from cozeops.report.check_html import checked_html
    from cozeops.report.check_junit import checked_junit
    from cozeops.report.check_markdown import checked_markdown
    from cozeops.report.check_progress import CheckProgress
    from cozeops.report.check_text import render_checked, render_transcripts
    from cozeops.report.drift import render_drift
    from cozeops.report.gitlab import plan_gitlab
    from cozeops.report.html import plan_html
    from cozeops.report.junit import plan_junit, validation_junit
    from cozeops.report.markdown import plan_markdown
    from cozeops.report.ndjson import EventLines
    from cozeops.report.outcomes import render_outcomes
    from cozeops.report.plan_text import render_findings, render_plan
    from cozeops.report.problems import render_error, render_problems
    from cozeops.report.progress import Progress
    from cozeops.report.sarif import sarif_log

_HOMES = {
    "CheckProgress": "check_progress",
    "checked_html": "check_html",
    "checked_junit": "check_junit",
    "checked_markdown": "check_markdown",
    "render_transcripts": "check_text",
    "render_checked": "check_text",
    "EventLines": "ndjson",
    "Progress": "progress",
    "github_annotations": "annotations",
    "plan_gitlab": "gitlab",
    "plan_html": "html",
    "plan_junit": "junit",
    "render_drift": "drift",
    "plan_markdown": "markdown",
    "render_error": "problems",
    "render_findings": "plan_text",
    "render_outcomes": "outcomes",
    "render_plan": "plan_text",
    "render_problems": "problems",
    "sarif_log": "sarif",
    "validation_junit": "junit",
}

__all__ = [
    "CheckProgress",
    "EventLines",
    "Progress",
    "checked_html",
    "checked_junit",
    "checked_markdown",
    "github_annotations",
    "plan_gitlab",
    "plan_html",
    "plan_junit",
    "plan_markdown",
    "render_checked",
    "render_drift",
    "render_error",
    "render_findings",
    "render_outcomes",
    "render_plan",
    "render_problems",
    "render_transcripts",
    "sarif_log",
    "validation_junit",
]


__getattr__ = exports(__name__, _HOMES)
