"""Callback apps (`/v1/api_apps`): `verify_token` is generated and secret, `callback_url` is set by PUT only.

A PUT of the URL makes Coze POST a challenge there, which must be echoed within 3 s. There is no get-one.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

from ..callbacks import challenge, is_loopback
from ..fields import Check, Fields, choice, each, ident, text
from ..paging import by_token, cut
from ..routing import Call, Planting, Route, Seed
from ..seed import DEFAULT_USER
from ..store import TableSpec
from ..wire import Row, invalid, not_found

TABLES = (TableSpec("api_apps", "id", {"all": lambda _: (True,)}),)

EVENTS = {
    "bot.published": "智能体发布",
    "bot.deleted": "智能体删除",
    "bot.unpublished": "智能体下架",
    "benefit.usage": "权益用量",
    "benefit.plugin.scale.requested": "插件扩容申请",
    "benefit.plugin.scale.expired": "插件扩容到期",
}

_ADMINS = ("enterprise_super_admin", "enterprise_admin")


def create(call: Call) -> Row:
    """Make an app: a normal one needs a name, a connector's a connector."""
    body = call.body
    needed = "connector_id" if body["app_type"] == "connector" else "name"
    if not body.get(needed):
        raise invalid(f"Invalid parameter {needed}: is required by app_type {body['app_type']}")
    if needed == "connector_id" and body["connector_id"] not in call.store["connectors"]:
        raise not_found("connector_id", body["connector_id"])
    # The app of a channel is called as the channel is.
    channel = call.store["connectors"].get(body.get("connector_id", "")) or {}
    named = {**body, "name": channel.get("name", "")} if channel else body
    row = _new(call.store.new_id(), call.caller.user_id, named)
    call.store["api_apps"].put(row)
    return _shown(call, row)


def _new(ident: str, owner: str, entry: Row) -> Row:
    return {
        "id": ident,
        "app_type": entry["app_type"],
        "name": entry.get("name", ""),
        "connector_id": entry.get("connector_id", ""),
        "callback_url": entry.get("callback_url", ""),
        # derived, so that two equal runs leave equal states
        "verify_token": entry.get("verify_token") or sha256(f"emulator {ident}".encode()).hexdigest()[:32],
        "owner_user_id": owner,
        "event_types": entry.get("event_types", []),
    }


def found(call: Call) -> Row:
    """Return the app of the path, if the caller sees it."""
    ident = call.path["api_app_id"]
    row = call.store["api_apps"].get(ident)
    if row is None or not _sees(call, row):
        raise not_found("api_app_id", ident)
    return row


def _sees(call: Call, row: Row) -> bool:
    # personal editions: one's own; enterprise: the (super) admins see all
    if row["owner_user_id"] == call.caller.user_id:
        return True
    user = call.store["users"].get(call.caller.user_id)
    return call.options.is_enterprise and user is not None and user["enterprise_role"] in _ADMINS


def prepare_update(call: Call) -> None:
    """Challenge the new URL before anything is locked: it may take seconds."""
    row, url = found(call), call.body.get("callback_url")
    if not url:
        return
    if is_loopback(url):
        if why := challenge(url, row["verify_token"], call.now):
            raise invalid(f"Invalid parameter callback_url: {why}")
    elif call.options.foreign_callbacks == "refuse":
        raise invalid("Invalid parameter callback_url: the emulator calls loopback addresses only")


def update(call: Call) -> None:
    """Change name and URL; what is absent stays."""
    row, body = found(call), call.body
    if call.options.empty == "keep":
        body = {name: value for name, value in body.items() if value}
    if body.get("name") == "" and row["app_type"] == "normal":
        raise invalid("Invalid parameter name: is required by app_type normal")
    call.store["api_apps"].change(row["id"], **body)


def delete(call: Call) -> None:
    """Delete an app with its subscriptions."""
    call.store["api_apps"].drop(found(call)["id"])


def list_apps(call: Call) -> Row:
    """List apps, their secrets included."""
    wanted = call.query.get("app_type")
    rows = [
        row
        for row in call.bucket("api_apps", "all", True)
        if _sees(call, row) and wanted in (None, row["app_type"])
    ]
    page = cut(call, rows, lambda row: _shown(call, row))
    return {"items": page.items, "has_more": page.has_more, "next_page_token": page.next_page_token}


def _shown(call: Call, row: Row) -> Row:
    shown = {key: row[key] for key in ("id", "name", "app_type", "verify_token")}
    if row["connector_id"]:
        shown["connector_id"] = row["connector_id"]
    if row["callback_url"] or call.options.unset_callback == "empty":
        shown["callback_url"] = row["callback_url"]
    return shown


def _plant(planting: Planting, entry: Row) -> None:
    planting.store["api_apps"].put(_new(entry["id"], entry["user_id"], entry))


def _url() -> Check:
    return replace(text(0, 2048), take=_take_url)


def _take_url(value: Any, at: Any) -> str:
    url: str = text(0, 2048).take(value, at)
    if url and not url.startswith(("http://", "https://")):
        raise at.refuse("must be an http or https URL")
    return url


_TYPE = choice("normal", "connector")
_NAMED: Fields = {"name": text(0, 128), "connector_id": ident()}

SEEDS = (
    Seed(
        "api_apps",
        {
            "id*": ident(), **_NAMED, "app_type": _TYPE.otherwise("normal"), "callback_url": _url(),
            "verify_token": text(1), "user_id": ident().otherwise(DEFAULT_USER),
            "event_types": each(choice(*EVENTS)),
        },
        _plant,
    ),
)  # fmt: skip

ROUTES = (
    Route(
        "GET", "/v1/api_apps", "listApiApps", "listApiApp", list_apps,
        query={**by_token(50, 50), "app_type": _TYPE},
    ),
    Route(
        "POST", "/v1/api_apps", "createApiApp", "createApiApp", create,
        body={"app_type*": _TYPE, **_NAMED},
    ),
    Route(
        "PUT", "/v1/api_apps/{api_app_id}", "updateApiApp", "updateApiApp", update,
        body={"name": text(0, 128), "callback_url": _url()}, prepare=prepare_update,
    ),
    Route("DELETE", "/v1/api_apps/{api_app_id}", "deleteApiApp", "deleteApiApp", delete),
)  # fmt: skip
