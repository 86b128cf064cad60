"""What exists already: plugins, workflows, apps, connectors; and collaboration on things."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Coze, Make

PERSONAL = "7300000000000000001"


def test_plugins_one_and_many(coze: Coze) -> None:
    """Tools carry the ids that bots call api_id."""
    plugin = coze.get("/v1/plugins/500")
    assert [tool["tool_id"] for tool in plugin["tools"]] == ["501", "502"]
    assert [item["name"] for item in coze.get("/v1/plugins/mget", ids="600,500")["items"]] == ["mail", "news"]
    assert coze.code("GET", "/v1/plugins/1") == 4200
    assert coze.code("GET", "/v1/plugins/mget", ids=",".join(map(str, range(21)))) == 4000


def test_workflows_are_listed_by_publication_mode_and_app(coze: Coze) -> None:
    """Published ones by default; times are strings; page_num is required."""

    def names(**query: Any) -> list[str]:
        items = coze.get("/v1/workflows", workspace_id=PERSONAL, page_num=1, **query)["items"]
        return [item["workflow_name"] for item in items]

    assert names() == ["order-lookup", "inside"]
    assert names(publish_status="unpublished_draft") == ["draft"]
    assert names(publish_status="all", app_id="0") == ["order-lookup", "draft"]
    assert names(workflow_mode="chatflow") == []
    assert coze.code("GET", "/v1/workflows", workspace_id=PERSONAL) == 4000
    assert coze.code("GET", "/v1/workflows", workspace_id=PERSONAL, page_num=1, page_size=101) == 4000


def test_a_workflow_and_its_versions(coze: Coze) -> None:
    """Input and output come only when asked for; versions are paged by token."""
    coze.emulator.edit("workflows", "700", versions=["v0.0.1", "v0.0.2", "v0.0.3"])
    assert "input" not in coze.get("/v1/workflows/700")
    assert "input" in coze.get("/v1/workflows/700", include_input_output=True)
    first = coze.get("/v1/workflows/700/versions", page_size=2)
    assert [item["version"] for item in first["items"]] == ["v0.0.3", "v0.0.2"]
    rest = coze.get("/v1/workflows/700/versions", page_size=2, page_token=first["next_page_token"])
    assert ([item["version"] for item in rest["items"]], rest["has_more"]) == (["v0.0.1"], False)
    assert coze.code("GET", "/v1/workflows/700/versions", page_token="x") == 4000


def test_apps_are_listed_by_publication(coze: Coze) -> None:
    """As bots are."""
    assert [item["name"] for item in coze.get("/v1/apps", workspace_id=PERSONAL)["items"]] == ["shop"]
    assert coze.get("/v1/apps", workspace_id=PERSONAL, publish_status="unpublished_draft")["items"] == []
    assert coze.get("/v1/apps", workspace_id=PERSONAL, connector_id="999")["total"] == 0


def test_device_bindings_are_kept_though_unreadable(coze: Coze) -> None:
    """Only the dump shows them."""
    config = {"key": "device_id", "enums": [{"label": "客厅", "value": "51"}]}
    coze.post("/v1/connectors/900/user_configs", configs=[config])
    config["enums"] = [{"label": "卧室", "value": "52"}]
    coze.post("/v1/connectors/900/user_configs", configs=[config])
    row = coze.emulator.dump()["tables"]["connectors"]["900"]
    assert row["user_configs"] == {"device_id": {"51": "客厅", "52": "卧室"}}
    assert coze.code("POST", "/v1/connectors/1/user_configs", {"configs": [config]}) == 4200


def test_installing(make: Make) -> None:
    """Unknown connectors are 4200; a repetition is success or refused."""
    for repeat, code in (("ok", 0), ("refuse", 4000)):
        coze = make(repeat_install=repeat)
        space = coze.workspace()
        assert coze.code("POST", "/v1/connectors/1/install", {"workspace_id": space}) == 4200
        assert coze.code("POST", "/v1/connectors/900/install", {"workspace_id": space}) == 0
        assert coze.code("POST", "/v1/connectors/900/install", {"workspace_id": space}) == code


def test_collaboration_has_an_order(coze: Coze) -> None:
    """Mode first, members only, everybody out before single."""
    space = coze.workspace()
    path = f"/v1/bots/{coze.bot(space)}"
    one = {"collaborators": [{"user_id": "101"}]}
    assert coze.code("POST", f"{path}/collaborators", one) == 4000
    coze.post(f"{path}/collaboration_mode", collaboration_mode="collaboration")
    assert coze.code("POST", f"{path}/collaborators", one) == 4000
    coze.post(f"/v1/workspaces/{space}/members", users=[{"user_id": "101", "role_type": "member"}])
    assert coze.code("POST", f"{path}/collaborators", one) == 0
    assert coze.code("POST", f"{path}/collaboration_mode", {"collaboration_mode": "single"}) == 4000
    coze.delete(f"{path}/collaborators/101")
    assert coze.code("DELETE", f"{path}/collaborators/101") == 4200
    assert coze.code("POST", f"{path}/collaboration_mode", {"collaboration_mode": "single"}) == 0


def test_apps_have_no_mode_and_workflows_of_apps_no_collaboration(coze: Coze) -> None:
    """Apps take collaborators at once."""
    coze.emulator.seed(
        {"workspaces": [{"id": PERSONAL, "name": "个人空间", "members": [{"user_id": "101"}]}]}
    )
    one = {"collaborators": [{"user_id": "101"}]}
    assert coze.code("POST", "/v1/apps/800/collaborators", one) == 0
    assert coze.code("DELETE", "/v1/apps/800/collaborators/101") == 0
    mode = {"collaboration_mode": "collaboration"}
    assert coze.code("POST", "/v1/workflows/702/collaboration_mode", mode) == 4000
    assert coze.code("POST", "/v1/workflows/700/collaboration_mode", mode) == 0
    assert coze.code("POST", "/v1/workflows/700/collaborators", one) == 0


def test_personal_editions_do_not_collaborate(make: Make) -> None:
    """Nor may more than one be added per call."""
    personal = make(edition="free")
    mode = {"collaboration_mode": "collaboration"}
    bot = personal.bot(personal.workspace())
    assert personal.code("POST", f"/v1/bots/{bot}/collaboration_mode", mode) == 4101
    enterprise = make()
    bot = enterprise.bot(enterprise.workspace())
    two = {"collaborators": [{"user_id": "101"}, {"user_id": "102"}]}
    assert enterprise.code("POST", f"/v1/bots/{bot}/collaborators", two) == 4000


@pytest.mark.parametrize(("reply", "status"), [("429", 429), ("200", 200)])
def test_collaborators_are_limited_to_five_per_second(make: Make, reply: str, status: int) -> None:
    """Per API, however many bots; which reply it is, is unknown."""
    coze = make(throttle_reply=reply)
    responses = [coze.http.delete(f"/v1/bots/{n}/collaborators/101") for n in range(6)]
    assert [response.json()["code"] for response in responses] == [4200] * 5 + [4009]
    assert responses[-1].status_code == status
    assert ("Retry-After" in responses[-1].headers) == (reply == "429")
    coze.clock.time += 0.2
    assert coze.http.delete("/v1/bots/1/collaborators/101").json()["code"] == 4200


def test_only_those_concerned_collaborate(coze: Coze) -> None:
    """A member who is no collaborator adds nobody; a collaborator does, but leaves the mode alone."""
    space = coze.workspace()
    users = [{"user_id": user, "role_type": "member"} for user in ("101", "102")]
    coze.post(f"/v1/workspaces/{space}/members", users=users)
    path = f"/v1/bots/{coze.bot(space)}"
    coze.post(f"{path}/collaboration_mode", collaboration_mode="collaboration")
    other = {"collaborators": [{"user_id": "102"}]}
    member = coze.as_token("pat_101")
    assert member.code("POST", f"{path}/collaborators", other) == 4101
    coze.post(f"{path}/collaborators", collaborators=[{"user_id": "101"}])
    assert member.code("POST", f"{path}/collaborators", other) == 0
    assert member.code("POST", f"{path}/collaboration_mode", {"collaboration_mode": "collaboration"}) == 4101


def test_who_may_unpublish(coze: Coze) -> None:
    """The owner of the bot, or of the custom channel; and the path names the bot."""
    space = coze.workspace()
    coze.post(f"/v1/workspaces/{space}/members", users=[{"user_id": "101", "role_type": "member"}])
    coze.emulator.seed({"connectors": [{"connector_id": "902", "owner_user_id": "101"}]})
    coze.post("/v1/connectors/902/install", workspace_id=space)
    bot = coze.bot(space)
    coze.post("/v1/bot/publish", bot_id=bot, connector_ids=["1024", "902"])
    member, path = coze.as_token("pat_101"), f"/v1/bots/{bot}/unpublish"
    assert member.code("POST", path, {"connector_id": "1024"}) == 4101
    assert member.code("POST", path, {"connector_id": "902"}) == 0
    assert coze.code("POST", path, {"connector_id": "1024", "bot_id": "1"}) == 4000


def test_an_audit_needs_a_publication(coze: Coze) -> None:
    """A bot that is not on the channel has none."""
    bot = coze.bot(coze.workspace())
    assert coze.code("PUT", f"/v1/connectors/900/bots/{bot}", {"audit_status": 2}) == 4200


def test_apps_and_workflows_live_in_a_workspace(coze: Coze) -> None:
    """The seed says which; one that is not there is an error."""
    with pytest.raises(ValueError, match="404"):
        coze.emulator.seed({"apps": [{"id": "1", "name": "a", "workspace_id": "404"}]})
    with pytest.raises(ValueError, match="404"):
        coze.emulator.seed({"bots": [{"bot_id": "1", "name": "a", "workspace_id": "404"}]})
