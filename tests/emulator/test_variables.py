"""Values of user variables."""

from __future__ import annotations

from typing import Any

import pytest

from cozeops.emulator import DEFAULT_WORKSPACE

from .conftest import Coze

BOT = {
    "bot_id": "1000",
    "name": "bot",
    "publish": ["1024"],
    "variables": [
        {"keyword": "diet", "default_value": "all"},
        {"keyword": "off", "enable": False},
        {"keyword": "sys_uuid", "channel": "system"},
    ],
}


@pytest.fixture
def coze(coze: Coze) -> Coze:
    """A client of an emulator with a published bot and an app that have variables."""
    app = {"id": "801", "name": "app", "variables": [{"keyword": "size"}]}
    coze.emulator.seed({"bots": [BOT, {**BOT, "bot_id": "1001", "publish": []}], "apps": [app]})
    return coze


def values(coze: Coze, **query: str) -> dict[str, str]:
    """Read values."""
    query = {"bot_id": "1000", "connector_uid": "u", **query}
    return {item["keyword"]: item["value"] for item in coze.get("/v1/variables", **query)["items"]}


def body(**fields: Any) -> dict[str, Any]:
    """Build the body of a change."""
    data = [{"keyword": "diet", "value": "vegan"}]
    return {"bot_id": "1000", "connector_uid": "u", "data": data, **fields}


def test_values_are_set_and_set_again(coze: Coze) -> None:
    """A default has a create_time of 0; a change keeps it."""
    items = coze.get("/v1/variables", bot_id="1000", connector_uid="u", keywords="diet,unknown")["items"]
    assert items == [{"keyword": "diet", "value": "all", "create_time": 0, "update_time": 0}]
    coze.put("/v1/variables", **body())
    made = int(coze.clock.time)
    coze.clock.time += 9
    coze.put("/v1/variables", **body())
    items = coze.get("/v1/variables", bot_id="1000", connector_uid="u", keywords="diet")["items"]
    assert items[0] == {"keyword": "diet", "value": "vegan", "create_time": made, "update_time": made + 9}


def test_values_are_isolated(coze: Coze) -> None:
    """By the token's user, the connector and its user, and the bot."""
    coze.put("/v1/variables", **body())
    assert values(coze)["diet"] == "vegan"
    assert values(coze, connector_uid="v")["diet"] == "all"
    assert values(coze, connector_id="999")["diet"] == "all"
    assert values(coze, bot_id="1001")["diet"] == "all"
    coze.post(
        f"/v1/workspaces/{DEFAULT_WORKSPACE}/members", users=[{"user_id": "101", "role_type": "member"}]
    )
    assert values(coze.as_token("pat_101"))["diet"] == "all"


def test_variables_of_an_app(coze: Coze) -> None:
    """By app_id instead of bot_id."""
    change = {"app_id": "801", "connector_uid": "u", "data": [{"keyword": "size", "value": "L"}]}
    coze.put("/v1/variables", **change)
    items = coze.get("/v1/variables", app_id="801", connector_uid="u")["items"]
    assert [item["value"] for item in items] == ["L"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"data": [{"keyword": "unknown", "value": ""}]}, 4200),
        ({"data": [{"keyword": "off", "value": ""}]}, 4200),
        ({"data": [{"keyword": "sys_uuid", "value": ""}]}, 4000),
        ({"data": []}, 4000),
        ({"bot_id": "1001"}, 4015),
        ({"bot_id": "404"}, 4200),
        ({"bot_id": None}, 4000),
        ({"app_id": "801"}, 4000),
        ({"connector_id": "998"}, 4000),
    ],
)
def test_what_a_change_refuses(coze: Coze, change: dict[str, Any], code: int) -> None:
    """Nothing is changed then."""
    assert coze.code("PUT", "/v1/variables", body(**change)) == code
    assert values(coze)["diet"] == "all"
