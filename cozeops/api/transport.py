"""One request out, one reply in. What httpx reports becomes a `Setback` or an `ApiError` here."""

from __future__ import annotations

import ssl
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field

import httpx

from cozeops.api.heads import begun
from cozeops.api.retry import Setback, http_date
from cozeops.errors import ApiError
from cozeops.frozen import frozen

LARGEST_REPLY = 64 * 1024 * 1024
_SLOWEST_REPLY = 300.0
_SHOWN = 200


@frozen
class Received:
    """A whole reply, not judged yet. `secrets` are known only to keep them out of messages."""

    operation: str
    status: int
    headers: httpx.Headers
    content: bytes
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def date(self) -> float | None:
        """The server's clock, in Unix seconds."""
        return http_date(self.headers.get("Date", ""))

    @property
    def log_id(self) -> str:
        """What Coze's support asks for, from the header (the body may lack it)."""
        return self.quote(self.headers.get("X-Tt-Logid", ""))

    def quote(self, text: object) -> str:
        """Foreign text, fit for a message: without secrets, without control characters, not long."""
        words = str(text)
        for secret in filter(None, self.secrets):
            words = words.replace(secret, "***")
        return plain(words)


def plain(text: str) -> str:
    """At most 200 characters, with control and direction characters escaped."""
    cut = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return "".join(_escaped(char) for char in cut)


def _escaped(char: str) -> str:
    control = unicodedata.category(char)[0] == "C" or char in "\u2028\u2029"
    return char.encode("unicode_escape").decode("ascii") if control else char


def exchange(
    http: httpx.Client,
    request: httpx.Request,
    operation: str,
    secrets: tuple[str, ...],
    clock: Callable[[], float],
) -> Received:
    """Send a request once and read its whole reply. Raises Setback or ApiError."""
    with reported(operation):
        return whole(begun(http, request), operation, secrets, clock)


@contextmanager
def reported(operation: str) -> Iterator[None]:
    """What httpx raises inside, as a Setback or an ApiError."""
    try:
        yield
    except (httpx.LocalProtocolError, httpx.UnsupportedProtocol):
        # Its text may quote a header: the token.
        raise ApiError(f"{operation}: the request cannot be sent", operation=operation) from None
    except httpx.HTTPError as error:
        raise _setback(error, operation) from error


def whole(
    reply: httpx.Response, operation: str, secrets: tuple[str, ...], clock: Callable[[], float]
) -> Received:
    """The whole of a reply that has begun. Raises Setback, and what httpx raises."""
    try:
        content = _content(reply, clock)
    except _TooLarge:
        what = f"{operation}: the reply is larger than {LARGEST_REPLY // 1024**2} MiB"
        wrong = ApiError(what, operation=operation, status=reply.status_code)
        raise Setback(wrong, may_have_happened=True, passing=False) from None
    finally:
        reply.close()
        # Its stream knows the reply: such a pair stays until Python looks for cycles, which is seldom.
        reply.stream = httpx.ByteStream(b"")
    return Received(operation, reply.status_code, reply.headers, content, secrets)


class _TooLarge(Exception):
    """The reply has no end in sight."""


def _content(reply: httpx.Response, clock: Callable[[], float]) -> bytes:
    began, chunks, size = clock(), [], 0
    for chunk in reply.iter_bytes():
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_REPLY:
            raise _TooLarge
        if clock() - began > _SLOWEST_REPLY:  # each byte within the read timeout, but no end
            raise httpx.ReadTimeout("the reply does not end")
    return b"".join(chunks)


def _setback(error: httpx.HTTPError, operation: str) -> Exception:
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout() | httpx.ProxyError():
            return _unsent(error, operation)
        case httpx.TimeoutException():
            what = "no reply in time"
        case httpx.DecodingError():
            what = "the reply is damaged"
        case _:
            what = "the connection broke off"
    return Setback(ApiError(f"{operation}: {what}", operation=operation), may_have_happened=True)


def _unsent(error: httpx.HTTPError, operation: str) -> Exception:
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return ApiError(
            f"{operation}: the server's certificate is not trusted: {plain(str(error))}",
            operation=operation,
            hint="behind a proxy that opens TLS, name its certificate in SSL_CERT_FILE",
        )
    timeout = isinstance(error, httpx.TimeoutException)
    why = "no connection in time" if timeout else f"no connection: {plain(str(error))}"
    hint = "check the network, the proxy settings and the base URL"
    return Setback(
        ApiError(f"{operation}: {why}", operation=operation, hint=hint),
        may_have_happened=False,
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
