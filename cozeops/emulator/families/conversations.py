"""Conversations: made by hand or by a chat, visible to the user who made them."""

from __future__ import annotations

from ..access import bot
from ..fields import Fields, anything, choice, each, ident, obj, text
from ..paging import cut, numbered
from ..routing import Call, Route
from ..store import TableSpec
from ..talk import conversation, known, meta_data, new_conversation, new_message
from ..wire import CozeError, Row

TABLES = (TableSpec("conversations", "id", {"bot": lambda row: ((row["creator_id"], row["bot_id"]),)}),)

_NAME_MISSING = 720702204


def create(call: Call) -> Row:
    """Make a conversation, with messages in it if they are given."""
    known(call, "createConversation")
    body = call.body
    if "bot_id" in body:
        bot(call, body["bot_id"])
    messages = body.pop("messages")
    row = new_conversation(call, **body)
    for given in messages:
        call.store["messages"].put(new_message(call, row, given))
    return shown(row)


def shown(row: Row) -> Row:
    """Return a conversation as the API shows it: without its bot."""
    return {key: value for key, value in row.items() if key != "bot_id"}


def retrieve(call: Call) -> Row:
    """Return a conversation."""
    return shown(conversation(call, call.query["conversation_id"]))


def list_conversations(call: Call) -> Row:
    """List the caller's conversations with a bot, newest first unless asked otherwise."""
    bot(call, call.query["bot_id"])
    rows = list(call.bucket("conversations", "bot", (call.caller.user_id, call.query["bot_id"])))
    if connector := call.query.get("connector_id"):
        rows = [row for row in rows if row["connector_id"] == connector]
    if call.query["sort_order"] == "DESC":
        rows.reverse()
    page = cut(call, rows, shown)
    return {"conversations": page.items, "has_more": page.has_more}


def update(call: Call) -> Row:
    """Rename a conversation."""
    row = conversation(call, call.path["conversation_id"])
    if not call.body.get("name"):
        raise CozeError(_NAME_MISSING, "The name of the conversation is missing")
    changes = {"name": call.body["name"], "updated_at": call.seconds}
    return shown(call.store["conversations"].change(row["id"], **changes))


def delete(call: Call) -> None:
    """Delete a conversation with its chats and messages."""
    row = conversation(call, call.path["conversation_id"])
    for table in ("messages", "chats"):
        for inside in list(call.store[table].where("conversation", row["id"])):
            call.store[table].drop(inside["id"])
    call.store["conversations"].drop(row["id"])


def clear(call: Call) -> Row:
    """Start a new section: what was said before is context no more."""
    row = conversation(call, call.path["conversation_id"])
    section = call.store.new_id()
    call.store["conversations"].change(row["id"], last_section_id=section, updated_at=call.seconds)
    return {"id": section, "conversation_id": row["id"]}


SAID: Fields = {
    "role*": choice("user", "assistant"),
    "type": choice("question", "answer", "function_call", "tool_output", "tool_response"),
    "content": text(),
    "content_type": choice("text", "object_string"),
    "meta_data": meta_data(),
    # the official SDK sends its whole model, with nulls
    "id": text(),
    "conversation_id": text(),
    "section_id": text(),
    "bot_id": text(),
    "chat_id": text(),
    "created_at": anything(),
    "updated_at": anything(),
    "reasoning_content": text(),
}

_PATH = "/v1/conversations/{conversation_id}"

ROUTES = (
    Route(
        "POST", "/v1/conversation/create", "createConversation", None, create, public=True,
        body={
            "bot_id": ident(), "connector_id": ident(), "name": text(0, 100), "meta_data": meta_data(),
            "messages": each(obj(SAID), 0, 16).otherwise([]),
        },
    ),
    Route(
        "GET", "/v1/conversation/retrieve", "getConversation", "retrieveConversation", retrieve,
        query={"conversation_id*": ident()},
    ),
    Route(
        "GET", "/v1/conversations", "listConversations", "listConversation", list_conversations,
        query={
            **numbered(50, 50), "bot_id*": ident(), "connector_id": ident(),
            "sort_order": choice("ASC", "DESC").otherwise("DESC"),
        },
    ),
    Route("PUT", _PATH, "updateConversation", "updateConversation", update, body={"name": text(0, 100)}),
    Route("DELETE", _PATH, "deleteConversation", "deleteConversation", delete),
    Route("POST", f"{_PATH}/clear", "clearConversation", "clearConversation", clear, body={}),
)  # fmt: skip
