"""Workspaces and members: what is kept, who is added or invited, what a removal moves."""

from __future__ import annotations

import pytest

from .conftest import Coze, Make

PERSONAL = "7300000000000000001"


def members(coze: Coze, space: str) -> dict[str, str]:
    """Return role by user."""
    items = coze.get(f"/v1/workspaces/{space}/members")["items"]
    return {item["user_id"]: item["role_type"] for item in items}


def test_an_update_keeps_what_is_absent_or_empty(coze: Coze) -> None:
    """A description can not be cleared."""
    space = coze.post("/v1/workspaces", name="厨房", description="后厨")["id"]
    coze.put(f"/v1/workspaces/{space}", name="新厨房", description="")
    listed = {item["id"]: item for item in coze.get("/v1/workspaces")["workspaces"]}
    assert (listed[space]["name"], listed[space]["description"]) == ("新厨房", "后厨")
    assert listed[space]["workspace_type"] == "team"
    assert coze.code("PUT", f"/v1/workspaces/{PERSONAL}", {"name": "x"}) == 4000


def test_listing_details_are_optional(make: Make) -> None:
    """The documentation's table has them, its example does not."""
    item = make(workspace_details=False).get("/v1/workspaces")["workspaces"][0]
    assert not {"description", "owner_uid", "admin_uids", "joined_status"} & item.keys()


def test_filters_of_the_listing(coze: Coze) -> None:
    """By enterprise, personal ones are excluded; user and account go together."""
    space = coze.workspace()
    enterprise = coze.get("/v1/workspaces", enterprise_id="volcano_2100000001")
    assert [item["id"] for item in enterprise["workspaces"]] == [space]
    assert coze.code("GET", "/v1/workspaces", user_id="101") == 4000


def test_adding_members_answers_a_list_per_outcome(make: Make) -> None:
    """Code 0 with a mixed outcome: clients must look into the lists."""
    coze = make(unknown_member="list")
    space = coze.workspace()
    users = [{"user_id": user, "role_type": "member"} for user in ("101", "404", "2069720456000000")]
    reply = coze.post(f"/v1/workspaces/{space}/members", users=users)
    assert reply == {
        "added_success_user_ids": ["101"],
        "invited_success_user_ids": [],
        "not_exist_user_ids": ["404"],
        "already_joined_user_ids": ["2069720456000000"],
        "already_invited_user_ids": [],
    }
    assert members(coze, space)["101"] == "member"


def test_personal_editions_invite(make: Make) -> None:
    """Invitations are listed nowhere."""
    coze = make(edition="free")
    space = coze.workspace()
    body = {"users": [{"user_id": "101", "role_type": "member"}]}
    assert coze.post(f"/v1/workspaces/{space}/members", **body)["invited_success_user_ids"] == ["101"]
    assert coze.post(f"/v1/workspaces/{space}/members", **body)["already_invited_user_ids"] == ["101"]
    assert "101" not in members(coze, space)


@pytest.mark.parametrize(
    ("users", "code"),
    [
        ([], 4000),
        ([{"user_id": "101", "role_type": "owner"}], 4000),
        ([{"user_id": str(n), "role_type": "member"} for n in range(21)], 4000),
        ([{"user_id": "103", "role_type": "member"}], 702042162),
        ([{"user_id": "404", "role_type": "member"}], 702042162),
    ],
)
def test_what_adding_refuses(coze: Coze, users: list[dict[str, str]], code: int) -> None:
    """At most 20 per call, no owners, nobody from outside the enterprise."""
    space = coze.workspace()
    assert coze.code("POST", f"/v1/workspaces/{space}/members", {"users": users}) == code


def test_the_member_limit(make: Make) -> None:
    """Nobody is added by a call that would exceed it."""
    coze = make(member_limit=2)
    space = coze.workspace()
    users = [{"user_id": user, "role_type": "member"} for user in ("101", "102")]
    assert coze.code("POST", f"/v1/workspaces/{space}/members", {"users": users}) == 702042018
    assert list(members(coze, space).values()) == ["owner"]


def test_a_removed_members_bots_go_to_the_owner(coze: Coze) -> None:
    """The owner can not be removed; unknown people are named."""
    space = coze.workspace()
    coze.post(f"/v1/workspaces/{space}/members", users=[{"user_id": "101", "role_type": "admin"}])
    bot = coze.as_token("pat_101").bot(space)
    dataset = coze.as_token("pat_101").dataset(space)
    reply = coze.delete(f"/v1/workspaces/{space}/members", {"user_ids": ["101", "2069720456000000", "404"]})
    assert reply == {
        "removed_success_user_ids": ["101"],
        "owner_not_support_remove_user_ids": ["2069720456000000"],
        "not_in_workspace_user_ids": ["404"],
    }
    assert coze.draft(bot)["owner_user_id"] == "2069720456000000"
    listed = coze.get("/v1/datasets", space_id=space)["dataset_list"]
    assert [(item["dataset_id"], item["can_edit"]) for item in listed] == [(dataset, True)]
    assert coze.as_token("pat_101").code("GET", f"/v1/bots/{bot}") == 4200


def test_members_may_not_administer(coze: Coze) -> None:
    """A member lists, an admin changes."""
    space = coze.workspace()
    coze.post(f"/v1/workspaces/{space}/members", users=[{"user_id": "101", "role_type": "member"}])
    member = coze.as_token("pat_101")
    assert set(members(member, space)) == {"2069720456000000", "101"}
    assert member.code("PUT", f"/v1/workspaces/{space}", {"name": "x"}) == 4101
    assert member.code("DELETE", f"/v1/workspaces/{space}/members", {"user_ids": ["101"]}) == 4101


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "x" * 51, "description": ""}, 4000),
        ({"name": "x"}, 4000),
        ({"name": "x", "description": "x" * 2001}, 4000),
        ({"name": "敏感内容", "description": ""}, 4014),
        ({"name": "x", "description": "", "owner_uid": "404"}, 4200),
    ],
)
def test_what_creating_refuses(coze: Coze, body: dict[str, str], code: int) -> None:
    """Lengths are counted in characters; unsafe content has a code of its own."""
    assert coze.code("POST", "/v1/workspaces", body) == code


def test_a_workspace_made_for_somebody_else(coze: Coze) -> None:
    """The maker still sees it."""
    space = coze.post("/v1/workspaces", name="x", description="", owner_uid="101")["id"]
    assert members(coze, space) == {"101": "owner", "2069720456000000": "admin"}


def test_the_account_filter(coze: Coze) -> None:
    """User and account together: that user's workspaces there."""
    space = coze.post("/v1/workspaces", name="x", description="", coze_account_id="org")["id"]
    coze.workspace()
    listed = coze.get("/v1/workspaces", user_id="2069720456000000", coze_account_id="org")
    assert [item["id"] for item in listed["workspaces"]] == [space]


def test_on_personal_editions_only_owners_list(make: Make) -> None:
    """A member reads a bot by its id, and lists nothing."""
    coze = make(edition="free")
    coze.emulator.seed({"workspaces": [{"id": "1", "name": "x", "members": [{"user_id": "101"}]}]})
    bot = coze.bot("1")
    member = coze.as_token("pat_101")
    assert member.code("GET", "/v1/bots", workspace_id="1") == 4101
    assert member.code("GET", f"/v1/bots/{bot}", is_published=False) == 0


def test_a_leaver_is_no_collaborator_any_more(coze: Coze) -> None:
    """Nor does the seed take members whom nobody knows."""
    space = coze.workspace()
    coze.post(f"/v1/workspaces/{space}/members", users=[{"user_id": "101", "role_type": "member"}])
    path = f"/v1/bots/{coze.bot(space)}"
    coze.post(f"{path}/collaboration_mode", collaboration_mode="collaboration")
    coze.post(f"{path}/collaborators", collaborators=[{"user_id": "101"}])
    coze.delete(f"/v1/workspaces/{space}/members", {"user_ids": ["101"]})
    assert coze.code("POST", f"{path}/collaboration_mode", {"collaboration_mode": "single"}) == 0
    with pytest.raises(ValueError, match="404"):
        coze.emulator.seed({"workspaces": [{"id": "1", "name": "x", "members": [{"user_id": "404"}]}]})
