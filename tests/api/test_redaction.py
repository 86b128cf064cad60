"""The token is in no message, no log line and no traceback."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import httpx
import pytest

from cozeops.api.client import Client
from cozeops.api.connection import connect
from cozeops.errors import ApiError
from cozeops.values import Secret

from .fakes import CANARY, CREATE, READ, Script, client, json_reply, ok, raw, refusal

SECRET = "canary-body-e1f2"
TROUBLE = {
    "echo": refusal(4100, 401, f"token {CANARY} is wrong"),
    "echo of the body": refusal(4000, 200, f"callback secret {SECRET} is too short"),
    "echo at the cut": refusal(4000, 200, "x" * 190 + CANARY),
    "echo as log id": json_reply({"code": 4000, "msg": "no", "detail": {"logid": CANARY}}),
    "echo in a header": raw(b"{}", 200, X_Tt_Logid=CANARY),
    "echo as host": json_reply({}, 302, Location=f"https://{CANARY.replace('_', '-')}.example/{CANARY}"),
    "echo in a page": raw(CANARY.encode(), 502),
    "broken header": httpx.LocalProtocolError(f"Illegal header value b'Bearer {CANARY}'"),
    "lost": httpx.ReadError("reset"),
    "refused": httpx.ConnectError("refused"),
}


@pytest.mark.parametrize("call", [READ, CREATE], ids=["read", "write"])
@pytest.mark.parametrize("trouble", TROUBLE.values(), ids=TROUBLE.keys())
def test_no_failure_shows_the_token_or_the_body(
    trouble: Any, call: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """With every logger at DEBUG, and the whole chain of causes printed."""
    caplog.set_level(logging.DEBUG)
    with client(Script(trouble)) as coze, pytest.raises(ApiError) as caught:
        coze.send(call, {"bot_id": "1", "key": Secret(SECRET)})
    error = caught.value
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("cozeops")]
    shown = [*traceback.format_exception(error), repr(error), error.hint, error.log_id, *ours]
    for text in shown:
        assert CANARY not in text
        assert CANARY[:12] not in text
        assert SECRET not in text
    assert ours


def test_a_log_line_says_what_one_needs_to_follow(caplog: pytest.LogCaptureFixture) -> None:
    """Operation, method, path without its query, status, log id, code, time, attempt."""
    caplog.set_level(logging.DEBUG, "cozeops")
    with client(Script(refusal(4009, 429), ok({}))) as coze:
        coze.send(READ, {"bot_id": "厨", "q": SECRET})
    lines = [record.getMessage() for record in caplog.records]
    assert lines[0] == "getBot GET /v1/bots/%E5%8E%A8: HTTP 429, log id LOG1, code 4009, 0 ms, attempt 1/5"
    assert lines[1].endswith("trying again in 0.5 s")
    assert lines[2] == "getBot GET /v1/bots/%E5%8E%A8: HTTP 200, log id LOG0, code 0, 0 ms, attempt 2/5"


def test_not_even_the_libraries_below_log_the_token(caplog: pytest.LogCaptureFixture) -> None:
    """Over a real socket, where they say most."""
    caplog.set_level(logging.DEBUG)
    connection = connect({"COZE_API_TOKEN": CANARY}, base_url="http://127.0.0.1:9", token=None)
    with Client(connection, sleep=lambda _: None) as coze, pytest.raises(ApiError):
        coze.send(CREATE, {"key": [{"value": Secret(SECRET)}]})
    assert CANARY not in caplog.text
    assert SECRET not in caplog.text
