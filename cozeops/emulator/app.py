"""The emulator itself: a WSGI application around one store and one lock, and its ways in from Python."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import edits
from . import seed as seeds
from .control import control
from .delivery import Dropped, deliver
from .disk import Disk
from .exchange import Exchange, answer
from .faults import Faults
from .options import Options
from .request import Incoming
from .routing import registry
from .seed import STANDARD
from .store import Store
from .wire import Row

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_LOG_LENGTH = 100_000


class Emulator:
    """A Coze on your own machine.

    `data` names a SQLite file that keeps the state; `clock` gives the time in Unix seconds. The object is a
    WSGI application; `serve` puts it on a socket. `requests` is its log, `faults` are what goes wrong and
    `sleep` is how it waits.
    """

    def __init__(
        self,
        *,
        data: Path | None = None,
        options: Options | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.options: Options = options or Options()
        self.registry = registry()
        self.store = Store(self.registry.tables)
        self.requests: deque[Exchange] = deque(maxlen=_LOG_LENGTH)
        self.sleep: Callable[[float], None] = time.sleep
        self._clock, self._ahead = clock, 0.0
        self.faults: Faults = Faults(clock=self.now)
        self._lock = threading.RLock()
        self._numbers = count(1)
        self._disk = Disk(data) if data else None
        if self._disk is None or not self._disk.read(self.store):
            self.seed(STANDARD)

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

    def new_log_id(self) -> str:
        """Return the log id of one more request: a time and a number."""
        moment = time.strftime("%Y%m%d%H%M%S", time.gmtime(self.now()))
        return f"{moment}{next(self._numbers):018X}"

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
        """Replace the whole state by a dump; ValueError if it is none."""
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
        if table == "bots":
            self._tell("bot.deleted", bot_id=ident, by="")

    def publish(self, bot_id: str, *connectors: str) -> str:
        """Publish a bot by hand, also to channels that the API does not serve; return the version."""
        with self.writing() as store:
            version = edits.publish(store, self.now(), bot_id, connectors)
        self._tell("bot.published", bot_id=bot_id, connector_ids=list(connectors), version=version, by="")
        return version

    def _tell(self, event: str, **facts: Any) -> None:
        for listener in self.registry.listeners.get(event, ()):
            listener(self, event, facts)

    def log(self) -> list[Row]:
        """Return the request log as JSON data."""
        return [asdict(exchange) for exchange in list(self.requests)]

    def close(self) -> None:
        """Close the data file."""
        if self._disk is not None:
            self._disk.close()

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
        self, *, port: int = 0, host: str = "127.0.0.1", ready: Callable[[str], None] | None = None
    ) -> None:
        """Serve on a socket until interrupted; `ready` is told the base URL."""
        from .server import Server

        with Server((host, port), self) as server:
            if ready is not None:
                ready(server.url)
            server.serve_forever()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one WSGI request."""
        if "HTTP_TRANSFER_ENCODING" in environ:
            # both the own server and in-process transports hand over a body that ends by itself
            environ["wsgi.input_terminated"] = True
        dropped = Dropped() if environ.get("emulator.served") else _transport_error()
        try:
            with Incoming(environ) as request:
                is_control = request.path.startswith("/_emulator/")
                reply = control(self, request) if is_control else answer(self, request)
        except Dropped:
            raise dropped from None
        return deliver(reply, start_response, sleep=self.sleep, dropped=dropped)


def _transport_error() -> Exception:
    # In process there is no connection to close. A caller through httpx has loaded it, and expects its error.
    httpx = sys.modules.get("httpx")
    return httpx.ReadError("connection dropped") if httpx else ConnectionResetError("connection dropped")
