"""Plugins: read-only references whose `tool_id` is what bots call `api_id`."""

from __future__ import annotations

import json

from ..fields import anything, each, flag, ident, obj, text
from ..icons import signed
from ..routing import Call, Planting, Route, Seed
from ..store import TableSpec
from ..wire import Row, not_found

TABLES = (TableSpec("plugins", "plugin_id"),)


def get_plugin(call: Call) -> Row:
    """Return a plugin with its tools."""
    return _shown(call, call.path["plugin_id"])


def mget_plugins(call: Call) -> Row:
    """Return several plugins; one that is missing fails the call."""
    return {"items": [_shown(call, plugin_id) for plugin_id in call.query["ids"]]}


def _shown(call: Call, plugin_id: str) -> Row:
    row = call.store["plugins"].get(plugin_id)
    if row is None:
        raise not_found("plugin_id", plugin_id)
    shown = {key: value for key, value in row.items() if key != "workspace_id"}
    return {**shown, "icon_url": signed(call, f"plugin/{plugin_id}")}


def _plant(planting: Planting, entry: Row) -> None:
    tools = entry["tools"]
    planting.store["plugins"].put(
        {
            "plugin_id": entry["plugin_id"],
            "name": entry["name"],
            "description": entry.get("description", ""),
            "name_for_model": entry["name"],
            "tools": tools,
            "mcp_json": json.dumps({"tools": [tool["name"] for tool in tools]}),
            "is_call_available": entry["is_call_available"],
            **({"workspace_id": entry["workspace_id"]} if "workspace_id" in entry else {}),
            "created_at": planting.seconds,
            "updated_at": planting.seconds,
        }
    )


_TOOL = obj(
    {
        "tool_id*": ident(),
        "name*": text(1),
        "description": text().otherwise(""),
        "inputSchema": anything().otherwise({}),
        "outputSchema": anything().otherwise({}),
    }
)

SEEDS = (
    Seed(
        "plugins",
        {
            "plugin_id*": ident(),
            "name*": text(1),
            "description": text(),
            "tools": each(_TOOL).otherwise([]),
            "is_call_available": flag().otherwise(True),
            # of a workspace's library; without it, of the store: open to all
            "workspace_id": ident(),
        },
        _plant,
    ),
)

ROUTES = (
    Route(
        "GET", "/v1/plugins/mget", "batchGetPlugins", "Plugin.getPlugin", mget_plugins,
        query={"ids*": each(ident(), 1, 20)},
    ),
    Route("GET", "/v1/plugins/{plugin_id}", "getPlugin", "Plugin.getPlugin", get_plugin),
)  # fmt: skip
