"""The plugin store: what a manifest needs to know of a plugin, found without the console."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cozeops.declare.calls import Call, Page
from cozeops.engine.model.live import Remote
from cozeops.errors import DeniedError, NotFoundError
from cozeops.frozen import frozen
from cozeops.values import Json, dig

MOST = 100
"""Plugins that one search gives."""
_TOGETHER = 20
_SEARCH = Call("listStorePlugins", "GET", "/v1/stores/plugins")
_READ = Call("batchGetPlugins", "GET", "/v1/plugins/mget")
_CATEGORIES = Call("listStoreCategories", "GET", "/v1/stores/categories", {"entity_type": "plugin"})


@frozen
class Plugin:
    """A plugin of the store. `tools` is None where the token may not read them."""

    id: str
    name: str
    description: str
    category: str
    official: bool
    tools: tuple[str, ...] | None = None


def categories(remote: Remote) -> dict[str, str]:
    """The categories of the store: name -> id. Raises ApiError."""
    page = Page(_CATEGORIES, items=("items",), id="id", more=("has_more",), size=100)
    return {str(item.get("name") or ""): str(item["id"]) for item in remote.listing(page, {}).items}


def search(
    remote: Remote, keyword: str = "", *, category: str = "", official: bool = False, most: int = _TOGETHER
) -> list[Plugin]:
    """The plugins that fit best, at most MOST; `category` is an id. Raises ApiError."""
    asked: Json = {"page_num": 1, "page_size": most}
    if keyword:
        asked |= {"keyword": keyword, "sort_type": "relative"}
    if category:
        asked["category_ids"] = category
    if official:
        asked["is_official"] = "true"
    items = dig(remote.send(_SEARCH, asked).payload, ("items",))
    found = [_plugin(item["metainfo"]) for item in items or () if item.get("metainfo")]
    parts = (found[first : first + _TOGETHER] for first in range(0, len(found), _TOGETHER))
    return [plugin for part in parts for plugin in _with_tools(remote, part)]


def _plugin(wire: Mapping[str, Any]) -> Plugin:
    return Plugin(
        id=str(wire.get("entity_id") or ""),
        name=str(wire.get("name") or ""),
        description=str(wire.get("description") or ""),
        category=str(dig(wire, ("category", "name")) or ""),
        official=bool(wire.get("is_official")),
    )


def _with_tools(remote: Remote, plugins: Sequence[Plugin]) -> Iterator[Plugin]:
    """The same plugins with their tools. One that cannot be read refuses them all."""
    try:
        payload = remote.send(_READ, {"ids": ",".join(one.id for one in plugins)}).payload
    except (DeniedError, NotFoundError):
        yield from plugins
        return
    read = {str(item.get("plugin_id")): item.get("tools") or [] for item in dig(payload, ("items",)) or ()}
    for one in plugins:
        tools = (str(tool["name"]) for tool in read.get(one.id, ()) if tool.get("name"))
        yield replace(one, tools=tuple(tools))
