"""Connectors (channels): install into a workspace, bind devices, set an audit result. All write-only."""

from __future__ import annotations

from ..access import administered, bot
from ..fields import each, ident, integer, obj, text
from ..routing import Call, Planting, Route, Seed
from ..seed import DEFAULT_USER
from ..store import Store, TableSpec
from ..wire import Row, invalid, not_found

TABLES = (TableSpec("connectors", "connector_id"),)

API, CHAT_SDK = "1024", "999"
_AUDITING, _APPROVED = 1, 2


def custom(call: Call, connector_id: str) -> Row:
    """Return a custom connector."""
    row = call.store["connectors"].get(connector_id)
    if row is None:
        raise not_found("connector_id", connector_id)
    return row


def install(call: Call) -> None:
    """Add a custom connector to a workspace."""
    row = custom(call, call.path["connector_id"])
    home = administered(call, call.body["workspace_id"])
    if row["connector_id"] in home["connectors"]:
        if call.options.repeat_install == "refuse":
            raise invalid("The connector is installed in this workspace already")
        return
    call.store["workspaces"].change(home["id"], connectors=[*home["connectors"], row["connector_id"]])


def bind(call: Call) -> None:
    """Bind devices; what is bound already under a key and value gets its new label."""
    row = custom(call, call.path["connector_id"])
    bound: Row = dict(row["user_configs"])
    for config in call.body["configs"]:
        values = {item["value"]: item["label"] for item in config["enums"]}
        bound[config["key"]] = {**bound.get(config["key"], {}), **values}
    call.store["connectors"].change(row["connector_id"], user_configs=bound)


def audit(call: Call) -> None:
    """Set the audit result of a bot on a custom connector: approved ones go online."""
    row = custom(call, call.path["connector_id"])
    found = bot(call, call.path["bot_id"])
    if row["connector_id"] not in found["pending"] and row["connector_id"] not in found["online"]:
        raise not_found("bot_id", found["bot_id"])
    decide(call.store, found, row["connector_id"], call.body.get("audit_status", 1), call.seconds)


def decide(store: Store, found: Row, connector_id: str, status: int, seconds: int) -> None:
    """Let a publication that waits for its audit go online, or take it back."""
    pending = found["pending"].get(connector_id)
    if pending is None or status == _AUDITING:
        return
    waiting = {key: entry for key, entry in found["pending"].items() if key != connector_id}
    online = dict(found["online"])
    if status == _APPROVED:
        online[connector_id] = {**pending, "published_at": seconds}
    store["bots"].change(found["bot_id"], pending=waiting, online=online)


def _plant(planting: Planting, entry: Row) -> None:
    planting.store["connectors"].put({"name": "", "owner_user_id": DEFAULT_USER, "user_configs": {}, **entry})


SEEDS = (Seed("connectors", {"connector_id*": ident(), "name": text(), "owner_user_id": ident()}, _plant),)

_ENUM = obj({"label*": text(1), "value*": text(1)})

ROUTES = (
    Route(
        "POST", "/v1/connectors/{connector_id}/install", "installConnector", "installConnector", install,
        body={"workspace_id*": ident()},
    ),
    Route(
        "POST", "/v1/connectors/{connector_id}/user_configs", "bindConnectorUserConfigs",
        "bindConnectorConfig", bind,
        body={"configs*": each(obj({"key*": text(1), "enums*": each(_ENUM)})), "user_id": text()},
    ),
    Route(
        "PUT", "/v1/connectors/{connector_id}/bots/{bot_id}", "updateConnectorBotAudit",
        "Connector.botUpdateProfile", audit,
        body={"audit_status": integer(1, 3), "reason": text()},
    ),
)  # fmt: skip
