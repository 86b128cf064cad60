"""Replies that say less, or more, than what was sent: that is no difference, and every apply converges."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from cozeops.api.client import Client
from cozeops.api.connection import connect
from cozeops.declare.codec import decode
from cozeops.declare.fields import UNREADABLE
from cozeops.kinds import kinds
from tests.kit import Bench, KeptBench, change, paths

Json = dict[str, Any]
QUESTIONS = ("onboarding", "suggested_questions")
WORKSPACE = "kind: Workspace\nmetadata: {name: home}\nspec: {name: 家, description: 家}\n---\n"
BOT = "kind: Bot\nmetadata: {name: chef, workspace: home}\nspec:\n  name: 厨师\n"


class Retold(httpx.BaseTransport):
    """Passes requests on, and tells a bot in other words."""

    def __init__(self, inner: httpx.BaseTransport, change: Callable[[Json], None]) -> None:
        self._inner, self._change = inner, change

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The reply, changed where it is that of a bot."""
        reply = self._inner.handle_request(request)
        if request.method != "GET" or "/v1/bots/" not in request.url.path or "/versions" in request.url.path:
            return reply
        body = json.loads(reply.read())
        if body.get("data"):
            self._change(body["data"])
        return httpx.Response(reply.status_code, json=body)


class ToldBench(KeptBench):
    """A bench on which bots are read in other words; with a state, or without one."""

    def __init__(self, folder: Path, change: Callable[[Json], None], *, kept: bool) -> None:
        self._change, self._kept = change, kept
        super().__init__(folder, source=None)

    def client_as(self, token: str) -> Client:
        """A client that hears the other words."""
        environ = {"COZE_API_TOKEN": token, "COZE_API_BASE": "http://127.0.0.1"}
        transport = Retold(httpx.WSGITransport(app=self.emulator), self._change)
        connection = connect(environ, base_url=None, token=None)
        return Client(connection, transport=transport, sleep=self.emulator.advance)

    def look(self, *rewrite: str) -> Any:
        """A plan, and what it saw."""
        return super().look(*rewrite) if self._kept else Bench.look(self, *rewrite)

    def run(self, *how: Any, **more: Any) -> Any:
        """An apply that is about to begin."""
        return super().run(*how, **more) if self._kept else Bench.run(self, *how, **more)

    def declare(self, spec: str) -> None:
        """What the bot is to be."""
        self.write("m.yaml", WORKSPACE + BOT + spec)

    def converge(self, spec: str) -> None:
        """Property: an apply does all, and nothing is left to plan."""
        self.declare(spec)
        self.settle()
        assert self.plan().pending == ()


def without_questions(bot: Json) -> None:
    """As the official page has it: not returned while no follow-ups are suggested."""
    if bot["suggest_reply_info"]["reply_mode"] == "disable":
        bot["onboarding_info"].pop("suggested_questions", None)


def with_empty_questions(bot: Json) -> None:
    """A server that writes out every list."""
    if bot["suggest_reply_info"]["reply_mode"] == "disable":
        bot["onboarding_info"]["suggested_questions"] = []


def without_modes(bot: Json) -> None:
    """A server that does not tell of follow-ups, either."""
    without_questions(bot)
    del bot["suggest_reply_info"]


OFF = "  suggest_reply: {mode: disable}\n"
ON = "  suggest_reply: {mode: enable}\n"
ASKS = "  onboarding: {prologue: 欢迎, suggested_questions: [一, 二]}\n"


@pytest.mark.parametrize("kept", [True, False], ids=["state", "no state"])
@pytest.mark.parametrize("told", [without_questions, with_empty_questions, without_modes])
def test_questions_go_together_with_no_suggestions(
    tmp_path: Path, told: Callable[[Json], None], kept: bool
) -> None:
    """They are sent, nobody reads them back, and that is neither a failure nor a difference."""
    bench = ToldBench(tmp_path, told, kept=kept)
    bench.converge(OFF + ASKS + "  publish: {connectors: [api]}\n")
    assert bench.bot("厨师")[1]["onboarding_info"]["suggested_questions"] == ["一", "二"]


@pytest.mark.parametrize("kept", [True, False], ids=["state", "no state"])
def test_questions_stay_when_suggestions_go_and_come(tmp_path: Path, kept: bool) -> None:
    bench = ToldBench(tmp_path, without_questions, kept=kept)
    for mode in (ON, OFF, ON):
        bench.converge(mode + ASKS)
        assert bench.bot("厨师")[1]["onboarding_info"]["suggested_questions"] == ["一", "二"]


@pytest.mark.parametrize("kept", [True, False], ids=["state", "no state"])
def test_other_questions_are_sent_together_with_the_mode_that_shows_them(tmp_path: Path, kept: bool) -> None:
    bench = ToldBench(tmp_path, without_questions, kept=kept)
    bench.converge(OFF + ASKS)
    bench.converge(ON + ASKS.replace("二", "三"))
    assert bench.bot("厨师")[1]["onboarding_info"]["suggested_questions"] == ["一", "三"]


def test_other_questions_that_nobody_reads_are_planned_from_the_state(tmp_path: Path) -> None:
    bench = ToldBench(tmp_path, without_questions, kept=True)
    bench.converge(OFF + ASKS)
    bench.converge(OFF + ASKS.replace("二", "三"))
    assert bench.bot("厨师")[1]["onboarding_info"]["suggested_questions"] == ["一", "三"]


def test_questions_are_read_where_they_are_told(tmp_path: Path) -> None:
    """Absent while follow-ups are suggested, there are none: that is a difference."""
    bench = ToldBench(tmp_path, without_questions, kept=True)
    bench.converge(ON + ASKS)
    bench.by_hand("厨师", onboarding_info={"suggested_questions": []})
    assert paths(bench.plan(), "Bot/chef") == ["spec.onboarding.suggested_questions"]


def test_what_is_read_again_is_not_taken_from_the_state(tmp_path: Path) -> None:
    """Undeclared, the questions are whoever's edited them last: not those that were sent while unseen."""
    bench = ToldBench(tmp_path, without_questions, kept=True)
    bench.converge(OFF + ASKS)
    bench.converge(ON)
    bench.by_hand("厨师", onboarding_info={"suggested_questions": ["别的"]})
    bench.converge(ON + "  onboarding: {prologue: 你好}\n")
    assert bench.bot("厨师")[1]["onboarding_info"]["suggested_questions"] == ["别的"]


@pytest.mark.parametrize(
    ("mode", "given", "expected"),
    [
        ("disable", {}, UNREADABLE),
        ("disable", {"suggested_questions": []}, UNREADABLE),
        ("disable", {"SuggestedQuestions": ["一"]}, ["一"]),
        ("enable", {}, []),
        ("customized", {}, []),
        ("", {}, UNREADABLE),
        ("", {"suggested_questions": []}, []),
        ("", {"suggested_questions": None}, UNREADABLE),
    ],
)
def test_when_questions_are_told(mode: str, given: Json, expected: Any) -> None:
    wire = {"onboarding_info": given, "suggest_reply_info": {"reply_mode": mode} if mode else None}
    assert decode(kinds()["Bot"], wire)[QUESTIONS] == expected


# ------------------------------------------------------------------------------------------ open maps


def with_defaults(bot: Json) -> None:
    """A server that adds what nobody sent."""
    bot["model_info"]["parameters"] = {"thinking_type": "enabled", "effort": 3} | bot["model_info"][
        "parameters"
    ]


def as_it_is(bot: Json) -> None:
    """A server that tells what was sent."""


def as_text(bot: Json) -> None:
    """A server whose map holds texts."""
    bot["model_info"]["parameters"] = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in bot["model_info"]["parameters"].items()
    }


def thinking_alone(bot: Json) -> None:
    """As the official page has it: nothing but the thinking type."""
    parameters = bot["model_info"]["parameters"]
    bot["model_info"]["parameters"] = {"thinking_type": parameters.get("thinking_type", "enabled")}


CACHED = (
    '  model: {id: "1", api_mode: responses_api, parameters: {caching: {type: disabled}, store: true, '
    "caching_expire_time: 86400}}\n"
)


@pytest.mark.parametrize("kept", [True, False], ids=["state", "no state"])
@pytest.mark.parametrize("told", [with_defaults, as_text, thinking_alone])
@pytest.mark.parametrize("spec", [CACHED, '  model: {id: "1", parameters: {thinking_type: disabled}}\n'])
def test_parameters_are_compared_by_what_is_written(
    tmp_path: Path, spec: str, told: Callable[[Json], None], kept: bool
) -> None:
    """Keys of Coze's own are no difference, nor are numbers as text, nor keys that no reply has."""
    bench = ToldBench(tmp_path, told, kept=kept)
    bench.converge(spec)


@pytest.mark.parametrize("told", [with_defaults, as_text])
def test_a_parameter_that_differs_is_named_by_its_key(tmp_path: Path, told: Callable[[Json], None]) -> None:
    bench = ToldBench(tmp_path, told, kept=False)
    bench.converge(CACHED)
    bench.declare(CACHED.replace("86400", "3600"))
    plan = bench.plan()
    assert paths(plan, "Bot/chef") == ["spec.model.parameters.caching_expire_time"]
    assert change(plan, "Bot/chef").fields[0].after == 3600


def test_a_parameter_that_nobody_reads_is_planned_from_the_state(tmp_path: Path) -> None:
    bench = ToldBench(tmp_path, thinking_alone, kept=True)
    bench.converge(CACHED)
    bench.converge(CACHED.replace("86400", "3600"))
    assert bench.bot("厨师")[1]["model_info_config"]["parameters"]["caching_expire_time"] == 3600


def test_a_parameter_that_is_documented_to_be_read_differs_where_it_is_missing(tmp_path: Path) -> None:
    bench = ToldBench(tmp_path, as_it_is, kept=False)
    bench.converge('  model: {id: "1", parameters: {effort: high}}\n')
    bench.declare('  model: {id: "1", parameters: {thinking_type: disabled}}\n')
    assert paths(bench.plan(), "Bot/chef") == ["spec.model.parameters"]


def test_parameters_that_nobody_declares_stay(tmp_path: Path) -> None:
    """An update replaces the whole model: what else is live in the map goes along."""
    bench = ToldBench(tmp_path, as_it_is, kept=True)
    bench.converge('  model: {id: "1", parameters: {thinking_type: disabled}}\n')
    bench.by_hand("厨师", model_info_config={"parameters": {"thinking_type": "disabled", "effort": "low"}})
    bench.converge('  model: {id: "1", parameters: {thinking_type: auto}}\n')
    assert bench.bot("厨师")[1]["model_info_config"]["parameters"] == {
        "thinking_type": "auto",
        "effort": "low",
    }


@pytest.mark.parametrize("kept", [True, False], ids=["state", "no state"])
def test_a_published_copy_with_defaults_is_no_reason_to_publish(tmp_path: Path, kept: bool) -> None:
    bench = ToldBench(tmp_path, with_defaults, kept=kept)
    bench.converge(CACHED + "  publish: {connectors: [api]}\n")
    assert bench.plan().pending == ()
