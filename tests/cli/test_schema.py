"""`schema`, and the schemas of the plan and the run: the committed files are what cozeops writes."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from cozeops.engine.apply.file import run_json
from cozeops.engine.model.outcome import Outcome, Status
from cozeops.engine.model.plan import Action, Plan, Severity
from cozeops.engine.plan.file import plan_json
from cozeops.errors import ExitCode
from tests.cli.conftest import Shell
from tests.report import plans

SCHEMAS = Path(__file__).parents[2] / "schemas"
PLAN = json.loads((SCHEMAS / "plan.schema.json").read_text("utf-8"))
RUN = json.loads((SCHEMAS / "run.schema.json").read_text("utf-8"))


def errors(schema: Any, value: Any) -> list[str]:
    """What does not fit."""
    return [f"{error.json_path}: {error.message}" for error in Draft7Validator(schema).iter_errors(value)]


def test_it_prints_a_schema(shell: Shell) -> None:
    whole, bot = json.loads(shell("schema").out), json.loads(shell("schema", "Bot").out)
    Draft7Validator.check_schema(whole)
    assert "Bot" in whole["properties"]["kind"]["enum"]
    assert bot["properties"]["kind"]["enum"] == ["Bot"]


def test_the_committed_schemas_are_current(shell: Shell) -> None:
    ran = shell("-C", str(SCHEMAS.parent), "schema", "--check")
    assert (ran.code, ran.err) == (0, "")


def test_check_names_what_differs_and_write_mends_it(shell: Shell) -> None:
    """1 while it differs; --write says what it wrote, and nothing the second time."""
    missing = shell("schema", "--check")
    assert missing.code == 1
    assert "Bot.schema.json is missing" in missing.out
    assert "--write" in missing.err
    assert "Bot.schema.json" in shell("schema", "--write").out
    assert shell("schema", "--check").code == 0
    file = shell.bench.folder / "schemas" / "Bot.schema.json"
    file.write_text("{}", encoding="utf-8")
    ran = shell("schema", "--check")
    assert ran.code == 1
    assert ran.out.splitlines() == [f"{file} is not what the kinds give"]
    assert shell("schema", "--write").out.splitlines() == [f"wrote {file}"]
    assert shell("schema", "--write").out == ""


@pytest.mark.parametrize(
    "arguments", [["Bott"], ["Bot", "--check"], ["--check", "--write"], ["Bot", "--write"]]
)
def test_wrong_usage_is_3(shell: Shell, arguments: list[str]) -> None:
    assert shell("schema", *arguments).code == 3


@pytest.mark.parametrize("schema", [PLAN, RUN])
def test_they_are_schemas(schema: Any) -> None:
    Draft7Validator.check_schema(schema)


def made() -> Iterator[Plan]:
    """Every plan that the tests of renderings are about."""
    for name, make in vars(plans).items():
        annotation = getattr(make, "__annotations__", {})
        if not name.startswith("_") and annotation in ({"return": "Plan"}, {"return": Plan}):
            yield make()


def test_plans_fit() -> None:
    found = list(made())
    assert found
    for plan in found:
        # These have fingerprints and ids that are made up for people to read.
        data = json.loads(json.dumps(plan_json(plan)))
        for change in data["changes"]:
            change["live_fingerprint"] = ""
        data["inputs"] = {}
        assert errors(PLAN, data) == []


def test_what_the_commands_write_fits(shell: Shell, tmp_path: Path) -> None:
    """Creates, nothing, edits with a finding, and the report of each apply."""
    bench, report = shell.bench, tmp_path / "run.json"
    for edit in (
        None,
        None,
        ("manifests/knowledge.yaml", '    - {files: "docs/cantonese/*.md"}\n', ""),
        ("manifests/bots/nutritionist.yaml", "connectors: [api, chat_sdk]", "connectors: [api]"),
    ):
        if edit:
            bench.edit(*edit)
        file = tmp_path / "plan.json"
        assert shell("plan", "--out", str(file)).code == 0
        assert errors(PLAN, json.loads(file.read_text("utf-8"))) == []
        assert shell("apply", str(file), "--ack", "COZE105", "--report", str(report)).code == 0
        assert errors(RUN, json.loads(report.read_text("utf-8"))) == []
        report.unlink()


def test_every_outcome_fits() -> None:
    outcomes = [Outcome(plans.CHEF, status, "74", "why", "do", "log", "7", 0.5) for status in Status]
    for code in ExitCode:
        data = run_json(plans.story(), outcomes, exit_code=code, stats={"requests": 1})
        assert errors(RUN, json.loads(json.dumps(data))) == []


def test_the_words_of_the_schemas_are_those_of_the_engine() -> None:
    change = PLAN["definitions"]["change"]["properties"]
    assert set(change["action"]["enum"]) == set(Action)
    assert set(PLAN["definitions"]["finding"]["properties"]["severity"]["enum"]) == set(Severity)
    assert set(RUN["definitions"]["outcome"]["properties"]["status"]["enum"]) == set(Status)
    assert set(RUN["properties"]["exit_code"]["enum"]) == set(ExitCode)


def test_everything_that_is_written_is_described() -> None:
    """A field that the schema does not know is one that nobody documented."""
    data = plan_json(plans.story())
    assert {*data, "project", "shard", "gate"} == PLAN["properties"].keys()  # what not every plan has
    for part, name in (("changes", "change"), ("findings", "finding")):
        known = PLAN["definitions"][name]["properties"].keys()
        assert all(one.keys() <= known for one in data[part])
    for change in data["changes"]:
        assert all(
            one.keys() <= PLAN["definitions"]["field"]["properties"].keys() for one in change["fields"]
        )
        assert all(one.keys() <= PLAN["definitions"]["step"]["properties"].keys() for one in change["steps"])


WRONG = [
    ("format", "cozeops-plan/2"),
    ("digest", "sha256:1"),
    ("env", None),
    ("changes", {}),
    ("changes.0.action", "destroy"),
    ("changes.0.address", "chef"),
    ("changes.0.steps", None),
    ("changes.0.fields", [{"path": "model", "before": 1, "after": 2}]),
    ("changes.0.fields", [{"path": "spec.model"}]),
    ("findings.0.severity", "fatal"),
    ("findings.0.code", "E1"),
    ("summary", {"create": -1}),
]


@pytest.mark.parametrize(("path", "value"), WRONG)
def test_what_is_no_plan_does_not_fit(path: str, value: Any) -> None:
    data = copy.deepcopy(json.loads(json.dumps(plan_json(plans.story()))))
    data["inputs"] = {}
    for change in data["changes"]:
        change["live_fingerprint"] = ""
    assert errors(PLAN, data) == []
    *steps, last = path.split(".")
    place = data
    for step in steps:
        place = place[int(step) if step.isdigit() else step]
    place[last] = value
    assert errors(PLAN, data)


@pytest.mark.parametrize("key", PLAN["required"])
def test_nothing_may_be_missing(key: str) -> None:
    data = json.loads(json.dumps(plan_json(plans.story())))
    del data[key]
    assert errors(PLAN, data)
