"""Bots: drafts are created and changed, listings show them by their publication.

A bot made by create is unpublished; an update never touches what is published. There is no delete.
"""

from __future__ import annotations

from typing import Any

from ..access import bot, owned_space, visible, workspace
from ..bot_fields import CREATED, UPDATED, blank, check_rules, merged
from ..fields import choice, each, flag, ident, integer, obj, text
from ..icons import signed
from ..paging import cut, indexed, page_size
from ..publication import newest, online_copy, publish, settle
from ..routing import Call, Planting, Route, Seed
from ..seed import DEFAULT_WORKSPACE
from ..store import TableSpec
from ..wire import Row, not_found
from .connectors import API
from .workspaces import use_icon

TABLES = (
    TableSpec(
        "bots",
        "bot_id",
        {
            "space": lambda row: (row["space_id"],),
            "online": lambda row: ((row["space_id"], connector) for connector in row["online"]),
            "offline": lambda row: () if row["online"] else (row["space_id"],),
            "pending": lambda row: (True,) if row["pending"] else (),
            "dataset": lambda row: row["draft"]["knowledge"]["dataset_ids"],
        },
    ),
)


def new_bot(bot_id: str, space_id: str, owner: str, draft: Row, now: int) -> Row:
    """Build the row of a bot that was never published."""
    return {
        "bot_id": bot_id,
        "space_id": space_id,
        "owner_user_id": owner,
        "folder_id": "",
        "create_time": now,
        "update_time": now,
        "draft": draft,
        "online": {},
        "pending": {},
        "last_version": "0",
        "variables": [],
        "collaboration_mode": "single",
        "collaborators": [],
    }


def create_bot(call: Call) -> Row:
    """Make a draft."""
    space_id = call.body.pop("space_id")
    workspace(call, space_id)
    draft = _next_draft(call, blank(call.options), space_id)
    row = new_bot(call.store.new_id(), space_id, call.caller.user_id, draft, call.seconds)
    call.store["bots"].put(row)
    return {"bot_id": row["bot_id"]}


def update_bot(call: Call) -> None:
    """Change the draft."""
    row = bot(call, call.body.pop("bot_id"), edit=True)
    draft = _next_draft(call, row["draft"], row["space_id"])
    call.store["bots"].change(row["bot_id"], draft=draft, update_time=call.seconds)


def _next_draft(call: Call, draft: Row, space_id: str) -> Row:
    given = call.body
    after = merged(draft, given, keep_empty=call.options.empty == "keep")
    check_rules(after, given)
    if "icon_file_id" in given:
        use_icon(call, given)
    for dataset_id in given.get("knowledge", {}).get("dataset_ids", ()):
        dataset = visible(call, "datasets", dataset_id, "dataset_id")
        if dataset["space_id"] != space_id:
            raise not_found("dataset_id", dataset_id)
    for tool in given.get("plugin_id_list", {}).get("id_list", ()):
        plugin = call.store["plugins"].get(tool["plugin_id"])
        if plugin is None or plugin.get("workspace_id", space_id) != space_id:
            raise not_found("plugin_id", tool["plugin_id"])
        if tool["api_id"] not in (known["tool_id"] for known in plugin["tools"]):
            raise not_found("api_id", tool["api_id"])
    for workflow in given.get("workflow_id_list", {}).get("ids", ()):
        found = visible(call, "workflows", workflow["id"], "workflow_id", "workspace_id")
        if call.options.foreign_references == "refuse" and found["workspace_id"] != space_id:
            raise not_found("workflow_id", workflow["id"])
    return after


def list_bots(call: Call) -> Row:
    """List a workspace by publication; the default shows only what is online on the API connector."""
    settle(call.store, call.now)
    space = owned_space(call, call.query["workspace_id"])["id"]
    status, connector = call.query["publish_status"], call.query["connector_id"]
    if status == "all":
        rows = call.bucket("bots", "space", space)
    elif status == "unpublished_draft":
        rows = call.bucket("bots", "offline", space)
    else:
        rows = call.bucket("bots", "online", (space, connector))
    anywhere = status == "all" and call.options.all_connectors == "any"

    def show(row: Row) -> Row:
        on = newest(row) or connector if anywhere else connector
        return _item(call, row, on, online=status == "published_online")

    page = cut(call, rows, show)
    return {"items": page.items, "total": page.total}


def _item(call: Call, row: Row, connector: str, *, online: bool) -> Row:
    copy = online_copy(call.store, row, connector) if online else None
    shown = copy[0] if copy else row["draft"]
    item: Row = {
        "id": row["bot_id"],
        "name": shown["name"],
        "description": shown["description"],
        "icon_url": signed(call, f"bot/{shown['icon_file_id'] or 'default'}"),
        "is_published": connector in row["online"],
        "updated_at": row["update_time"],
        "owner_user_id": row["owner_user_id"],
    }
    if connector in row["online"]:
        item["published_at"] = row["online"][connector]["published_at"]
    if row["folder_id"]:
        item["folder_id"] = row["folder_id"]
    return item


def list_published(call: Call) -> Row:
    """List what is online on the API connector, newest first (the old path)."""
    settle(call.store, call.now)
    space = owned_space(call, call.query["space_id"])["id"]

    def published_at(row: Row) -> Any:
        return row["online"][API]["published_at"]

    rows = sorted(call.bucket("bots", "online", (space, API)), key=published_at, reverse=True)
    page = cut(call, rows, lambda row: _old_item(call, row))
    return {"space_bots": page.items, "total": page.total}


def _old_item(call: Call, row: Row) -> Row:
    item = _item(call, row, API, online=True)
    return {
        "bot_id": item["id"],
        "bot_name": item["name"],
        "description": item["description"],
        "icon_url": item["icon_url"],
        "publish_time": str(item["published_at"]),
    }


def _plant(planting: Planting, entry: Row) -> None:
    store = planting.store
    space, bot_id, online = entry.pop("workspace_id"), entry.pop("bot_id"), entry.pop("publish")
    variables, folder = entry.pop("variables"), entry.pop("folder_id", "")
    home = store["workspaces"].get(space)
    if home is None:
        raise not_found("workspace_id", space)
    owner = entry.pop("owner_user_id", home["owner_uid"])
    row = new_bot(bot_id, space, owner, merged(blank(planting.options), entry), planting.seconds)
    row |= {"variables": variables, "folder_id": folder}
    store["bots"].put(row)
    if online:
        publish(store, planting.seconds, row, online, by=owner, params={})


VARIABLE = obj(
    {
        "keyword*": text(1),
        "description": text().otherwise(""),
        "default_value": text().otherwise(""),
        "enable": flag().otherwise(True),
        "channel": choice("custom", "system", "location", "feishu", "app").otherwise("custom"),
        "prompt_enable": flag().otherwise(True),
        "variable_type": choice("KVVariable", "ListVariable").otherwise("KVVariable"),
    }
)

SEEDS = (
    Seed(
        "bots",
        {
            **CREATED, **UPDATED,
            "bot_id*": ident(),
            "workspace_id": ident().otherwise(DEFAULT_WORKSPACE),
            "owner_user_id": ident(),
            "publish": each(ident()).otherwise([]),
            "variables": each(VARIABLE).otherwise([]),
            "folder_id": ident(),
        },
        _plant, order=90,
    ),
)  # fmt: skip

_STATUS = choice("all", "published_online", "published_draft", "unpublished_draft").otherwise(
    "published_online"
)

ROUTES = (
    Route(
        "POST", "/v1/bot/create", "createBot", "createBot", create_bot,
        body={"space_id*": ident(), **CREATED},
    ),
    Route("POST", "/v1/bot/update", "updateBot", "edit", update_bot, body={"bot_id*": ident(), **UPDATED}),
    Route(
        "GET", "/v1/bots", "listBots", "listBot", list_bots,
        query={
            "workspace_id*": ident(), "publish_status": _STATUS, "connector_id": ident().otherwise(API),
            **indexed(20),
        },
    ),
    Route(
        "GET", "/v1/space/published_bots_list", "listPublishedBots", "getPublishedBot", list_published,
        query={
            "space_id*": ident(), "page_index": integer(1).otherwise(1),
            "page_size": page_size(None).otherwise(20),
        },
    ),
)  # fmt: skip
