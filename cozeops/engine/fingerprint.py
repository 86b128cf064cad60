"""What a plan remembers of a live object, to notice at apply that it moved. Pure.

It covers the declared readable fields, the items and the publication: an edit elsewhere does not make a
plan stale.
"""

from __future__ import annotations

from cozeops.engine.snapshot import Live
from cozeops.kinds import Resource, rows_of
from cozeops.kinds._codec import declared
from cozeops.kinds._declare import UNREADABLE
from cozeops.values import digest


def fingerprint(resource: Resource, live: Live) -> str:
    """A digest of what the manifest declares, as it is on Coze."""
    mine = declared(resource.kind, resource.values)
    labels = {row.path: row.label for row in rows_of(resource.kind)}
    fields = {
        labels[path]: value for path, value in live.fields.items() if path in mine and value is not UNREADABLE
    }
    items = {
        labels[path]: sorted([item.id, item.key, item.fields, item.ready] for item in found)
        for path, found in live.items.items()
    }
    return digest({"id": live.id, "fields": fields, "items": items, "channels": live.channels})
