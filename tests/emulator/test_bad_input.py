"""Whatever a client sends, the answer is a refusal: never a 500, never a traceback."""

from __future__ import annotations

import json
import socket
from typing import Any

import httpx
import pytest

from cozeops.emulator import Emulator
from cozeops.emulator.routing import registry

from .conftest import Coze

JSON = {"Content-Type": "application/json"}
PATHS = ["/v1/bot/create", "/open_api/knowledge/document/create", "/v1/workspaces", "/v1/bot/publish"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"7",
        b"NaN",
        b'{"name": Infinity}',
        b'{"name": "\\ud800"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"name": ' + b"9" * 5000 + b"}",
        b'{"name": 1e999}',
        b'{"name": {"name": []}, "space_id": [], "users": 7}',
    ],
    ids=range(15),
)
def test_bodies_that_are_no_proper_json(coze: Coze, path: str, body: bytes) -> None:
    """Each is HTTP 400 with code 4000."""
    response = coze.http.post(path, content=body, headers=JSON)
    assert (response.status_code, response.json()["code"]) == (400, 4000)


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data", "application/xml", "", "nonsense; ;;"])
def test_wrong_content_types(coze: Coze, kind: str) -> None:
    """Only JSON is read as JSON."""
    response = coze.http.post("/v1/bot/create", content=b"{}", headers={"Content-Type": kind})
    assert (response.status_code, response.json()["code"]) == (400, 4000)


WRONG: list[Any] = [
    None,
    True,
    7,
    -1,
    1.5,
    "",
    "x" * 100_000,
    [],
    {},
    [[]],
    {"a": {"b": []}},
    [None],
    "\u0000",
]


@pytest.mark.parametrize("route", registry().routes, ids=lambda route: route.operation)
def test_wrong_types_everywhere(coze: Coze, route: Any) -> None:
    """Every field of every operation, given everything it is not."""
    path = route.path
    while "{" in path:
        path = path[: path.index("{")] + "1" + path[path.index("}") + 1 :]
    names = [name.removesuffix("*") for name in route.body or {}]
    bodies: list[Any] = [dict.fromkeys(names, value) for value in WRONG]
    queries = [
        {name.removesuffix("*"): value for name in route.query}
        for value in ("", "x", "-1", "9" * 30, "é\u0000")
    ]
    for body in bodies:
        response = coze.http.request(route.method, path, json=body, params=queries[0])
        assert response.status_code < 500, response.text
    for query in queries:
        response = coze.http.request(route.method, path, json={}, params=query)
        assert response.status_code < 500, response.text


@pytest.mark.parametrize(
    "path",
    [
        "/v1/bots/../../etc/passwd",
        "/v1/bots/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/v1/bots/%00",
        "/v1/bots/%ff%fe",
        "//v1/bots",
        "/v1//bots",
        "/v1/bots/" + "a" * 5000,
        "/%",
        "/v1/bots/%7Bbot_id%7D",
        "/_emulator/../v1/bots",
        "/_emulator/%00",
    ],
)
def test_path_tricks(coze: Coze, path: str) -> None:
    """They lead nowhere, and to no redirect."""
    with coze.emulator.serve() as url, httpx.Client(headers=coze.http.headers) as http:
        response = http.get(httpx.URL(url).copy_with(raw_path=path.encode()))
    assert response.status_code in (200, 400, 404)
    assert response.status_code != 200 or response.json()["code"] == 4200


MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (MULTIPART, b""),
        (MULTIPART, b"--x"),
        (MULTIPART, b"--x\r\n\r\n--x--"),
        (MULTIPART, b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc'),
        (MULTIPART, b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc\r\n--x--\r\n'),
        (MULTIPART, b"--x\r\n" + b"A: b\r\n" * 5000 + b"\r\n--x--"),
        (
            MULTIPART,
            b'--x\r\nContent-Disposition: form-data; name="' + b"f" * 2_000_000 + b'"\r\n\r\nabc\r\n--x--',
        ),
        ({"Content-Type": "multipart/form-data"}, b"--x"),
        ({"Content-Type": "multipart/form-data; boundary="}, b"--x"),
        (JSON, b"{}"),
    ],
    ids=range(10),
)
def test_broken_multipart(coze: Coze, headers: dict[str, str], body: bytes) -> None:
    """No file was uploaded, in whatever way."""
    response = coze.http.post("/v1/files/upload", content=body, headers=headers)
    assert response.status_code < 500
    assert response.json()["code"] in (4000, 4300, 4302)


def test_a_huge_body_is_refused(coze: Coze) -> None:
    """15 MB is the most, over the socket too; the connection goes on."""
    body = json.dumps({"name": "x" * (16 << 20)}).encode()
    assert coze.http.post("/v1/bot/create", content=body, headers=JSON).json()["code"] == 4000
    with coze.emulator.serve() as url, httpx.Client(base_url=url, headers=coze.http.headers) as http:
        assert http.post("/v1/bot/create", content=body, headers=JSON).status_code == 413
        chunked = http.post("/v1/bot/create", content=(b"x" * 4096 for _ in range(5000)), headers=JSON)
        assert chunked.status_code == 413
        assert http.get("/v1/users/me").json()["code"] == 0


@pytest.mark.parametrize(
    "request_",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /v1/users/me HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/bot/create HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST /v1/bot/create HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /v1/bot/create HTTP/1.1\r\nAuthorization: Bearer pat_emulator\r\n"
        b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /v1/bot/create HTTP/1.1\r\nAuthorization: Bearer pat_emulator\r\nContent-Length: 99\r\n\r\n{",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
    ],
    ids=range(9),
)
def test_requests_that_are_no_proper_http(capfd: pytest.CaptureFixture[str], request_: bytes) -> None:
    """The server answers or hangs up, and stays quiet."""
    with Emulator().serve() as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(request_)
            connection.shutdown(socket.SHUT_WR)
            try:
                reply = connection.recv(65536)
            except ConnectionError:
                reply = b""
        assert b" 500 " not in reply.partition(b"\r\n")[0]
        assert httpx.get(f"{url}/v1/users/me").status_code == 401
    assert "Traceback" not in capfd.readouterr().err
