"""Publish, unpublish and versions of bots.

A call publishes a bot to some connectors at once. A custom connector must be installed in the bot's workspace
and needs the API connector in the same call. Unpublish takes a bot off one connector.
"""

from __future__ import annotations

import json

from ..access import bot, user_name
from ..fields import At, Check, choice, each, ident, mapping, text
from ..paging import cut, numbered
from ..publication import settle, submit
from ..routing import Call, Route
from ..store import TableSpec
from ..wire import UNSAFE, CozeError, Row, forbidden, invalid, not_found
from .connectors import API, CHAT_SDK

_SENSITIVE = 4105
_UNREADY = 702042078

TABLES = (TableSpec("bot_versions", "id", {"bot": lambda row: (row["bot_id"],)}),)


def publish_bot(call: Call) -> Row:
    """Publish the draft."""
    settle(call.store, call.now)
    row = bot(call, call.body["bot_id"], edit=True)
    wanted = list(dict.fromkeys(call.body["connector_ids"]))
    params = call.body["connectors"]
    if not wanted:
        raise invalid("Invalid parameter connector_ids: names no connector")
    customs = [connector for connector in wanted if connector not in (API, CHAT_SDK)]
    installed = call.store["workspaces"][row["space_id"]]["connectors"]
    for connector in customs:
        if connector not in call.store["connectors"] or connector not in installed:
            raise invalid(f"Invalid parameter connector_ids: {connector} is no channel of this workspace")
    if customs and API not in wanted:
        raise invalid(f"Invalid parameter connector_ids: a custom channel is published together with {API}")
    if stray := sorted(params.keys() - set(customs)):
        raise invalid(
            f"Invalid parameter connectors.{stray[0]}: is not among the custom channels of connector_ids"
        )
    if call.now < row["create_time"] + call.options.unready_seconds:
        raise CozeError(_UNREADY, "Server issues, please try again later")
    if UNSAFE in json.dumps(row["draft"], ensure_ascii=False):
        raise CozeError(_SENSITIVE, "Sensitive content was found in the bot")
    delay = call.options.publish_seconds
    waits: dict[str, float | None] = dict.fromkeys(wanted, delay)
    if call.options.custom_audit:
        waits |= dict.fromkeys(customs)
    version = submit(call.store, call.now, row, waits, by=call.caller.user_id, params=params)
    call.emit(
        "bot.published", bot_id=row["bot_id"], connector_ids=wanted, version=version, by=call.caller.user_id
    )
    return {"bot_id": row["bot_id"], "version": version}


def unpublish_bot(call: Call) -> None:
    """Take a bot off one connector."""
    settle(call.store, call.now)
    row = bot(call, call.path["bot_id"])
    connector = call.body["connector_id"]
    if call.body.get("bot_id", row["bot_id"]) != row["bot_id"]:
        raise invalid("Invalid parameter bot_id: differs from the one in the path")
    channel = call.store["connectors"].get(connector) or {}
    if call.caller.user_id not in (row["owner_user_id"], channel.get("owner_user_id")):
        raise forbidden("Only the owner of a bot, or of the custom channel, may unpublish it")
    if connector not in row["online"] and connector not in row["pending"]:
        raise not_found("connector_id", connector)
    online = {key: entry for key, entry in row["online"].items() if key != connector}
    pending = {key: entry for key, entry in row["pending"].items() if key != connector}
    call.store["bots"].change(row["bot_id"], online=online, pending=pending)
    call.emit(
        "bot.unpublished",
        bot_id=row["bot_id"],
        connector_id=connector,
        unpublish_reason=call.body.get("unpublish_reason", ""),
        by=call.caller.user_id,
    )


def list_versions(call: Call) -> Row:
    """List published versions, newest first."""
    row = bot(call, call.path["bot_id"])
    versions = list(call.bucket("bot_versions", "bot", row["bot_id"]))[::-1]
    if call.query["publish_status"] == "unpublished_draft":
        versions = []
    elif connector := call.query.get("connector_id"):
        versions = [version for version in versions if connector in version["connector_ids"]]
    page = cut(call, versions, lambda version: _shown(call, version))
    return {"items": page.items, "has_more": page.has_more}


def _shown(call: Call, version: Row) -> Row:
    return {
        "version": version["version"],
        "changelog": "",
        "created_at": version["created_at"],
        "publish_status": "published_online",
        "creator": {"id": version["creator_id"], "name": user_name(call.store, version["creator_id"])},
    }


def _holding_json(value: object, at: At) -> object:
    held = text().take(value, at)
    try:
        json.loads(held)
    except (ValueError, RecursionError):
        raise at.refuse("must be a string that holds JSON") from None
    return held


ROUTES = (
    Route(
        "POST", "/v1/bot/publish", "publishBot", "publish", publish_bot,
        body={
            "bot_id*": ident(), "connector_ids*": each(ident()),
            "connectors": mapping(mapping(Check(_holding_json))).otherwise({}),
        },
    ),
    Route(
        "POST", "/v1/bots/{bot_id}/unpublish", "unpublishBot", "disconnectBot", unpublish_bot,
        body={"connector_id*": ident(), "unpublish_reason": text(0, 1024), "bot_id": ident()},
    ),
    Route(
        "GET", "/v1/bots/{bot_id}/versions", "listBotVersions", "Bot.listVersion", list_versions,
        query={
            **numbered(10, 30), "connector_id": ident(),
            "publish_status": choice("published_online", "unpublished_draft").otherwise("published_online"),
        },
    ),
)  # fmt: skip
