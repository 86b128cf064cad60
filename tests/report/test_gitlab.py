"""GitLab's three numbers."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cozeops.engine.model.plan import Action, Plan
from cozeops.report.plan.gitlab import plan_gitlab

from .plans import empty, story


def test_the_story() -> None:
    """One made, two edited and one that left a channel, one deleted; those unchanged are not counted."""
    assert json.loads(plan_gitlab(story())) == {"create": 1, "update": 4, "delete": 1}


def test_nothing_to_do() -> None:
    """GitLab wants all three, also when they are zero."""
    assert json.loads(plan_gitlab(empty())) == {"create": 0, "update": 0, "delete": 0}


@pytest.mark.parametrize(
    ("action", "counted"),
    [
        (Action.CREATE, (1, 0, 0)),
        (Action.UPDATE, (0, 1, 0)),
        (Action.PUBLISH, (0, 1, 0)),
        (Action.UNPUBLISH, (0, 1, 0)),
        (Action.REPLACE, (1, 0, 1)),
        (Action.DELETE, (0, 0, 1)),
        (Action.ADOPT, (0, 0, 0)),
        (Action.FORGET, (0, 0, 0)),
        (Action.NONE, (0, 0, 0)),
    ],
)
def test_each_action(action: Action, counted: tuple[int, int, int]) -> None:
    """Every action there is has its place."""
    plan: Plan = replace(story(), changes=(replace(story().changes[0], action=action),), findings=())
    assert tuple(json.loads(plan_gitlab(plan)).values()) == counted
