"""What is shown where not everything fits."""

from __future__ import annotations

from dataclasses import replace

from cozeops.engine.model.plan import Change
from cozeops.report.forms.room import by_importance, within

from .plans import CHEF, GUIDE, KIOSK, RECIPES, SPARE, empty, story


def names(changes: list[Change]) -> list[str]:
    return [str(one.address) for one in changes]


def test_the_order_of_importance() -> None:
    """Blocked, leaving or going, warned, going live, the rest; each in the order of the plan."""
    plan = story()
    assert names(by_importance(plan)) == [
        str(RECIPES),  # a finding blocks it
        str(SPARE),  # leaves a channel
        "KnowledgeBase/menus",  # deleted
        str(CHEF),  # warned
        str(KIOSK),  # goes live
        str(GUIDE),  # stays in draft
    ]


def test_what_removes_items_comes_before_what_adds_some() -> None:
    plan = replace(story(), findings=())
    assert names(by_importance(plan))[0] == str(RECIPES)


def test_nothing_to_tell() -> None:
    assert by_importance(empty()) == []


def test_lines_within_room() -> None:
    lines = ["one", "two", "three"]
    assert within(lines, 14, "{} more") == lines
    assert within(lines, 13, "{} more") == ["one", "two", "1 more"]
    assert within(lines, 0, "{} more") == ["3 more"]
