"""Published copies: each publish snapshots the draft as a version, per connector.

Connectors that a publish does not name stay as they are. A version is a string of milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable

from .store import Store
from .wire import Row


def publish(store: Store, now: float, row: Row, connectors: Iterable[str], *, by: str, params: Row) -> str:
    """Snapshot the draft and put it online on some connectors at once; return the version."""
    version, entries = _snapshot(store, now, row, connectors, by=by, params=params)
    pending = {key: entry for key, entry in row["pending"].items() if key not in entries}
    store["bots"].change(
        row["bot_id"], online={**row["online"], **entries}, pending=pending, last_version=version
    )
    return version


def submit(
    store: Store, now: float, row: Row, connectors: dict[str, float | None], *, by: str, params: Row
) -> str:
    """Snapshot the draft; each connector goes online after some seconds, or (None) once it was audited."""
    version, entries = _snapshot(store, now, row, connectors, by=by, params=params)
    online, pending = dict(row["online"]), dict(row["pending"])
    for connector, delay in connectors.items():
        pending.pop(connector, None)
        if delay == 0:
            online[connector] = entries[connector]
        else:
            pending[connector] = {**entries[connector], "due": None if delay is None else now + delay}
    store["bots"].change(row["bot_id"], online=online, pending=pending, last_version=version)
    return version


def settle(store: Store, now: float) -> None:
    """Put online what has become due."""
    for row in store["bots"].where("pending", True):
        due = {
            key for key, entry in row["pending"].items() if entry["due"] is not None and entry["due"] <= now
        }
        if due:
            gone = {
                key: {**row["pending"][key], "published_at": int(row["pending"][key]["due"])} for key in due
            }
            pending = {key: entry for key, entry in row["pending"].items() if key not in due}
            store["bots"].change(row["bot_id"], online={**row["online"], **gone}, pending=pending)


def newest(row: Row) -> str | None:
    """Return the connector that a bot was last published to."""
    online: dict[str, Row] = row["online"]
    return max(online, key=lambda connector: int(online[connector]["version"]), default=None)


def online_copy(store: Store, row: Row, connector: str | None = None) -> tuple[Row, str] | None:
    """Return the published configuration and its version: of a connector, else the API's, else the newest."""
    if connector is None:
        connector = "1024" if "1024" in row["online"] else newest(row)
    entry = row["online"].get(connector)
    if entry is None:
        return None
    return store["bot_versions"][f"{row['bot_id']}.{entry['version']}"]["config"], entry["version"]


def _snapshot(
    store: Store, now: float, row: Row, connectors: Iterable[str], *, by: str, params: Row
) -> tuple[str, dict[str, Row]]:
    # two publishes within a millisecond still make two versions
    version = str(max(int(now * 1000), int(row["last_version"]) + 1))
    config = {**row["draft"], "update_time": row["update_time"]}
    names = list(connectors)
    store["bot_versions"].put(
        {
            "id": f"{row['bot_id']}.{version}",
            "bot_id": row["bot_id"],
            "version": version,
            "created_at": int(now),
            "connector_ids": names,
            "creator_id": by,
            "config": config,
        }
    )
    entries = {
        name: {"version": version, "published_at": int(now), "params": params.get(name, {})} for name in names
    }
    return version, entries
