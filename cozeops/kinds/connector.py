"""Connectors: channel ids under a name. Nothing of them can be read back."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from cozeops.kinds._declare import Kind, Spec


class ConnectorSpec(Spec):
    """A custom channel. `api` and `chat_sdk` need no declaration."""

    id: Annotated[str, Field(pattern=r"^\d+$", examples=["7470849514748000001"])]
    """The channel's id on Coze."""


KIND = Kind(
    name="Connector",
    summary="a channel id, an alias for `publish`",
    spec=ConnectorSpec,
    id="connector_id",
    uncreatable="register the channel in the Coze console and write its id",
)
