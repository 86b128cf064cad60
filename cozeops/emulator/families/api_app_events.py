"""Event subscriptions of callback apps, and the pushes: signed, with a dedupe id, after the call is answered.

Pushes happen in a thread of their own, so a slow receiver slows no request. What was pushed stands in the
table `event_pushes`. An answer other than HTTP 200 is repeated with the same `event_id`.
"""

from __future__ import annotations

import json
import threading
from http.client import HTTPException
from sqlite3 import ProgrammingError
from typing import Any

from ..callbacks import PUBLISH_SECONDS, SECONDS, is_loopback, post
from ..fields import Fields, choice, each
from ..paging import by_token, cut
from ..routing import Call, Route
from ..seed import enterprise_of
from ..store import Store, TableSpec
from ..wire import Row, not_found
from .api_apps import EVENTS, found
from .connectors import decide

TABLES = (TableSpec("event_pushes", "event_id", {"app": lambda row: (row["api_app_id"],)}),)

_ATTEMPTS = 3


def list_events(call: Call) -> Row:
    """List what an app is subscribed to."""
    app = found(call)
    page = cut(call, app["event_types"], lambda row: row)
    items = [_shown(app["id"], name) for name in page.items]
    return {"items": items, "has_more": page.has_more, "next_page_token": page.next_page_token}


def _shown(app_id: str, event_type: Any) -> Row:
    return {
        "api_app_id": app_id,
        "name": EVENTS[event_type],
        "event_type": event_type,
        "description": f"{EVENTS[event_type]}（{event_type}）",
    }


def subscribe(call: Call) -> None:
    """Add to the set; what is subscribed already stays."""
    app = found(call)
    _keep(call, app, {*app["event_types"], *call.body["event_types"]})


def unsubscribe(call: Call) -> None:
    """Take from the set."""
    app = found(call)
    unwanted = set(call.body["event_types"])
    missing = sorted(unwanted - set(app["event_types"]))
    if missing and call.options.missing_event == "refuse":
        raise not_found("event_type", missing[0])
    _keep(call, app, set(app["event_types"]) - unwanted)


def _keep(call: Call, app: Row, wanted: set[str]) -> None:
    call.store["api_apps"].change(app["id"], event_types=[name for name in EVENTS if name in wanted])


def announce(host: Any, event: str, facts: Row) -> None:
    """Push an event to every app that subscribed to it."""
    with host.writing() as store:
        due = [
            (app, _record(store, host, app, event, facts))
            for app in store["api_apps"].where("all", True)
            if event in app["event_types"] and app["callback_url"] and _concerns(app, facts)
        ]
    for app, push in due:
        if push["status"] == "pending":
            threading.Thread(target=_deliver, args=(host, app, push, facts), daemon=True).start()


def _concerns(app: Row, facts: Row) -> bool:
    one = [facts["connector_id"]] if "connector_id" in facts else None
    named = facts.get("connector_ids", one)
    return app["app_type"] == "normal" or named is None or app["connector_id"] in named


def _record(store: Store, host: Any, app: Row, event: str, facts: Row) -> Row:
    header = {
        "event_type": event,
        "event_id": store.new_id(),
        "created_at": int(host.now() * 1000),
        "coze_account_id": enterprise_of(store) if host.options.is_enterprise else app["owner_user_id"],
        "api_app_id": app["id"],
        "connector_id": app["connector_id"],
    }
    told = {("user_id" if name == "by" else name): value for name, value in facts.items()}
    return store["event_pushes"].put(
        {
            "event_id": header["event_id"],
            "api_app_id": app["id"],
            "url": app["callback_url"],
            "push": {"header": header, "event": told},
            "status": "pending" if is_loopback(app["callback_url"]) else "not called",
            "attempts": 0,
        }
    )


def _deliver(host: Any, app: Row, push: Row, facts: Row) -> None:
    seconds = PUBLISH_SECONDS if push["push"]["header"]["event_type"] == "bot.published" else SECONDS
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            status, body = post(push["url"], app["verify_token"], push["push"], host.now(), seconds)
        except (OSError, HTTPException, ValueError):
            status, body = 0, b""
        done = status == 200
        try:
            with host.writing() as store:
                outcome = "delivered" if done else "failed" if attempt == _ATTEMPTS else "pending"
                store["event_pushes"].change(push["event_id"], status=outcome, attempts=attempt)
                if done:
                    _audit(store, host, app, facts, body)
        except (KeyError, ProgrammingError):
            return  # the emulator was reset or closed meanwhile
        if outcome != "pending":
            return
        host.sleep(float(attempt))


def _audit(store: Store, host: Any, app: Row, facts: Row, body: bytes) -> None:
    """Take the audit result that a connector's receiver may answer a publication with."""
    row = store["bots"].get(facts["bot_id"])
    if app["app_type"] != "connector" or row is None:
        return
    try:
        answer = json.loads(body)
        status = answer["audit"]["audit_status"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return
    if status in (1, 2, 3):
        decide(store, row, app["connector_id"], status, int(host.now()))


LISTENERS = {"bot.published": announce, "bot.unpublished": announce, "bot.deleted": announce}

_BODY: Fields = {"event_types*": each(choice(*EVENTS), 1)}
_PATH = "/v1/api_apps/{api_app_id}/events"

ROUTES = (
    Route("GET", _PATH, "listApiAppEvents", "listApiApp", list_events, query=by_token(50, 50)),
    Route("POST", _PATH, "subscribeApiAppEvents", "subscribeApiAppEvent", subscribe, body=_BODY),
    Route("DELETE", _PATH, "unsubscribeApiAppEvents", "unsubscribeApiAppEvent", unsubscribe, body=_BODY),
)
