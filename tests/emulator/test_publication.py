"""Draft and published copies, connectors, versions, and what the listings say about them."""

from __future__ import annotations

import pytest

from .conftest import Coze, Make


def publish(coze: Coze, bot: str, *connectors: str) -> str:
    """Publish a bot and return the version."""
    version: str = coze.post("/v1/bot/publish", bot_id=bot, connector_ids=list(connectors))["version"]
    return version


def names(coze: Coze, space: str, **query: str) -> list[str]:
    """Return the names in a listing."""
    return [item["name"] for item in coze.get("/v1/bots", workspace_id=space, **query)["items"]]


def test_an_edit_reaches_users_only_when_published(coze: Coze) -> None:
    """The published copy is a snapshot of the draft."""
    bot = coze.bot(coze.workspace(), prompt_info={"prompt": "one"})
    version = publish(coze, bot, "1024")
    coze.post("/v1/bot/update", bot_id=bot, prompt_info={"prompt": "two"})
    live = coze.get(f"/v1/bots/{bot}")
    assert (live["prompt_info"]["prompt"], live["version"]) == ("one", version)
    assert coze.draft(bot)["prompt_info"]["prompt"] == "two"
    assert coze.get("/v1/bot/get_online_info", bot_id=bot)["prompt_info"]["prompt"] == "one"
    publish(coze, bot, "1024")
    assert coze.get(f"/v1/bots/{bot}")["prompt_info"]["prompt"] == "two"


def test_listings_answer_per_publication_and_connector(coze: Coze) -> None:
    """The default hides what is not online on the API connector."""
    space = coze.workspace()
    api, sdk = coze.bot(space, "api"), coze.bot(space, "sdk")
    coze.bot(space, "draft")
    publish(coze, api, "1024")
    publish(coze, sdk, "999")
    assert names(coze, space) == ["api"]
    assert names(coze, space, connector_id="999") == ["sdk"]
    assert names(coze, space, publish_status="all") == ["api", "sdk", "draft"]
    assert names(coze, space, publish_status="unpublished_draft") == ["draft"]
    published = [
        item["is_published"]
        for item in coze.get("/v1/bots", workspace_id=space, publish_status="all")["items"]
    ]
    assert published == [True, False, False], "published on another channel looks unpublished"


def test_the_online_listing_shows_the_published_name_and_both_times(coze: Coze) -> None:
    """updated_at is the draft's, published_at the connector's."""
    space = coze.workspace()
    bot = coze.bot(space, "old")
    publish(coze, bot, "1024")
    published_at = int(coze.clock.time)
    coze.clock.time += 60
    coze.post("/v1/bot/update", bot_id=bot, name="new")
    online = coze.get("/v1/bots", workspace_id=space)["items"][0]
    assert (online["name"], online["published_at"]) == ("old", published_at)
    assert online["updated_at"] == int(coze.clock.time)
    assert names(coze, space, publish_status="published_draft") == ["new"]


def test_a_publish_leaves_other_connectors_as_they_are(coze: Coze) -> None:
    """Each connector has its own snapshot; unpublish takes one away."""
    space = coze.workspace()
    bot = coze.bot(space)
    publish(coze, bot, "1024", "999")
    coze.clock.time += 60
    publish(coze, bot, "1024")
    times = [
        coze.get("/v1/bots", workspace_id=space, connector_id=one)["items"][0]["published_at"]
        for one in ("1024", "999")
    ]
    assert times[0] - times[1] == 60
    coze.post(f"/v1/bots/{bot}/unpublish", connector_id="1024", unpublish_reason="休息")
    assert names(coze, space) == []
    assert len(names(coze, space, connector_id="999")) == 1
    assert coze.code("POST", f"/v1/bots/{bot}/unpublish", {"connector_id": "1024"}) == 4200


def test_versions_are_increasing_milliseconds_also_within_one(coze: Coze) -> None:
    """Newest first; filtered by connector; no drafts among them."""
    bot = coze.bot(coze.workspace())
    versions = [publish(coze, bot, "1024"), publish(coze, bot, "999"), publish(coze, bot, "1024", "999")]
    assert sorted(versions) == versions
    assert len(set(versions)) == 3
    assert len(versions[0]) == 13
    path = f"/v1/bots/{bot}/versions"
    assert [item["version"] for item in coze.get(path)["items"]] == versions[::-1]
    assert [item["version"] for item in coze.get(path, connector_id="999")["items"]] == [
        versions[2],
        versions[1],
    ]
    page = coze.get(path, page_num=2, page_size=2)
    assert (len(page["items"]), page["has_more"]) == (1, False)
    assert coze.get(path, publish_status="unpublished_draft")["items"] == []


def test_a_custom_connector_is_installed_first_and_published_with_the_api(coze: Coze) -> None:
    """Both preconditions are 4000."""
    space = coze.workspace()
    bot = coze.bot(space)
    body = {"bot_id": bot, "connector_ids": ["1024", "900"], "connectors": {"900": {"device_id": '["51"]'}}}
    assert coze.code("POST", "/v1/bot/publish", body) == 4000
    coze.post("/v1/connectors/900/install", workspace_id=space)
    assert coze.code("POST", "/v1/connectors/900/install", {"workspace_id": space}) == 0
    assert coze.code("POST", "/v1/bot/publish", {**body, "connector_ids": ["900"]}) == 4000
    assert coze.code("POST", "/v1/bot/publish", body) == 0
    assert len(names(coze, space, connector_id="900")) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"connector_ids": []},
        {"connector_ids": ["10000122"]},
        {"connector_ids": ["1024"], "connectors": {"1024": {}}},
        {"connector_ids": ["1024"], "connectors": {"900": {"device_id": "no json"}}},
        {},
    ],
)
def test_what_publish_refuses(coze: Coze, body: dict[str, object]) -> None:
    """Stores are not published to by the API; parameters belong to custom connectors and hold JSON."""
    bot = coze.bot(coze.workspace())
    assert coze.code("POST", "/v1/bot/publish", {"bot_id": bot, **body}) == 4000


def test_a_publication_may_take_a_while_to_show(make: Make) -> None:
    """With publish_seconds the lists and the published copy follow later."""
    coze = make(publish_seconds=10)
    space = coze.workspace()
    bot = coze.bot(space)
    publish(coze, bot, "1024")
    assert names(coze, space) == []
    coze.clock.time += 10
    assert len(names(coze, space)) == 1


def test_custom_connectors_may_audit(make: Make) -> None:
    """An approved publication goes online, a rejected one never does."""
    coze = make(custom_audit=True)
    space = coze.workspace()
    coze.post("/v1/connectors/900/install", workspace_id=space)
    for status, online in ((3, 0), (1, 0), (2, 1)):
        bot = coze.bot(space)
        publish(coze, bot, "1024", "900")
        assert names(coze, space, connector_id="900") == []
        coze.put(f"/v1/connectors/900/bots/{bot}", audit_status=status, reason="x")
        assert len(names(coze, space, connector_id="900")) == online


def test_the_old_listing_is_by_publish_time(coze: Coze) -> None:
    """Newest first, times as strings, pages by page_index."""
    space = coze.workspace()
    first, second = coze.bot(space, "first"), coze.bot(space, "second")
    publish(coze, second, "1024")
    coze.clock.time += 1
    publish(coze, first, "1024")
    listed = coze.get("/v1/space/published_bots_list", space_id=space, page_index=1, page_size=1)
    assert (listed["total"], listed["space_bots"][0]["bot_name"]) == (2, "first")
    assert listed["space_bots"][0]["publish_time"] == str(int(coze.clock.time))


def test_channels_that_the_api_does_not_serve_are_published_by_hand(coze: Coze) -> None:
    """The console can publish to stores; the API can take a bot off them."""
    space = coze.workspace()
    bot = coze.bot(space)
    coze.emulator.publish(bot, "10000122")
    assert len(names(coze, space, connector_id="10000122")) == 1
    coze.post(f"/v1/bots/{bot}/unpublish", connector_id="10000122")
    assert names(coze, space, connector_id="10000122") == []


def test_any_connector_may_count_in_a_list_of_all(make: Make) -> None:
    """Unknown on the cloud, so an option."""
    for counts, shown in (("asked", False), ("any", True)):
        coze = make(all_connectors=counts)
        space = coze.workspace()
        publish(coze, coze.bot(space), "999")
        item = coze.get("/v1/bots", workspace_id=space, publish_status="all")["items"][0]
        assert (item["is_published"], "published_at" in item) == (shown, shown)


def test_lists_may_be_in_the_order_of_changes(make: Make) -> None:
    """Unknown on the cloud, so an option; and a page may be shorter than asked."""
    coze = make(list_order="updated", page_cap=1)
    space = coze.workspace()
    first = coze.bot(space, "first")
    coze.clock.time += 1
    coze.bot(space, "second")
    assert names(coze, space, publish_status="all", page_size="5") == ["second"]
    coze.clock.time += 1
    coze.post("/v1/bot/update", bot_id=first, name="changed")
    assert names(coze, space, publish_status="all") == ["changed"]


def test_sensitive_content_is_found_while_publishing(coze: Coze) -> None:
    """The draft takes it."""
    bot = coze.bot(coze.workspace(), prompt_info={"prompt": "说说敏感内容"})
    assert coze.code("POST", "/v1/bot/publish", {"bot_id": bot, "connector_ids": ["1024"]}) == 4105
