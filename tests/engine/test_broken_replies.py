"""A server that answers wrongly: a plan or a clear error with the log id, and no token to anybody else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from cozeops.api import transport
from cozeops.api.client import Client
from cozeops.api.connection import connect
from cozeops.engine.model.plan import Plan, Severity
from cozeops.engine.observe.snapshot import observe
from cozeops.engine.plan.build import build_plan
from cozeops.errors import ApiError, CozeopsError, InvalidProject
from tests.engine.broken import GONE, WRONG, Change, Tampering, paths, with_value
from tests.kit import Bench

# A plan of the quickstart makes these; a new one is found by the test of their list.
READS = (
    "getCurrentUser",
    "listWorkspaces",
    "listWorkspaceMembers",
    "listBots",
    "getBot",
    "getPlugin",
    "getWorkflow",
    "listDatasets",
    "listDocuments",
    "listImages",
)
LOG_ID = "LOG-OF-THE-BROKEN-REPLY"


class Server:
    """The quickstart as it was applied, behind a transport that changes replies."""

    def __init__(self, bench: Bench) -> None:
        self._resources = bench.project().resources
        inner = httpx.WSGITransport(app=bench.emulator)
        self.tampering = Tampering(inner, lambda: bench.emulator.requests[-1].operation)

    def plan(self, operation: str = "", change: Change | None = None) -> Plan:
        """Plan, with this change of the replies to an operation."""
        self.tampering.operation, self.tampering.change = operation, change
        connection = connect({"COZE_API_TOKEN": "pat_emulator", "COZE_API_BASE": "http://127.0.0.1"})
        with Client(connection, transport=self.tampering, sleep=lambda _: None) as client:
            snapshot = observe(self._resources, client)
            return build_plan(self._resources, snapshot, environment="default", base_url=client.base_url)

    def tried(self, operation: str, change: Change) -> Plan | CozeopsError:
        """The plan, or the error that it ends with."""
        try:
            return self.plan(operation, change)
        except CozeopsError as error:
            return error

    def fails(self, operation: str, change: Change, what: str) -> CozeopsError:
        """The error that the plan must end with."""
        found = self.tried(operation, change)
        assert isinstance(found, CozeopsError), (operation, what)
        return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Its replies are known after one plan."""
    bench = Bench(tmp_path_factory.mktemp("broken") / "project")
    bench.seed()
    bench.settle()
    found = Server(bench)
    assert found.plan().pending == ()
    return found


def test_these_are_the_reads_of_a_plan(server: Server) -> None:
    assert set(READS) == server.tampering.replies.keys()


def _changes(reply: Any) -> Iterator[tuple[Any, Any]]:
    for path in paths(reply):
        yield from ((path, value) for value in (*WRONG, GONE))


@pytest.mark.parametrize("step", [37, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize("operation", READS)
def test_values_of_other_types(server: Server, operation: str, step: int) -> None:
    """Each value of each reply, of every other type, or gone: never a traceback."""
    for path, value in list(_changes(server.tampering.replies[operation]))[::step]:
        where = (operation, path, value)
        found = server.tried(operation, with_value(path, value))
        if isinstance(found, InvalidProject):
            assert all(problem.hint for problem in found.problems), where
        elif isinstance(found, CozeopsError):
            assert isinstance(found, ApiError), where
            # Another id is no reply of another shape: whoever asks for that object is told.
            assert found.operation == operation or str(path[-1]).endswith("id"), where
            assert found.log_id or path[0] == "detail", where
            assert found.log_id in found.message, where
    assert server.tampering.hosts == {"127.0.0.1"}


def _reply(content: bytes, status: int = 200, **headers: str) -> Change:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx.Response(status, content=content, headers={"X-Tt-Logid": LOG_ID, **named})


def _cut(reply: httpx.Response) -> httpx.Response:
    return _reply(reply.content[: len(reply.content) // 2])(reply)


def _as(kind: str) -> Change:
    return lambda reply: _reply(reply.content, Content_Type=kind)(reply)


def _huge(reply: httpx.Response) -> httpx.Response:
    return _reply(b'{"code": 0, "data": "' + b"x" * 200_000 + b'"}')(reply)


ELSEWHERE = "https://evil.example/?token="
BODIES: dict[str, tuple[Change, str]] = {
    "a page": (_reply(b"<html><script>alert(1)</script>", Content_Type="text/html"), "an HTML page"),
    "a login": (_reply(b"<html>", 401, Content_Type="text/html"), "an HTML page"),
    "a gateway": (_reply(b"<html>", 502, Content_Type="text/html"), "an HTML page"),
    "moved": (_reply(b"", 301, Location=ELSEWHERE), "redirect to evil.example, which is not followed"),
    "moved for now": (_reply(b'{"code": 0}', 307, Location=ELSEWHERE), "redirect to evil.example"),
    "cut": (_cut, "no reply of the Coze API"),
    "nothing": (_reply(b""), "no reply of the Coze API"),
    "null": (_reply(b"null"), "no reply of the Coze API"),
    "a list": (_reply(b"[]"), "no reply of the Coze API"),
    "binary": (_reply(bytes(range(256))), "no reply of the Coze API"),
    "deep": (_reply(b'{"code": 0, "data": ' + b"[" * 50_000), "no reply of the Coze API"),
    "huge": (_huge, "larger than"),
    "no code": (_reply(b'{"data": {}}'), "no reply of the Coze API"),
    "an error": (_reply(b'{"code": 4999, "msg": "\\u001b[31mno"}'), "Coze says: \\x1b[31mno"),
}


@pytest.mark.parametrize("operation", READS)
def test_bodies_that_are_no_reply(server: Server, monkeypatch: pytest.MonkeyPatch, operation: str) -> None:
    """Pages, redirects, halves, too much: what it was, which operation, the log id."""
    monkeypatch.setattr(transport, "LARGEST_REPLY", 100_000)
    for name, (change, said) in BODIES.items():
        error = server.fails(operation, change, name)
        if isinstance(error, InvalidProject):  # what it refers to cannot be read
            assert name == "an error"
            continue
        assert isinstance(error, ApiError)
        assert (error.operation, said in error.message) == (operation, True), (name, error.message)
        assert error.message.isprintable()
        assert LOG_ID in error.message or name == "huge", (name, error.message)
    assert server.tampering.hosts == {"127.0.0.1"}


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize(
    "content", [b'{"code": 0}', b'{"code": 0, "data": null}', b'{"code": 0, "data": {}}']
)
def test_success_without_data(server: Server, operation: str, content: bytes) -> None:
    """Nothing that is live is taken for gone: an error, or a plan whose creates are blocked."""
    found = server.tried(operation, _reply(content))
    if isinstance(found, Plan) and found.summary["create"]:
        assert [one.name for one in found.findings if one.severity is Severity.BLOCK]


def _more_for_ever(reply: httpx.Response) -> httpx.Response:
    body = json.loads(reply.content)
    for place in (body, body.get("data")):
        if isinstance(place, dict):
            place.update(total=10**9, total_count=10**9, has_more=True, next_page_token="again")
    return httpx.Response(200, json=body)


def _tokens_for_ever() -> Change:
    number = 0

    def change(reply: httpx.Response) -> httpx.Response:
        nonlocal number
        number += 1
        body = json.loads(reply.content)
        for place in (body, body.get("data")):
            if isinstance(place, dict):
                place.update(has_more=True, next_page_token=str(number), total=number * 1000)
        return httpx.Response(200, json=body)

    return change


@pytest.mark.parametrize("make", [lambda: _more_for_ever, _tokens_for_ever], ids=["same", "new"])
@pytest.mark.parametrize("operation", [name for name in READS if name.startswith("list")])
def test_lists_without_end(server: Server, operation: str, make: Callable[[], Change]) -> None:
    """They come to one, and prove nothing."""
    before = server.tampering.sent
    found = server.tried(operation, make())
    assert isinstance(found, CozeopsError) or found.summary["create"] == 0, found
    assert server.tampering.sent - before < 1500
