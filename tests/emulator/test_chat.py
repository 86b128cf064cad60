"""Chats: which copy answers, scripted answers, polling and streams."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cozeops.emulator import SeedError
from tests.contract import CONTRACT

from .conftest import Coze, Make

Row = dict[str, Any]


def bot(coze: Coze, prompt: str = "你是小厨\n教人做菜", **fields: Any) -> str:
    """Make a bot with a prompt."""
    return coze.bot(coze.workspace(), prompt_info={"prompt": prompt}, **fields)


def publish(coze: Coze, ident: str) -> str:
    """Publish a bot and return its version."""
    version: str = coze.post("/v1/bot/publish", bot_id=ident, connector_ids=["1024"])["version"]
    return version


def asking(ident: str, question: str = "吃什么", **fields: Any) -> Row:
    """Build the body of a chat."""
    messages = [{"role": "user", "content": question, "content_type": "text"}]
    return {"bot_id": ident, "user_id": "u", "additional_messages": messages, **fields}


def drafted(ident: str, question: str = "吃什么", **fields: Any) -> Row:
    """Build the body of a chat with a draft."""
    return asking(ident, question, publish_status="unpublished_draft", **fields)


def which(chat: Row) -> Row:
    """Return the query that names a chat."""
    return {"conversation_id": chat["conversation_id"], "chat_id": chat["id"]}


def outcome(coze: Coze, chat: Row) -> Row:
    """Poll a chat."""
    return coze.get("/v3/chat/retrieve", **which(chat))


def messages(coze: Coze, chat: Row) -> list[Row]:
    """Return what a chat produced."""
    found: list[Row] = coze.call("GET", "/v3/chat/message/list", **which(chat))["data"]
    return found


def answer(coze: Coze, body: Row) -> str:
    """Ask, poll, and return the answer."""
    chat = coze.post("/v3/chat", **body)
    assert chat["status"] == "in_progress"
    assert outcome(coze, chat)["status"] == "completed"
    found: str = next(one["content"] for one in messages(coze, chat) if one["type"] == "answer")
    return found


def streamed(coze: Coze, body: Row, path: str = "/v3/chat", **query: str) -> list[tuple[str, Any]]:
    """Ask, and return the events of the stream."""
    response = coze.http.post(path, json={**body, "stream": True}, params=query)
    assert response.headers["content-type"].startswith("text/event-stream")
    events = []
    for block in response.text.strip().split("\n\n"):
        name, data = block.split("\n")
        events.append((name.removeprefix("event:"), json.loads(data.removeprefix("data:"))))
    return events


def test_each_copy_answers_for_itself(coze: Coze) -> None:
    """The published one by default, the draft, an older version: the echo tells them apart."""
    ident = bot(coze, "一")
    assert coze.code("POST", "/v3/chat", asking(ident)) == 4015
    first = publish(coze, ident)
    coze.clock.time += 1
    coze.post("/v1/bot/update", bot_id=ident, prompt_info={"prompt": "二\n第二行"})
    publish(coze, ident)
    coze.post("/v1/bot/update", bot_id=ident, prompt_info={"prompt": "三"})
    assert answer(coze, asking(ident)) == "[published] 二 | 吃什么"
    assert answer(coze, drafted(ident)) == "[draft] 三 | 吃什么"
    assert answer(coze, asking(ident, bot_version=first)) == f"[version {first}] 一 | 吃什么"
    assert coze.code("POST", "/v3/chat", drafted(ident, bot_version=first)) == 4000
    assert coze.code("POST", "/v3/chat", asking(ident, bot_version="404")) == 4200
    coze.post(f"/v1/bots/{ident}/unpublish", connector_id="1024")
    assert coze.code("POST", "/v3/chat", asking(ident)) == 4015


def test_what_is_refused(coze: Coze) -> None:
    """Unknown and foreign bots, bad tokens (on HTTP 200), an unsaved record that nobody could read."""
    ident = bot(coze)
    assert coze.code("POST", "/v3/chat", drafted("404")) == 4200
    assert coze.as_token("pat_101").code("POST", "/v3/chat", drafted(ident)) == 4200
    assert coze.code("POST", "/v3/chat", drafted(ident, auto_save_history=False)) == 4007
    assert coze.code("POST", "/v3/chat", drafted(ident), conversation_id="404") == 4002
    stranger = coze.as_token("nobody").http
    reply = stranger.post("/v3/chat", json=drafted(ident))
    assert (reply.status_code, reply.json()["code"]) == (200, 4101)
    reply = stranger.get("/v3/chat/retrieve", params={"conversation_id": "1", "chat_id": "1"})
    assert (reply.status_code, reply.json()["code"]) == (401, 700012006)
    coze.emulator.seed({"tokens": [{"token": "pat_mute", "permissions": ["getChat"]}]})
    assert coze.as_token("pat_mute").code("POST", "/v3/chat", drafted(ident)) == 4101
    many = {**drafted(ident), "additional_messages": [{"role": "user", "content": ""}] * 101}
    assert coze.code("POST", "/v3/chat", many) == 4000
    pairs = {str(number): "" for number in range(17)}
    assert coze.code("POST", "/v3/chat", drafted(ident, meta_data=pairs)) == 4003


def test_questions_of_several_parts(coze: Coze) -> None:
    """The text parts of an object_string are the question; anything else in it is invalid."""
    ident, body = bot(coze), drafted("")
    parts = [
        {"type": "text", "text": "看"},
        {"type": "image", "file_id": "1"},
        {"type": "text", "text": "图"},
    ]
    said = {"role": "user", "content_type": "object_string", "content": json.dumps(parts)}
    body |= {"bot_id": ident, "additional_messages": [said]}
    assert answer(coze, body).endswith("| 看 图")
    for content in ("text", "[1]", '{"a": 1}'):
        body["additional_messages"] = [{**said, "content": content}]
        assert coze.code("POST", "/v3/chat", body) == 4005


def test_the_documented_sequence_of_events(coze: Coze) -> None:
    """Created, in progress, deltas, completed messages, follow-ups, completed with usage, done."""
    ident = bot(coze)
    events = streamed(coze, drafted(ident))
    names = [name.removeprefix("conversation.") for name, _ in events]
    assert names[:3] == ["chat.created", "chat.in_progress", "message.delta"]
    assert names[-3:] == ["message.completed", "chat.completed", "done"]
    deltas = [data["content"] for name, data in events if name.endswith("delta")]
    completed = [data for name, data in events if name == "conversation.message.completed"]
    assert "".join(deltas) == completed[0]["content"] == "[draft] 你是小厨 | 吃什么"
    assert [one["type"] for one in completed] == ["answer", "verbose", *["follow_up"] * 3]
    assert json.loads(completed[1]["content"])["msg_type"] == "generate_answer_finish"
    chat = events[-2][1]
    assert chat["usage"]["token_count"] == chat["usage"]["input_count"] + chat["usage"]["output_count"]
    assert events[-1][1] == "[DONE]"
    assert outcome(coze, chat) == chat
    assert [one["id"] for one in messages(coze, chat)] == [one["id"] for one in completed]


def test_events_are_the_contracts(coze: Coze) -> None:
    """Their names are known, and messages have no field that is not."""
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    content = contract["paths"]["/v3/chat"]["post"]["responses"]["200"]["content"]
    names = content["text/event-stream"]["x-event-schema"]["properties"]["event"]["x-known-values"]
    fields = contract["components"]["schemas"]["ChatV3MessageDetail"]["properties"]
    coze.emulator.seed({"chat_rules": [{"tools": [{"name": "a"}], "reasoning": "想"}]})
    events = streamed(coze, drafted(bot(coze)))
    assert {name for name, _ in events} <= set(names)
    messages = [data for name, data in events if name.startswith("conversation.message.")]
    assert {key for message in messages for key in message} <= set(fields)


def test_an_unsaved_stream_leaves_nothing(coze: Coze) -> None:
    """The record cannot be read afterwards."""
    events = streamed(coze, drafted(bot(coze), auto_save_history=False))
    chat = events[-2][1]
    assert coze.code("GET", "/v3/chat/retrieve", **which(chat)) == 4001
    listed = coze.call("POST", "/v1/conversation/message/list", {}, conversation_id=chat["conversation_id"])
    assert listed["data"] == []


def test_suggestions_follow_the_bots_setting(coze: Coze) -> None:
    """A bot that suggests nothing has no follow-ups."""
    ident = bot(coze, suggest_reply_info={"reply_mode": "disable"})
    kinds = [data.get("type") for _, data in streamed(coze, drafted(ident))[2:-2]]
    assert "follow_up" not in kinds


def test_what_was_said_before_is_not_part_of_the_answer(coze: Coze) -> None:
    """Also when the assistant is said to have said it; the last question counts."""
    body = drafted(bot(coze))
    earlier = [
        {"role": "user", "content": "一", "content_type": "text"},
        {"role": "assistant", "content": "二", "content_type": "text", "type": "answer"},
    ]
    chat = coze.post("/v3/chat", **{**body, "additional_messages": [*earlier, *body["additional_messages"]]})
    assert messages(coze, chat)[0]["content"] == "[draft] 你是小厨 | 吃什么"


def test_variables_go_into_the_prompt(coze: Coze) -> None:
    """`{{name}}` is replaced by what the caller gives."""
    ident = bot(coze, "你是{{name}}")
    assert answer(coze, drafted(ident, custom_variables={"name": "{question}"})) == (
        "[draft] 你是{question} | 吃什么"
    )


def test_rules_by_question_copy_and_prompt(coze: Coze) -> None:
    """The bot's own before the general ones, the older before the newer."""
    ident, other = bot(coze, "用中文回答"), bot(coze, "answer")
    publish(coze, ident)
    rules = [
        {"pattern": "天气", "answer": "晴"},
        {"pattern": "天气", "answer": "雨"},
        {"bot_id": ident, "pattern": "天气", "copy": "draft", "answer": "草稿说{question}"},
        {"pattern": "hello", "prompt": "中文", "answer": "你好"},
    ]
    coze.emulator.seed({"chat_rules": rules})
    assert answer(coze, drafted(other, "今天天气")) == "晴"
    assert answer(coze, asking(ident, "今天天气")) == "晴"
    assert answer(coze, drafted(ident, "天气{prompt}")) == "草稿说天气{prompt}"
    assert answer(coze, drafted(ident, "hello")) == "你好"
    assert answer(coze, drafted(other, "hello")) == "[draft] answer | hello"


def test_a_rule_wears_out(coze: Coze) -> None:
    """`times` makes answers that vary; the same id replaces a rule."""
    ident = bot(coze)
    coze.emulator.seed({"chat_rules": [{"id": "once", "answer": "坏", "times": 1}, {"answer": "好"}]})
    assert [answer(coze, drafted(ident)) for _ in range(3)] == ["坏", "好", "好"]
    coze.emulator.seed({"chat_rules": [{"id": "once", "answer": "差", "bot_id": ident}]})
    assert answer(coze, drafted(ident)) == "差"
    coze.emulator.remove("chat_rules", "once")
    assert answer(coze, drafted(ident)) == "好"


def test_rules_over_the_control_api(coze: Coze) -> None:
    """The same seed section, while it runs; a pattern that is none is refused."""
    ident = bot(coze)
    coze.http.post("/_emulator/seed", json={"chat_rules": [{"answer": "远程"}]}).raise_for_status()
    assert answer(coze, drafted(ident)) == "远程"
    with pytest.raises(SeedError, match="no pattern"):
        coze.emulator.seed({"chat_rules": [{"pattern": "("}]})


def test_tools_and_knowledge_stand_in_the_chats_messages(coze: Coze) -> None:
    """And not in the conversation's, unless they are asked for."""
    rule = {
        "answer": "查到{outputs}",
        "reasoning": "先查",
        "tools": [{"name": "news-top", "arguments": {"q": "{}"}, "output": "新闻"}],
        "knowledge": [{"dataset_id": "1", "document": "川菜", "slice": "麻婆豆腐"}],
        "tokens": {"input": 10, "output": 5},
        "follow_ups": ["再来？"],
    }
    coze.emulator.seed({"chat_rules": [rule]})
    events = streamed(coze, drafted(bot(coze)))
    chat = events[-2][1]
    kinds = ["verbose", "function_call", "tool_response", "answer", "verbose", "follow_up"]
    found = messages(coze, chat)
    assert [one["type"] for one in found] == kinds
    assert json.loads(found[1]["content"]) == {"name": "news-top", "arguments": {"q": "{}"}}
    assert (found[3]["content"], found[3]["reasoning_content"]) == ("查到新闻", "先查")
    assert chat["usage"] == {"token_count": 15, "input_count": 10, "output_count": 5}
    reasoning = [data["reasoning_content"] for _, data in events[1:-2] if "reasoning_content" in data]
    assert reasoning[0] == "先"
    where = {"conversation_id": chat["conversation_id"]}
    spoken = coze.call("POST", "/v1/conversation/message/list", {"order": "asc"}, **where)["data"]
    assert [one["type"] for one in spoken] == ["question", "answer"]
    body = {"include_middle_message": True, "chat_id": chat["id"]}
    assert len(coze.call("POST", "/v1/conversation/message/list", body, **where)["data"]) == 7


def test_a_bot_that_thinks_is_polled(coze: Coze) -> None:
    """Until it is due a chat has no messages, its conversation is busy, and it can be canceled."""
    coze.emulator.seed({"chat_rules": [{"answer": "慢", "delay": 5}]})
    ident = bot(coze)
    chat = coze.post("/v3/chat", **drafted(ident))
    assert (outcome(coze, chat)["status"], messages(coze, chat)) == ("in_progress", [])
    where = {"conversation_id": chat["conversation_id"]}
    assert coze.code("POST", "/v3/chat", drafted(ident), **where) == 4016
    coze.clock.time += 5
    assert outcome(coze, chat)["completed_at"] == int(coze.clock.time)
    assert messages(coze, chat)[0]["content"] == "慢"
    again = coze.call("POST", "/v3/chat", drafted(ident), **where)["data"]
    assert coze.post("/v3/chat/cancel", **which(again))["status"] == "canceled"
    coze.clock.time += 5
    assert (outcome(coze, again)["status"], messages(coze, again)) == ("canceled", [])
    assert coze.code("POST", "/v3/chat/cancel", which(again)) == 4104
    assert coze.code("POST", "/v3/chat/cancel", {**which(again), "chat_id": "404"}) == 4001
    assert coze.as_token("pat_101").code("GET", "/v3/chat/retrieve", **which(chat)) == 4001


def test_the_pauses_of_a_stream(coze: Coze) -> None:
    """Before the first token and between the others, as the emulator waits."""
    waited: list[float] = []
    coze.emulator.sleep = waited.append
    coze.emulator.seed({"chat_rules": [{"answer": "一二三四", "delay": 2, "pause": 0.5, "pieces": 4}]})
    streamed(coze, drafted(bot(coze)))
    assert waited == [2, 0.5, 0.5, 0.5]


def test_thinking_time_is_an_option(make: Make) -> None:
    """For every bot without a rule."""
    coze = make(chat_seconds=3.0)
    chat = coze.post("/v3/chat", **drafted(bot(coze)))
    assert outcome(coze, chat)["status"] == "in_progress"


@pytest.mark.parametrize("how", ["reply", "failed", "event"])
def test_scripted_errors(coze: Coze, how: str) -> None:
    """As a refusal, as a chat that fails, or as an error in the stream."""
    error = {"code": 4010, "msg": "too long", "as": how}
    coze.emulator.seed({"chat_rules": [{"error": error, "times": 2}]})
    ident = bot(coze)
    reply = coze.call("POST", "/v3/chat", drafted(ident))
    if how == "reply":
        assert (reply["code"], reply["msg"]) == (4010, "too long")
        assert coze.code("POST", "/v3/chat", drafted(ident)) == 4010
    else:
        assert outcome(coze, reply["data"])["last_error"] == {"code": 4010, "msg": "too long"}
        assert messages(coze, reply["data"]) == []
        names = [name for name, _ in streamed(coze, drafted(ident))]
        failure = "error" if how == "event" else "conversation.chat.failed"
        assert names[2:] == [failure, "done"]
    assert answer(coze, drafted(ident)).startswith("[draft]"), "the rule is worn out"


@pytest.mark.parametrize("save", [True, False])
def test_a_chat_that_needs_the_clients_tools(coze: Coze, save: bool) -> None:
    """It stops, names the calls, and goes on with their outputs."""
    wanted = [{"name": "weather", "arguments": {"city": "成都"}}, {"name": "time"}]
    coze.emulator.seed({"chat_rules": [{"requires_action": wanted, "answer": "成都{outputs}"}]})
    events = streamed(coze, drafted(bot(coze), auto_save_history=save))
    assert [name for name, _ in events[-2:]] == ["conversation.chat.requires_action", "done"]
    chat = events[-2][1]
    calls = chat["required_action"]["submit_tool_outputs"]["tool_calls"]
    assert json.loads(calls[0]["function"]["arguments"]) == {"city": "成都"}
    outputs = [{"tool_call_id": one["id"], "output": text} for one, text in zip(calls, "晴午", strict=True)]
    path, body = "/v3/chat/submit_tool_outputs", {"tool_outputs": outputs}
    assert coze.code("POST", path, {"tool_outputs": outputs[:1]}, **which(chat)) == 4000
    assert coze.code("POST", path, {"tool_outputs": outputs * 2}, **which(chat)) == 4000
    resumed = streamed(coze, body, path, **which(chat))
    assert resumed[0][0] == "conversation.chat.in_progress"
    answers = [data["content"] for _, data in resumed[:-1] if data.get("type") == "answer"]
    assert answers[-1] == "成都晴 午"
    assert resumed[-2][1]["status"] == "completed"
    assert coze.code("POST", path, body, **which(chat)) == 4000
    if save:
        kinds = [one["type"] for one in messages(coze, chat)]
        assert kinds[:5] == ["function_call"] * 2 + ["tool_response"] * 2 + ["answer"]


def test_lines_of_a_stream_are_lines(coze: Coze) -> None:
    """Separators that Unicode knows and JSON does not escape do not break an event apart."""
    question = "a\u2028b\u2029c\u0085d\ne"
    events = streamed(coze, drafted(bot(coze), question))
    response = coze.http.post("/v3/chat", json={**drafted(bot(coze), question), "stream": True})
    assert all(line.startswith(("event:", "data:")) for line in response.text.splitlines() if line)
    assert events[-3][1]["type"] == "follow_up"


def test_a_dropped_stream_ends_early(coze: Coze) -> None:
    """The faults of the emulator strike streams as well."""
    coze.emulator.faults.add("truncate", operation="createChat")
    with pytest.raises(Exception, match="dropped"):
        streamed(coze, drafted(bot(coze)))
