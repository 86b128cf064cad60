"""Holding a conversation with one copy of a bot, or running a workflow; and cleaning up after it.

Whatever goes wrong on the way is a NoAnswerError: no answer is neither a good nor a bad one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from cozeops.declare.calls import Call
from cozeops.engine.check.answer import Answer, NoAnswerError, completed, failed, parsed, said_in, tokens_of
from cozeops.engine.check.noted import MARK, NoNotes, Notes
from cozeops.engine.model.live import Reply
from cozeops.errors import AccessError, ApiError, LostReplyError
from cozeops.frozen import frozen
from cozeops.kinds.parts.talk import BEGIN, CANCEL, CHAT, END, MESSAGES, RUN, STATE, STREAMED_RUN
from cozeops.values import Json

USER = "cozeops-check"
"""Who talks: bots keep the variables of their users apart."""
_POLL = (0.1, 0.2, 0.5, 1.0)
_RUNNING = frozenset({"created", "in_progress"})
# Too busy, the conversation is busy, balance of the model's requests, server error: they may pass.
_PASSING = frozenset({4009, 4013, 4016, 4020, 5000})


class StreamedEvent(Protocol):
    """An event of a streamed reply."""

    @property
    def name(self) -> str:
        """What it is."""

    @property
    def data(self) -> str:
        """Its data, mostly JSON."""


class Talker(Protocol):
    """The live side, as far as it can be talked to."""

    def send(self, call: Call, params: Mapping[str, Any], *, seconds: float | None = None) -> Reply:
        """Make one call. Raises ApiError."""

    def stream(
        self, call: Call, params: Mapping[str, Any], *, seconds: float
    ) -> AbstractContextManager[Iterator[StreamedEvent]]:
        """The events of a streamed reply. Raises ApiError."""


@frozen
class BotCopy:
    """Which copy of a bot is talked to: `draft`, `published` or a version."""

    name: str

    @property
    def params(self) -> Json:
        """How a chat names it."""
        match self.name:
            case "draft":
                return {"publish_status": "unpublished_draft"}
            case "published":
                return {"publish_status": "published_online"}
        return {"bot_version": self.name}


DRAFT, PUBLISHED = BotCopy("draft"), BotCopy("published")


@dataclass(slots=True)
class Conversation:
    """One conversation with a copy of a bot."""

    remote: Talker
    bot: str
    """The bot's id."""
    copy: BotCopy
    variables: Mapping[str, str] = field(default_factory=dict)
    stream: bool = False
    seconds: float = 60.0
    """How long one answer may take."""
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    notes: Notes = field(default_factory=NoNotes)
    id: str = ""
    left: str = ""
    """The id of a conversation that could not be removed."""

    @contextmanager
    def open(self) -> Iterator[Conversation]:
        """Begin the conversation, and remove it in the end, whatever happened in it."""
        with told():
            mark = self.notes.beginning(self.bot)
            marked = {"meta_data": {MARK: mark}} if mark else {}
            try:
                payload = self.remote.send(BEGIN, {"bot_id": self.bot, **marked}).payload
            except LostReplyError:
                raise  # it may be there: it stays noted
            except ApiError:
                self.notes.refused(mark)
                raise
            self.id = str(payload.get("id") or "") if isinstance(payload, dict) else ""
        if not self.id:
            raise NoAnswerError("Coze began no conversation")
        self.notes.began(mark, self.id)
        try:
            yield self
        finally:
            try:
                self.remote.send(END, {"conversation_id": self.id})
            except ApiError:
                self.left = self.id
            else:
                self.notes.ended(mark)

    def ask(self, text: str) -> Answer:
        """Say something and take the answer. Raises NoAnswerError."""
        began = self.clock()
        message = {"role": "user", "content": text, "content_type": "text", "type": "question"}
        params: Json = {
            "conversation_id": self.id,
            "bot_id": self.bot,
            "user_id": USER,
            "additional_messages": [message],
            "stream": self.stream,
            **self.copy.params,
        }
        if self.variables:
            params["custom_variables"] = dict(self.variables)
        with told():
            return self._streamed(params, began) if self.stream else self._polled(params, began)

    def _polled(self, params: Json, began: float) -> Answer:
        chat = _object(self.remote.send(CHAT, params).payload)
        which = {"conversation_id": self.id, "chat_id": str(chat.get("id") or "")}
        if not which["chat_id"]:
            raise NoAnswerError("Coze began no chat")
        tries = 0
        while chat.get("status") in _RUNNING:
            if self.clock() - began >= self.seconds:
                self._cancel(which)
                raise _late(self.seconds)
            self.sleep(_POLL[min(tries, len(_POLL) - 1)])
            tries += 1
            chat = _object(self.remote.send(STATE, which).payload)
        whole = self.clock() - began
        completed(chat)
        found = self.remote.send(MESSAGES, which).payload
        messages = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
        return said_in(messages, chat, first=None, whole=whole)

    def _streamed(self, params: Json, began: float) -> Answer:
        messages: list[Json] = []
        chat: Json = {}
        first: float | None = None
        with self.remote.stream(CHAT, params, seconds=self.seconds) as events:
            for event in events:
                data = parsed(event.data)
                match event.name:
                    case "conversation.message.delta":
                        first = self.clock() - began if first is None else first
                    case "conversation.message.completed":
                        messages.append(_object(data))
                    case "error":
                        raise failed(data)
                    case "done":
                        break
                    case name if name.startswith("conversation.chat."):
                        chat = _object(data)
                if self.clock() - began >= self.seconds:
                    self._cancel({"conversation_id": self.id, "chat_id": str(chat.get("id") or "")})
                    raise _late(self.seconds)
        if not chat or chat.get("status") in _RUNNING:
            raise NoAnswerError("the stream ended before the answer did", passing=True)
        return said_in(messages, completed(chat), first=first, whole=self.clock() - began)

    def _cancel(self, which: Json) -> None:
        # It ends by itself otherwise, and the answer is not wanted any more.
        with suppress(ApiError):
            self.remote.send(CANCEL, which)


def run_workflow(
    remote: Talker,
    workflow: str,
    parameters: Json,
    *,
    stream: bool,
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
) -> Answer:
    """Run a published workflow and take its output. Raises NoAnswerError."""
    params, began = {"workflow_id": workflow, "parameters": parameters}, clock()
    with told():
        if stream:
            return _streamed_run(remote, params, seconds, clock)
        reply = _object(remote.send(RUN, params, seconds=seconds).payload)
        if reply.get("interrupt_data"):
            raise _interrupted()
        return Answer(str(reply.get("data") or ""), tokens=tokens_of(reply), whole=clock() - began)


def _streamed_run(remote: Talker, params: Json, seconds: float, clock: Callable[[], float]) -> Answer:
    began, first, tokens = clock(), None, None
    pieces: list[str] = []
    with remote.stream(STREAMED_RUN, params, seconds=seconds) as events:
        for event in events:
            data = _object(parsed(event.data))
            match event.name:
                case "Message":
                    first = clock() - began if first is None else first
                    pieces.append(str(data.get("content") or ""))
                    tokens = tokens_of(data) or tokens
                case "Error":
                    code, msg = data.get("error_code", 0), data.get("error_message") or "no reason given"
                    raise NoAnswerError(f"the run failed: {msg} (code {code})")
                case "Interrupt":
                    raise _interrupted()
                case "Done":
                    return Answer("".join(pieces), tokens=tokens, first=first, whole=clock() - began)
    raise NoAnswerError("the stream ended before the run did", passing=True)


@contextmanager
def told() -> Iterator[None]:
    """What the API raises inside, as a NoAnswerError."""
    try:
        yield
    except ApiError as error:
        # A lost reply, or a stream that broke: the next attempt begins a conversation of its own.
        broken = isinstance(error, LostReplyError) or not (error.code or error.status)
        passing = broken or error.code in _PASSING or error.status >= 500
        raise NoAnswerError(
            error.message, hint=error.hint, passing=passing, denied=isinstance(error, AccessError)
        ) from error


def _interrupted() -> NoAnswerError:
    return NoAnswerError("the run was interrupted: it waits for somebody to answer")


def _late(seconds: float) -> NoAnswerError:
    return NoAnswerError(f"no answer within {seconds:g} s")


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}
