"""The emulator itself: a WSGI application around one store, one lock and a table of routes."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from email.utils import formatdate
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request

from . import edits
from . import request as requests
from . import seed as seeds
from .control import control
from .delivery import Dropped, Reply, deliver
from .disk import Disk
from .faults import Fault, Faults, Trouble, struck
from .options import Options
from .routing import Call, Caller, Registry, Route
from .standard import STANDARD
from .store import Store
from .wire import UNAUTHENTICATED, CozeError, Payload, Raw, Row, encode, envelope, forbidden, refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_LOG_LENGTH = 100_000


@dataclass(frozen=True, slots=True)
class Exchange:
    """One answered request, as the log keeps it; never with its token."""

    method: str
    path: str
    operation: str
    query: dict[str, str]
    body: Any
    status: int
    code: int
    log_id: str


class Emulator:
    """A Coze on your own machine.

    `data` names a SQLite file that keeps the state; `clock` gives the time in Unix seconds. The object is a
    WSGI application; `serve` puts it on a socket.
    """

    def __init__(
        self,
        *,
        data: Path | None = None,
        options: Options | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.options = options or Options()
        self.registry = Registry()
        self.store = Store(self.registry.tables)
        self.requests: deque[Exchange] = deque(maxlen=_LOG_LENGTH)
        self.sleep: Callable[[float], None] = time.sleep
        self._clock, self._ahead = clock, 0.0
        self.faults = Faults(clock=self.now)
        self._lock = threading.RLock()
        self._numbers = count(1)
        self._disk = Disk(data) if data else None
        if self._disk is None or not self._disk.read(self.store):
            self.seed(STANDARD)

    # ------------------------------------------------------------------ time and state

    def now(self) -> float:
        """Return the emulator's time."""
        return self._clock() + self._ahead

    @property
    def seconds(self) -> int:
        """The time as the API writes it."""
        return int(self.now())

    def advance(self, seconds: float) -> None:
        """Move the emulator's clock forward."""
        self._ahead += seconds

    @contextmanager
    def writing(self) -> Iterator[Store]:
        """Change the store as one call does: all or nothing, and on the disk before it is over."""
        with self._lock, self.store.transaction(self.now()) as changes:
            yield self.store
            if self._disk is not None:
                self._disk.write(self.store, changes)

    def seed(self, seed: Any) -> None:
        """Plant a seed (see `seed`); SeedError says what is wrong with it, and nothing is planted."""
        with self.writing():
            seeds.plant(self, self.registry, seed)

    def dump(self) -> Row:
        """Return the whole state as canonical JSON data."""
        with self._lock:
            return self.store.dump()

    def load(self, state: Row) -> None:
        """Replace the whole state by a dump."""
        with self.writing() as store:
            store.load(state)

    def reset(self) -> None:
        """Forget everything but what a new emulator has."""
        with self.writing() as store:
            store.load({})
            seeds.plant(self, self.registry, STANDARD)
        self.requests.clear()
        self.faults.clear()

    def edit(self, table: str, ident: str, **changes: Any) -> Row:
        """Change a row out of band, as by hand in the console; of a bot, the fields of its draft."""
        with self.writing() as store:
            return edits.edit(store, self.seconds, table, ident, changes)

    def remove(self, table: str, ident: str) -> None:
        """Remove a row out of band; the console can delete what the API cannot, bots for one."""
        with self.writing() as store:
            edits.remove(store, table, ident)

    def publish(self, bot_id: str, *connectors: str) -> str:
        """Publish a bot by hand, also to channels that the API does not serve; return the version."""
        with self.writing() as store:
            return edits.publish(store, self.now(), bot_id, connectors)

    def close(self) -> None:
        """Close the data file."""
        if self._disk is not None:
            self._disk.close()

    # ------------------------------------------------------------------ serving

    @contextmanager
    def serve(self, *, port: int = 0, host: str = "127.0.0.1") -> Iterator[str]:
        """Serve on a socket from threads of its own; yields the base URL."""
        from .server import Server

        server = Server((host, port), self)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def serve_forever(
        self, *, port: int = 0, host: str = "127.0.0.1", ready: Callable[[str], None] = lambda url: None
    ) -> None:
        """Serve on a socket until interrupted; `ready` is told the base URL."""
        from .server import Server

        with Server((host, port), self) as server:
            ready(server.url)
            server.serve_forever()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one WSGI request."""
        if "HTTP_TRANSFER_ENCODING" in environ:
            # both the own server and in-process transports hand over a body that ends by itself
            environ["wsgi.input_terminated"] = True
        request = Request(environ)
        try:
            if request.path.startswith("/_emulator/"):
                reply = control(self, request)
            else:
                reply = self._answer(request)
            return deliver(reply, start_response, sleep=self.sleep)
        except Dropped:
            if environ.get("emulator.served"):
                raise
            raise _transport_error() from None

    # ------------------------------------------------------------------ one request

    def _answer(self, request: Request) -> Reply:
        log_id = f"{time.strftime('%Y%m%d%H%M%S', time.gmtime(self.now()))}{next(self._numbers):018X}"
        seen = _Seen()
        code, status = 0, 200
        headers: dict[str, str] = {}
        chunks: Iterable[bytes]
        try:
            payload = self._run(request, seen)
            if isinstance(payload, Raw):
                status, headers, chunks = (
                    payload.status,
                    {"Content-Type": payload.content_type},
                    payload.chunks,
                )
                headers.update(payload.headers)
            else:
                chunks = [encode(envelope(payload, log_id))]
        except CozeError as error:
            code, status = error.code, error.http_status(self.options.error_status)
            if error.retry_after is not None:
                headers["Retry-After"] = f"{error.retry_after:g}"
            chunks = [encode(refusal(error, log_id))]
        except Dropped:
            self._log(request, seen, 0, -1, log_id)
            raise
        self._log(request, seen, status, code, log_id)
        headers = {"Content-Type": "application/json; charset=utf-8", "X-Tt-Logid": log_id, **headers}
        headers["Date"] = formatdate(self.now(), usegmt=True)
        return Reply(status, headers, chunks, seen.trouble.body)

    def _log(self, request: Request, seen: _Seen, status: int, code: int, log_id: str) -> None:
        operation = seen.route.operation if seen.route else ""
        body = seen.body if seen.body is not None else requests.peek(request)
        query = request.args.to_dict()
        self.requests.append(
            Exchange(request.method, request.path, operation, query, body, status, code, log_id)
        )

    def _run(self, request: Request, seen: _Seen) -> Payload:
        route, path = self.registry.match(request.method, request.path)
        seen.route = route
        caller = self._caller(route, requests.bearer(request))
        seen.trouble = trouble = self.faults.draw(route)
        if trouble.wait:
            self.sleep(trouble.wait)
        self.faults.throttle(route, self.options)
        _strike(trouble.before)
        given = requests.accept(request, route, self.options)
        seen.body = given.raw
        call = Call(
            route=route, path=path, query=given.query, body=given.body, files=given.files,
            headers=dict(request.headers), caller=caller, store=self.store, options=self.options,
            now=self.now(), lag=trouble.lag,
        )  # fmt: skip
        if route.prepare is not None:
            call.prepared = route.prepare(call)
        with self.writing():
            call.now = self.now()
            payload = route.run(call)
        for event, facts in call.events:
            for listener in self.registry.listeners.get(event, ()):
                listener(self, event, facts)
        _strike(trouble.after)
        return payload

    def _caller(self, route: Route, token: str) -> Caller:
        row = self.store["tokens"].get(token)
        if row is None and not route.public:
            if self.options.auth_reply == "200":
                raise CozeError(4101, "The token you entered is incorrect", status=200)
            raise CozeError(UNAUTHENTICATED, "authentication is invalid")
        row = row or {"user_id": "", "permissions": [], "workspaces": [], "read_only": False}
        caller = Caller(
            row["user_id"], _granted(row["permissions"]), _granted(row["workspaces"]), row["read_only"]
        )
        if route.permission and not caller.may(route.permission):
            raise forbidden(f"The token lacks the permission {route.permission}")
        if caller.read_only and route.writes:
            raise forbidden("The token is read-only")
        return caller

    def log(self) -> list[Row]:
        """Return the request log as JSON data."""
        return [asdict(exchange) for exchange in list(self.requests)]


@dataclass(slots=True)
class _Seen:
    """What is known of a request so far, for the log."""

    route: Route | None = None
    body: Any = None
    trouble: Trouble = field(default_factory=Trouble)


def _granted(grants: str | list[str]) -> frozenset[str] | None:
    return None if grants == "*" else frozenset(grants)


def _strike(fault: Fault | None) -> None:
    if fault is None:
        return
    if fault.kind == "drop":
        raise Dropped
    raise struck(fault)


def _transport_error() -> Exception:
    # In process there is no connection to close. A caller through httpx has loaded it, and expects its error.
    httpx = sys.modules.get("httpx")
    return httpx.ReadError("connection dropped") if httpx else ConnectionResetError("connection dropped")
