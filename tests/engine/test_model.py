"""What the counts of a plan say, and the code that an apply ends with."""

from __future__ import annotations

from typing import Any

import pytest

from cozeops.declare.verbs import Verb
from cozeops.engine.model.outcome import Outcome, Status, exit_code
from cozeops.engine.model.plan import Action, Change, Step
from cozeops.errors import ExitCode
from tests.engine.made import CHEF, GUIDE, KITCHEN, RECIPES, change, plan, steps

NOTHING = dict.fromkeys(
    (
        "create",
        "update",
        "replace",
        "publish",
        "unpublish",
        "delete",
        "adopt",
        "forget",
        "unchanged",
        "uncompared",
    ),
    0,
)
MEMBERS = "spec.members"


@pytest.mark.parametrize(
    ("one", "counted"),
    [
        (change(action=Action.CREATE, id=None, steps=steps("createBot")), {"create": 1}),
        (change(steps=steps("updateBot", "publishBot")), {"update": 1, "publish": 1}),
        (
            change(steps=steps("unpublishBot", "unpublishBot", "publishBot")),
            {"update": 1, "publish": 1, "unpublish": 1},
        ),
        (change(action=Action.REPLACE), {"replace": 1}),
        (change(action=Action.DELETE, steps=steps("deleteDataset")), {"delete": 1}),
        (change(action=Action.ADOPT), {"adopt": 1}),
        (change(action=Action.FORGET), {"forget": 1}),
        (change(action=Action.NONE), {"unchanged": 1}),
        (change(action=Action.NONE, id=None), {}),
        (change(action=Action.NONE, uncompared=("a", "b")), {"unchanged": 1, "uncompared": 2}),
        (
            change(steps=(Step(Verb.REMOVE, "removeWorkspaceMembers", MEMBERS, ("1", "2"), ("1", "2")),)),
            {"update": 1, "delete": 2},
        ),
        (
            change(
                steps=(
                    Step(Verb.REMOVE, "removeWorkspaceMembers", MEMBERS, ("1", "2"), ("1", "2")),
                    Step(Verb.ADD, "addWorkspaceMembers", MEMBERS, ("1",)),
                    Step(Verb.ADD, "addWorkspaceMembers", "spec.other", ("2",)),
                )
            ),
            {"update": 1, "delete": 1},
        ),
        (
            change(steps=(Step(Verb.CHANGE, "updateDocument", "spec.documents", ("a",), ("1",)),)),
            {"update": 1},
        ),
    ],
)
def test_a_change_counts_by_what_happens(one: Change, counted: dict[str, int]) -> None:
    """What is replaced is not deleted; a bot that is edited and published counts under both."""
    assert plan(one).summary == NOTHING | counted


@pytest.mark.parametrize(
    ("actions", "pending", "has_changes"),
    [
        ([], 0, False),
        ([Action.NONE], 0, False),
        ([Action.ADOPT], 1, False),
        ([Action.ADOPT, Action.FORGET], 2, True),
        ([Action.NONE, Action.PUBLISH], 1, True),
    ],
)
def test_adopting_alone_is_no_change(actions: list[Action], pending: int, has_changes: bool) -> None:
    made = plan(*(change(address, action) for address, action in zip((CHEF, GUIDE), actions, strict=False)))
    assert (len(made.pending), made.has_changes) == (pending, has_changes)


def outcomes(*statuses: Status, **more: Any) -> list[Outcome]:
    """An outcome of each status."""
    return [
        Outcome(address, one, **more)
        for address, one in zip((CHEF, GUIDE, KITCHEN, RECIPES), statuses, strict=False)
    ]


DENIED = outcomes(Status.FAILED, denied=True)


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        ([], ExitCode.OK),
        (outcomes(Status.DONE, Status.DONE), ExitCode.OK),
        *(
            (outcomes(Status.DONE, one), ExitCode.PARTIAL)
            for one in Status
            if one not in (Status.DONE, Status.STALE)
        ),
        (outcomes(Status.DONE, Status.STALE, Status.FAILED), ExitCode.STALE),
        (DENIED, ExitCode.ACCESS),
        ([*DENIED, *outcomes(Status.STALE)], ExitCode.ACCESS),
        ([*DENIED, *outcomes(Status.DONE, wrote=True)], ExitCode.PARTIAL),
        (outcomes(Status.FAILED), ExitCode.PARTIAL),
    ],
)
def test_the_code_of_an_apply(ended: list[Outcome], code: ExitCode) -> None:
    """A token that may not write is told as such only while nothing was written."""
    assert exit_code(ended, cancelled=False) is code
    assert exit_code(ended, cancelled=True) is ExitCode.CANCELLED
