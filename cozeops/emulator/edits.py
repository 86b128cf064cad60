"""Edits out of band: what a person does in the console while nobody calls the API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from . import publication
from .bot_fields import UPDATED
from .fields import At, check
from .store import Store
from .wire import CozeError, Row

_TIMES = {
    "bots": "update_time",
    "datasets": "update_time",
    "documents": "update_time",
    "workflows": "updated_at",
}


def edit(store: Store, seconds: int, table: str, ident: str, changes: Row) -> Row:
    """Change a row and its update time; of a bot, names of draft fields change the draft."""
    row = store[table][ident]
    changes = dict(changes)
    if table == "bots":
        drafted = {name: changes.pop(name) for name in list(changes) if name in row["draft"]}
        if drafted:
            changes["draft"] = {**row["draft"], **_by_hand(row["draft"], drafted)}
    if unknown := sorted(changes.keys() - row.keys()):
        raise KeyError(f"{table} have no field {unknown[0]}; known are {', '.join(sorted(row))}")
    if table in _TIMES:
        changes.setdefault(_TIMES[table], seconds)
    return store[table].change(ident, **changes)


def _by_hand(draft: Row, changes: Row) -> Row:
    # a person changes one setting; unlike an update, that leaves its siblings as they are
    whole = {
        name: {**draft[name], **value} if isinstance(value, dict) else value
        for name, value in changes.items()
    }
    try:
        return check(UPDATED, whole, At())
    except CozeError as error:
        raise ValueError(error.msg) from None


def remove(store: Store, table: str, ident: str) -> None:
    """Remove a row, and what cannot be without it."""
    store[table].drop(ident)
    dependents = {"datasets": ("documents", "dataset"), "bots": ("bot_versions", "bot")}
    if table in dependents:
        name, index = dependents[table]
        for row in store[name].where(index, ident):
            store[name].drop(row[store[name].spec.key])


def publish(store: Store, now: float, bot_id: str, connectors: Iterable[str]) -> str:
    """Publish a bot to any connectors, the ones the API does not serve included."""
    row = store["bots"][bot_id]
    params: dict[str, Any] = {}
    return publication.publish(store, now, row, connectors, by=row["owner_user_id"], params=params)
