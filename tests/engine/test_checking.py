"""Checks carried out on an emulator: both copies, streams and polling, and everything that can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from cozeops.api.client import Client
from cozeops.api.connection import connect
from cozeops.engine.check.conversation import DRAFT, PUBLISHED, BotCopy
from cozeops.engine.check.runner import Result, Talking, Verdict, run_checks
from cozeops.engine.check.selection import checks_about, identified
from tests.kit import Bench, Clock

KITCHEN = """
kind: Workspace
metadata: {name: kitchen}
spec: {name: 厨房, description: 后厨}
---
kind: Bot
metadata: {name: chef, workspace: kitchen}
spec: {name: 厨师, prompt: 用中文回答, workflows: [menu], publish: {connectors: [api]}}
---
kind: Workflow
metadata: {name: menu, workspace: kitchen}
spec: {id: "7460491086110300001"}
---
"""
HELLO = "[{say: 你好, expect: {language: zh, contains: [好]}}]"


def check(turns: str = HELLO, **fields: str) -> str:
    """A Check about the bot."""
    lines = [f"  {name}: {value}" for name, value in {"bot": "chef", "turns": turns, **fields}.items()]
    return "\n".join(["kind: Check", "metadata: {name: hello}", "spec:", *lines, ""])


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A published bot, and a workflow; the tests here change nothing of them."""
    bench = Bench(tmp_path_factory.mktemp("kitchen") / "project", source=None)
    bench.write("kitchen.yaml", KITCHEN + check())
    bench.seed()
    bench.settle()
    return bench


@pytest.fixture
def kitchen(applied: Bench) -> Bench:
    """The bot answers politely, and nobody has talked to it yet."""
    applied.emulator.faults.clear()
    for table in ("chat_rules", "workflow_rules", "conversations", "chats", "messages"):
        for id in list(applied.table(table)):
            applied.emulator.remove(table, id)
    applied.write("kitchen.yaml", KITCHEN + check())
    rule(applied, answer="您好，今天吃什么？")
    applied.client = applied.client_as("pat_emulator")
    applied.emulator.requests.clear()
    return applied


def rule(bench: Bench, **fields: Any) -> None:
    """What the bot says from now on."""
    bench.emulator.seed({"chat_rules": [{"id": "polite", **fields}]})


def run(bench: Bench, *copies: BotCopy, **how: Any) -> Result:
    """Carry out the one check of the project."""
    resources = bench.project().resources
    checks = [one for one in resources if one.kind.name == "Check"]
    ids, missing = identified(checks, resources, bench.client)
    talking = Talking(bench.client, sleep=waiting(bench), clock=bench.clock, **how)
    (result,) = run_checks(checks, copies or [DRAFT], ids, talking, missing=missing)
    return result


def waiting(bench: Bench) -> Callable[[float], None]:
    """Time passes at once, for the emulator as for whoever waits."""
    clock = bench.clock
    assert isinstance(clock, Clock)

    def wait(seconds: float) -> None:
        clock.time += seconds

    return wait


def left_behind(bench: Bench) -> dict[str, int]:
    """What a run leaves on Coze."""
    return {name: len(bench.table(name)) for name in ("conversations", "chats", "messages")}


NOTHING = {"conversations": 0, "chats": 0, "messages": 0}


@pytest.mark.parametrize("stream", ["true", "false"])
def test_each_copy_is_talked_to(kitchen: Bench, stream: str) -> None:
    """The draft, the published copy, a version; polled and streamed; nothing is left behind."""
    kitchen.write("kitchen.yaml", KITCHEN + check("[{say: 你好, expect: {contains: [新]}}]", stream=stream))
    kitchen.emulator.seed({"chat_rules": [{"id": "new", "answer": "新", "copy": "draft"}]})
    kitchen.emulator.remove("chat_rules", "polite")
    ((_, row),) = kitchen.table("bots").items()
    assert run(kitchen, DRAFT).verdict is Verdict.PASSED
    assert run(kitchen, PUBLISHED).attempts[0].turns[0].said.answer == "[published] 用中文回答 | 你好"
    assert run(kitchen, BotCopy(row["last_version"])).attempts[0].turns[0].said.answer.startswith("[version")
    assert left_behind(kitchen) == NOTHING


@pytest.mark.parametrize("stream", ["true", "false"])
def test_what_an_answer_went_through(kitchen: Bench, stream: str) -> None:
    """Tools, knowledge, suggestions, tokens and times, whether it is polled or streamed."""
    rule(
        kitchen,
        answer="好",
        tools=[{"name": "menu-find", "output": "豆腐"}],
        knowledge=[{"dataset_id": "74", "document": "川菜", "slice": "豆腐"}],
        follow_ups=["还有吗？"],
        tokens={"input": 10, "output": 5},
    )
    kitchen.write("kitchen.yaml", KITCHEN + check(stream=stream))
    (turn,) = run(kitchen).attempts[0].turns
    said = turn.said
    assert (said.tools, said.knowledge, said.follow_ups, said.tokens) == (
        ("menu-find",),
        ("74",),
        ("还有吗？",),
        15,
    )
    assert (said.first is not None) is (stream == "true")


def test_turns_are_one_conversation(kitchen: Bench) -> None:
    """And their questions go with the bot's variables."""
    turns = "[{say: 一}, {say: 二, expect: {contains: [您]}}]"
    kitchen.write("kitchen.yaml", KITCHEN + check(turns, variables="{user: 小王}"))
    result = run(kitchen)
    assert [turn.asked for turn in result.attempts[0].turns] == ["一", "二"]
    operations = [one.operation for one in kitchen.emulator.requests]
    assert operations.count("createConversation") == operations.count("deleteConversation") == 1
    assert operations.count("createChat") == 2


def test_a_text_comes_from_where_texts_come_from(kitchen: Bench) -> None:
    """Files and prompts, as everywhere."""
    kitchen.write("asked.md", "今天吃什么？")
    kitchen.write("kitchen.yaml", KITCHEN + check("[{say: {file: asked.md}, expect: {contains: [您]}}]"))
    assert run(kitchen).attempts[0].turns[0].asked == "今天吃什么？"


def test_a_share_may_be_enough(kitchen: Bench) -> None:
    """Four of five; a repetition is a conversation of its own."""
    kitchen.emulator.seed(
        {"chat_rules": [{"id": "bad", "bot_id": bot(kitchen), "answer": "Hello", "times": 1}]}
    )
    kitchen.write("kitchen.yaml", KITCHEN + check(repeat="5", pass_share="80%"))
    result = run(kitchen)
    assert (result.verdict, result.passed, result.needed) == (Verdict.PASSED, 4, 4)
    kitchen.emulator.seed(
        {"chat_rules": [{"id": "bad", "bot_id": bot(kitchen), "answer": "Hello", "times": 2}]}
    )
    result = run(kitchen)
    assert (result.verdict, result.passed) == (Verdict.FAILED, 3)


def bot(bench: Bench) -> str:
    """The id of the bot."""
    return next(iter(bench.table("bots")))


# What goes wrong, and what it is called. None of it is a pass, and none of it is a failure of the bot.
TROUBLE: list[tuple[str, dict[str, Any], str]] = [
    ("an error event", {"error": {"code": 4010, "msg": "too long", "as": "event"}}, "too long"),
    ("a chat that fails", {"error": {"code": 4010, "msg": "too long", "as": "failed"}}, "too long"),
    ("a refusal", {"error": {"code": 4012, "msg": "no model", "as": "reply"}}, "no model"),
    ("tools of the client", {"answer": "好", "requires_action": [{"name": "locate"}]}, "locate"),
    ("an empty answer", {"answer": ""}, "without an answer"),
]


@pytest.mark.parametrize("stream", ["true", "false"])
@pytest.mark.parametrize(("what", "said", "told"), TROUBLE, ids=[what for what, _, _ in TROUBLE])
def test_no_answer_is_no_pass(
    kitchen: Bench, what: str, said: dict[str, Any], told: str, stream: str
) -> None:
    """Also where only something that must not be said is expected."""
    rule(kitchen, **said)
    kitchen.write("kitchen.yaml", KITCHEN + check("[{say: 你好, expect: {excludes: [坏]}}]", stream=stream))
    result = run(kitchen)
    assert result.verdict is Verdict.NO_RESULT
    assert told in result.attempts[0].trouble
    assert result.attempts[0].unanswered == "你好"
    assert left_behind(kitchen)["conversations"] == 0


def unchecked(bench: Bench) -> Client:
    """A client whose replies may be anything."""
    connection = connect(
        {"COZE_API_TOKEN": "pat_emulator", "COZE_API_BASE": "http://127.0.0.1"}, base_url=None, token=None
    )
    return Client(connection, transport=httpx.WSGITransport(bench.emulator), sleep=bench.emulator.advance)


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"kind": "truncate", "operation": "createChat"}, "broke off"),
    ({"kind": "drop", "operation": "createChat", "phase": "after"}, "broke off"),
    ({"kind": "error", "operation": "createChat", "phase": "after"}, "Injected fault"),
    ({"kind": "garbage", "operation": "createChat"}, ""),
    ({"kind": "throttle", "operation": "createChat"}, "busy"),
    ({"kind": "throttle", "operation": "createChat", "status": 200}, "busy"),
    ({"kind": "error", "operation": "createConversation", "status": 400, "code": 4000}, "Injected fault"),
    ({"kind": "error", "operation": "createChat", "status": 401, "code": 4100}, "Injected fault"),
]


@pytest.mark.parametrize("stream", ["true", "false"])
@pytest.mark.parametrize(("fault", "told"), FAULTS)
def test_a_fault_is_no_result(kitchen: Bench, fault: dict[str, Any], told: str, stream: str) -> None:
    """As long as it lasts; and the check passes as soon as it is over."""
    kitchen.write("kitchen.yaml", KITCHEN + check(stream=stream))
    kitchen.client = unchecked(kitchen)
    kitchen.emulator.faults.add(**fault)
    result = run(kitchen)
    assert result.verdict is Verdict.NO_RESULT, result
    assert told in result.attempts[0].trouble
    kitchen.emulator.faults.clear()
    assert run(kitchen).verdict is Verdict.PASSED
    assert left_behind(kitchen)["conversations"] == 0


@pytest.mark.parametrize("stream", ["true", "false"])
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "truncate", "operation": "createChat"},
        {"kind": "drop", "operation": "createChat"},
        {"kind": "throttle", "operation": "*"},
        {"kind": "error", "operation": "getChat"},
    ],
)
def test_what_passes_by_itself_is_tried_again(kitchen: Bench, fault: dict[str, Any], stream: str) -> None:
    """In a conversation of its own, where the first one may hold half an answer."""
    kitchen.write("kitchen.yaml", KITCHEN + check(stream=stream))
    kitchen.emulator.faults.add(**fault, times=1)
    assert run(kitchen).verdict is Verdict.PASSED
    assert left_behind(kitchen) == NOTHING


def test_an_answer_that_does_not_come_in_time(kitchen: Bench) -> None:
    """The chat is cancelled, the conversation removed, and the result says how long was waited."""
    rule(kitchen, answer="好", delay=100)
    kitchen.write("kitchen.yaml", KITCHEN + check(timeout_seconds="5"))
    result = run(kitchen)
    assert (result.verdict, result.attempts[0].trouble) == (Verdict.NO_RESULT, "no answer within 5 s")
    assert "cancelChat" in [one.operation for one in kitchen.emulator.requests]
    assert left_behind(kitchen) == NOTHING


def test_a_conversation_that_cannot_be_removed_is_told(kitchen: Bench) -> None:
    """It is no reason for a check to fail."""
    kitchen.emulator.faults.add("error", operation="deleteConversation", status=400, code=4000)
    result = run(kitchen)
    assert result.verdict is Verdict.PASSED
    assert result.attempts[0].left == tuple(kitchen.table("conversations"))


def test_a_miss_before_the_trouble_is_a_failure(kitchen: Bench) -> None:
    """What was said was said, whatever came after it."""
    turns = "[{say: 一, expect: {contains: [坏]}}, {say: 二}]"
    kitchen.write("kitchen.yaml", KITCHEN + check(turns))
    kitchen.emulator.seed(
        {"chat_rules": [{"id": "two", "bot_id": bot(kitchen), "pattern": "二", "error": {"code": 4010}}]}
    )
    assert run(kitchen).verdict is Verdict.FAILED


def test_some_without_a_result(kitchen: Bench) -> None:
    """Enough passed: passed. Enough failed: failed. Else nobody can say."""
    kitchen.write("kitchen.yaml", KITCHEN + check(repeat="3", pass_share="60%"))
    for ends, verdict in (
        (["no"], Verdict.PASSED),
        (["no", "no"], Verdict.NO_RESULT),
        (["bad", "no"], Verdict.NO_RESULT),
        (["bad", "bad"], Verdict.FAILED),
    ):
        rules = [
            {"bot_id": bot(kitchen), "times": 1}
            | ({"answer": "Hello"} if end == "bad" else {"error": {"code": 4010, "as": "failed"}})
            for end in ends
        ]
        kitchen.emulator.seed({"chat_rules": rules})
        assert run(kitchen).verdict is verdict, ends


def test_secrets_are_not_shown(kitchen: Bench) -> None:
    """What looks like one, and what is known to be one; the expectation is judged on what was said."""
    key = "sk-abcdefghijklmnopqrstuvwx"
    rule(kitchen, answer=f"好的，密钥是 {key}，口令是 hunter2")
    kitchen.write("kitchen.yaml", KITCHEN + check(f"[{{say: 你好, expect: {{excludes: [{key}]}}}}]"))
    result = run(kitchen, secrets=("hunter2",))
    assert result.verdict is Verdict.FAILED
    assert "sk-" not in repr(result)
    assert "hunter2" not in repr(result)


def test_a_bot_that_is_not_there(kitchen: Bench, tmp_path: Path) -> None:
    other = Bench(tmp_path / "other", source=None)
    other.write("kitchen.yaml", KITCHEN + check())
    result = run(other)
    assert result.verdict is Verdict.NO_RESULT
    assert "Bot/chef is not on Coze yet" in result.attempts[0].trouble
    (check_of,) = (one for one in other.project().resources if one.kind.name == "Check")
    (unknown,) = run_checks([check_of], [DRAFT], {}, Talking(other.client))
    assert unknown.attempts[0].trouble == "Bot/chef is not on Coze"


@pytest.mark.parametrize("stream", ["true", "false"])
def test_a_workflow_is_run(kitchen: Bench, stream: str) -> None:
    """Its output is judged; failures and interrupts are no result; only one copy of it can run."""
    text = f"""
kind: Check
metadata: {{name: menu}}
spec:
  workflow: menu
  parameters: {{dish: 豆腐}}
  stream: {stream}
  expect: {{json_values: [{{path: "dishes[0]", equals: 豆腐}}]}}
"""
    kitchen.write("kitchen.yaml", KITCHEN + text)
    kitchen.emulator.seed({"workflow_rules": [{"id": "menu", "output": {"dishes": ["豆腐"]}}]})
    result = run(kitchen, DRAFT, PUBLISHED)
    assert (result.verdict, result.copy) == (Verdict.PASSED, "published")
    assert result.attempts[0].turns[0].asked == '{"dish":"豆腐"}'
    for fields, verdict, told in (
        ({"output": {"dishes": []}}, Verdict.FAILED, ""),
        ({"error": {"code": 5001, "msg": "broken"}}, Verdict.NO_RESULT, "broken"),
        ({"interrupt": {"type": 2}}, Verdict.NO_RESULT, "it waits for somebody to answer"),
    ):
        kitchen.emulator.seed({"workflow_rules": [{"id": "menu", **fields}]})
        result = run(kitchen)
        assert result.verdict is verdict
        assert told in result.attempts[0].trouble


def test_which_checks_are_about_a_bot(kitchen: Bench) -> None:
    """Those that talk to it, and those that run a workflow that it uses."""
    menu = "kind: Check\nmetadata: {name: menu}\nspec: {workflow: menu, expect: {contains: [a]}}\n"
    kitchen.write("more.yaml", menu)
    resources = kitchen.project().resources
    chef = next(one.address for one in resources if one.kind.name == "Bot")
    assert [str(one.address) for one in checks_about([chef], resources)] == ["Check/hello", "Check/menu"]
    assert checks_about([], resources) == []
