"""The plugin store: paid plugins and their categories, and the call of a plugin's tool."""

from __future__ import annotations

from ..fields import anything, choice, each, flag, ident, integer, mapping, text
from ..icons import signed
from ..paging import cut, numbered
from ..routing import Call, Planting, Route, Seed
from ..store import TableSpec
from ..wire import Row, forbidden, not_found

TABLES = (TableSpec("store_plugins", "plugin_id"), TableSpec("store_categories", "id"))


def list_plugins(call: Call) -> Row:
    """Search the store."""
    query = call.query
    rows = [row for row in call.listed("store_plugins") if _matches(call, row)]
    if query.get("sort_type") == "newest":
        rows.sort(key=lambda row: -int(row["listed_at"]))
    elif query.get("sort_type") != "relative":
        rows.sort(key=lambda row: -int(row["heat"]))
    page = cut(call, rows, lambda row: _shown(call, row))
    return {"items": page.items, "has_more": page.has_more}


def _matches(call: Call, row: Row) -> bool:
    query, plugin = call.query, call.store["plugins"].get(row["plugin_id"])
    if plugin is None or query.get("is_official", row["is_official"]) != row["is_official"]:
        return False
    if query.get("category_ids") and row["category_id"] not in query["category_ids"]:
        return False
    return query.get("keyword", "") in f"{plugin['name']} {plugin['description']}"


def _shown(call: Call, row: Row) -> Row:
    plugin = call.store["plugins"][row["plugin_id"]]
    category = call.store["store_categories"].get(row["category_id"])
    metainfo = {
        "entity_id": row["plugin_id"],
        "entity_type": "plugin",
        "entity_version": "",
        "product_id": row["product_id"],
        "name": plugin["name"],
        "description": plugin["description"],
        "icon_url": signed(call, f"plugin/{row['plugin_id']}"),
        "is_official": row["is_official"],
        "listed_at": row["listed_at"],
        "paid_type": "paid",
        "user_info": {"user_id": 0, "user_name": "", "nick_name": "", "avatar_url": ""},
        "category": dict(category) if category is not None else {"id": "", "name": ""},
    }
    statistics = {
        "description": plugin["description"],
        "heat": row["heat"],
        "call_count": 0,
        "bots_use_count": 0,
        "associated_bots_use_count": 0,
        "favorite_count": 0,
        "total_tools_count": len(plugin["tools"]),
        "success_rate": 1.0,
        "avg_exec_duration_ms": 20.0,
        "is_call_available": plugin["is_call_available"],
    }
    return {"metainfo": metainfo, "plugin_info": statistics}


def list_categories(call: Call) -> Row:
    """List the categories of the store."""
    page = cut(call, list(call.listed("store_categories")), dict)
    return {"items": page.items, "has_more": page.has_more}


def call_tool(call: Call) -> Row:
    """Call a tool: the answer repeats what was asked."""
    plugin = call.store["plugins"].get(call.path["plugin_id"])
    if plugin is None:
        raise not_found("plugin_id", call.path["plugin_id"])
    if call.options.edition == "free" or not plugin["is_call_available"]:
        raise forbidden("The tools of this plugin cannot be called")
    name = call.body["tool_name"]
    if name not in (tool["name"] for tool in plugin["tools"]):
        raise not_found("tool_name", name)
    return {"result": {"tool": name, "arguments": call.body["arguments"]}}


def _plant(planting: Planting, entry: Row) -> None:
    if entry["plugin_id"] not in planting.store["plugins"]:
        raise not_found("plugin_id", entry["plugin_id"])
    row = {"product_id": f"{entry['plugin_id']}1", "listed_at": planting.seconds, **entry}
    planting.store["store_plugins"].put(row)


def _plant_category(planting: Planting, entry: Row) -> None:
    planting.store["store_categories"].put(entry)


SEEDS = (
    Seed("store_categories", {"id*": ident(), "name*": text(1)}, _plant_category),
    Seed(
        "store_plugins",
        {
            "plugin_id*": ident(), "product_id": ident(), "category_id": ident().otherwise("0"),
            "is_official": flag().otherwise(False), "heat": integer(0).otherwise(0), "listed_at": integer(0),
        },
        _plant, order=60,
    ),
)  # fmt: skip

ROUTES = (
    Route(
        "GET", "/v1/stores/plugins", "listStorePlugins", None, list_plugins,
        query={
            **numbered(20, 100), "keyword": text(), "is_official": flag(), "category_ids": each(ident()),
            "sort_type": choice("heat", "newest", "relative"),
        },
    ),
    Route(
        "GET", "/v1/stores/categories", "listStoreCategories", None, list_categories,
        query={**numbered(20, 100), "entity_type*": choice("plugin")},
    ),
    Route(
        "POST", "/v1/plugins/{plugin_id}/tools/call", "callPluginTool", "Plugin.callTool", call_tool,
        body={"tool_name*": text(1), "arguments*": mapping(anything())},
    ),
)  # fmt: skip
