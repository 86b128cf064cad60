"""The client: sends what a kind declares, as often as it takes, and no faster than Coze allows."""

from __future__ import annotations

import logging
import random as randomness
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from cozeops.api.attempt import Attempt, Trace
from cozeops.api.connection import Connection
from cozeops.api.envelope import BAD_PARAMETER, payload_of, read_envelope, unusable
from cozeops.api.heads import bound_heads
from cozeops.api.limiter import Limiter
from cozeops.api.outgoing import TIMEOUT, File, Outgoing, build_request
from cozeops.api.paging import Listing, list_levels, list_pages
from cozeops.api.planes import takes_enterprise_token
from cozeops.api.proxy import proxy_to
from cozeops.api.retry import TRIES, Persistence, Setback
from cozeops.api.server_time import ServerTime
from cozeops.api.stats import Stats, Tally
from cozeops.api.streaming import StreamEvent, events, open_stream
from cozeops.api.transport import Received, exchange, plain
from cozeops.declare.calls import Call, Page
from cozeops.errors import ApiError, DeniedError, UsageError
from cozeops.frozen import frozen
from cozeops.values import Json, dig
from cozeops.version import __version__

_FOR_ENTERPRISES = (
    "operations on an enterprise want the token of an enterprise-privileged OAuth app: set "
    "COZE_ENTERPRISE_API_TOKEN, or COZE_ENTERPRISE_JWT_OAUTH_ENTERPRISE_ID beside its app"
)
log = logging.getLogger(__name__)
T = TypeVar("T")
R = TypeVar("R")
Send = Callable[[httpx.Client, httpx.Request, str, tuple[str, ...], Callable[[], float]], R]
"""Sends a request once; what it gives is judged."""


@frozen
class Reply:
    """A successful reply: the payload where the call declares it, {} if there is none."""

    payload: Any
    body: Json
    log_id: str
    date: float | None
    """The server's clock when it answered, in Unix seconds."""

    @property
    def already(self) -> bool:
        """Whether it was as it should be before: nothing was written."""
        return bool(self.body.get("code"))


class Client:
    """One per run, for all threads. A context manager: it holds connections open."""

    def __init__(
        self,
        connection: Connection,
        *,
        transport: httpx.BaseTransport | None = None,
        concurrency: int = 16,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = randomness.random,
        trace: Trace | None = None,
    ) -> None:
        self._connection = connection
        self._trace = trace
        self._clock = clock
        self._tally = Tally()
        self._limiter = Limiter(concurrency, clock=clock, sleep=sleep, noted=self._tally.waited)
        self._persistence = Persistence(clock, sleep, random, noted=self._tally.waited)
        self._http = _http(connection, transport, concurrency)
        self._pool = ThreadPoolExecutor(concurrency, thread_name_prefix="coze-pages")
        self._time = ServerTime(clock)
        self._refused_larger: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Who presses Ctrl-C waits for no page that may take a minute.
        self._pool.shutdown(wait=kind is not KeyboardInterrupt, cancel_futures=True)
        self._http.close()

    @property
    def base_url(self) -> str:
        """The server that it talks to."""
        return self._connection.base_url

    @property
    def serves_enterprises(self) -> bool:
        """Whether a token was set up for operations on an enterprise."""
        return self._connection.serves_enterprises

    @property
    def stats(self) -> Stats:
        """What it cost so far."""
        return self._tally.snapshot()

    def now(self) -> float | None:
        """The time on the server, in Unix seconds: it is at least so late. None before the first reply."""
        return self._time.earliest()

    def latest(self) -> float | None:
        """The same: it is at most so late, a second after `now` or, after many replies, much less."""
        return self._time.latest()

    def send(
        self,
        call: Call,
        params: Mapping[str, Any],
        *,
        upload: File | None = None,
        seconds: float | None = None,
    ) -> Reply:
        """Carry out one call; `seconds` is how long its reply may take, where it is not as for any.

        Raises ApiError and its kinds (see `cozeops.errors`).
        """

        def judge(received: Received) -> Reply:
            body = read_envelope(call, received)
            said = dig(body, ("detail", "logid"))
            log_id = received.quote(said) if isinstance(said, str) and said else received.log_id
            return Reply(payload_of(call, body), body, log_id, received.date)

        outgoing = build_request(self._http, self._connection.base_url, call, params, upload, seconds)
        try:
            return self._carry_out(
                outgoing, bearer=self._bearer_for(call), judge=judge, repeatable=call.reads, send=exchange
            )
        except DeniedError as error:
            if takes_enterprise_token(call.operation) and not self.serves_enterprises:
                error.hint = _FOR_ENTERPRISES
            raise

    @contextmanager
    def stream(
        self, call: Call, params: Mapping[str, Any], *, seconds: float
    ) -> Iterator[Iterator[StreamEvent]]:
        """The events of a streamed reply, which may take `seconds`. Raises ApiError, BrokenStreamError."""
        outgoing = build_request(self._http, self._connection.base_url, call, params, None, seconds)
        until = self._clock() + seconds
        reply = self._carry_out(
            outgoing,
            bearer=self._bearer_for(call),
            judge=_stream_in(call),
            repeatable=call.reads,
            send=open_stream,
        )
        try:
            yield events(reply, call.operation, until=until, clock=self._clock)
        finally:
            reply.close()

    def listing(
        self, page: Page, params: Mapping[str, Any], *, confirm: bool = False, likely: int = 0
    ) -> Listing:
        """All pages of a listing. `confirm` reads one without a total twice, to prove it complete.

        `likely` is how many items are believed to be in it: see `cozeops.api.paging.list_pages`.
        """
        if page.each or page.parent:
            read = partial(self._one_list, page, confirm=confirm)
            return list_levels(page, lambda asked: read({**params, **asked}))
        return self._one_list(page, params, confirm=confirm, likely=likely)

    def _one_list(self, page: Page, params: Mapping[str, Any], *, confirm: bool, likely: int = 0) -> Listing:
        operation = page.call.operation
        if page.larger and operation not in self._refused_larger:
            try:
                return self._listing(replace(page, size=page.larger), params, confirm, likely)
            except ApiError as error:
                if error.code != BAD_PARAMETER and error.status != 400:
                    raise
                self._refused_larger.add(operation)
        return self._listing(page, params, confirm, likely)

    def _listing(self, page: Page, params: Mapping[str, Any], confirm: bool, likely: int) -> Listing:
        log_ids = [""]

        def fetch(place: Json) -> Any:
            reply = self.send(page.call, {**params, **place})
            log_ids.append(reply.log_id)
            return reply.payload

        def fetch_all(places: Sequence[Json]) -> Iterable[Any]:
            return self._pool.map(fetch, places)

        found = list_pages(page, fetch, fetch_all, confirm=confirm or page.confirm, likely=likely)
        return replace(found, log_id=log_ids[-1])

    def _bearer_for(self, call: Call) -> Callable[[], str]:
        source = self._connection.token_for(call.operation)
        return lambda: source.bearer(self._ask)

    def _ask(
        self,
        operation: str,
        path: str,
        body: Mapping[str, object],
        *,
        bearer: Callable[[], str],
        judge: Callable[[Received], T],
    ) -> T:
        request = self._http.build_request("POST", self._connection.base_url + path, json=dict(body))
        return self._carry_out(
            Outgoing(operation, request), bearer=bearer, judge=judge, repeatable=True, send=exchange
        )

    def _carry_out(
        self,
        outgoing: Outgoing,
        *,
        bearer: Callable[[], str],
        judge: Callable[[R], T],
        repeatable: bool,
        send: Send[R],
    ) -> T:
        since = self._clock()

        def attempt(number: int) -> T:
            nonlocal since
            try:
                return self._attempt(outgoing, number, since, bearer(), judge, send)
            finally:
                since = self._clock()

        return self._persistence.run(attempt, repeatable=repeatable)

    def _attempt(
        self,
        outgoing: Outgoing,
        number: int,
        since: float,
        bearer: str,
        judge: Callable[[R], T],
        send: Send[R],
    ) -> T:
        outgoing.request.headers["Authorization"] = f"Bearer {bearer}"
        with self._limiter.admit(outgoing.operation) as passage:
            self._tally.sent(outgoing.operation, number, self._limiter.gate.in_flight)
            began = self._clock()
            attempt = Attempt(outgoing, number, waited=began - since)
            try:
                received = send(
                    self._http, outgoing.request, outgoing.operation, (bearer, *outgoing.secrets), self._clock
                )
                if isinstance(received, Received):
                    attempt.answered(received)
                    if received.date is not None:
                        self._time.heard(received.date, began)
                elif isinstance(received, httpx.Response):
                    attempt.status = received.status_code
                result = judge(received)
                passage.answered, attempt.code = True, 0
                attempt.log_id = result.log_id if isinstance(result, Reply) else attempt.log_id
                return result
            except Setback as setback:
                attempt.failed(setback.error)
                if setback.throttled:
                    passage.throttled, passage.retry_after = True, setback.retry_after
                    self._tally.throttled()
                raise
            except ApiError as error:
                attempt.failed(error)
                passage.answered = True
                raise
            finally:
                attempt.seconds = self._clock() - began
                log.debug("%s, attempt %d/%d", attempt, number, TRIES)
                if self._trace:
                    self._trace(attempt.line())


def _stream_in(call: Call) -> Callable[[httpx.Response | Received], httpx.Response]:
    def judge(received: httpx.Response | Received) -> httpx.Response:
        if isinstance(received, Received):
            read_envelope(call, received)  # raises what was refused
            raise unusable(received)
        return received

    return judge


def _http(connection: Connection, transport: httpx.BaseTransport | None, concurrency: int) -> httpx.Client:
    in_the_clear = connection.local and connection.base_url.startswith("http:")
    try:
        http = httpx.Client(
            transport=transport,
            # A proxy must not see what stays on this machine.
            proxy=None if connection.local or transport else proxy_to(httpx.URL(connection.base_url)),
            headers={"User-Agent": f"cozeops/{__version__}"},
            timeout=TIMEOUT,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=concurrency),
            follow_redirects=False,
            # Without TLS and proxy there is nothing to verify, and to read the certificates takes 50 ms.
            verify=False if in_the_clear else httpx.create_ssl_context(),
            trust_env=False,  # which would read .netrc, and refuse what it does not know in NO_PROXY
        )
        bound_heads(http)
        return http
    except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
        raise UsageError(
            f"the proxy or certificate settings of this machine cannot be used: {plain(str(error))}",
            hint="check HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR",
        ) from None
