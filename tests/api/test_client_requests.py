"""What goes over the wire for a declared call, and what comes back."""

from __future__ import annotations

import httpx
import pytest

from cozeops.declare.calls import UPLOAD, Call
from cozeops.errors import ApiError
from cozeops.values import Secret
from cozeops.version import __version__

from .fakes import CANARY, COUNTED, CREATE, LIST, READ, REMOVE, Clock, Script, client, json_reply, ok, raw


def test_reads_put_their_parameters_in_path_and_query() -> None:
    """Names in the path go there, percent-encoded; the others and the fixed ones to the query."""
    script = Script(ok({}))
    call = Call("getBot", "GET", "/v1/bots/{bot_id}", {"is_published": "false"})
    with client(script) as coze:
        coze.send(call, {"bot_id": "7/3 厨?", "connector_id": "1024"})
    (request,) = script.requests
    assert request.url.raw_path == b"/v1/bots/7%2F3%20%E5%8E%A8%3F?connector_id=1024&is_published=false"
    assert request.content == b""


def test_writes_put_their_parameters_in_the_body_also_deletes() -> None:
    """DELETE has a JSON body where there is something to say, and none where not."""
    script = Script(ok({}))
    with client(script) as coze:
        coze.send(CREATE, {"space_id": "1", "name": "每日学一菜"})
        coze.send(REMOVE, {"workspace_id": "5", "user_ids": ["6"]})
        coze.send(REMOVE, {"workspace_id": "5"})
    assert script.bodies == [{"space_id": "1", "name": "每日学一菜"}, {"user_ids": ["6"]}, None]
    assert [request.method for request in script.requests] == ["POST", "DELETE", "DELETE"]
    assert script.requests[1].url.path == "/v1/workspaces/5/members"


def test_secrets_are_revealed_where_they_are_sent() -> None:
    """At the last moment, wherever they stand."""
    script = Script(ok({}))
    with client(script) as coze:
        coze.send(CREATE, {"keys": [{"value": Secret("s3cret")}], "id": Secret("x")})
    assert script.bodies == [{"keys": [{"value": "s3cret"}], "id": "x"}]


def test_headers_are_the_token_the_version_and_the_calls_own() -> None:
    """`Agw-Js-Conv` and its like come from the call."""
    script = Script(ok({}))
    call = Call("listDocuments", "POST", "/d", headers={"Agw-Js-Conv": "str"}, repeatable=True)
    with client(script) as coze:
        coze.send(call, {})
    headers = script.requests[0].headers
    assert headers["Authorization"] == f"Bearer {CANARY}"
    assert headers["User-Agent"] == f"cozeops/{__version__}"
    assert headers["Agw-Js-Conv"] == "str"


def test_an_upload_is_one_multipart_part_called_file() -> None:
    """The name may be Chinese; the same bytes go again when the first attempt is throttled."""
    script = Script(lambda _: httpx.Response(429), ok({"id": "736"}))
    with client(script) as coze:
        reply = coze.send(UPLOAD.call, {}, upload=("图标.png", b"\x89PNG\r\n"))
    assert reply.payload == {"id": "736"}
    first, second = (request.content for request in script.requests)
    assert first == second
    assert b'name="file"; filename="\xe5\x9b\xbe\xe6\xa0\x87.png"' in first
    assert b"\x89PNG\r\n" in first
    assert script.requests[0].extensions["timeout"] == {
        "connect": 10.0,
        "read": 300.0,
        "write": 300.0,
        "pool": 300.0,
    }


def test_timeouts_are_short_for_all_else() -> None:
    """10 s to connect, 60 s to answer."""
    script = Script(ok({}))
    with client(script) as coze:
        coze.send(READ, {"bot_id": "1"})
    timeout = script.requests[0].extensions["timeout"]
    assert (timeout["connect"], timeout["read"]) == (10.0, 60.0)


@pytest.mark.parametrize("ident", ["", ".", ".."])
def test_an_id_cannot_lead_to_another_path(ident: str) -> None:
    """`/v1/bots/../x` would be normalised to `/v1/x`, and `/v1/bots/` is another operation."""
    script = Script(ok({}))
    with client(script) as coze, pytest.raises(ApiError, match="bot_id cannot be"):
        coze.send(READ, {"bot_id": ident})
    assert not script.requests


def test_what_json_cannot_carry_is_refused_before_sending() -> None:
    """A lone surrogate has no UTF-8 form; the message does not show the value."""
    script = Script(ok({}))
    with client(script) as coze, pytest.raises(ApiError, match="cannot be sent"):
        coze.send(CREATE, {"name": "secret\ud800"})
    assert not script.requests


@pytest.mark.parametrize(
    ("payload", "body", "expected"),
    [
        (("data",), {"data": {"id": "1"}}, {"id": "1"}),
        (("data",), {}, {}),
        (("data",), {"data": None}, {}),
        (("data", "data"), {"data": {"data": [1]}}, [1]),
        (("data", "workflow_detail"), {"data": {}}, {}),
    ],
)
def test_the_payload_is_where_the_call_says(payload: tuple[str, ...], body: object, expected: object) -> None:
    """Pure writes omit `data`; progress nests it twice."""
    with client(json_reply({"code": 0, "msg": "success", **dict(body)})) as coze:  # type: ignore[call-overload]
        assert coze.send(Call("x", "GET", "/x", payload=payload), {}).payload == expected


def test_a_reply_of_the_old_paths_is_its_own_payload() -> None:
    """Documents stand beside `code`, and the log id may be in the header only."""
    answer = json_reply({"code": 0, "document_infos": [], "total": 0}, X_Tt_Logid="HEAD")
    with client(answer) as coze:
        reply = coze.send(LIST, {})
    assert reply.payload == reply.body == {"code": 0, "document_infos": [], "total": 0}
    assert reply.log_id == "HEAD"


def test_codes_that_mean_already_so_are_a_success() -> None:
    """Added twice is added."""
    call = Call("addBotCollaborator", "POST", "/x", already=frozenset({4201}))
    with client(json_reply({"code": 4201, "msg": "exists", "detail": {"logid": "L"}}, 400)) as coze:
        assert coze.send(call, {}).payload == {}
        with pytest.raises(ApiError):
            coze.send(CREATE, {})


def test_the_server_tells_the_time() -> None:
    """The `Date` header is kept, and goes on with our clock."""
    clock = Clock()
    with client(json_reply({"code": 0}, Date="Sun, 06 Nov 1994 08:49:37 GMT"), clock) as coze:
        assert coze.now() is None
        assert coze.send(READ, {"bot_id": "1"}).date == 784111777.0
        clock.tick(5)
        assert coze.now() == 784111782.0


def test_a_date_that_is_none_is_no_date() -> None:
    """Nothing breaks over a header."""
    with client(json_reply({"code": 0}, Date="yesterday")) as coze:
        assert coze.send(READ, {"bot_id": "1"}).date is None
        assert coze.now() is None


def test_requests_are_counted_by_operation() -> None:
    """The snapshot does not move."""
    script = Script(raw(b"", 429), ok({}))
    clock = Clock()
    with client(script, clock) as coze:
        coze.send(READ, {"bot_id": "1"})
        before = coze.stats
        coze.send(CREATE, {})
        coze.listing(COUNTED, {})
    assert (before.requests, before.total) == ({"getBot": 2}, 2)
    assert (before.retries, before.throttled, before.waited) == (1, 1, 0.5)
    assert coze.stats.requests == {"getBot": 2, "createBot": 1, "listBots": 1}
    assert coze.stats.most_in_flight == 1
