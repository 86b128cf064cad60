"""What an environment expects of the live side."""

from __future__ import annotations

from typing import Any

import pytest

from cozeops.engine.model.live import Live, Snapshot
from cozeops.engine.model.plan import Severity
from cozeops.engine.plan.expected_account import expectations
from tests.engine.made import CHEF, KITCHEN, resource

PROJECT = [resource(KITCHEN), resource(CHEF)]
LIVE = Snapshot({KITCHEN: Live("75"), CHEF: Live("7")}, user="2069")


@pytest.mark.parametrize(
    "expect", [{}, {"user": "2069"}, {"workspaces": {"kitchen": "75", "office": "76", "chef": "76"}}]
)
def test_the_right_account(expect: dict[str, Any]) -> None:
    """Only workspaces of the project are looked at."""
    assert expectations(expect, PROJECT, LIVE) == []


@pytest.mark.parametrize(
    ("expect", "seen", "message"),
    [
        ({"user": "2070"}, LIVE, "the token is of user 2069, the environment expects 2070"),
        ({"user": "2070"}, Snapshot({}), "the token is of user unknown, the environment expects 2070"),
        ({"workspaces": {"kitchen": "76"}}, LIVE, "it is 75, the environment expects 76"),
        ({"workspaces": {"kitchen": "76"}}, Snapshot({}), "it is not there, the environment expects 76"),
    ],
)
def test_another_account_blocks(expect: dict[str, Any], seen: Snapshot, message: str) -> None:
    """Otherwise everything would be built anew in the wrong place."""
    (found,) = expectations(expect, PROJECT, seen)
    assert (found.message, found.severity) == (message, Severity.BLOCK)
    assert found.address == (KITCHEN if "workspaces" in expect else None)
