"""Adopting many things is one line of a plan in each format; what else they bring is told one by one."""

from __future__ import annotations

from io import StringIO

import pytest

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.engine.model.findings import finding
from cozeops.engine.model.plan import Action, Change, FieldChange, Plan
from cozeops.report import words
from cozeops.report.plan.html import plan_html
from cozeops.report.plan.markdown import plan_markdown
from cozeops.report.plan.text import render_plan

FOUND = "found by its name: from now on it is ours"


def _plan(count: int, *more: Change, noted: Address | None = None) -> Plan:
    many = (Change(Address("Bot", f"b{n:02}"), str(n), Action.ADOPT, FOUND, scope="s") for n in range(count))
    findings = (finding(Code.NOT_OWNER, noted, "x"),) if noted else ()
    return Plan("dev", "https://api.coze.cn", (*many, *more), findings)


def _text(plan: Plan, *, verbose: bool = False) -> str:
    stream = StringIO()
    render_plan(plan, stream, width=400, color=False, verbose=verbose)
    return stream.getvalue()


@pytest.mark.parametrize("form", [_text, plan_markdown, lambda plan: plan_html(plan, digest="d")])
def test_sixty_adoptions_are_one_line(form: object) -> None:
    update = Change(
        Address("Bot", "real"),
        "77",
        Action.UPDATE,
        "1 field differs",
        fields=(FieldChange("spec.prompt", "a", "b"),),
    )
    text = form(_plan(60, update))  # type: ignore[operator]
    assert text.count(FOUND) == 1
    assert "60 to adopt" in text
    assert "and 54 more" in text
    assert "Bot/b07" not in text
    assert "Bot/real" in text


def test_all_of_them_can_be_seen() -> None:
    assert "Bot/b59" in _text(_plan(60), verbose=True)


def test_a_few_are_told_one_by_one() -> None:
    assert [str(one.address) for one in words.told(_plan(3))] == ["Bot/b00", "Bot/b01", "Bot/b02"]
    assert words.adopted(_plan(3)) == []


def test_one_with_a_finding_or_a_difference_is_told_by_itself() -> None:
    noted = Address("Bot", "b03")
    changed = Change(
        Address("Bot", "own"), "9", Action.ADOPT, FOUND, fields=(FieldChange("spec.prompt", "a", "b"),)
    )
    plan = _plan(9, changed, noted=noted)
    assert {one.address for one in words.told(plan)} == {noted, changed.address}
    assert words.adopted(plan)[0].startswith("8 to adopt")


def test_other_reasons_have_other_lines() -> None:
    learned = (Change(Address("Bot", f"l{n}"), str(n), Action.ADOPT, "it learns") for n in range(5))
    assert len(words.adopted(_plan(5, *learned))) == 2
