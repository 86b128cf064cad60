"""The official Python SDK, unchanged, over a real socket: chats, conversations, workflow runs, audio."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from cozepy import (
    ChatEventType,
    ChatStatus,
    CozeAPIError,
    Message,
    MessageContentType,
    MessageObjectString,
    MessageRole,
    SyncHTTPClient,
    TokenAuth,
    ToolOutput,
    WorkflowEventType,
)
from cozepy import Coze as Sdk
from cozepy.conversations.message.feedback import FeedbackType
from cozepy.workflows.runs.run_histories import WorkflowExecuteStatus

from tests.contract import Checked

from .conftest import Coze

CHATFLOW = {"workflow_id": "704", "workflow_name": "waiter", "workflow_mode": "chatflow"}


@pytest.fixture
def sdk(coze: Coze, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sdk]:
    """The SDK on a served emulator; while it waits between two polls, the emulator's clock goes on."""

    def sleep(seconds: float) -> None:
        coze.clock.time += seconds

    monkeypatch.setattr("cozepy.chat.time", SimpleNamespace(time=time.time, sleep=sleep))
    with coze.emulator.serve() as url, httpx.HTTPTransport() as transport:
        client = SyncHTTPClient(transport=Checked(transport, requests=False))
        yield Sdk(TokenAuth("pat_emulator"), base_url=url, http_client=client)


@pytest.fixture
def bot(coze: Coze) -> str:
    """A published bot."""
    ident = coze.bot(coze.workspace(), prompt_info={"prompt": "你是小厨"})
    coze.post("/v1/bot/publish", bot_id=ident, connector_ids=["1024"])
    return ident


def asking(text: str = "吃什么") -> list[Message]:
    """Build a question."""
    return [Message.build_user_question_text(text)]


def test_a_polled_chat(coze: Coze, sdk: Sdk, bot: str) -> None:
    """`create_and_poll` waits until the chat is due, then reads its messages."""
    coze.emulator.seed({"chat_rules": [{"pattern": "慢", "answer": "好了", "delay": 3}]})
    poll = sdk.chat.create_and_poll(bot_id=bot, user_id="u", additional_messages=asking("慢慢来"))
    assert poll.chat.status == ChatStatus.COMPLETED
    assert poll.chat.usage
    assert poll.messages
    assert [message.type for message in poll.messages][:2] == ["answer", "verbose"]
    assert poll.messages[0].content == "好了"
    objects = [MessageObjectString.build_text("看图"), MessageObjectString.build_image(file_id="1")]
    again = sdk.chat.create_and_poll(
        bot_id=bot,
        user_id="u",
        conversation_id=poll.chat.conversation_id,
        additional_messages=[Message.build_user_question_objects(objects)],
        meta_data={"a": "b"},
    )
    assert again.messages
    assert again.messages[0].content == "[published] 你是小厨 | 看图"
    assert again.chat.meta_data == {"a": "b"}


def test_a_streamed_chat(sdk: Sdk, bot: str) -> None:
    """The deltas make the answer; the last event carries the usage."""
    events = list(sdk.chat.stream(bot_id=bot, user_id="u", additional_messages=asking()))
    kinds = [event.event for event in events]
    assert kinds[:2] == [ChatEventType.CONVERSATION_CHAT_CREATED, ChatEventType.CONVERSATION_CHAT_IN_PROGRESS]
    assert kinds[-1] == ChatEventType.CONVERSATION_CHAT_COMPLETED
    deltas = [
        event.message.content
        for event in events
        if event.event == ChatEventType.CONVERSATION_MESSAGE_DELTA and event.message
    ]
    assert "".join(deltas) == "[published] 你是小厨 | 吃什么"
    assert events[-1].chat
    assert events[-1].chat.usage


def test_a_stream_comes_bit_by_bit(coze: Coze, bot: str) -> None:
    """What was said before a pause arrives before the pause is over."""
    heard: set[str] = set()
    seen_at_pause: list[int] = []

    def pause(_: float) -> None:
        deadline = time.monotonic() + 10
        while not heard and time.monotonic() < deadline:
            time.sleep(0.005)
        seen_at_pause.append(len(heard))

    coze.emulator.sleep = pause
    coze.emulator.seed({"chat_rules": [{"answer": "一二", "delay": 1, "pieces": 2}]})
    with coze.emulator.serve() as url, SyncHTTPClient() as client:
        # the check of answers would read the stream to its end
        sdk = Sdk(TokenAuth("pat_emulator"), base_url=url, http_client=client)
        for event in sdk.chat.stream(bot_id=bot, user_id="u", additional_messages=asking()):
            heard.add(event.event)
    assert seen_at_pause
    assert seen_at_pause[0] > 0


def test_a_chat_that_fails(coze: Coze, sdk: Sdk, bot: str) -> None:
    """As a refusal, in the status, as an event that the SDK turns into a bare exception."""
    rules = [
        {"pattern": kind, "error": {"code": 4010, "msg": "长", "as": kind}} for kind in ("failed", "event")
    ]
    refusal = {"pattern": "reply", "error": {"code": 4011, "msg": "没钱"}}
    coze.emulator.seed({"chat_rules": [*rules, refusal]})
    with pytest.raises(CozeAPIError, match="4011"):
        sdk.chat.create(bot_id=bot, user_id="u", additional_messages=asking("reply"))
    poll = sdk.chat.create_and_poll(bot_id=bot, user_id="u", additional_messages=asking("failed"))
    assert poll.chat.last_error
    assert (poll.chat.status, poll.chat.last_error.code) == (ChatStatus.FAILED, 4010)
    with pytest.raises(Exception, match=r"error event: .*4010"):
        list(sdk.chat.stream(bot_id=bot, user_id="u", additional_messages=asking("event")))


def test_tools_of_the_client(coze: Coze, sdk: Sdk, bot: str) -> None:
    """The chat waits for their outputs, and goes on, streamed or not."""
    rule = {
        "requires_action": [{"name": "weather", "arguments": {"city": "成都"}}],
        "answer": "成都{outputs}",
    }
    coze.emulator.seed({"chat_rules": [rule]})
    for stream in (True, False):
        *_, last = sdk.chat.stream(bot_id=bot, user_id="u", additional_messages=asking())
        assert last.chat
        assert last.chat.required_action
        assert last.chat.required_action.submit_tool_outputs
        calls = last.chat.required_action.submit_tool_outputs.tool_calls
        outputs = [ToolOutput(tool_call_id=call.id, output="晴") for call in calls]
        where = {"conversation_id": last.chat.conversation_id, "chat_id": last.chat.id}
        resumed = sdk.chat.submit_tool_outputs(**where, tool_outputs=outputs, stream=stream)
        if stream:
            first, *_ = resumed
            assert first.event == ChatEventType.CONVERSATION_CHAT_IN_PROGRESS
        assert sdk.chat.retrieve(**where).status == ChatStatus.COMPLETED
        assert [one.content for one in sdk.chat.messages.list(**where) if one.type == "answer"] == ["成都晴"]


def test_a_chat_is_canceled(coze: Coze, sdk: Sdk, bot: str) -> None:
    """While it is in progress."""
    coze.emulator.seed({"chat_rules": [{"delay": 60}]})
    chat = sdk.chat.create(bot_id=bot, user_id="u", additional_messages=asking())
    where = {"conversation_id": chat.conversation_id, "chat_id": chat.id}
    assert sdk.chat.cancel(**where).status == ChatStatus.CANCELED
    with pytest.raises(CozeAPIError, match="4104"):
        sdk.chat.cancel(**where)


def test_conversations_and_messages(sdk: Sdk, bot: str) -> None:
    """Everything that the SDK has of them."""
    made = sdk.conversations.create(messages=asking("你好"), bot_id=bot, name="一", meta_data={"a": "b"})
    assert sdk.conversations.retrieve(conversation_id=made.id).name == "一"
    assert [one.id for one in sdk.conversations.list(bot_id=bot)] == [made.id]
    assert sdk.conversations.update(conversation_id=made.id, name="二").name == "二"
    assert sdk.conversations.clear(conversation_id=made.id).conversation_id == made.id
    messages, where = sdk.conversations.messages, {"conversation_id": made.id}
    text = MessageContentType.TEXT
    added = messages.create(**where, role=MessageRole.ASSISTANT, content="你好", content_type=text)
    assert added.id
    assert messages.retrieve(**where, message_id=added.id).type == "answer"
    assert messages.update(**where, message_id=added.id, content="您好").content == "您好"
    assert [one.content for one in messages.list(**where, order="asc", limit=1)] == ["你好", "您好"]
    messages.feedback.create(**where, message_id=added.id, feedback_type=FeedbackType.LIKE)
    messages.feedback.delete(**where, message_id=added.id)
    assert messages.delete(**where, message_id=added.id).content == "您好"
    sdk.conversations.delete(conversation_id=made.id)
    with pytest.raises(CozeAPIError, match="4002"):
        sdk.conversations.retrieve(conversation_id=made.id)


def test_workflow_runs(coze: Coze, sdk: Sdk) -> None:
    """At once, asynchronous, streamed, interrupted and resumed."""
    runs, asked = sdk.workflows.runs, {"workflow_id": "700"}
    assert runs.create(**asked, parameters={"a": 1}).data == '{"output":"order-lookup {\\"a\\":1}"}'
    pending = runs.create(**asked, is_async=True)
    assert pending.execute_id
    history = runs.run_histories.retrieve(**asked, execute_id=pending.execute_id)
    assert (history.execute_status, history.error_code) == (WorkflowExecuteStatus.SUCCESS, 0)
    node = runs.run_histories.execute_nodes.retrieve(
        **asked, execute_id=pending.execute_id, node_execute_uuid=f"{pending.execute_id}-end"
    )
    assert node.is_finish
    message, *_ = runs.stream(**asked)
    assert (message.event, bool(message.message)) == (WorkflowEventType.MESSAGE, True)
    coze.emulator.seed({"workflow_rules": [{"interrupt": {"type": 2}, "output": "好"}]})
    (stopped,) = runs.stream(**asked)
    assert stopped.interrupt
    event = stopped.interrupt.interrupt_data
    told = {"event_id": event.event_id, "resume_data": "两份", "interrupt_type": event.type}
    resumed, *_ = runs.resume(**asked, **told)
    assert resumed.message
    assert resumed.message.content == "好"
    coze.emulator.seed({"workflow_rules": [{"workflow_id": "700", "error": {"code": 5000, "msg": "坏"}}]})
    (failed,) = runs.stream(**asked)
    assert failed.error
    assert failed.error.error_message == "坏"
    with pytest.raises(CozeAPIError, match="坏"):
        runs.create(**asked)


def test_a_chatflow(coze: Coze, sdk: Sdk) -> None:
    """The SDK leaves out `parameters` when there are none: a real server takes it."""
    coze.emulator.seed({"workflows": [CHATFLOW]})
    *_, last = sdk.workflows.chat.stream(workflow_id="704", additional_messages=asking(), parameters={})
    assert last.event == ChatEventType.CONVERSATION_CHAT_COMPLETED
    *_, last = sdk.workflows.chat.stream(workflow_id="704", additional_messages=asking())
    assert last.event == ChatEventType.CONVERSATION_CHAT_COMPLETED


def test_audio(coze: Coze, sdk: Sdk, bot: str, tmp_path: Path) -> None:
    """Speech, transcription, rooms and lives."""
    voice = next(iter(sdk.audio.voices.list()))
    speech = sdk.audio.speech.create(input="你好", voice_id=voice.voice_id)
    path = tmp_path / "a.mp3"
    speech.write_to_file(str(path))
    assert sdk.audio.transcriptions.create(file=("a.mp3", path.read_bytes())).text
    assert sdk.audio.rooms.create(bot_id=bot).room_id
    coze.emulator.seed({"lives": [{"live_id": "5"}]})
    assert sdk.audio.live.retrieve(live_id="5").stream_infos == []


def test_a_bad_token(coze: Coze) -> None:
    """It is told in three ways, as observed."""
    with coze.emulator.serve() as url, httpx.Client() as http:
        stranger = Sdk(TokenAuth("nobody"), base_url=url, http_client=SyncHTTPClient())
        with pytest.raises(CozeAPIError, match="4101"):
            stranger.chat.create(bot_id="1", user_id="u")
        with pytest.raises(CozeAPIError, match="700012006"):
            stranger.conversations.create()
        with pytest.raises(CozeAPIError, match="4100"):
            stranger.workflows.runs.create(workflow_id="1")
        assert http.get(f"{url}/v1/users/me").status_code == 401
        stranger._requester.sync_client.close()
