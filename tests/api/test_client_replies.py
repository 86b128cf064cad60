"""What a reply means: codes, statuses, and things that are no reply of Coze at all."""

from __future__ import annotations

import gzip
import json

import httpx
import pytest

from cozeops.api import transport
from cozeops.errors import AccessError, ApiError, DeniedError, ExitCode, LostReplyError, NotFoundError

from .fakes import CREATE, LIST, READ, Answer, Clock, Script, client, json_reply, raw, refusal


@pytest.mark.parametrize(
    ("answer", "kind", "hint"),
    [
        (refusal(4100, 401), DeniedError, "coze.cn"),
        (refusal(4100, 200), DeniedError, "coze.cn"),
        (refusal(700012006, 401), DeniedError, "coze.cn"),
        (refusal(9999, 401), DeniedError, "coze.cn"),
        (refusal(4101, 200), DeniedError, "permission point"),
        (refusal(4101, 401), DeniedError, "permission point"),
        (refusal(9999, 403), DeniedError, "permission point"),
        (raw(b"<html>", 403, Content_Type="text/html"), DeniedError, "base URL"),
        (refusal(4200, 200), NotFoundError, "absent"),
        (refusal(4200, 404), NotFoundError, "absent"),
        (refusal(9999, 404), NotFoundError, "absent"),
        (refusal(4000, 404), ApiError, "base URL"),
        (raw(b"404 page not found", 404), ApiError, "base URL"),
        (refusal(4000, 200), ApiError, ""),
        (refusal(4000, 400), ApiError, ""),
        (refusal(4014, 200), ApiError, ""),
        (json_reply({"code": 0, "msg": ""}, 400), ApiError, ""),
    ],
)
@pytest.mark.parametrize("call", [READ, CREATE], ids=["read", "write"])
def test_refusals_have_a_kind_and_a_hint(
    answer: Answer, kind: type[ApiError], hint: str, call: object
) -> None:
    """The code decides, on whatever status; none of it is repeated."""
    script = Script(answer)
    with client(script) as coze, pytest.raises(ApiError) as caught:
        coze.send(call, {"bot_id": "1"})  # type: ignore[arg-type]
    assert type(caught.value) is kind
    assert hint in caught.value.hint
    assert bool(hint) == bool(caught.value.hint)
    assert len(script.requests) == 1


def test_a_denial_is_also_an_access_error() -> None:
    """Exit code 4, whichever class is caught."""
    with client(refusal(4101)) as coze, pytest.raises(AccessError) as caught:
        coze.send(READ, {"bot_id": "1"})
    assert caught.value.exit_code == ExitCode.ACCESS


def test_an_error_carries_what_support_asks_for() -> None:
    """Operation, status, code and log id, as attributes and in the message."""
    with client(refusal(4000, 400, "name is too long")) as coze, pytest.raises(ApiError) as caught:
        coze.send(CREATE, {"name": "x"})
    error = caught.value
    assert (error.operation, error.status, error.code, error.log_id) == ("createBot", 400, 4000, "LOG1")
    assert str(error) == "createBot: Coze says: name is too long (HTTP 400, code 4000, log id LOG1)"


def test_the_log_id_comes_from_the_header_where_the_body_has_none() -> None:
    """As in the documents' replies."""
    answer = json_reply({"code": 4000, "msg": "bad"}, X_Tt_Logid="HEAD")
    with client(answer) as coze, pytest.raises(ApiError) as caught:
        coze.send(READ, {"bot_id": "1"})
    assert caught.value.log_id == "HEAD"


def test_messages_are_short_and_printable() -> None:
    """200 characters, and nothing that moves the cursor or turns the text around."""
    msg = "a\x1b[31m\n\u202e厨" + "x" * 500
    with client(refusal(4000, msg=msg)) as coze, pytest.raises(ApiError) as caught:
        coze.send(READ, {"bot_id": "1"})
    assert "a\\x1b[31m\\n\\u202e厨xxx" in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


DEEP = b"[" * 100_000
UNUSABLE = {
    "empty": b"",
    "cut off": b'{"code": 0, "data": {"na',
    "a list": b"[]",
    "a string": b'"ok"',
    "null": b"null",
    "no code": b'{"msg": "ok"}',
    "code as text": b'{"code": "0"}',
    "code as bool": b'{"code": false}',
    "code as float": b'{"code": 0.0}',
    "HTML": b"<!doctype html><title>Sign in</title>",
    "no UTF-8": b'{"code": 0, "msg": "\xff"}',
    "deep": b'{"code": 0, "data": ' + DEEP,
    "a number without end": b'{"code": ' + b"9" * 10_000 + b"}",
}


@pytest.mark.parametrize("content", UNUSABLE.values(), ids=UNUSABLE.keys())
@pytest.mark.parametrize(
    ("call", "kind", "tries"), [(READ, ApiError, 5), (LIST, ApiError, 5), (CREATE, LostReplyError, 1)]
)
def test_a_body_that_is_no_reply_of_coze(
    content: bytes, call: object, kind: type[ApiError], tries: int
) -> None:
    """A read is repeated; of a write nobody knows whether it happened."""
    script = Script(raw(content, X_Tt_Logid="HEAD"))
    with client(script) as coze, pytest.raises(ApiError) as caught:
        coze.send(call, {"bot_id": "1"})  # type: ignore[arg-type]
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.log_id) == (200, "HEAD")
    assert len(script.requests) == tries


def test_an_html_page_is_called_so() -> None:
    """Whoever sits behind a login proxy must be able to tell."""
    answer = raw(b"<html>", Content_Type="text/html; charset=utf-8")
    with client(answer) as coze, pytest.raises(ApiError, match="got an HTML page"):
        coze.send(READ, {"bot_id": "1"})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("call", [READ, CREATE], ids=["read", "write"])
def test_redirects_are_not_followed(status: int, call: object) -> None:
    """The token would go along; also when the reply looks like a success."""
    script = Script(json_reply({"code": 0}, status, Location="https://evil.example/steal?x"))
    with (
        client(script) as coze,
        pytest.raises(ApiError, match=r"redirect to evil\.example, which is not followed") as caught,
    ):
        coze.send(call, {"bot_id": "1"})  # type: ignore[arg-type]
    assert type(caught.value) is ApiError
    assert [request.url.host for request in script.requests] == ["api.coze.cn"]


def test_a_redirect_to_nowhere_is_one_too() -> None:
    """Neither a missing nor a broken Location breaks the message."""
    for answer in (json_reply({}, 302), json_reply({}, 300, Location="http://a:port/")):
        with client(answer) as coze, pytest.raises(ApiError, match="with a redirect, which"):
            coze.send(READ, {"bot_id": "1"})


@pytest.mark.parametrize(("call", "kind"), [(READ, ApiError), (CREATE, LostReplyError)])
def test_a_huge_reply_is_given_up_once(
    monkeypatch: pytest.MonkeyPatch, call: object, kind: type[ApiError]
) -> None:
    """Downloading it again would not make it smaller; a compressed one counts as what it becomes."""
    monkeypatch.setattr(transport, "LARGEST_REPLY", 1024**2)
    body = gzip.compress(json.dumps({"code": 0, "data": "x" * 2 * 1024**2}).encode())
    script = Script(raw(body, Content_Encoding="gzip"))
    with client(script) as coze, pytest.raises(ApiError, match="larger than 1 MiB") as caught:
        coze.send(call, {"bot_id": "1"})  # type: ignore[arg-type]
    assert type(caught.value) is kind
    assert len(script.requests) == 1


def test_a_reply_that_drips_without_end_is_a_timeout() -> None:
    """Each byte comes within the read timeout, yet the reply must end."""
    clock = Clock()

    class Drip(httpx.SyncByteStream):
        def __iter__(self):  # type: ignore[no-untyped-def]
            while True:
                clock.tick(50)
                yield b" "

    answer = lambda _: httpx.Response(200, stream=Drip())  # noqa: E731
    with client(answer, clock) as coze, pytest.raises(LostReplyError, match="no reply in time"):
        coze.send(CREATE, {})


def test_a_damaged_compression_is_a_broken_reply() -> None:
    """Not a crash."""
    script = Script(
        lambda _: httpx.Response(
            200, stream=httpx.ByteStream(b"no gzip"), headers={"Content-Encoding": "gzip"}
        )
    )
    with client(script) as coze, pytest.raises(LostReplyError, match="damaged"):
        coze.send(CREATE, {})
