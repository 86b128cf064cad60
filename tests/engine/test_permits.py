"""What Coze would refuse to the token, as far as that can be known."""

from __future__ import annotations

from typing import Any

import pytest

from cozeops.address import Address
from cozeops.declare.calls import EDITIONS, Call
from cozeops.engine.model.live import Live, Snapshot
from cozeops.engine.model.plan import Action
from cozeops.engine.plan.permissions import lacks, permits
from tests.engine.made import CHEF, KITCHEN, change, plan, resource, steps

PEOPLE = Address("EnterpriseMembers", "acme")


def found(
    one: Any,
    *,
    role: str = "",
    edition: str = EDITIONS[-1],
    token: bool = True,
    asked: list[str] | None = None,
) -> list[str]:
    """The names of the findings; `asked` notes each question for the edition."""

    def tell() -> str:
        (asked if asked is not None else []).append("edition")
        return edition

    known = {address: resource(address) for address in (CHEF, KITCHEN, PEOPLE)}
    seen = Snapshot({KITCHEN: Live("75", role=role), CHEF: Live("7", role=role)})
    findings = permits(plan(one), known, seen, edition=tell, enterprise_token=token)
    return [each.name for each in findings]


@pytest.mark.parametrize(
    ("one", "role", "names"),
    [
        (change(KITCHEN, steps=steps("updateWorkspace")), "member", ["needs-role"]),
        (change(KITCHEN, steps=steps("addWorkspaceMembers")), "member", ["needs-role"]),
        (change(KITCHEN, steps=steps("updateWorkspace")), "admin", []),
        (change(KITCHEN, steps=steps("updateWorkspace")), "", []),
        (change(KITCHEN, Action.ADOPT), "member", []),
        (change(KITCHEN, Action.NONE, steps=steps("updateWorkspace")), "member", []),
        (change(CHEF, steps=steps("updateBot")), "member", []),
        (change(Address("Workspace", "gone"), steps=steps("updateWorkspace")), "member", []),
    ],
)
def test_a_mere_member_may_not_change_a_workspace(one: Any, role: str, names: list[str]) -> None:
    """What needs no role is nobody's business, nor where Coze does not tell the role."""
    assert found(one, role=role) == names


def test_people_of_an_enterprise_take_a_token_of_it() -> None:
    one = change(PEOPLE, steps=steps("addEnterpriseMember"))
    assert found(one, token=False) == ["enterprise-token"]
    assert found(one) == []
    assert found(change(PEOPLE, Action.ADOPT), token=False) == []


def test_the_edition_is_asked_once_and_only_where_something_needs_one() -> None:
    asked: list[str] = []
    shares = change(CHEF, steps=steps("updateBot", "addBotCollaborator"))
    assert found(shares, edition=EDITIONS[0], asked=asked) == ["needs-edition"] or not EDITIONS[0]
    assert asked == ["edition"]
    assert found(change(CHEF, steps=steps("updateBot")), asked=asked) == []
    assert asked == ["edition"]


def test_an_unknown_edition_lacks_nothing() -> None:
    call = Call("x", "GET", "/x", edition=EDITIONS[-1])
    assert [lacks(call, one) for one in EDITIONS] == [True] * (len(EDITIONS) - 1) + [False]
    assert not lacks(call, "something new")
