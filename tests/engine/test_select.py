"""Which resources a run is about."""

from __future__ import annotations

from typing import Any

import pytest

from cozeops.address import Address
from cozeops.engine.plan.targets import select
from tests.engine.made import CHEF, GUIDE, KITCHEN, RECIPES, resource

PERSONA = Address("Prompt", "persona")
PROJECT = [
    resource(KITCHEN),
    resource(RECIPES, scope=KITCHEN, labels={"team": "food"}),
    resource(CHEF, scope=KITCHEN, after=frozenset({RECIPES}), labels={"team": "food", "tier": "gold"}),
    resource(GUIDE, scope=KITCHEN, labels={"tier": "gold"}),
    resource(PERSONA),
]
ALL = {one.address for one in PROJECT}


@pytest.mark.parametrize(
    ("how", "chosen"),
    [
        ({}, ALL),
        ({"targets": [KITCHEN]}, {KITCHEN}),
        ({"targets": [CHEF]}, {CHEF, RECIPES, KITCHEN}),
        ({"targets": [GUIDE, PERSONA]}, {GUIDE, KITCHEN, PERSONA}),
        ({"excluded": [RECIPES]}, {KITCHEN, GUIDE, PERSONA}),
        ({"excluded": [KITCHEN]}, {PERSONA}),
        ({"targets": [CHEF], "excluded": [GUIDE]}, {CHEF, RECIPES, KITCHEN}),
        ({"targets": [CHEF], "excluded": [CHEF]}, {RECIPES, KITCHEN}),
        ({"labels": {"tier": "gold"}}, {CHEF, GUIDE, RECIPES, KITCHEN}),
        ({"labels": {"team": "food", "tier": "gold"}}, {CHEF, RECIPES, KITCHEN}),
        ({"labels": {"team": "cars"}}, set()),
        ({"labels": {"team": "cars"}, "targets": [PERSONA]}, {PERSONA}),
    ],
)
def test_a_target_brings_what_it_needs_and_an_exclusion_takes_its_dependents(
    how: dict[str, Any], chosen: set[Address]
) -> None:
    assert {one.address for one in select(PROJECT, **how)} == chosen


def test_the_order_of_the_project_is_kept() -> None:
    assert [one.address for one in select(PROJECT, targets=[CHEF])] == [KITCHEN, RECIPES, CHEF]
