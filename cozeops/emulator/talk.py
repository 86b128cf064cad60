"""Conversations and chats as they are kept and shown: rows, what time does to them, event sequences.

Nothing runs in the background. A chat is written down when it starts; until it is due it is in progress, and
its messages cannot be seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from .fields import At, Check, mapping
from .routing import Call
from .script import Script, fill
from .sse import Event
from .wire import CozeError, Row, encode

_BAD_TOKEN = 700012006
NO_CHAT, NO_CONVERSATION, META_TOO_LARGE, INVALID_MESSAGE = 4001, 4002, 4003, 4005
SPOKEN = ("question", "answer")


def known(call: Call, permission: str) -> None:
    """Refuse an unknown token as these operations do: HTTP 401 with a code of their own."""
    if not call.caller.user_id:
        raise CozeError(_BAD_TOKEN, "access token invalid", status=401)
    call.require(permission)


def no_chat(chat_id: str) -> CozeError:
    """Refuse an unknown chat."""
    return CozeError(NO_CHAT, f"The chat {chat_id} does not exist")


def conversation(call: Call, ident: str) -> Row:
    """Return a conversation of the caller's."""
    row = call.store["conversations"].get(ident)
    if row is None or row["creator_id"] != call.caller.user_id:
        raise CozeError(NO_CONVERSATION, f"The conversation {ident} does not exist")
    return row


def new_conversation(call: Call, **fields: Any) -> Row:
    """Make a conversation."""
    ident = call.store.new_id()
    row = {
        "id": ident,
        "name": "",
        "bot_id": "",
        "meta_data": {},
        "connector_id": "1024",
        "creator_id": call.caller.user_id,
        "created_at": call.seconds,
        "updated_at": call.seconds,
        "last_section_id": ident,
    }
    return call.store["conversations"].put({**row, **fields})


def new_message(call: Call, home: Row, given: Row, **fields: Any) -> Row:
    """Build a message of a conversation."""
    role = given["role"]
    return {
        "id": call.store.new_id(),
        "conversation_id": home["id"],
        "section_id": home["last_section_id"],
        "bot_id": "",
        "chat_id": "",
        "role": role,
        "type": given.get("type") or ("question" if role == "user" else "answer"),
        "content": given.get("content", ""),
        "content_type": given.get("content_type") or "text",
        "meta_data": given.get("meta_data") or {},
        "created_at": call.seconds,
        "updated_at": call.seconds,
        "visible_at": call.now,
        **fields,
    }


def shown_message(row: Row) -> Row:
    """Return a message as the API shows it."""
    return {key: value for key, value in row.items() if key not in ("visible_at", "feedback", "asked")}


def meta_data() -> Check:
    """Accept additional information: at most 16 pairs, values of at most 512 characters."""

    def take(value: Any, at: At) -> Row:
        pairs: Row = mapping(_string).take(value, at)
        if len(pairs) > 16 or any(len(item) > 512 for item in pairs.values()):
            raise CozeError(META_TOO_LARGE, f"{at.path} has too many pairs, or too long values")
        return pairs

    return Check(take)


def _take_string(value: Any, at: At) -> str:
    if not isinstance(value, str):
        raise at.refuse("must be a string")
    return value


_string = Check(_take_string)


def question_of(messages: Iterable[Row]) -> str:
    """Return the text of the last thing that the user said."""
    said = [message for message in messages if message["role"] == "user"]
    return _text(said[-1]) if said else ""


def _text(message: Row) -> str:
    if message.get("content_type") != "object_string":
        return str(message["content"])
    try:
        parts = json.loads(message["content"])
        return " ".join(part["text"] for part in parts if part["type"] == "text")
    except (ValueError, TypeError, KeyError, RecursionError):
        raise CozeError(INVALID_MESSAGE, "An object_string must hold a JSON list of objects") from None


def status(chat: Row, now: float) -> str:
    """Return the status of a chat at a moment."""
    return "in_progress" if now < chat["due"] else str(chat["status"])


def shown_chat(chat: Row, status: str) -> Row:
    """Return a chat as the API shows it in a status."""
    shown: Row = {key: chat[key] for key in ("id", "conversation_id", "bot_id", "section_id", "created_at")}
    shown |= {"meta_data": chat["meta_data"], "status": status, "last_error": {"code": 0, "msg": ""}}
    if status == "completed":
        shown |= {"completed_at": int(chat["due"]), "usage": chat["usage"]}
    elif status == "failed":
        shown |= {"failed_at": int(chat["due"]), "last_error": chat["last_error"]}
    elif status == "requires_action":
        calls = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": chat["tool_calls"]}}
        shown |= {"required_action": calls, "usage": chat["usage"]}
    return shown


def verbose(msg_type: str, data: Any) -> str:
    """Return the content of a message that is about the answer."""
    packed = encode(data).decode() if data else ""
    return encode({"msg_type": msg_type, "data": packed, "from_module": None, "from_unit": None}).decode()


def spoken(call: Call, home: Row, chat: Row, said: Script, outputs: Row | None = None) -> list[Row]:
    """Build the messages of a chat, in the order in which they come; `outputs` are a client's tools'."""

    def message(kind: str, content: str, **fields: Any) -> Row:
        given = {"role": "assistant", "type": kind, "content": content}
        where = {"bot_id": chat["bot_id"], "chat_id": chat["id"], "visible_at": chat["due"]}
        return new_message(call, home, given, **where, **fields)

    messages = []
    if outputs is None:
        if said.knowledge:
            messages.append(message("verbose", verbose("knowledge_recall", {"chunks": said.knowledge})))
        for tool in said.tools:
            asked = {"name": tool["name"], "arguments": tool["arguments"]}
            messages.append(message("function_call", encode(asked).decode()))
            messages.append(message("tool_response", tool["output"]))
        if chat["tool_calls"]:
            asked_for = (encode(tool["function"]).decode() for tool in chat["tool_calls"])
            return [*messages, *(message("function_call", one) for one in asked_for)]
    else:
        messages += [message("tool_response", output) for output in outputs.values()]
    joined = " ".join(outputs.values() if outputs else (tool["output"] for tool in said.tools))
    reasoning = {"reasoning_content": said.reasoning} if said.reasoning else {}
    messages.append(message("answer", fill(said.answer, {"outputs": joined}), **reasoning))
    messages.append(message("verbose", verbose("generate_answer_finish", None)))
    return messages + [message("follow_up", one) for one in said.follow_ups]


def events(chat: Row, messages: list[Row], said: Script, *, resumed: bool = False) -> Iterator[Event]:
    """Return the documented event sequence of a chat."""
    if not resumed:
        yield Event("conversation.chat.created", shown_chat(chat, "created"))
    yield Event("conversation.chat.in_progress", shown_chat(chat, "in_progress"))
    if chat["status"] == "failed":
        yield _failure(chat, said)
    else:
        wait = said.delay
        for message in messages:
            for event in _said(message, said):
                yield event._replace(wait=event.wait + wait)
                wait = 0.0
        yield Event(f"conversation.chat.{chat['status']}", shown_chat(chat, chat["status"]))
    yield Event("done", "[DONE]")


def _failure(chat: Row, said: Script) -> Event:
    if said.error is not None and said.error.get("as") == "event":
        return Event("error", chat["last_error"], said.delay)
    return Event("conversation.chat.failed", shown_chat(chat, "failed"), said.delay)


def _said(message: Row, said: Script) -> Iterator[Event]:
    shown = shown_message(message)
    if message["type"] == "answer":
        wait, bare = 0.0, {key: value for key, value in shown.items() if key != "reasoning_content"}
        for key, whole in (("reasoning_content", said.reasoning), ("content", message["content"])):
            for piece in _pieces(whole, said.pieces):
                yield Event("conversation.message.delta", {**bare, "content": "", key: piece}, wait)
                wait = said.pause
    yield Event("conversation.message.completed", shown)


def _pieces(whole: str, count: int) -> list[str]:
    size = max(1, -(-len(whole) // count))
    return [whole[start : start + size] for start in range(0, len(whole), size)]


def usage(said: Script, prompt: str, question: str) -> Row:
    """Return the tokens of a chat: the rule's, or one per character."""
    tokens = said.tokens or {"input": len(prompt) + len(question), "output": len(said.answer)}
    total = tokens["input"] + tokens["output"]
    return {"token_count": total, "input_count": tokens["input"], "output_count": tokens["output"]}
