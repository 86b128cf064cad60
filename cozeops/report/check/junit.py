"""Checks as JUnit XML: one that failed is a failure, one without a result is an error. Pure."""

from __future__ import annotations

from xml.etree import ElementTree

from cozeops.engine.check.runner import Attempt, Checked, Result, Verdict
from cozeops.report.check import words as check_words
from cozeops.report.forms.junit import document
from cozeops.report.terminal.safe import one_line, visible

_PARTS = {Verdict.FAILED: "failure", Verdict.NO_RESULT: "error"}


def checked_junit(checked: Checked) -> str:
    """A test per check, in a class per bot and copy; the transcript stands in it."""
    name = f"cozeops check {one_line(checked.environment)}"
    return document(name, [_case(one) for one in checked.results])


def _case(result: Result) -> ElementTree.Element:
    about = {"classname": one_line(check_words.subject(result)), "name": one_line(result.check.name)}
    case = ElementTree.Element("testcase", {**about, "time": f"{result.seconds:.3f}"})
    if part := _PARTS.get(result.verdict):
        message = one_line(result.why)
        failure = ElementTree.SubElement(case, part, {"type": result.verdict.value, "message": message})
        failure.text = visible("\n".join(_lines(result.telling)))
    if share := check_words.share(result):
        ElementTree.SubElement(case, "system-out").text = share
    return case


def _lines(attempt: Attempt) -> list[str]:
    lines = []
    for turn in attempt.turns:
        lines += [f"user: {turn.asked}", f"bot: {turn.said.answer}"]
        lines += [f"x {miss}" for miss in turn.misses]
    lines += [f"user: {attempt.unanswered}"] if attempt.unanswered else []
    return lines + ([f"x {attempt.trouble}"] if attempt.trouble else [])
