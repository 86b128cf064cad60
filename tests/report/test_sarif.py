"""SARIF 2.1.0: held to what the standard demands and what code scanning reads of it."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

import pytest

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.errors import Position, Problem
from cozeops.report.forms.remarks import of_findings, of_problems
from cozeops.report.forms.sarif import sarif_log

from .hostile import ESCAPES, INJECTIONS, hostile_plan
from .plans import CHEF, story
from .test_terminal import assert_inert

KNOWN = {
    "log": {"$schema", "version", "runs"},
    "run": {"tool", "automationDetails", "columnKind", "results"},
    "driver": {"name", "version", "semanticVersion", "rules"},
    "rule": {"id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration"},
    "result": {"ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"},
    "location": {"physicalLocation", "logicalLocations"},
}
"""The properties of the standard that are used; it allows no others."""
URI = re.compile(r"[A-Za-z0-9._~/%-]+")


def check(text: str) -> list[dict[str, Any]]:
    """The results of a log that is as the standard has it."""
    log = json.loads(text)
    assert set(log) == KNOWN["log"]
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert set(run) == KNOWN["run"]
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    assert set(run["tool"]) == {"driver"}
    driver = run["tool"]["driver"]
    assert set(driver) == KNOWN["driver"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(set(ids)) == len(ids)
    for rule in driver["rules"]:
        assert set(rule) <= KNOWN["rule"]
        assert rule["shortDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    for result in run["results"]:
        _check_result(result, ids)
    return list(run["results"])


def _check_result(result: dict[str, Any], ids: list[str]) -> None:
    assert set(result) == KNOWN["result"]
    assert ids[result["ruleIndex"]] == result["ruleId"]
    assert result["level"] in ("error", "warning", "note")
    assert set(result["message"]) == {"text"}
    assert all(isinstance(value, str) for value in result["partialFingerprints"].values())
    for location in result["locations"]:
        assert set(location) <= KNOWN["location"]
        physical = location["physicalLocation"]
        assert URI.fullmatch(physical["artifactLocation"]["uri"])
        assert physical["artifactLocation"]["uriBaseId"] == "%SRCROOT%"
        assert physical["region"]["startLine"] >= 1
        assert physical["region"]["startColumn"] >= 1


def test_findings_stand_where_their_resource_is_declared() -> None:
    """What the manifests do not declare any more stands at the project's file."""
    places = {CHEF: Position("manifests/厨师 长.yaml", 10, 1)}
    remarks = of_findings(story().findings, places, project=Position("cozeops.yaml", 1, 1), prefix="bots")
    results = check(sarif_log(remarks))
    assert [(one["ruleId"], one["level"]) for one in results] == [
        ("COZE113", "note"),
        ("COZE105", "error"),
        ("COZE111", "warning"),
    ]
    uris = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in results]
    assert uris[:2] == ["bots/cozeops.yaml"] * 2
    assert unquote(uris[2]) == "bots/manifests/厨师 长.yaml"
    assert results[2]["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "Bot/chef"


def test_problems_have_their_line_and_column() -> None:
    problem = Problem("COZE010", "unknown field", "did you mean x?", Position("a.yaml", 31, 5))
    (result,) = check(sarif_log(of_problems([problem])))
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 31, "startColumn": 5}
    assert result["message"]["text"] == "unknown field — did you mean x?"


def test_a_moved_line_is_the_same_alert() -> None:
    """Otherwise an unrelated edit above would close one alert and open another."""
    one, other = (
        check(sarif_log(of_problems([Problem("COZE010", text, position=Position("a.yaml", line, 1))])))[0]
        for text, line in (("same", 3), ("same", 30))
    )
    assert one["partialFingerprints"] == other["partialFingerprints"]


@pytest.mark.parametrize("code", Code)
def test_every_code_is_described(code: str) -> None:
    """A reader of an alert learns what the code means."""
    text = sarif_log(of_problems([Problem(code, "m", position=Position("a.yaml", 1, 1))]))
    check(text)
    (rule,) = json.loads(text)["runs"][0]["tool"]["driver"]["rules"]
    assert len(rule["fullDescription"]["text"]) > len(code) + 5


def test_nothing_to_say_is_an_empty_run() -> None:
    """Code scanning closes what was open."""
    assert check(sarif_log([])) == []


@pytest.mark.parametrize("text", [*ESCAPES, *INJECTIONS, "[x](http://evil.example)", "{0} {{1}}"])
def test_hostile_text_is_text(text: str) -> None:
    """No link, no placeholder, no control character; the file's name is a URI."""
    plan = hostile_plan(text)
    places = {Address("Bot", text): Position(f"{text}.yaml", 0, 0)}
    made = sarif_log(of_findings(plan.findings, places))
    for result in check(made):
        assert "](" not in result["message"]["text"]
        assert not re.search(r"\{\d+\}", result["message"]["text"])
    assert_inert(json.dumps(json.loads(made), ensure_ascii=False).replace("\u200b", ""))
    made.encode("utf-8")
