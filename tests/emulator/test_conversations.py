"""Conversations and their messages."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Coze

Row = dict[str, Any]


def said(coze: Coze, conversation: str, content: str, role: str = "user") -> str:
    """Add a message."""
    body = {"role": role, "content": content, "content_type": "text"}
    reply = coze.call("POST", "/v1/conversation/message/create", body, conversation_id=conversation)
    ident: str = reply["data"]["id"]
    return ident


def listed(coze: Coze, conversation: str, **body: Any) -> Row:
    """List the messages of a conversation."""
    return coze.call("POST", "/v1/conversation/message/list", body, conversation_id=conversation)


def test_the_life_of_a_conversation(coze: Coze) -> None:
    """Create with messages, read, rename, clear, delete with everything in it."""
    messages = [{"role": "user", "content": "你好", "content_type": "text"}]
    made = coze.post("/v1/conversation/create", name="一", messages=messages, meta_data={"a": "b"})
    where = {"conversation_id": made["id"]}
    assert coze.get("/v1/conversation/retrieve", **where) == made
    assert (made["name"], made["meta_data"], made["last_section_id"]) == ("一", {"a": "b"}, made["id"])
    assert coze.put(f"/v1/conversations/{made['id']}", name="二")["name"] == "二"
    assert coze.code("PUT", f"/v1/conversations/{made['id']}", {}) == 720702204
    section = coze.post(f"/v1/conversations/{made['id']}/clear")
    assert section["conversation_id"] == made["id"]
    assert coze.get("/v1/conversation/retrieve", **where)["last_section_id"] == section["id"]
    assert len(listed(coze, made["id"])["data"]) == 1
    coze.delete(f"/v1/conversations/{made['id']}")
    assert coze.code("GET", "/v1/conversation/retrieve", **where) == 4002
    assert len(coze.emulator.store["messages"]) == 0


def test_conversations_of_a_bot(coze: Coze) -> None:
    """Newest first unless asked otherwise, by page, one's own only."""
    bot = coze.bot(coze.workspace())
    ids = [coze.post("/v1/conversation/create", bot_id=bot)["id"] for _ in range(3)]
    first = coze.get("/v1/conversations", bot_id=bot, page_size=2)
    assert ([one["id"] for one in first["conversations"]], first["has_more"]) == (ids[:0:-1], True)
    ascending = coze.get("/v1/conversations", bot_id=bot, sort_order="ASC", connector_id="1024")
    assert [one["id"] for one in ascending["conversations"]] == ids
    assert coze.get("/v1/conversations", bot_id=bot, connector_id="999")["conversations"] == []
    assert coze.as_token("pat_101").code("GET", "/v1/conversation/retrieve", conversation_id=ids[0]) == 4002


def test_the_life_of_a_message(coze: Coze) -> None:
    """Create, read, change (the reply stands beside the code), delete."""
    conversation = coze.post("/v1/conversation/create")["id"]
    where = {"conversation_id": conversation, "message_id": said(coze, conversation, "一")}
    path = "/v1/conversation/message"
    shown = coze.get(f"{path}/retrieve", **where)
    assert (shown["type"], shown["content"]) == ("question", "一")
    changed = coze.call("POST", f"{path}/modify", {"content": "二", "meta_data": {"a": "b"}}, **where)
    assert (changed["message"]["content"], changed["message"]["meta_data"]) == ("二", {"a": "b"})
    assert coze.call("POST", f"{path}/delete", **where)["data"]["content"] == "二"
    assert coze.code("GET", f"{path}/retrieve", **where) == 4200
    body = {"role": "robot", "content": "", "content_type": "text"}
    assert coze.code("POST", f"{path}/create", body, conversation_id=conversation) == 4000


def test_messages_are_paged_by_id(coze: Coze) -> None:
    """After and before a message, in either order; first and last tell where to go on."""
    conversation = coze.post("/v1/conversation/create")["id"]
    ids = [said(coze, conversation, str(number)) for number in range(5)]

    def page(**body: Any) -> list[int]:
        return [ids.index(one["id"]) for one in listed(coze, conversation, **body)["data"]]

    first = listed(coze, conversation, limit=2)
    assert (first["first_id"], first["last_id"], first["has_more"]) == (ids[4], ids[3], True)
    assert page(limit=2, after_id=ids[3]) == [2, 1]
    assert page(limit=2, before_id=ids[1]) == [3, 2]
    assert page(order="asc", limit=2, after_id=ids[1]) == [2, 3]
    assert listed(coze, conversation, order="asc", after_id=ids[4]) | {"detail": None} == {
        "code": 0, "msg": "", "data": [], "first_id": "", "last_id": "", "has_more": False, "detail": None,
    }  # fmt: skip
    for body in ({"limit": 51}, {"limit": 0}, {"before_id": ids[0], "after_id": ids[1]}):
        assert listed(coze, conversation, **body)["code"] == 4000
    assert listed(coze, conversation, after_id="404")["code"] == 4200


def test_feedback(coze: Coze) -> None:
    """Given, replaced, withdrawn once."""
    conversation = coze.post("/v1/conversation/create")["id"]
    message = said(coze, conversation, "好", "assistant")
    path = f"/v1/conversations/{conversation}/messages/{message}/feedback"
    coze.post(path, feedback_type="like")
    coze.post(path, feedback_type="unlike", reason_types=["慢"], comment="太慢")
    assert "feedback" not in listed(coze, conversation)["data"][0]
    coze.delete(path)
    assert coze.code("DELETE", path) == 4200
    assert coze.code("POST", path, {"feedback_type": "love"}) == 4000


@pytest.mark.parametrize("body", [{"messages": [{"role": "user", "content": ""}] * 17}, {"name": "x" * 101}])
def test_what_create_refuses(coze: Coze, body: Row) -> None:
    """At most 16 messages, a name of at most 100 characters."""
    assert coze.code("POST", "/v1/conversation/create", body) == 4000
