"""What looks like a key is in no report, whoever wrote it."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from cozeops.engine.model.plan import FieldChange
from cozeops.engine.plan.drift import Drifted
from cozeops.errors import Position, Problem
from cozeops.report.plan.drift import render_drift
from cozeops.report.plan.html import plan_html
from cozeops.report.plan.markdown import plan_markdown
from cozeops.report.plan.text import render_plan
from cozeops.report.terminal.problems import render_problems

from .plans import story

KEY = "pat_CANARY0123456789abcdefCANARY"
OTHER = "pat_OTHER0123456789abcdefOTHER00"
PEM = "-----BEGIN PRIVATE KEY-----\nMIICANARYline\nMIICANARYmore\n-----END PRIVATE KEY-----"
FIELDS = [
    FieldChange("spec.prompt", f"a\n{KEY}\n", f"b\n{KEY}\n{PEM}\nend\n"),
    FieldChange("spec.prompt", f"你好 {KEY}", f"你好 {OTHER}"),
    FieldChange("spec.opening.questions", None, [f"{KEY}?", {"a": f"密钥：{KEY}"}]),
]


@pytest.mark.parametrize("field", FIELDS, ids=["text", "exchanged", "list"])
def test_a_key_is_in_no_renderer_of_a_plan(field: FieldChange) -> None:
    """Of a text, of a list, before and after; a private key with all its lines."""
    plan = story()
    first = next(one for one in plan.changes if one.fields)
    plan = replace(
        plan,
        changes=tuple(replace(one, fields=(field,)) if one is first else one for one in plan.changes),
    )
    text = io.StringIO()
    render_plan(plan, text, verbose=True)
    for shown in (text.getvalue(), plan_markdown(plan), plan_html(plan, digest="sha256:1")):
        assert "CANARY" not in shown
        assert "OTHER" not in shown
        assert "***" in shown


def test_a_key_is_in_no_drift_and_no_excerpt() -> None:
    """Also where somebody wrote it in the console, and where another mistake of its line is shown."""
    stream = io.StringIO()
    change = next(one for one in story().changes if one.fields)
    render_drift([Drifted(change.address, "7", tuple(FIELDS), "")], stream, against="state")
    problem = Problem("COZE001", "no", "", Position("a.yaml", 1, 9), f"prompt: {KEY} ：x")
    render_problems([problem], stream)
    assert "CANARY" not in stream.getvalue()
