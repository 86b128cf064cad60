"""A clock that only moves when somebody sleeps, and a Coze that answers from a script."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from typing import Any

import httpx

from cozeops.api.client import Client
from cozeops.api.connection import Connection
from cozeops.api.token import FixedToken
from cozeops.declare.calls import Call, Page

BASE = "https://api.coze.cn"
CANARY = "pat_canary0123456789abcdefghijklmnop"

READ = Call("getBot", "GET", "/v1/bots/{bot_id}")
LIST = Call("listDocuments", "POST", "/open_api/knowledge/document/list", payload=(), repeatable=True)
CREATE = Call("createBot", "POST", "/v1/bot/create", result=("bot_id",))
REPLACE = Call("updateBot", "POST", "/v1/bot/update", repeatable=True)
REMOVE = Call("removeWorkspaceMembers", "DELETE", "/v1/workspaces/{workspace_id}/members", repeatable=True)

COUNTED = Page(
    Call("listBots", "GET", "/v1/bots", {"publish_status": "all"}),
    items=("items",),
    id="id",
    total=("total",),
    size=20,
)
FLAGGED = Page(
    Call("listWorkflows", "GET", "/v1/workflows"), items=("items",), id="id", more=("has_more",), size=30
)
TOKENED = Page(
    Call("listApiApps", "GET", "/v1/api_apps"),
    items=("items",),
    id="id",
    more=("has_more",),
    number="page_token",
    size=50,
)

Answer = Callable[[httpx.Request], httpx.Response]


class Clock:
    """Time that passes only by sleeping (and by `tick`)."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        """Sleep without waiting."""
        with self._lock:
            self.slept.append(seconds)
            self.time += seconds

    def tick(self, seconds: float) -> None:
        """Let time pass."""
        self.time += seconds


class Script:
    """Answers requests one after the other; the last answer serves for the rest."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        response: httpx.Response = answer(request)
        return response

    @property
    def bodies(self) -> list[Any]:
        """The JSON bodies sent; None for none."""
        return [json.loads(request.content) if request.content else None for request in self.requests]


def ok(data: Any = None, **beside: Any) -> Answer:
    """A success in Coze's envelope."""
    body = {"code": 0, "msg": "", "detail": {"logid": "LOG0"}, **beside}
    return json_reply(body if data is None else {**body, "data": data})


def refusal(code: int, status: int = 200, msg: str = "no", **headers: str) -> Answer:
    """An error in Coze's envelope."""
    body = {"code": code, "msg": msg, "detail": {"logid": "LOG1"}}
    return json_reply(body, status, **headers)


def json_reply(body: Any, status: int = 200, **headers: str) -> Answer:
    """Any JSON at all."""
    return lambda _: httpx.Response(status, json=body, headers=_named(headers))


def raw(content: bytes | Iterable[bytes], status: int = 200, **headers: str) -> Answer:
    """Bytes as they are."""
    return lambda _: httpx.Response(status, content=content, headers=_named(headers))


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def client(answer: Answer, clock: Clock | None = None, **settings: Any) -> Client:
    """A client whose requests go to `answer`; it sleeps on a clock of its own."""
    clock = clock or Clock()
    settings = {"clock": clock, "sleep": clock.sleep, "random": lambda: 1.0, **settings}
    return Client(Connection(BASE, FixedToken(CANARY)), transport=httpx.MockTransport(answer), **settings)
