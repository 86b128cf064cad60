"""How much one apply may change before somebody must have said yes to exactly that."""

from __future__ import annotations

from typing import Any

import pytest

from cozeops.address import Address
from cozeops.declare.verbs import Verb
from cozeops.engine.model.plan import Action, Severity, Step
from cozeops.engine.plan.thresholds import exceeded
from tests.engine.made import change, plan, steps, unchanged


def many(count: int, action: Action, *operations: str) -> list[Any]:
    """As many changes of one sort."""
    return [
        change(Address("Bot", f"{action}{number}"), action, steps=steps(*operations))
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("changes", "limits", "told"),
    [
        (many(2, Action.CREATE), {"create": 1}, ["2 to create, and the environment allows 1 (2 managed)"]),
        (many(2, Action.CREATE), {"create": 2}, []),
        (many(2, Action.CREATE), {"update": 0, "delete": 0, "publish": 0}, []),
        (many(1, Action.UPDATE) + many(1, Action.REPLACE), {"update": 1}, ["2 to update"]),
        (many(1, Action.DELETE), {"delete": 0}, ["1 to delete"]),
        (many(2, Action.UPDATE, "updateBot", "publishBot"), {"publish": 1}, ["2 to publish"]),
        (many(2, Action.UNPUBLISH, "unpublishBot"), {"unpublish": 1}, ["2 to unpublish"]),
        (many(2, Action.UNPUBLISH, "unpublishBot"), {"publish": 0}, []),
        (many(1, Action.NONE), {"update": 0, "create": 0, "delete": 0}, []),
        (many(1, Action.CREATE), {"create": " 0 "}, ["1 to create"]),
        (
            many(1, Action.CREATE) + many(1, Action.DELETE),
            {"delete": 0, "create": 0},
            ["1 to create", "1 to delete"],
        ),
        (many(1, Action.CREATE), {}, []),
    ],
)
def test_a_number(changes: list[Any], limits: dict[str, Any], told: list[str]) -> None:
    """Beyond it the plan is blocked; what happens besides does not count."""
    found = exceeded(plan(*changes), limits)
    assert [one.message.startswith(words) for one, words in zip(found, told, strict=True)] == [True] * len(
        told
    )
    assert {one.severity for one in found} <= {Severity.BLOCK}


@pytest.mark.parametrize(
    ("managed", "updates", "limit", "blocked"),
    [
        (10, 3, "30%", False),
        (10, 4, "30%", True),
        (11, 3, "30%", False),
        (11, 4, "30%", True),
        (9, 9, "30%", False),
        (9, 9, "8", True),
        (10, 1, "0%", True),
        (10, 10, "100%", False),
        (40, 1, " 2.5% ", False),
        (40, 2, " 2.5% ", True),
    ],
)
def test_a_share_of_what_is_managed(managed: int, updates: int, limit: str, blocked: bool) -> None:
    """From ten resources up: percentages of a handful mean nothing."""
    found = exceeded(plan(*many(updates, Action.UPDATE), *unchanged(managed - updates)), {"update": limit})
    assert bool(found) is blocked


def test_documents_that_go_count_as_deletes() -> None:
    """One base that loses two documents is two to delete; what is replaced is none."""
    label = "spec.documents"
    gone = Step(Verb.REMOVE, "deleteDocuments", label, ("a", "b", "c"), ("1", "2", "3"))
    back = Step(Verb.ADD, "createDocuments", label, ("c",))
    (found,) = exceeded(plan(change(steps=(back, gone))), {"delete": 1})
    assert found.message == "2 to delete, and the environment allows 1 (1 managed)"
