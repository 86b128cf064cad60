"""JUnit XML: one test per address or problem, parsed as CI servers parse it."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from cozeops.address import Address
from cozeops.errors import Position, Problem
from cozeops.report.forms.junit import plan_junit, validation_junit
from cozeops.report.forms.remarks import of_findings, of_problems

from .hostile import ESCAPES, INJECTIONS, hostile_plan
from .plans import CHEF, RECIPES, empty, story
from .test_terminal import assert_inert

PLACES = {CHEF: Position("manifests/chef.yaml", 10, 1), RECIPES: Position("manifests/菜谱.yaml", 3, 1)}


def suite_of(text: str) -> ElementTree.Element:
    """The one suite; the counts on it and on the root must be right."""
    root = ElementTree.fromstring(text)
    (suite,) = root
    cases = suite.findall("testcase")
    failures = sum(case.find("failure") is not None for case in cases)
    for element in (root, suite):
        assert element.get("tests") == str(len(cases))
        assert element.get("failures") == str(failures)
    return suite


def test_a_blocking_finding_fails_a_test_and_others_are_output() -> None:
    """The failure carries place, code, message and hint; a warning leaves its test passed."""
    plan = story()
    suite = suite_of(plan_junit(plan, of_findings(plan.findings, PLACES)))
    failed = [case for case in suite if case.find("failure") is not None]
    assert [case.get("name") for case in failed] == ["KnowledgeBase/recipes COZE105"]
    assert failed[0].get("classname") == "KnowledgeBase"
    assert (failed[0].get("file"), failed[0].get("line")) == ("manifests/菜谱.yaml", "3")
    failure = failed[0].find("failure")
    assert failure is not None
    assert failure.get("type") == "COZE105 removes-unknown"
    assert (failure.text or "").startswith("manifests/菜谱.yaml:3:1: COZE105")
    assert "hint: list it to keep it" in (failure.text or "")
    chef = next(case for case in suite if case.get("name") == "Bot/chef")
    assert chef.find("failure") is None
    assert "warning: COZE111" in chef.findtext("system-out", "")


def test_every_address_is_a_test() -> None:
    """Also those without a change: a report without tests would read as a broken job."""
    suite = suite_of(plan_junit(empty(), []))
    assert len(suite) == len(empty().changes)
    assert suite.get("failures") == "0"


def test_what_is_about_no_address_has_a_test_of_its_own() -> None:
    plan = story()
    found = [one for one in plan.findings if one.code == "COZE105"]
    lone = of_findings([type(found[0])("COZE115", "threshold", found[0].severity, None, "9 > 2")], {})
    names = [case.get("name") for case in suite_of(plan_junit(plan, lone))]
    assert "project COZE115" in names


def test_problems_and_clean_files() -> None:
    """A failure per problem, in the order of the file; files without one pass."""
    problems = [
        Problem("COZE013", "second", position=Position("a.yaml", 9, 3)),
        Problem("COZE010", "first", "try this", Position("a.yaml", 2, 1)),
        Problem("COZE038", "no place"),
    ]
    suite = suite_of(validation_junit(["a.yaml", "b.yaml"], of_problems(problems, prefix="bots")))
    names = [case.get("name") for case in suite]
    assert names == ["COZE038", "COZE010 bots/a.yaml:2:1", "COZE013 bots/a.yaml:9:3", "a.yaml", "b.yaml"]
    assert suite.get("failures") == "3"


def test_a_warning_about_a_valid_project_fails_nothing() -> None:
    """It is the output of its file's test, and says what it is about."""
    told = [one for one in story().findings if one.address == CHEF]
    remarks = of_findings(told, PLACES)
    suite = suite_of(validation_junit(["manifests/chef.yaml", "b.yaml"], remarks))
    assert [case.get("name") for case in suite] == ["manifests/chef.yaml", "b.yaml"]
    assert suite.get("failures") == "0"
    assert "warning: COZE111 resets-unreadable at Bot/chef: " in suite[0].findtext("system-out", "")


@pytest.mark.parametrize("text", [*ESCAPES, *INJECTIONS])
def test_hostile_text_is_text(text: str) -> None:
    """It parses, keeps its shape, and no control character is left in it."""
    plan = hostile_plan(text)
    places = {Address("Bot", text): Position(f"{text}.yaml", 0, 0)}
    for made in (
        plan_junit(plan, of_findings(plan.findings, places)),
        validation_junit([text], of_problems([Problem(text, text, text, Position(text, 1, 1), text)])),
    ):
        suite = suite_of(made)
        assert {case.tag for case in suite} == {"testcase"}
        assert {part.tag for case in suite for part in case} <= {"failure", "system-out"}
        assert suite.get("failures") == "1"
        assert_inert(made)
        made.encode("utf-8")
