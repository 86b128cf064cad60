"""Messages of a conversation, paged by the id before or after, and feedback on them."""

from __future__ import annotations

from ..fields import Fields, choice, each, flag, ident, integer, text
from ..routing import Call, Route
from ..store import TableSpec
from ..talk import SPOKEN, conversation, meta_data, new_message, shown_message
from ..wire import Row, TopLevel, invalid, not_found

TABLES = (
    TableSpec(
        "messages",
        "id",
        {
            "conversation": lambda row: (row["conversation_id"],),
            "chat": lambda row: (row["chat_id"],) if row["chat_id"] else (),
        },
    ),
)


def create(call: Call) -> Row:
    """Add a message to a conversation."""
    home = conversation(call, call.query["conversation_id"])
    row = call.store["messages"].put(new_message(call, home, call.body))
    return shown_message(row)


def _message(call: Call, home_id: str, ident: str) -> Row:
    home = conversation(call, home_id)
    row = call.store["messages"].get(ident)
    if row is None or row["conversation_id"] != home["id"] or row["visible_at"] > call.now:
        raise not_found("message_id", ident)
    return row


def _asked(call: Call) -> Row:
    return _message(call, call.query["conversation_id"], call.query["message_id"])


def retrieve(call: Call) -> Row:
    """Return a message."""
    return shown_message(_asked(call))


def modify(call: Call) -> TopLevel:
    """Change what is given; the reply stands beside the code."""
    row = _asked(call)
    after = call.store["messages"].change(row["id"], **call.body, updated_at=call.seconds)
    return TopLevel({"message": shown_message(after)})


def delete(call: Call) -> Row:
    """Delete a message and return it."""
    row = _asked(call)
    call.store["messages"].drop(row["id"])
    return shown_message(row)


def list_messages(call: Call) -> TopLevel:
    """List what was said; how an answer came about stands in the list of its chat unless it is asked for."""
    home, body = conversation(call, call.query["conversation_id"]), call.body
    rows = [
        row
        for row in call.bucket("messages", "conversation", home["id"])
        if row["visible_at"] <= call.now
        and (row["type"] in SPOKEN or body.get("include_middle_message"))
        and body.get("chat_id", row["chat_id"]) == row["chat_id"]
    ]
    if body["order"] == "desc":
        rows.reverse()
    page, more = _window(rows, body)
    ids = [row["id"] for row in page] or [""]
    bounds = {"first_id": ids[0], "last_id": ids[-1], "has_more": more}
    return TopLevel({"data": [shown_message(row) for row in page], **bounds})


def _window(rows: list[Row], body: Row) -> tuple[list[Row], bool]:
    before, after, limit = body.get("before_id"), body.get("after_id"), body["limit"]
    if before and after:
        raise invalid("Invalid parameter before_id: does not go together with after_id")
    if before:
        rows = rows[: _position(rows, before, "before_id")]
        return rows[-limit:], len(rows) > limit
    if after:
        rows = rows[_position(rows, after, "after_id") + 1 :]
    return rows[:limit], len(rows) > limit


def _position(rows: list[Row], ident: str, named: str) -> int:
    for position, row in enumerate(rows):
        if row["id"] == ident:
            return position
    raise not_found(named, ident)


def give_feedback(call: Call) -> None:
    """Like or dislike a message; another time replaces the first."""
    row = _message(call, call.path["conversation_id"], call.path["message_id"])
    call.store["messages"].change(row["id"], feedback=call.body)


def withdraw_feedback(call: Call) -> None:
    """Take feedback back."""
    row = _message(call, call.path["conversation_id"], call.path["message_id"])
    if "feedback" not in row:
        raise not_found("message_id", row["id"])
    call.store["messages"].put({key: value for key, value in row.items() if key != "feedback"})


_KIND = choice("text", "object_string")
_WHERE: Fields = {"conversation_id*": ident()}
_WHICH: Fields = {**_WHERE, "message_id*": ident()}
_MESSAGES = "/v1/conversation/message"
_FEEDBACK = "/v1/conversations/{conversation_id}/messages/{message_id}/feedback"

ROUTES = (
    Route(
        "POST", f"{_MESSAGES}/create", "createMessage", "createMessage", create, query=_WHERE,
        body={
            "role*": choice("user", "assistant"), "content*": text(), "content_type*": _KIND,
            "meta_data": meta_data(),
        },
    ),
    Route(
        "POST", f"{_MESSAGES}/list", "listMessages", "listMessage", list_messages, query=_WHERE, reads=True,
        body={
            "order": choice("asc", "desc").otherwise("desc"), "chat_id": text(), "before_id": text(),
            "after_id": text(), "limit": integer(1, 50).otherwise(50), "bot_id": text(),
            "include_middle_message": flag(),
        },
    ),
    Route("GET", f"{_MESSAGES}/retrieve", "getMessage", "retrieveMessage", retrieve, query=_WHICH),
    Route(
        "POST", f"{_MESSAGES}/modify", "updateMessage", "modifyMessage", modify, query=_WHICH,
        body={"content": text(), "content_type": _KIND, "meta_data": meta_data()},
    ),
    Route("POST", f"{_MESSAGES}/delete", "deleteMessage", "deleteMessage", delete, query=_WHICH, body={}),
    Route(
        "POST", _FEEDBACK, "createMessageFeedback", "createMessageFeedback", give_feedback,
        body={
            "feedback_type*": choice("like", "unlike"), "reason_types": each(text(0, 30), 0, 10),
            "comment": text(0, 250),
        },
    ),
    Route("DELETE", _FEEDBACK, "deleteMessageFeedback", "deleteMessageFeedback", withdraw_feedback),
)  # fmt: skip
