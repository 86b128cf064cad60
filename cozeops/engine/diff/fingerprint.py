"""What a plan remembers of a live object, to notice at apply that it moved. Pure.

It covers the declared readable fields, the items and the publication: an edit elsewhere does not make a
plan stale.
"""

from __future__ import annotations

from dataclasses import replace

from cozeops.declare.codec import declared, seen
from cozeops.declare.fields import UNREADABLE
from cozeops.declare.resource import Resource
from cozeops.declare.rows import rows_of
from cozeops.engine.model.live import Live
from cozeops.engine.model.plan import Change
from cozeops.values import Secret, digest


def fingerprint(resource: Resource, live: Live) -> str:
    """A digest of what the manifest declares, as it is on Coze."""
    mine = declared(resource.kind, resource.values)
    rows = {row.path: row for row in rows_of(resource.kind)}
    labels = {path: row.label for path, row in rows.items()}
    fields = {
        labels[path]: seen(rows[path], value, mine[path])[0]
        for path, value in live.fields.items()
        # A secret has no digest that others may see.
        if path in mine and value is not UNREADABLE and not isinstance(value, Secret)
    }
    items = {
        labels[path]: sorted([item.id, item.key, item.fields, item.ready] for item in found)
        for path, found in live.items.items()
    }
    return digest({"id": live.id, "fields": fields, "items": items, "channels": live.channels})


def without_joined(change: Change, resource: Resource, live: Live) -> Live:
    """The object without those whom the change lets in: it may have let them in on its way.

    Only what is known by its own id counts (people, events): it is the same, whoever added it.
    """
    added = {(step.field, key) for step in change.steps if not step.ids for key in step.items}
    labels = {row.path: row.label for row in rows_of(resource.kind)}
    items = {
        path: tuple(item for item in found if item.id != item.key or (labels[path], item.key) not in added)
        for path, found in live.items.items()
    }
    return replace(live, items=items)
