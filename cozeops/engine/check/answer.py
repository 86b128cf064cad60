"""What came back: the answer of a bot or the output of a workflow, read from messages. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cozeops.errors import CozeopsError
from cozeops.frozen import frozen
from cozeops.values import Json, dig


@frozen
class Answer:
    """One answer, and how it came about. Times are seconds since the question was sent."""

    answer: str
    tools: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()
    """Ids of the knowledge bases in which something was found."""
    follow_ups: tuple[str, ...] = ()
    tokens: int | None = None
    first: float | None = None
    """None: only a streamed answer tells when its first token came."""
    whole: float = 0.0


class NoAnswerError(CozeopsError):
    """Nobody answered: that says nothing about what the answer would have been.

    `passing`: another attempt may succeed. `denied`: the token may not do this.
    """

    def __init__(self, message: str, *, hint: str = "", passing: bool = False, denied: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.passing = passing
        self.denied = denied


def said_in(messages: Sequence[Json], chat: Json, *, first: float | None, whole: float) -> Answer:
    """The answer in the messages of a chat that is completed."""
    answers = [str(one.get("content") or "") for one in messages if one.get("type") == "answer"]
    if not any(answers):
        raise NoAnswerError("the chat was completed without an answer")
    return Answer(
        answer="\n".join(answers),
        tools=tuple(_tools(messages)),
        knowledge=tuple(dict.fromkeys(_knowledge(messages))),
        follow_ups=tuple(str(one.get("content") or "") for one in messages if one.get("type") == "follow_up"),
        tokens=tokens_of(chat),
        first=first,
        whole=whole,
    )


def tokens_of(reply: Json) -> int | None:
    """What it cost, where the reply says so."""
    count = dig(reply, ("usage", "token_count"))
    # Some replies spell numbers as text.
    spelled = isinstance(count, str) and count.isascii() and count.isdigit() and len(count) < 19
    return int(count) if isinstance(count, int) or spelled else None


def completed(chat: Json) -> Json:
    """The chat itself, when it is completed. Raises NoAnswerError for every other end."""
    match chat.get("status"):
        case "completed":
            return chat
        case "requires_action":
            names = ", ".join(_asked_of_client(chat)) or "tools"
            hint = "checks have no tools of their own: talk to this bot with the client that has them"
            raise NoAnswerError(f"the bot waits for the client's own {names}", hint=hint)
        case "failed":
            raise failed(chat.get("last_error"))
    raise NoAnswerError(f"the chat ended as {chat.get('status')!r}")


def failed(error: Any) -> NoAnswerError:
    """What Coze says about a chat that failed."""
    known = error if isinstance(error, dict) else {}
    code, msg = known.get("code", 0), str(known.get("msg") or "no reason given")
    return NoAnswerError(f"the chat failed: {msg} (code {code})")


def parsed(text: str) -> Any:
    """The JSON value that a text is; None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _asked_of_client(chat: Json) -> Iterator[str]:
    calls = dig(chat, ("required_action", "submit_tool_outputs", "tool_calls"))
    for call in calls if isinstance(calls, list) else []:
        name = dig(call, ("function", "name"))
        if isinstance(name, str):
            yield name


def _tools(messages: Iterable[Json]) -> Iterator[str]:
    for one in messages:
        if one.get("type") == "function_call":
            name = dig(parsed(str(one.get("content"))), ("name",))
            yield name if isinstance(name, str) else "unknown"


def _knowledge(messages: Iterable[Json]) -> Iterator[str]:
    for one in messages:
        content = parsed(str(one.get("content"))) if one.get("type") == "verbose" else None
        if isinstance(content, dict) and content.get("msg_type") == "knowledge_recall":
            chunks = dig(parsed(str(content.get("data"))), ("chunks",))
            for chunk in chunks if isinstance(chunks, list) else []:
                # Either beside the text of the chunk, or in what is told about it.
                for path in (("dataset_id",), ("meta", "dataset", "id")):
                    if isinstance(id := dig(chunk, path), str | int):
                        yield str(id)
