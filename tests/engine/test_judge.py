"""Answers against expectations: a table per expectation, what holds and what does not."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from cozeops.address import Address
from cozeops.engine.check.answer import Answer, NoAnswerError, completed, said_in
from cozeops.engine.check.expectations import judge
from cozeops.engine.check.language import language_of
from cozeops.errors import UsageError
from cozeops.kinds.parts.expect import Expect, path_steps
from cozeops.kinds.parts.patterns import demand_patterns, flaw_of_pattern
from cozeops.values import Reference

IDS = {"KnowledgeBase/recipes": "7", "KnowledgeBase/menu": "8"}
RECIPES = Reference("KnowledgeBase", Address("KnowledgeBase", "recipes"))
ORDER = json.dumps({"order": {"items": [{"name": "豆腐", "n": 1}], "paid": True}}, ensure_ascii=False)


def said(answer: str = "你好", **facts: Any) -> Answer:
    return Answer(answer, **facts)


# What is expected, an answer for which it holds, and one for which it does not.
CASES: list[tuple[dict[str, Any], Answer, Answer]] = [
    ({"contains": ["豆腐", "麻"]}, said("麻婆豆腐"), said("麻婆")),
    ({"excludes": ["sorry"]}, said("好"), said("so sorry")),
    ({"matches": [r"^\d+ 克$"]}, said("20 克"), said("约 20 克")),
    ({"language": "zh"}, said("做一道 mapo tofu 吧"), said("Let us cook 麻婆豆腐 together tonight")),
    ({"length": {"at_most": 3}}, said("三个字"), said("四个字了")),
    ({"length": {"at_least": 3}}, said("三个字"), said("两字")),
    ({"json_values": [{"path": "order.items[0].name"}]}, said(ORDER), said('{"order": {"items": []}}')),
    ({"json_values": [{"path": "order.paid", "equals": True}]}, said(ORDER), said('{"order": {"paid": 1}}')),
    ({"json_values": [{"path": "n", "equals": 1}]}, said('{"n": 1.0}'), said('{"n": true}')),
    ({"json_values": [{"path": "n", "equals": [1]}]}, said('{"n": [1]}'), said('{"n": [true]}')),
    ({"json_values": [{"path": "[0]", "matches": "^a"}]}, said('["ab"]'), said('["ba"]')),
    ({"json_values": [{"path": "$.a"}]}, said('```json\n{"a": 1}\n```'), said("a: 1")),
    ({"json_schema": {"required": ["a"]}}, said('{"a": 1}'), said("{}")),
    ({"json_schema": {"type": "object"}}, said("{}"), said("没有")),
    ({"json_schema": {"type": "null"}}, said("null"), said("nil")),
    ({"tools": ["search"]}, said(tools=("news-search",)), said(tools=("news-research",))),
    ({"no_tools": True}, said(), said(tools=("news-top",))),
    ({"knowledge": [RECIPES]}, said(knowledge=("7",)), said(knowledge=("8",))),
    ({"follow_ups": {"at_least": 1}}, said(follow_ups=("再来？",)), said()),
    ({"tokens": {"at_most": 100}}, said(tokens=100), said(tokens=101)),
    ({"tokens": {"at_most": 100}}, said(tokens=1), said(tokens=None)),
    ({"seconds": {"first": 1}}, said(first=0.5), said(first=None)),
    ({"seconds": {"whole": 1}}, said(whole=1.0), said(whole=1.1)),
]


@pytest.mark.parametrize(("expect", "good", "bad"), CASES)
def test_an_expectation(expect: dict[str, Any], good: Answer, bad: Answer) -> None:
    """It holds or it does not; the miss has its name and says what was there."""
    assert judge(expect, good, IDS) == []
    (miss,) = judge(expect, bad, IDS)[:1]
    assert miss.expectation.partition(".")[0] in expect
    assert miss.wanted or miss.found


def test_every_expectation_is_judged() -> None:
    """A field that nobody looks at would always pass."""
    assert {name for expect, _, _ in CASES for name in expect} == set(Expect.model_fields)


def test_all_misses_are_told() -> None:
    found = judge({"contains": ["a", "b"], "excludes": ["你"]}, said(), IDS)
    assert [(one.expectation, one.wanted, one.found) for one in found] == [
        ("contains", "a", ""),
        ("contains", "b", ""),
        ("excludes", "", "你"),
    ]


def test_what_knowledge_was_used_is_named() -> None:
    (miss,) = judge({"knowledge": [RECIPES]}, said(knowledge=("8", "9")), IDS)
    assert (miss.wanted, miss.found) == ("KnowledgeBase/recipes", "KnowledgeBase/menu, 9")


def test_a_schema_fetches_nothing() -> None:
    (miss,) = judge({"json_schema": {"$ref": "http://127.0.0.1:9/x.json"}}, said("{}"), IDS)
    assert "does not have" in miss.found


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("今天做麻婆豆腐。", "zh"),
        ("用 get_daily_prices 查菜价，再决定。", "zh"),
        ("豆腐を切ってください。", "ja"),
        ("두부를 썰어 주세요", "ko"),
        ("Нарежьте тофу", "ru"),
        ("قطع التوفو", "ar"),
        ("หั่นเต้าหู้", "th"),
        ("Cut the tofu and put it in a pan with oil.", "en"),
        ("Hello there", "en"),
        ("The café", "en"),
        ("Café crème", ""),
        ("麻婆豆 is the dish", "en"),
        ("麻婆豆腐 tofu dish", "zh"),
        ("Coupez le tofu en dés, puis faites chauffer une poêle bien huilée.", ""),
        ("123, 456!", ""),
        ("", ""),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("a", ["a"]),
        ("$.a.b[2].c", ["a", "b", 2, "c"]),
        ("[0][1]", [0, 1]),
        ("菜.名", ["菜", "名"]),
        ("", None),
        ("$", None),
        ("a..b", None),
        ("a[x]", None),
        ("a[", None),
    ],
)
def test_paths(path: str, steps: list[str | int] | None) -> None:
    assert path_steps(path) == steps


MESSAGES = [
    {"type": "verbose", "content": json.dumps({"msg_type": "knowledge_recall", "data": json.dumps(
        {"chunks": [{"dataset_id": "7"}, {"meta": {"dataset": {"id": "8"}}}, {"dataset_id": "7"}, {}]}
    )})},
    {"type": "function_call", "content": '{"name": "news-top", "arguments": {}}'},
    {"type": "function_call", "content": "no JSON"},
    {"type": "answer", "content": "好"},
    {"type": "follow_up", "content": "再来？"},
    {"type": "verbose", "content": "no JSON"},
]  # fmt: skip


def test_messages_are_read() -> None:
    chat = {"usage": {"token_count": "15"}}
    found = said_in(MESSAGES, chat, first=None, whole=1.0)
    assert found == Answer("好", ("news-top", "unknown"), ("7", "8"), ("再来？",), 15, None, 1.0)


@pytest.mark.parametrize("messages", [[], MESSAGES[:3], [{"type": "answer", "content": ""}]])
def test_a_chat_without_an_answer_is_no_answer(messages: list[Any]) -> None:
    """Otherwise everything that must not be said would hold."""
    with pytest.raises(NoAnswerError, match="without an answer"):
        said_in(messages, {}, first=None, whole=0.0)


@pytest.mark.parametrize("status", ["failed", "requires_action", "canceled", "something new", None])
def test_only_a_completed_chat_has_an_answer(status: str | None) -> None:
    chat = {"status": "completed", "usage": {}}
    assert completed(chat) is chat
    with pytest.raises(NoAnswerError):
        completed({"status": status})


ENDLESS = "^(a+)+$"
LONG = "a" * 60 + "!"
# Python's own engine would not come back from any of these, and no signal would end it.
PATIENT: list[tuple[dict[str, Any], Answer]] = [
    ({"matches": [ENDLESS]}, said(LONG)),
    ({"json_values": [{"path": "a", "matches": ENDLESS}]}, said(json.dumps({"a": LONG}))),
    ({"json_schema": {"pattern": ENDLESS}}, said(json.dumps(LONG))),
    (
        {"json_schema": {"patternProperties": {ENDLESS: {}}, "additionalProperties": False}},
        said(json.dumps({LONG: 1})),
    ),
    (
        {
            "json_schema": {
                "properties": {
                    "a": {"$schema": "http://json-schema.org/draft-07/schema#", "pattern": ENDLESS}
                }
            }
        },
        said(json.dumps({"a": LONG})),
    ),
    (
        {
            "json_schema": {
                "$ref": "#/$defs/a",
                "$defs": {"a": {"patternProperties": {ENDLESS: {}}}},
                "unevaluatedProperties": False,
            }
        },
        said(json.dumps({LONG: 1})),
    ),
]


@pytest.mark.parametrize(("expect", "answer"), PATIENT)
def test_an_expression_of_a_manifest_is_matched_in_linear_time(
    expect: dict[str, Any], answer: Answer
) -> None:
    """It comes to an end, in every keyword of a schema too, whatever draft a part of it names."""
    (miss,) = judge(expect, answer, IDS)
    assert miss.expectation in expect


def test_half_a_character_in_an_answer_is_matched_by_nothing() -> None:
    """A server can send one; it stands for any character and for no letter."""
    assert judge({"matches": ["^a.b$"]}, said("a\ud800b"), IDS) == []
    assert judge({"matches": ["\\p{Cs}"]}, said("a\ud800b"), IDS)


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Validating goes without it; talking does not."""
    monkeypatch.setitem(sys.modules, "re2", None)
    assert flaw_of_pattern("(") == ""
    with pytest.raises(UsageError, match="google-re2") as caught:
        demand_patterns()
    assert caught.value.hint == "pip install 'cozeops[check]'"


@pytest.mark.parametrize("digits", ["1" * 5000, "1" * 10, "\u0663", "-1"])
def test_a_position_that_no_list_has_is_no_path(digits: str) -> None:
    """Also one that Python does not count to."""
    assert path_steps(f"items[{digits}]") is None
