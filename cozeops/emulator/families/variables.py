"""Values of user variables; their definitions belong to the bot or app and are read-only.

A value is kept per user of the token, `connector_uid`, connector and bot or app. There is no delete.
"""

from __future__ import annotations

from ..access import bot, visible
from ..fields import choice, each, ident, obj, text
from ..publication import settle
from ..routing import Call, Route
from ..store import TableSpec
from ..wire import CozeError, Row, invalid, not_found
from .connectors import API, CHAT_SDK

TABLES = (TableSpec("variable_values", "id"),)

_UNPUBLISHED = 4015


def get_variables(call: Call) -> Row:
    """Return values, or the defaults; unknown keywords are skipped."""
    owner = _owner(call, call.query)
    wanted = call.query["keywords"]
    items = [
        _shown(call, owner, definition)
        for definition in owner["variables"]
        if definition["enable"] and (not wanted or definition["keyword"] in wanted)
    ]
    return {"items": items}


def _shown(call: Call, owner: Row, definition: Row) -> Row:
    row = call.store["variable_values"].get(_key(call, call.query, owner, definition["keyword"]))
    if row is None:
        # a create_time of 0 tells that this is the default
        row = {"value": definition["default_value"], "create_time": 0, "update_time": 0}
    kept = {key: row[key] for key in ("value", "create_time", "update_time")}
    return {"keyword": definition["keyword"], **kept}


def update_variables(call: Call) -> None:
    """Set values; all or none of them."""
    owner = _owner(call, call.body)
    if not owner["published"]:
        raise CozeError(_UNPUBLISHED, "Publish it to the API or the Chat SDK first")
    known = {definition["keyword"]: definition for definition in owner["variables"]}
    for item in call.body["data"]:
        definition = known.get(item["keyword"])
        if definition is None or not definition["enable"]:
            raise not_found("keyword", item["keyword"])
        if definition["channel"] == "system":
            raise invalid(f"Invalid parameter data: {item['keyword']} is a system variable")
        key = _key(call, call.body, owner, item["keyword"])
        before = call.store["variable_values"].get(key)
        created = before["create_time"] if before else call.seconds
        row = {"id": key, "value": item["value"], "create_time": created, "update_time": call.seconds}
        call.store["variable_values"].put(row)


def _owner(call: Call, given: Row) -> Row:
    if ("bot_id" in given) == ("app_id" in given):
        raise invalid("Invalid parameter bot_id: give either bot_id or app_id")
    if "bot_id" in given:
        settle(call.store, call.now)
        row, online = bot(call, given["bot_id"]), "online"
    else:
        row, online = visible(call, "apps", given["app_id"], "app_id", "workspace_id"), "published"
    return {
        "id": given.get("bot_id") or given["app_id"],
        "variables": row.get("variables", []),
        "published": API in row[online] or CHAT_SDK in row[online],
    }


def _key(call: Call, given: Row, owner: Row, keyword: str) -> str:
    parts = (call.caller.user_id, given["connector_uid"], given["connector_id"], owner["id"], keyword)
    # lengths, so that no two lists of parts give one key
    return "/".join(f"{len(part)}.{part}" for part in parts)


_WHOSE = {
    "app_id": ident(),
    "bot_id": ident(),
    "connector_id": choice(API, CHAT_SDK).otherwise(API),
    "connector_uid*": ident(),
}

ROUTES = (
    Route(
        "GET", "/v1/variables", "getVariables", "readVariable", get_variables,
        query={**_WHOSE, "keywords": each(text(1)).otherwise([])},
    ),
    Route(
        "PUT", "/v1/variables", "updateVariables", "updateVariable", update_variables,
        body={**_WHOSE, "data*": each(obj({"keyword*": text(1), "value*": text()}), 1)},
    ),
)  # fmt: skip
