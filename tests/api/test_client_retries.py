"""What is sent again, after what, and how long later."""

from __future__ import annotations

import ssl
from typing import Any

import httpx
import pytest

from cozeops.declare.calls import Call
from cozeops.errors import ApiError, LostReplyError

from .fakes import CREATE, LIST, READ, REPLACE, Clock, Script, client, json_reply, ok, raw, refusal

CALLS = {"GET": READ, "POST that reads": LIST, "repeatable write": REPLACE, "create": CREATE}
ALWAYS = {
    "refused": httpx.ConnectError("refused"),
    "no connection in time": httpx.ConnectTimeout("slow"),
    "proxy down": httpx.ProxyError("503"),
    "429": raw(b"", 429),
    "429 with envelope": refusal(4009, 429),
    "4009": refusal(4009, 200),
    "4009 with 400": refusal(4009, 400),
}
MAYBE = {
    "connection lost": httpx.ReadError("reset"),
    "write broke off": httpx.WriteError("pipe"),
    "no reply in time": httpx.ReadTimeout("slow"),
    "sending too slow": httpx.WriteTimeout("slow"),
    "hung up": httpx.RemoteProtocolError("disconnected"),
    "500": refusal(5000, 500),
    "500 as page": raw(b"<html>", 500),
    "502": raw(b"Bad Gateway", 502),
    "503": raw(b"", 503),
    "504": raw(b"", 504),
    "503 busy": refusal(4009, 503),
    "5000 on 200": refusal(5000, 200),
    "408": raw(b"", 408),
    "half a body": raw(b'{"code": 0, "da'),
}
NEVER = {
    "bad parameter": refusal(4000, 400),
    "denied": refusal(4101),
    "not found": refusal(4200),
    "not found, 404": raw(b"", 404),
    "conflict": raw(b"", 409),
    "too long": raw(b"", 413),
    "redirect": json_reply({"code": 0}, 302),
    "balance": refusal(4011),
    "denied with 500": refusal(4100, 500),
    "bad header": httpx.LocalProtocolError("Illegal header value b'Bearer pat_x'"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
@pytest.mark.parametrize("trouble", ALWAYS.values(), ids=ALWAYS.keys())
def test_what_was_not_carried_out_is_sent_again(trouble: Any, call: Call) -> None:
    """Never sent, or explicitly throttled: safe for every call."""
    script = Script(trouble, trouble, ok({"id": "1"}))
    with client(script) as coze:
        assert coze.send(call, {"bot_id": "1"}).payload
    assert len(script.requests) == 3


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("trouble", MAYBE.values(), ids=MAYBE.keys())
def test_what_may_have_been_carried_out_is_sent_again_only_if_harmless(trouble: Any, name: str) -> None:
    """A second bot would be the price."""
    script = Script(trouble, ok({"id": "1"}))
    with client(script) as coze:
        if name == "create":
            with pytest.raises(LostReplyError) as caught:
                coze.send(CREATE, {})
            assert "may have happened" in caught.value.hint
        else:
            assert coze.send(CALLS[name], {"bot_id": "1"}).payload
    assert len(script.requests) == (1 if name == "create" else 2)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
@pytest.mark.parametrize("trouble", NEVER.values(), ids=NEVER.keys())
def test_what_stays_wrong_is_not_sent_again(trouble: Any, call: Call) -> None:
    """And it is an ordinary error: nothing happened."""
    script = Script(trouble)
    with client(script) as coze, pytest.raises(ApiError) as caught:
        coze.send(call, {"bot_id": "1"})
    assert not isinstance(caught.value, LostReplyError)
    assert "pat_x" not in str(caught.value)
    assert len(script.requests) == 1


@pytest.mark.parametrize("trouble", [*ALWAYS.values(), *MAYBE.values()], ids=[*ALWAYS, *MAYBE])
def test_it_ends_after_five_tries(trouble: Any) -> None:
    """With the error of the last one."""
    script, clock = Script(trouble), Clock()
    with client(script, clock) as coze, pytest.raises(ApiError):
        coze.send(READ, {"bot_id": "1"})
    assert len(script.requests) == 5
    assert clock.slept == [0.5, 1.0, 2.0, 4.0]


def test_waits_are_random_below_a_doubling_limit() -> None:
    """Full jitter: clients that failed together do not come back together."""
    clock, draws = Clock(), iter([0.5, 0.0, 0.25, 1.0])
    with client(raw(b"", 503), clock, random=lambda: next(draws)) as coze, pytest.raises(ApiError):
        coze.send(READ, {"bot_id": "1"})
    assert clock.slept == [0.25, 0.0, 0.5, 4.0]


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("7", 7.0),
        ("2.5", 2.5),
        ("0", 0.5),
        ("-3", 0.5),
        ("nan", 0.5),
        ("inf", 0.5),
        ("soon", 0.5),
        ("Sun, 06 Nov 1994 08:49:47 GMT", 10.0),
        ("Sun, 06 Nov 1994 08:49:30 GMT", 0.5),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_wins_upwards(header: str, wait: float, status: int) -> None:
    """Longer than our own wait, it counts; shorter, ours does. Dates are of the server's clock."""
    trouble = raw(b"", status, Retry_After=header, Date="Sun, 06 Nov 1994 08:49:37 GMT")
    clock = Clock()
    with client(Script(trouble, ok({})), clock) as coze:
        coze.send(READ, {"bot_id": "1"})
    assert clock.slept == [wait]


def test_nobody_waits_an_hour() -> None:
    """Longer than a minute is for the user to decide."""
    clock, script = Clock(), Script(raw(b"", 429, Retry_After="3600"))
    with client(script, clock) as coze, pytest.raises(ApiError, match="HTTP 429") as caught:
        coze.send(READ, {"bot_id": "1"})
    assert "too many requests" in caught.value.hint
    assert (clock.slept, len(script.requests)) == ([], 1)


def test_a_minute_after_the_first_failure_no_attempt_begins() -> None:
    """Slow failures get fewer tries, but at least a second one."""
    clock = Clock()

    def slow(request: httpx.Request) -> httpx.Response:
        clock.tick(60)
        raise httpx.ReadTimeout("slow")

    script = Script(slow)
    with client(script, clock) as coze, pytest.raises(ApiError, match="no reply in time"):
        coze.send(READ, {"bot_id": "1"})
    assert len(script.requests) == 2


def test_a_certificate_that_is_not_trusted_stays_so() -> None:
    """No repeats; the hint names the setting."""
    error = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed")
    error.__cause__ = ssl.SSLCertVerificationError("self-signed")
    script = Script(error)
    with client(script) as coze, pytest.raises(ApiError, match="not trusted") as caught:
        coze.send(CREATE, {})
    assert "SSL_CERT_FILE" in caught.value.hint
    assert len(script.requests) == 1
