"""Fine means fine: every code that blocks or warns against every signal that a person or a pipeline acts on.

A row is a code at a bot that nothing else is planned for: the worst case, for no change speaks for it.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from cozeops.cli.commands.plan import code_of
from cozeops.codes import Code, LiveSide, Severity
from cozeops.engine.model.findings import finding
from cozeops.engine.model.plan import Action, Change, Plan
from cozeops.engine.plan.drift import drift, unread
from cozeops.engine.plan.file import write_plan
from cozeops.engine.prior.state import PriorState
from cozeops.errors import ExitCode
from cozeops.operations.drift import Drift
from cozeops.report import words
from cozeops.report.forms.junit import plan_junit
from cozeops.report.forms.remarks import of_findings
from cozeops.report.plan.drift import render_drift
from cozeops.report.plan.gitlab import plan_gitlab
from cozeops.report.plan.html import plan_html
from cozeops.report.plan.markdown import plan_markdown
from cozeops.report.plan.text import render_plan
from tests.engine.made import CHEF, record, resource

SCRIPTS = Path(__file__).resolve().parents[2] / "examples" / "ci" / "scripts"
LOUD = [code for code in Code if not code.is_problem and code.severity is not Severity.INFO]
PLACES = [(code, address) for code in LOUD for address in (CHEF, None)]
SILENT = "No drift"


def plan_with(code: Code | None, address: object = CHEF) -> Plan:
    """A bot that is as declared, and a finding about it or about the whole."""
    assert address in (CHEF, None)
    found = (finding(code, CHEF if address else None, "something is wrong"),) if code else ()
    return Plan("prod", "https://api.coze.cn", (Change(CHEF, "7", Action.NONE),), found, project="kitchen")


def drift_of(plan: Plan) -> Drift:
    """What `drift` makes of a plan."""
    moved = drift(plan, PriorState({CHEF: record()}), {CHEF: resource()})
    return Drift(plan.environment, "state", tuple(moved), tuple(unread(plan)))


def drift_text(drifted: Drift) -> str:
    out = io.StringIO()
    render_drift(drifted.drifted, out, against="state", unread=drifted.unread)
    return out.getvalue()


def headlines(plan: Plan) -> dict[str, str]:
    """The plan in each form that people read."""
    text = io.StringIO()
    render_plan(plan, text, width=200, color=False)
    return {
        "text": text.getvalue(),
        "markdown": plan_markdown(plan),
        "html": plan_html(plan, digest="sha256:0"),
    }


def test_a_row_for_every_code_that_blocks_or_warns() -> None:
    """What blocks or warns is told apart by what it says of the live side; nothing is left out."""
    assert len(LOUD) > 40
    by_side = {side: [code for code in LOUD if code.live_side is side] for side in LiveSide}
    assert all(by_side.values())
    quiet = [code for code in Code if code.severity is Severity.INFO or code.is_problem]
    assert [code for code in quiet if code.live_side] == []


def test_fine_is_green_everywhere() -> None:
    """Without a finding every signal is green, and says so in one line."""
    plan = plan_with(None)
    assert all(words.NO_CHANGES in text for text in headlines(plan).values())
    for fail_on in (None, "block", "warn"):
        assert code_of(plan, detailed=True, fail_on=fail_on) == ExitCode.OK
    assert drift_of(plan).exit_code == ExitCode.OK
    assert drift_text(drift_of(plan)).startswith(SILENT)
    assert not any(json.loads(plan_gitlab(plan)).values())


@pytest.mark.parametrize(("code", "address"), PLACES)
def test_no_headline_says_fine(code: Code, address: object) -> None:
    """In text, Markdown and HTML: the sentence is another one, and the finding stands there."""
    for form, text in headlines(plan_with(code, address)).items():
        assert words.NO_CHANGES not in text, form
        assert code in text, form


@pytest.mark.parametrize(("code", "address"), PLACES)
def test_the_exit_code_of_plan(code: Code, address: object) -> None:
    """--fail-on is 5 from its severity on, also before 2; without it a finding changes nothing."""
    plan = plan_with(code, address)
    blocks = code.severity is Severity.BLOCK
    assert code_of(plan, detailed=True, fail_on=None) == ExitCode.OK
    assert code_of(plan, detailed=False, fail_on="warn") == ExitCode.BLOCKED
    assert code_of(plan, detailed=True, fail_on="block") == (ExitCode.BLOCKED if blocks else ExitCode.OK)


@pytest.mark.parametrize(("code", "address"), PLACES)
def test_drift(code: Code, address: object) -> None:
    """Missing and moved is 10, what kept it from looking 5; only what says nothing of Coze is silent."""
    drifted = drift_of(plan_with(code, address))
    blocks = code.severity is Severity.BLOCK
    expected = {
        LiveSide.MISSING: ExitCode.DRIFT,
        LiveSide.MOVED: ExitCode.DRIFT,
        LiveSide.UNREAD: ExitCode.BLOCKED if blocks else ExitCode.OK,
        LiveSide.NOTHING: ExitCode.OK,
    }
    assert drifted.exit_code == expected[code.live_side]
    text = drift_text(drifted)
    assert text.startswith(SILENT) is (code.live_side is LiveSide.NOTHING)
    assert (code in text) is (code.live_side is not LiveSide.NOTHING)


@pytest.mark.parametrize("code", [code for code in LOUD if code.severity is Severity.BLOCK])
def test_what_is_not_there_and_not_made_is_a_difference(code: Code) -> None:
    """Whatever blocks it: 2 of plan, 10 of drift, and the headlines say that it is missing."""
    plan = replace(plan_with(code), changes=(Change(CHEF, None, Action.NONE),))
    assert code_of(plan, detailed=True, fail_on=None) == ExitCode.CHANGES
    assert code_of(plan, detailed=True, fail_on="block") == ExitCode.BLOCKED
    assert all("1 resource is missing on Coze" in text for text in headlines(plan).values())
    assert drift_of(plan).exit_code == ExitCode.DRIFT
    assert "gone: something is wrong" in drift_text(drift_of(plan))
    assert any(json.loads(plan_gitlab(plan)).values())


@pytest.mark.parametrize(("code", "address"), PLACES)
def test_reports_of_machines(code: Code, address: object) -> None:
    """What blocks is a number in GitLab's widget, which else says that nothing changes, and fails JUnit."""
    plan = plan_with(code, address)
    blocks = code.severity is Severity.BLOCK
    assert any(json.loads(plan_gitlab(plan)).values()) is blocks
    assert ("<failure" in plan_junit(plan, of_findings(plan.findings, {}))) is blocks


# ---------------------------------------------------------------------------------------- the scripts

COZEOPS = """#!/bin/sh
# Stands in for cozeops: `plan` writes the plan that was made, all else is as it is told.
for word; do
  case $word in
    json=*) cp "$HOME/plan.json" "${word#json=}" ;;
    markdown=*) cp "$HOME/plan.md" "${word#markdown=}" ;;
    validate) printf '{"project": "kitchen", "env": "prod"}\\n'; exit 0 ;;
    drift) cat "$HOME/drift.txt"; exit "$DRIFT" ;;
    --fail-on) exit_with=$FAILS ;;
  esac
done
exit "${exit_with:-$PLANS}"
"""
CURL = """#!/bin/sh
# Stands in for GitHub: one open issue of ours; what is asked of it is noted.
while [ $# -gt 1 ]; do
  case $1 in
    --request) method=$2 ;;
    --output) answer=$2 ;;
  esac
  shift
done
printf '%s\\n' "$method ${1##*/}" >>"$HOME/calls"
printf '[{"number": 1, "user": {"login": "github-actions[bot]"},
  "body": "<!-- cozeops:drift:kitchen:prod -->"}]' >"$answer"
"""


class Runner:
    """A runner with stand-ins for what the scripts call."""

    def __init__(self, home: Path) -> None:
        self.home, self.out = home, home / "out"
        for name, text in (("cozeops", COZEOPS), ("curl", CURL)):
            path = home / "bin" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            path.chmod(0o755)

    def run(self, script: str, plan: Plan, **variables: str) -> int:
        """Run a script where this is the plan; its exit code."""
        drifted = drift_of(plan)
        least = "warn" if variables.get("COZEOPS_FAIL_ON") == "warn" else "block"
        (self.home / "plan.json").write_text(write_plan(plan), encoding="utf-8")
        (self.home / "plan.md").write_text(plan_markdown(plan), encoding="utf-8")
        (self.home / "drift.txt").write_text(drift_text(drifted), encoding="utf-8")
        (self.home / "calls").write_text("", encoding="utf-8")
        environ = {
            "PATH": f"{self.home / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "COZEOPS_OUT": str(self.out),
            "GITHUB_TOKEN": "t",
            "GITHUB_REPOSITORY": "o/r",
            "DRIFT": str(int(drifted.exit_code)),
            "PLANS": str(int(code_of(plan, detailed=True, fail_on=None))),
            "FAILS": str(int(code_of(plan, detailed=True, fail_on=least))),
            **variables,
        }
        line = ["sh", str(SCRIPTS / script)]
        return subprocess.run(line, env=environ, capture_output=True, check=False).returncode

    @property
    def calls(self) -> list[str]:
        """What was asked of GitHub, reads aside."""
        lines = (self.home / "calls").read_text("utf-8").splitlines()
        return [line for line in lines if not line.startswith("GET")]


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    for tool in ("jq", "sh"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")
    return Runner(tmp_path)


WEIGHTS = {(code.severity, code.live_side): code for code in LOUD}
"""A script sees no code, only how severe it is and what drift ended with: one of each is enough."""


@pytest.mark.parametrize("code", [None, *WEIGHTS.values()])
def test_the_script_of_a_plan(runner: Runner, code: Code | None) -> None:
    """`Nothing to do`, by which the recipes skip the apply, is not said of what is blocked."""
    plan, blocks = plan_with(code), code is not None and code.severity is Severity.BLOCK
    assert runner.run("plan.sh", plan) == (5 if blocks else 0)
    told = (runner.out / "plan.env").read_text("utf-8")
    assert told.startswith(f"COZEOPS_CHANGES={'true' if blocks else 'false'}\n")
    for accepted in ({"COZEOPS_ACK": "COZE105"}, {"COZEOPS_FAIL_ON": "never"}):
        assert runner.run("plan.sh", plan, **accepted) == 0
        assert (runner.out / "plan.env").read_text("utf-8") == told
    assert runner.run("plan.sh", plan, COZEOPS_FAIL_ON="warn") == (5 if code else 0)


@pytest.mark.parametrize("code", [None, *WEIGHTS.values()])
def test_the_script_of_drift(runner: Runner, code: Code | None) -> None:
    """The issue is closed only where drift looked and found nothing; where it could not look it stays."""
    plan = plan_with(code)
    expected = drift_of(plan).exit_code
    assert runner.run("drift-issue.sh", plan) == (5 if expected == ExitCode.BLOCKED else 0)
    assert runner.calls == ([] if expected == ExitCode.BLOCKED else ["PATCH 1"])
    if expected != ExitCode.BLOCKED:
        closed = "closed" in (runner.out / "issue.json").read_text("utf-8")
        assert closed is (expected == ExitCode.OK)
