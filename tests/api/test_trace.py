"""A line for each request: what one needs to follow it, and nothing that is secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest

from cozeops.errors import ApiError
from cozeops.values import Json, Secret

from .fakes import CANARY, CREATE, READ, Clock, Script, client, ok, refusal
from .test_redaction import SECRET, TROUBLE


def _traced(answer: Callable[..., httpx.Response], call: Any, **params: Any) -> list[Json]:
    lines: list[Json] = []
    with client(answer, trace=lines.append) as coze, suppress(ApiError):
        coze.send(call, params)
    return lines


def test_each_attempt_is_a_line() -> None:
    """The second tells what it waited for."""
    first, second = _traced(Script(refusal(4009, 429), ok({"x": 1})), READ, bot_id="厨", q="names")
    assert first.pop("time").endswith("Z")
    assert first == {
        "operation": "getBot",
        "method": "GET",
        "path": "/v1/bots/%E5%8E%A8",
        "status": 429,
        "code": 4009,
        "log_id": "LOG1",
        "attempt": 1,
        "waited": 0.0,
        "seconds": 0.0,
        "sent": 0,
        "received": len(refusal(4009)(httpx.Request("GET", "https://x")).content),
    }
    assert (second["status"], second["code"], second["attempt"], second["log_id"]) == (200, 0, 2, "LOG0")
    assert second["waited"] >= 0.5


def test_a_body_is_counted_and_not_told() -> None:
    """In bytes, as it goes over the wire."""
    (line,) = _traced(Script(ok({"bot_id": "1"})), CREATE, name="厨师")
    assert line["sent"] == len('{"name":"厨师"}'.encode())
    assert "厨师" not in json.dumps(line, ensure_ascii=False)


def test_no_reply_is_told_as_none() -> None:
    """Neither a status nor a code."""
    (line,) = _traced(Script(httpx.ReadError("reset")), CREATE)
    assert (line["status"], line["code"], line["log_id"], line["received"]) == (None, None, None, 0)


def test_seconds_are_those_of_the_exchange() -> None:
    """From the request to the end of the reply."""
    clock, lines = Clock(), list[Json]()

    def slow(_: httpx.Request) -> httpx.Response:
        clock.tick(1.25)
        return httpx.Response(200, json={"code": 0, "data": {}})

    with client(slow, clock, trace=lines.append) as coze:
        coze.send(READ, {"bot_id": "1"})
    assert lines[0]["seconds"] == 1.25


@pytest.mark.parametrize("trouble", TROUBLE.values(), ids=TROUBLE.keys())
def test_no_line_shows_the_token_or_the_body(trouble: Any) -> None:
    """Not even where the server says it back."""
    lines = _traced(Script(trouble), CREATE, bot_id="1", key=Secret(SECRET))
    told = json.dumps(lines)
    assert lines
    assert CANARY[:12] not in told
    assert SECRET not in told
