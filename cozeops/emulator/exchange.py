"""One request from its arrival to its reply: who calls, what strikes, what is accepted, what it does."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, Protocol

from werkzeug.wrappers import Request

from . import request as requests
from .delivery import Dropped, Reply
from .faults import Fault, Faults, Trouble, struck
from .options import Options
from .routing import Call, Caller, Registry, Route
from .store import Store
from .wire import (
    UNAUTHENTICATED,
    CozeError,
    Payload,
    Raw,
    Row,
    TopLevel,
    encode,
    envelope,
    forbidden,
    refusal,
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One answered request, as the log keeps it; never with its token. A dropped one has status 0."""

    method: str
    path: str
    operation: str
    query: dict[str, str]
    body: Any
    status: int
    code: int
    log_id: str


class Host(Protocol):
    """What answering a request needs of the emulator."""

    options: Options
    registry: Registry
    store: Store
    faults: Faults
    sleep: Callable[[float], None]

    @property
    def requests(self) -> Any:
        """The log."""

    def now(self) -> float:
        """Return the time."""

    def new_log_id(self) -> str:
        """Return a log id."""

    def writing(self) -> AbstractContextManager[Store]:
        """Open a transaction."""


@dataclass(slots=True)
class _Seen:
    """What is known of a request so far."""

    route: Route | None = None
    body: Any = None
    trouble: Trouble = field(default_factory=Trouble)


def answer(host: Host, request: Request) -> Reply:
    """Answer one request and log it."""
    log_id, seen = host.new_log_id(), _Seen()
    headers = {"Content-Type": "application/json; charset=utf-8", "X-Tt-Logid": log_id}
    status, code = 200, 0
    chunks: Iterable[bytes]
    try:
        payload = _run(host, request, seen)
        if isinstance(payload, Raw):
            status, chunks = payload.status, payload.chunks
            headers |= {"Content-Type": payload.content_type, **payload.headers}
        else:
            # what was scripted to be refused is no exception: its effects stay
            code = payload.fields.get("code", 0) if isinstance(payload, TopLevel) else 0
            chunks = [encode(envelope(payload, log_id))]
    except CozeError as error:
        status, code = error.http_status(host.options.error_status), error.code
        chunks = [encode(refusal(error, log_id))]
        if error.retry_after is not None:
            headers["Retry-After"] = f"{error.retry_after:g}"
    except Dropped:
        _log(host, request, seen, 0, -1, log_id)
        raise
    _log(host, request, seen, status, code, log_id)
    headers["Date"] = formatdate(host.now(), usegmt=True)
    return Reply(status, headers, chunks, seen.trouble.body)


def _log(host: Host, request: Request, seen: _Seen, status: int, code: int, log_id: str) -> None:
    operation = seen.route.operation if seen.route else ""
    body = seen.body if seen.body is not None else requests.peek(request)
    query = request.args.to_dict()
    exchange = Exchange(request.method, request.path, operation, query, body, status, code, log_id)
    host.requests.append(exchange)


def _run(host: Host, request: Request, seen: _Seen) -> Payload:
    route, path = host.registry.match(request.method, request.path)
    seen.route = route
    caller = _caller(host, route, requests.bearer(request))
    seen.trouble = trouble = host.faults.draw(route)
    with host.faults.admit(route, host.options):
        if trouble.wait:
            host.sleep(trouble.wait)
        _strike(trouble.before)
        given = requests.accept(request, route, host.options)
        seen.body = given.raw
        call = Call(
            route=route,
            path=path,
            query=given.query,
            body=given.body,
            files=given.files,
            headers=dict(request.headers),
            caller=caller,
            store=host.store,
            options=host.options,
            now=host.now(),
            lag=trouble.lag,
            sleep=host.sleep,
        )
        payload = _perform(host, call)
    _strike(trouble.after)
    return payload


def _perform(host: Host, call: Call) -> Payload:
    if call.route.prepare is not None:
        call.prepared = call.route.prepare(call)
    with host.writing():
        # under the lock, so that the order of times is the order of effects
        call.now = host.now()
        payload = call.route.run(call)
    for event, facts in call.events:
        for listener in host.registry.listeners.get(event, ()):
            listener(host, event, facts)
    return payload


def _caller(host: Host, route: Route, token: str) -> Caller:
    row: Row | None = host.store["tokens"].get(token)
    if row is None or row.get("expires_at", math.inf) <= host.now():
        if not route.public:
            raise _unauthenticated(host.options)
        return Caller("", frozenset(), frozenset(), read_only=False)
    caller = Caller(
        row["user_id"],
        _granted(row["permissions"]),
        _granted(row["workspaces"]),
        row["read_only"],
        row.get("privileged", True),
    )
    if route.permission and not caller.may(route.permission):
        raise forbidden(f"The token lacks the permission {route.permission}")
    if caller.read_only and route.writes:
        raise forbidden("The token is read-only")
    return caller


def _unauthenticated(options: Options) -> CozeError:
    if options.auth_reply == "200":
        return CozeError(4101, "The token you entered is incorrect", status=200)
    return CozeError(UNAUTHENTICATED, "authentication is invalid")


def _granted(grants: str | list[str]) -> frozenset[str] | None:
    return None if grants == "*" else frozenset(grants)


def _strike(fault: Fault | None) -> None:
    if fault is None:
        return
    if fault.kind == "drop":
        raise Dropped
    raise struck(fault)
