"""Plugins that exist: referenced by id, their tools found by name."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from cozeops.declare.calls import Call
from cozeops.declare.fields import Spec
from cozeops.declare.kind import Kind


class PluginSpec(Spec):
    """A plugin of the store or of a workspace; the API neither makes nor lists them."""

    id: Annotated[str, Field(pattern=r"^\d+$", examples=["7311989349275500001"])]
    """The plugin's id on Coze."""


KIND = Kind(
    name="Plugin",
    summary="a plugin that exists; tool names are resolved and checked",
    spec=PluginSpec,
    id="plugin_id",
    get=Call("getPlugin", "GET", "/v1/plugins/{plugin_id}"),
    parts=(("tools",), "name", "tool_id"),
    uncreatable="make the plugin in the Coze console and write its id",
)
