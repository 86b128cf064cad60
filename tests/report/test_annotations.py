"""Annotations: each is one line that a runner reads as one command, whatever stands in it."""

from __future__ import annotations

import re

import pytest

from cozeops.address import Address
from cozeops.errors import Position, Problem
from cozeops.report.forms.annotations import MOST, github_annotations
from cozeops.report.forms.remarks import of_findings, of_problems

from .hostile import ESCAPES, INJECTIONS, hostile_plan
from .plans import CHEF, story

COMMAND = re.compile(r"::(error|warning|notice) ((?:[a-z]+=[^:,\r\n]*,?)*)::([^\r\n]*)")


def parse(line: str) -> tuple[str, dict[str, str], str]:
    """What GitHub's runner makes of a line."""
    match = COMMAND.fullmatch(line)
    assert match, line
    properties = dict(part.split("=", 1) for part in match[2].split(","))
    names = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))
    for code, character in names:
        properties = {key: value.replace(code, character) for key, value in properties.items()}
    return match[1], properties, match[3]


def test_findings_by_severity() -> None:
    """The loudest first, at the place of their resource."""
    places = {CHEF: Position("manifests/chef.yaml", 10, 1)}
    lines = github_annotations(of_findings(story().findings, places)).splitlines()
    told = [parse(line) for line in lines]
    assert [command for command, _, _ in told] == ["error", "warning", "notice"]
    assert told[1][1] == {
        "file": "manifests/chef.yaml",
        "line": "10",
        "col": "1",
        "title": "COZE111 resets-unreadable Bot/chef",
    }
    assert "file" not in told[0][1]


def test_special_characters_are_escaped() -> None:
    """In properties also the colon and the comma, which end them."""
    problem = Problem("C", "50% of a:b,c", position=Position("a,b:c%.yaml", 2, 3))
    (line,) = github_annotations(of_problems([problem])).splitlines()
    assert line == "::error file=a%2Cb%3Ac%25.yaml,line=2,col=3,title=C::50%25 of a:b,c"
    assert parse(line)[1]["file"] == "a,b:c%.yaml"


@pytest.mark.parametrize(("number", "lines"), [(0, 0), (1, 1), (MOST, MOST), (MOST + 1, MOST), (500, MOST)])
def test_no_more_than_github_shows(number: int, lines: int) -> None:
    """The last one counts what is not shown; every remark is either shown or counted."""
    problems = [Problem("C", str(index), position=Position("a", index + 1, 1)) for index in range(number)]
    told = github_annotations(of_problems(problems)).splitlines()
    assert len(told) == lines
    if number > MOST:
        command, _, message = parse(told[-1])
        assert command == "notice"
        assert message.startswith(f"{number - MOST + 1} more remarks")


@pytest.mark.parametrize(
    "text", [*ESCAPES, *INJECTIONS, "x\n::add-mask::y", "\r::stop-commands::z", "%0A::error::", "a::b,c=d"]
)
def test_hostile_text_stays_in_its_line(text: str) -> None:
    plan = hostile_plan(text)
    places = {Address("Bot", text): Position(text, 1, 1)}
    made = github_annotations(of_findings(plan.findings, places))
    assert made.endswith("\n")
    lines = made[:-1].split("\n")
    assert len(lines) == 3
    for line in lines:
        parse(line)
    made.encode("utf-8")
