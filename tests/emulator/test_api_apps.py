"""Callback apps, their challenge, their subscriptions, and the signed pushes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from hashlib import sha1
from typing import Any

import pytest

from cozeops.emulator.callbacks import is_loopback

from .conftest import Coze, Make
from .receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on loopback."""
    with receiving() as one:
        yield one


def app(coze: Coze, **fields: Any) -> dict[str, Any]:
    """Make a callback app."""
    return coze.post("/v1/api_apps", **{"app_type": "normal", "name": "hook", **fields})


def subscribed(coze: Coze, receiver: Receiver, *events: str, **fields: Any) -> dict[str, Any]:
    """Make an app that is called on events."""
    made = app(coze, **fields)
    coze.put(f"/v1/api_apps/{made['id']}", callback_url=receiver.url)
    coze.post(f"/v1/api_apps/{made['id']}/events", event_types=list(events))
    return made


def settled(coze: Coze) -> list[dict[str, Any]]:
    """Wait for the threads of pushes to end, and return the pushes."""
    for thread in threading.enumerate():
        if thread.name.endswith("(_deliver)"):
            thread.join(10)
    return list(coze.emulator.store["event_pushes"])


def test_the_life_of_an_app(coze: Coze) -> None:
    """Create, list by type, rename, delete; the secret is told each time."""
    normal = app(coze)
    connector = app(coze, app_type="connector", name="", connector_id="900")
    assert len(normal["verify_token"]) == 32
    assert "callback_url" not in normal
    assert connector["connector_id"] == "900"
    coze.put(f"/v1/api_apps/{normal['id']}", name="other")
    listed = coze.get("/v1/api_apps", app_type="normal")["items"]
    assert listed == [{**normal, "name": "other"}]
    first = coze.get("/v1/api_apps", page_size=1)
    assert (first["has_more"], first["items"][0]["id"]) == (True, normal["id"])
    second = coze.get("/v1/api_apps", page_size=1, page_token=first["next_page_token"])
    assert (second["has_more"], second["items"][0]["id"]) == (False, connector["id"])
    coze.delete(f"/v1/api_apps/{normal['id']}")
    assert coze.code("DELETE", f"/v1/api_apps/{normal['id']}") == 4200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"app_type": "normal"}, 4000),
        ({"app_type": "connector", "name": "x"}, 4000),
        ({"app_type": "connector", "connector_id": "404"}, 4200),
        ({"app_type": "normal", "name": "x" * 129}, 4000),
        ({"app_type": "normal", "name": "x", "callback_url": "http://127.0.0.1/"}, 4000),
    ],
)
def test_what_create_refuses(coze: Coze, body: dict[str, Any], code: int) -> None:
    """The URL is among it: it is set by a PUT."""
    assert coze.code("POST", "/v1/api_apps", body) == code


def test_the_url_is_challenged_when_it_is_set(coze: Coze, receiver: Receiver) -> None:
    """Echoed it is kept; not echoed or not reachable, the call fails and the old one stays."""
    path = f"/v1/api_apps/{app(coze)['id']}"
    coze.put(path, callback_url=receiver.url)
    receiver.echoes = False
    for url in (receiver.url, "http://127.0.0.1:1/", "http://127.0.0.1:99999/", "ftp://127.0.0.1/"):
        assert coze.code("PUT", path, {"callback_url": url}) == 4000
    assert coze.get("/v1/api_apps")["items"][0]["callback_url"] == receiver.url
    coze.put(path, callback_url="")
    assert "callback_url" not in coze.get("/v1/api_apps")["items"][0]


def test_other_hosts_are_never_called(make: Make) -> None:
    """They are refused, or accepted uncalled when an option says so."""
    body = {"callback_url": "https://hooks.example.com/coze"}
    strict, lax = make(), make(foreign_callbacks="accept")
    assert strict.code("PUT", f"/v1/api_apps/{app(strict)['id']}", body) == 4000
    made = app(lax)
    lax.put(f"/v1/api_apps/{made['id']}", **body)
    lax.post(f"/v1/api_apps/{made['id']}/events", event_types=["bot.published"])
    lax.post("/v1/bot/publish", bot_id=lax.bot(lax.workspace()), connector_ids=["1024"])
    assert [push["status"] for push in settled(lax)] == ["not called"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:80/", True),
        ("http://127.9.9.9/", True),
        ("https://localhost/", True),
        ("http://[::1]:8/", True),
        ("http://localhost.example.com/", False),
        ("http://127.0.0.1@example.com/", False),
        ("http://10.0.0.1/", False),
        ("http://[::1/", False),
        ("http:///", False),
        ("ftp://127.0.0.1/", False),
    ],
)
def test_what_loopback_is(url: str, expected: bool) -> None:
    """Only what is on this machine without any look-up."""
    assert is_loopback(url) is expected


def test_subscriptions_are_a_set(coze: Coze) -> None:
    """Twice is once; what is not there cannot be taken away, unless an option is lax."""
    path = f"/v1/api_apps/{app(coze)['id']}/events"
    coze.post(path, event_types=["bot.unpublished", "bot.published"])
    coze.post(path, event_types=["bot.published"])
    items = coze.get(path)["items"]
    assert [item["event_type"] for item in items] == ["bot.published", "bot.unpublished"]
    assert all(items[0][key] for key in ("name", "description"))
    coze.delete(path, {"event_types": ["bot.published"]})
    assert [item["event_type"] for item in coze.get(path)["items"]] == ["bot.unpublished"]
    assert coze.code("DELETE", path, {"event_types": ["bot.published"]}) == 4200
    assert coze.code("POST", path, {"event_types": ["bot.eaten"]}) == 4000
    assert coze.code("DELETE", path, {"event_types": []}) == 4000


def test_a_publication_is_pushed_with_a_signature(coze: Coze, receiver: Receiver) -> None:
    """The receiver can verify it with the token, and tell repeats by the event id."""
    made = subscribed(coze, receiver, "bot.published", "bot.unpublished")
    bot = coze.bot(coze.workspace())
    version = coze.post("/v1/bot/publish", bot_id=bot, connector_ids=["1024"])["version"]
    headers, body = receiver.push()
    stamp, nonce = headers["X-Coze-Timestamp"], headers["X-Coze-Nonce"]
    signed = f"{stamp}{nonce}{made['verify_token']}".encode() + body
    assert headers["X-Coze-Signature"] == sha1(signed).hexdigest()
    push = json.loads(body)
    assert push["header"]["event_type"] == "bot.published"
    assert push["header"]["api_app_id"] == made["id"]
    assert push["header"]["created_at"] == int(coze.clock.time * 1000)
    assert (push["event"]["bot_id"], push["event"]["version"]) == (bot, version)
    coze.post(f"/v1/bots/{bot}/unpublish", connector_id="1024", unpublish_reason="休息")
    other = json.loads(receiver.push()[1])
    assert other["event"]["unpublish_reason"] == "休息"
    assert other["header"]["event_id"] != push["header"]["event_id"]
    assert [push["status"] for push in settled(coze)] == ["delivered", "delivered"]


def test_a_push_that_fails_is_repeated_with_the_same_id(coze: Coze, receiver: Receiver) -> None:
    """Three times in all; the request that caused it was answered long before."""
    waited: list[float] = []
    coze.emulator.sleep = waited.append
    receiver.statuses = [500, 200]
    subscribed(coze, receiver, "bot.published")
    coze.post("/v1/bot/publish", bot_id=coze.bot(coze.workspace()), connector_ids=["1024"])
    ids = {json.loads(receiver.push()[1])["header"]["event_id"] for _ in range(2)}
    assert len(ids) == 1
    receiver.statuses = [500, 500, 500]
    coze.post("/v1/bot/publish", bot_id=coze.bot(coze.workspace()), connector_ids=["1024"])
    assert [(push["status"], push["attempts"]) for push in settled(coze)] == [("delivered", 2), ("failed", 3)]


def test_a_connectors_app_hears_of_its_connector_only_and_may_audit(make: Make, receiver: Receiver) -> None:
    """The answer to a publication may carry the audit result."""
    coze = make(custom_audit=True)
    space = coze.workspace()
    coze.post("/v1/connectors/900/install", workspace_id=space)
    subscribed(coze, receiver, "bot.published", app_type="connector", name="", connector_id="900")
    bot = coze.bot(space)
    coze.post("/v1/bot/publish", bot_id=bot, connector_ids=["1024"])
    assert settled(coze) == []
    receiver.answer = {"audit": {"audit_status": 2, "reason": ""}}
    coze.post("/v1/bot/publish", bot_id=bot, connector_ids=["1024", "900"])
    assert len(settled(coze)) == 1
    assert coze.get("/v1/bots", workspace_id=space, connector_id="900")["total"] == 1


def test_who_sees_an_app(make: Make) -> None:
    """Personal editions: one's own; enterprise: administrators see all, members their own."""
    for edition, admin_sees in (("free", False), ("enterprise", True)):
        coze = make(edition=edition)
        theirs = app(coze.as_token("pat_101"))
        own = app(coze)
        listed = [item["id"] for item in coze.get("/v1/api_apps")["items"]]
        assert listed == ([theirs["id"], own["id"]] if admin_sees else [own["id"]])
        member = coze.as_token("pat_101")
        assert [item["id"] for item in member.get("/v1/api_apps")["items"]] == [theirs["id"]]
        assert member.code("PUT", f"/v1/api_apps/{own['id']}", {"name": "mine"}) == 4200


def test_what_happens_in_the_console_is_pushed_too(coze: Coze, receiver: Receiver) -> None:
    """Bots are deleted there only."""
    subscribed(coze, receiver, "bot.published", "bot.deleted")
    bot = coze.bot(coze.workspace())
    coze.emulator.publish(bot, "1024", "10000011")
    coze.emulator.remove("bots", bot)
    events = [json.loads(receiver.push()[1]) for _ in range(2)]
    assert sorted(event["header"]["event_type"] for event in events) == ["bot.deleted", "bot.published"]
    assert {event["event"]["bot_id"] for event in events} == {bot}
    assert len(settled(coze)) == 2
