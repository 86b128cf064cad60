"""What going back to earlier manifests does not bring back is told."""

from __future__ import annotations

from typing import Any

import pytest

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.engine.model.findings import finding
from cozeops.engine.model.plan import Action, Change, Plan, Severity
from cozeops.engine.plan.rollback import going_back
from cozeops.engine.prior.state import PriorState
from tests.engine.made import CHEF, GUIDE, KITCHEN, RECIPES, change, plan, record, resource, step

PEOPLE = Address("EnterpriseMembers", "acme")
OTHER = finding(Code.COSTS, CHEF, "it costs")


def told(made: Plan, *known: Address, memory: PriorState | None = None) -> list[tuple[str, str]]:
    """Address and message of what is not brought back."""
    back = going_back(made, {one: resource(one) for one in known}, memory)
    found = [one for one in back.findings if one.code == Code.NOT_BROUGHT_BACK]
    assert {one.severity for one in found} <= {Severity.WARN}
    return [(str(one.address), one.message) for one in found]


def test_fields_that_came_since_stay() -> None:
    """Said once, and not as something released or left."""
    released = finding(Code.RELEASED, CHEF, "no longer managed, and left as live: spec.icon, spec.prompt")
    left = finding(Code.LEFT_MANIFESTS, GUIDE, "no manifest names it any more")
    made = plan(change(), findings=(released, OTHER, left))
    message = (
        "the manifests of then do not say what these were, so they stay as they are: spec.icon, spec.prompt"
    )
    assert told(made, CHEF) == [("Bot/chef", message)]
    back = going_back(made, {}, None)
    assert [one.name for one in back.findings] == ["not-brought-back", "costs"]
    assert back.changes == made.changes


@pytest.mark.parametrize(
    ("changes", "addresses"),
    [
        ([], ["Bot/guide", "KnowledgeBase/recipes"]),
        ([change(RECIPES, Action.DELETE)], ["Bot/guide"]),
        (
            [change(GUIDE, Action.UNPUBLISH), change(RECIPES, Action.FORGET)],
            ["Bot/guide", "KnowledgeBase/recipes"],
        ),
    ],
)
def test_objects_that_were_made_since_stay_unless_they_are_deleted(
    changes: list[Change], addresses: list[str]
) -> None:
    memory = PriorState(
        {CHEF: record(), GUIDE: record("8"), RECIPES: record("9"), Address("Robot", "r"): record("1")}
    )
    found = told(plan(*changes), CHEF, memory=memory)
    assert [address for address, _ in found] == addresses
    assert found[0][1] == "it was made since, and stays (8): Coze has no call that deletes a Bot"
    assert all(message == "it was made since, and stays (9)" for _, message in found[1:])


@pytest.mark.parametrize(
    ("action", "count"), [(Action.CREATE, 1), (Action.REPLACE, 1), (Action.UPDATE, 0), (Action.PUBLISH, 0)]
)
def test_what_is_made_anew_has_another_id(action: Action, count: int) -> None:
    found = told(plan(change(action=action)), CHEF)
    assert found == [("Bot/chef", "it is made anew, with another id than it had")] * count


def adds(address: Address, operation: str, label: str, *keys: str, **more: Any) -> Plan:
    """A plan that adds items."""
    return plan(change(address, steps=(step(operation, label, keys, kind=address.kind),), **more))


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (
            adds(RECIPES, "createDocuments", "spec.documents", "a.md", "b.md"),
            "spec.documents: a.md, b.md: uploaded again: with other ids and no hit counts; "
            "a web page is read as it is now",
        ),
        (
            adds(KITCHEN, "addWorkspaceMembers", "spec.members", "1"),
            "spec.members: 1: what they owned went to the owner of the workspace when they were removed, "
            "and stays there",
        ),
        (
            adds(PEOPLE, "addEnterpriseMember", "spec.members", "1"),
            "spec.members: 1: what they owned went to their receiver when they were removed, and stays there",
        ),
    ],
)  # fmt: skip
def test_items_that_come_back_are_not_what_they_were(made: Plan, message: str) -> None:
    (one,) = made.changes
    assert (str(one.address), message) in told(made, one.address)


@pytest.mark.parametrize(
    "made",
    [
        adds(RECIPES, "deleteDocuments", "spec.documents", "a.md"),
        adds(CHEF, "addBotCollaborator", "spec.collaboration.collaborators", "1"),
        adds(RECIPES, "createDocuments", "spec.documents"),
    ],
)
def test_nothing_is_said_where_nothing_is_lost(made: Plan) -> None:
    assert told(made, *(one.address for one in made.changes)) == []


def test_what_the_manifests_of_then_do_not_have_is_passed_over() -> None:
    assert told(plan(change(action=Action.CREATE))) == []
