"""Draft and published copies of an object."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Final

from cozeops.declare.calls import Call, Page
from cozeops.frozen import frozen
from cozeops.values import Json

CONNECTORS: Final = "connectors"
"""The field that says where an object is published; absent: that is not managed."""


def uses_in(written: Json) -> Sequence[Json]:
    """The connectors that a manifest lists, with their parameters; none where it does not manage them."""
    found: Sequence[Json] = written.get(CONNECTORS, ())
    return found


@frozen
class Publication:
    """Draft and published copies: an edit reaches users only when it is published to a connector."""

    publish: Call
    unpublish: Call
    listing: Page
    """Lists what is published on `connector_id`, with the time of publishing."""
    published: Call
    """Reads the published copy."""
    versions: Page
    """Lists the versions of one object on `connector_id`: `version`, `created_at` (Unix seconds)."""
    required: str
    """The connector that must be in every call that names a custom one."""
    encode: Callable[[Sequence[Json]], Json]
    """What is published where (`connector` bound to its id) -> parameters of `publish`."""
    leaving: str
    """The parameter of `unpublish` that takes the connector."""
    builtin: Mapping[str, str] = field(default_factory=dict)
    """Connectors that need no resource: name -> id."""
    leavable: Mapping[str, str] = field(default_factory=dict)
    """Those that only `unpublish` takes: name -> id. They are looked at where somebody says so."""
    reason: str = ""
    """The parameter of `unpublish` that takes the reason, and the field that has it."""
    published_at: str = "published_at"
    """The key of a listed item that is the time of publishing (Unix seconds)."""
