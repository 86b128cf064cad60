"""Chats with the published copy of a bot, with its draft, or with an older version.

`stream: false` answers at once that the chat is in progress, and is polled; then the record must be saved.
With a bad token Coze answers HTTP 200 and 4101 here, so the routes check it themselves.
"""

from __future__ import annotations

from dataclasses import asdict

from ..access import bot
from ..fields import Fields, anything, choice, each, flag, ident, mapping, obj, text
from ..publication import online_copy, settle
from ..routing import Call, Limit, Route
from ..script import Script, Speaker, script
from ..sse import stream
from ..store import TableSpec
from ..talk import (
    conversation,
    events,
    known,
    meta_data,
    new_conversation,
    new_message,
    no_chat,
    question_of,
    shown_chat,
    shown_message,
    spoken,
    status,
    usage,
)
from ..wire import FORBIDDEN, CozeError, Payload, Raw, Row, TopLevel, encode, invalid, not_found
from .connectors import API
from .conversations import SAID

TABLES = (TableSpec("chats", "id", {"conversation": lambda row: (row["conversation_id"],)}),)

_NOT_SAVED, _UNPUBLISHED, _BUSY, _NOT_CANCELABLE = 4007, 4015, 4016, 4104


def create_chat(call: Call) -> Payload:
    """Ask a bot."""
    if not call.caller.user_id:
        raise CozeError(FORBIDDEN, "The token you entered is incorrect", status=200)
    call.require("chat")
    body = call.body
    if not body["stream"] and not body["auto_save_history"]:
        raise CozeError(_NOT_SAVED, "With stream false, auto_save_history must be true")
    return converse(call, _speaker(call), body["bot_id"], call.query.get("conversation_id"))


def _speaker(call: Call) -> Speaker:
    body = call.body
    settle(call.store, call.now)
    row = bot(call, body["bot_id"])
    drafted, version = body["publish_status"] == "unpublished_draft", body.get("bot_version")
    if drafted and version:
        raise invalid("Invalid parameter bot_version: does not go together with unpublished_draft")
    if drafted:
        return _of(row["draft"], row, "draft", "", body)
    if version:
        snapshot = call.store["bot_versions"].get(f"{row['bot_id']}.{version}")
        if snapshot is None:
            raise not_found("bot_version", version)
        return _of(snapshot["config"], row, f"version {version}", version, body)
    copy = online_copy(call.store, row, body["connector_id"])
    if copy is None:
        raise CozeError(_UNPUBLISHED, "The bot has not been published to this channel")
    return _of(copy[0], row, "published", copy[1], body)


def _of(config: Row, row: Row, copy: str, version: str, body: Row) -> Speaker:
    info = config["prompt_info"]
    prompt = info["prompt"] or info["prefix_prompt_info"]["prefix_prompt"]
    for name, value in body.get("custom_variables", {}).items():
        prompt = prompt.replace(f"{{{{{name}}}}}", value)
    suggests = config["suggest_reply_info"]["reply_mode"] != "disable"
    return Speaker("bot", row["bot_id"], copy, version, prompt, suggests)


def converse(call: Call, speaker: Speaker, bot_id: str, conversation_id: str | None) -> Payload:
    """Let a speaker answer the messages of the body, in a conversation or a new one."""
    body = call.body
    home = _home(call, conversation_id, bot_id)
    question = question_of(body["additional_messages"])
    said = script(call.store, call.options, speaker, question)
    if said.error is not None and said.error.get("as", "reply") == "reply":
        # not raised: that would take the wear of the rule back
        return TopLevel({"code": said.error["code"], "msg": said.error.get("msg", "scripted error")})
    chat = _new_chat(call, home, bot_id, said)
    chat["usage"] = usage(said, speaker.prompt, question)
    call.store["chats"].put(chat)
    asked = [_asked(call, home, chat, given) for given in body["additional_messages"]]
    messages = [] if chat["status"] == "failed" else spoken(call, home, chat, said)
    return _answer(call, chat, said, messages, keep=[*asked, *messages])


def _home(call: Call, ident: str | None, bot_id: str) -> Row:
    if not ident:
        return new_conversation(call, bot_id=bot_id, connector_id=call.body.get("connector_id", API))
    home = conversation(call, ident)
    chats = call.store["chats"].where("conversation", ident)
    if any(status(chat, call.now) == "in_progress" for chat in chats[len(chats) - 1 :]):
        raise CozeError(_BUSY, "The conversation is busy with another chat")
    return home


def _new_chat(call: Call, home: Row, bot_id: str, said: Script) -> Row:
    outcome = "failed" if said.error else "requires_action" if said.requires_action else "completed"
    error = said.error or {"code": 0}
    ident = call.store.new_id()
    tool_calls = [
        {"id": f"call_{ident}_{number}", "type": "function", "function": _function(tool)}
        for number, tool in enumerate(said.requires_action)
    ]
    return {
        "id": ident,
        "conversation_id": home["id"],
        "bot_id": bot_id,
        "section_id": home["last_section_id"],
        "created_at": call.seconds,
        "meta_data": call.body.get("meta_data", {}),
        "status": outcome,
        "due": call.now + said.delay + said.pause * max(0, said.pieces - 1),
        "last_error": {"code": error["code"], "msg": error.get("msg", "scripted error")},
        "tool_calls": tool_calls,
        "saved": call.body.get("auto_save_history", True),
        "said": asdict(said),
    }


def _function(tool: Row) -> Row:
    return {"name": tool["name"], "arguments": encode(tool["arguments"]).decode()}


def _asked(call: Call, home: Row, chat: Row, given: Row) -> Row:
    return new_message(call, home, given, bot_id=chat["bot_id"], chat_id=chat["id"], asked=True)


def _answer(
    call: Call, chat: Row, said: Script, messages: list[Row], keep: list[Row], *, resumed: bool = False
) -> Row | Raw:
    if chat["saved"]:
        for message in keep:
            call.store["messages"].put(message)
    if call.body.get("stream", True):
        return stream(events(chat, messages, said, resumed=resumed), call.sleep)
    return shown_chat(chat, "in_progress")


def _chat(call: Call, where: Row) -> Row:
    row = call.store["chats"].get(where["chat_id"])
    home = call.store["conversations"].get(where["conversation_id"])
    if row is None or home is None or row["conversation_id"] != home["id"]:
        raise no_chat(where["chat_id"])
    if home["creator_id"] != call.caller.user_id:
        raise no_chat(where["chat_id"])
    return row


def _saved(call: Call) -> Row:
    row = _chat(call, call.query)
    if not row["saved"]:
        raise no_chat(row["id"])
    return row


def retrieve_chat(call: Call) -> Row:
    """Return the state of a chat."""
    known(call, "getChat")
    row = _saved(call)
    return shown_chat(row, status(row, call.now))


def list_messages(call: Call) -> TopLevel:
    """List what a chat produced, tool calls and knowledge included; the question is not among it."""
    rows = [
        shown_message(row)
        for row in call.store["messages"].where("chat", _saved(call)["id"])
        if not row.get("asked") and row["visible_at"] <= call.now
    ]
    return TopLevel({"data": rows})


def cancel_chat(call: Call) -> Row:
    """Cancel a chat that is in progress."""
    row = _chat(call, call.body)
    if status(row, call.now) not in ("in_progress", "requires_action"):
        raise CozeError(_NOT_CANCELABLE, "The chat cannot be canceled any more")
    for message in list(call.store["messages"].where("chat", row["id"])):
        if message["visible_at"] > call.now:
            call.store["messages"].drop(message["id"])
    row = call.store["chats"].change(row["id"], status="canceled", due=call.now)
    return shown_chat(row, "canceled")


def submit_tool_outputs(call: Call) -> Payload:
    """Give a chat the results that it waits for; it goes on from there."""
    row = _chat(call, call.query)
    if status(row, call.now) != "requires_action":
        raise invalid("Invalid parameter chat_id: the chat does not wait for tool outputs")
    outputs = {item["tool_call_id"]: item["output"] for item in call.body["tool_outputs"]}
    wanted = [tool["id"] for tool in row["tool_calls"]]
    if sorted(outputs) != sorted(wanted) or len(call.body["tool_outputs"]) != len(wanted):
        raise invalid(f"Invalid parameter tool_outputs: wanted are {', '.join(wanted)}")
    said = Script(**row["said"])
    row = call.store["chats"].change(row["id"], status="completed", due=call.now + said.delay)
    home = call.store["conversations"][row["conversation_id"]]
    messages = spoken(call, home, row, said, outputs)
    return _answer(call, row, said, messages, keep=messages, resumed=True)


_FREE = mapping(anything())
_TEXTS = mapping(text())
_SAID = {name: rule for name, rule in SAID.items() if name != "content"} | {"content*": text()}
_WHICH: Fields = {"conversation_id*": ident(), "chat_id*": ident()}
_LIMIT = Limit(bucket="chat", qps=500)

ROUTES = (
    Route(
        "POST", "/v3/chat", "createChat", None, create_chat, limit=_LIMIT, public=True,
        query={"conversation_id": ident()},
        body={
            "bot_id*": ident(), "user_id*": ident(), "bot_version": text(1),
            "connector_id": ident().otherwise(API),
            "additional_messages": each(obj(_SAID), 0, 100).otherwise([]),
            "stream": flag().otherwise(False), "auto_save_history": flag().otherwise(True),
            "publish_status": choice("published_online", "unpublished_draft").otherwise("published_online"),
            "custom_variables": _TEXTS, "extra_params": _TEXTS, "meta_data": meta_data(), "parameters": _FREE,
            "enable_card": flag(),
            "shortcut_command": obj({"command_id*": ident(), "parameters": _TEXTS}),
        },
    ),
    Route(
        "GET", "/v3/chat/retrieve", "getChat", None, retrieve_chat, query=_WHICH, limit=_LIMIT, public=True
    ),
    Route(
        "POST", "/v3/chat/retrieve", "getChatByPost", None, retrieve_chat, query=_WHICH, limit=_LIMIT,
        body={}, reads=True, public=True,
    ),
    Route(
        "GET", "/v3/chat/message/list", "listChatMessages", "listChatMessage", list_messages,
        query=_WHICH, limit=_LIMIT,
    ),
    Route("POST", "/v3/chat/cancel", "cancelChat", "cancelChat", cancel_chat, body=_WHICH, limit=_LIMIT),
    Route(
        "POST", "/v3/chat/submit_tool_outputs", "submitChatToolOutputs", "chat", submit_tool_outputs,
        query=_WHICH, limit=_LIMIT,
        body={
            "tool_outputs*": each(obj({"tool_call_id*": ident(), "output*": text()})),
            "stream": flag().otherwise(False), "connector_id": ident(), "auto_save_history": flag(),
        },
    ),
)  # fmt: skip
