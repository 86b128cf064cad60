"""A plan as a file: what its digest covers, and what is refused when it is read back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cozeops.codes import Code
from cozeops.declare.verbs import Verb
from cozeops.engine.model.findings import finding
from cozeops.engine.model.plan import Action, FieldChange, Finding, Plan, Severity, Step
from cozeops.engine.plan.file import plan_digest, read_plan, write_plan
from cozeops.errors import StalePlanError, UsageError
from tests.engine.made import CHEF, KITCHEN, RECIPES, change, plan

UPDATE = change(
    reason="2 fields differ",
    origin="git",
    fields=(
        FieldChange("spec.prompt", "一", "二", "git"),
        FieldChange("spec.icon", None, {"a": [1]}, note="write-only"),
    ),
    steps=(
        Step(Verb.UPDATE, "updateBot"),
        Step(Verb.PUBLISH, "publishBot", "spec.publish", ("api",), ("1024",)),
    ),
    needs=(RECIPES,),
    live_fingerprint="sha256:0",
    uncompared=("spec.model.sp_anti_leak",),
    scope="厨房",
)
CREATE = change(RECIPES, Action.CREATE, id=None)
SAME = change(KITCHEN, Action.NONE, id="75", reason="as declared")
WARNING = finding(Code.RESETS_UNREADABLE, CHEF, "x", "y")
OWN = Finding(Code.OWN_CHECK, "tone", Severity.BLOCK, None, "rude", "mend it")
PLAN = plan(
    UPDATE,
    CREATE,
    SAME,
    findings=(WARNING, OWN),
    inputs={"Bot/chef": "sha256:1"},
    stats={"requests": 3},
    shard="2/4",
)


def edited(**values: Any) -> str:
    """The file with other values at the top, and its old digest."""
    return json.dumps(json.loads(write_plan(PLAN)) | values)


def test_it_is_read_back_as_it_was() -> None:
    assert read_plan(write_plan(PLAN), "plan.json") == PLAN
    assert read_plan(write_plan(plan()), "plan.json") == plan()


@pytest.mark.parametrize(
    "same",
    [
        replace(PLAN, stats={}, inputs={}, shard=""),
        replace(PLAN, changes=(SAME, CREATE, UPDATE)),
        replace(PLAN, changes=(UPDATE, CREATE)),
        replace(PLAN, changes=(replace(UPDATE, reason="", origin="", scope="", uncompared=()), CREATE)),
        replace(PLAN, findings=(OWN, WARNING)),
        replace(PLAN, findings=(replace(WARNING, message="", hint="", name=""), OWN)),
    ],
    ids=["statistics", "order", "unchanged", "wording", "order-of-findings", "wording-of-findings"],
)
def test_wording_and_order_do_not_count(same: Plan) -> None:
    assert plan_digest(same) == plan_digest(PLAN)


@pytest.mark.parametrize(
    "other",
    [
        replace(PLAN, environment="prod"),
        replace(PLAN, base_url="https://api.coze.com"),
        replace(PLAN, changes=(UPDATE,)),
        replace(PLAN, changes=(replace(UPDATE, id="8"), CREATE)),
        replace(PLAN, changes=(replace(UPDATE, action=Action.PUBLISH), CREATE)),
        replace(PLAN, changes=(replace(UPDATE, needs=()), CREATE)),
        replace(PLAN, changes=(replace(UPDATE, live_fingerprint="sha256:1"), CREATE)),
        replace(PLAN, changes=(replace(UPDATE, steps=UPDATE.steps[:1]), CREATE)),
        replace(PLAN, changes=(replace(UPDATE, fields=UPDATE.fields[:1]), CREATE)),
        replace(PLAN, findings=(WARNING,)),
        replace(PLAN, findings=(replace(WARNING, address=None), OWN)),
        replace(PLAN, findings=(replace(WARNING, address=KITCHEN), OWN)),
        replace(PLAN, findings=(replace(WARNING, severity=Severity.BLOCK), OWN)),
        replace(PLAN, findings=(WARNING, replace(OWN, name="spelling"))),
    ],
)
def test_what_is_written_and_what_blocks_it_count(other: Plan) -> None:
    """The name of a finding only where one code stands for many checks."""
    assert plan_digest(other) != plan_digest(PLAN)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "plan.json is not a plan"),
        ("{", "plan.json is not a plan"),
        ("[]", "the format is 'list'"),
        ("7", "the format is 'int'"),
        ("{}", "the format is None"),
        (
            edited(format="cozeops-plan/2"),
            "the format is 'cozeops-plan/2', this version reads cozeops-plan/1",
        ),
        (edited(env=None), "not a whole plan .*expected text, found NoneType"),
        (edited(changes=None), "not a whole plan .*TypeError"),
        (edited(changes=[{}]), "not a whole plan .*KeyError"),
        (edited(changes=[7]), "not a whole plan .*TypeError"),
        (edited(inputs=[]), "not a whole plan .*AttributeError"),
        (edited(findings=[{"address": "chef", "code": "", "name": ""}]), "not a whole plan"),
        (edited(shard=7), "not a whole plan .*expected text, found int"),
    ],
)
def test_what_is_no_plan(text: str, words: str) -> None:
    """It says what was found, and how to make one."""
    with pytest.raises(UsageError, match=words) as caught:
        read_plan(text, "plan.json")
    assert "plan" in caught.value.hint


def _each(part: str, key: str) -> list[dict[str, Any]]:
    """The first change or finding of the file, without one of its keys, or with another type there."""
    (one, *rest) = json.loads(write_plan(PLAN))[part]
    without = [{name: value for name, value in one.items() if name != key}, *rest]
    return [{part: without}, {part: [{**one, key: 7}, *rest]}]


@pytest.mark.parametrize(
    "values",
    [
        *(
            one
            for key in ("address", "action", "reason", "fields", "steps", "needs")
            for one in _each("changes", key)
        ),
        *(one for key in ("live_fingerprint", "id", "origin") for one in _each("changes", key)),
        *(
            one
            for key in ("code", "name", "severity", "address", "message", "hint")
            for one in _each("findings", key)
        ),
        _each("changes", "uncompared")[1],
        _each("changes", "scope")[1],
    ],
)
def test_a_part_of_another_shape(values: dict[str, Any]) -> None:
    """Each key has its type, and is needed."""
    with pytest.raises(UsageError, match="not a whole plan"):
        read_plan(edited(**values), "plan.json")


@pytest.mark.parametrize(
    "values", [{"env": "prod"}, {"digest": "sha256:0"}, {"digest": None}, {"findings": []}]
)
def test_what_was_edited(values: dict[str, Any]) -> None:
    with pytest.raises(StalePlanError, match=r"plan\.json was changed after it was written"):
        read_plan(edited(**values), "plan.json")
