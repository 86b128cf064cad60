"""References bound to ids: once in the form that is compared, once in the form that is sent. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cozeops.declare.calls import Path
from cozeops.declare.codec import convert_leaves, normal, written_rows
from cozeops.declare.resource import Resource
from cozeops.declare.rows import is_within
from cozeops.engine.model.live import Snapshot
from cozeops.values import FileContent, Reference, Unknown

PLACEHOLDER = "0"
"""Stands for an id that a run has not learned yet, where only the shape of a request matters."""


def compared(resource: Resource, snapshot: Snapshot) -> dict[Path, Any]:
    """The declared fields as they are compared: ids for references, names for parts, normal form."""
    scope = snapshot.home_id(resource) or ""

    def bound(value: Any) -> Any:
        if isinstance(value, Reference):
            return value.part or snapshot.id_of(value, scope)
        return value

    return {
        row.path: normal(row, value if type(value) is str else convert_leaves(value, bound))
        for row, value in written_rows(resource.kind, resource.values)
    }


def sent(
    value: Any, snapshot: Snapshot, scope: str, file_id: Callable[[FileContent], str] | None = None
) -> Any:
    """A value as it is sent: ids for references and parts, and for files that go through an upload.

    An id that is not known yet becomes PLACEHOLDER.
    """

    def bound(leaf: Any) -> Any:
        if isinstance(leaf, Reference):
            found = snapshot.part_of(leaf, scope).get(leaf.part) if leaf.part else snapshot.id_of(leaf, scope)
            return PLACEHOLDER if found is None or isinstance(found, Unknown) else found
        if isinstance(leaf, FileContent) and file_id:
            return file_id(leaf)
        return leaf

    return convert_leaves(value, bound)


def is_ignored(resource: Resource, label: str) -> bool:
    """Whether `lifecycle.ignore` leaves a field of a live object alone."""
    return any(is_within(label, ignored) for ignored in resource.lifecycle.ignore)


def names(snapshot: Snapshot) -> Mapping[str, str]:
    """Ids of declared objects -> their addresses, for showing live values."""
    return {live.id: str(address) for address, live in snapshot.live.items() if live.id}
