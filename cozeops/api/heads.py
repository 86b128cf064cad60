"""The beginning of a reply, in time: httpx has a time-out for each read, and none for all of them."""

from __future__ import annotations

import ssl
import time
from threading import local
from typing import Any

import httpcore
import httpx


def begun(http: httpx.Client, request: httpx.Request) -> httpx.Response:
    """Send a request; its reply once the headers are there. Raises what httpx raises.

    A server that drips lines of them, or `100 Continue` without an end, has the time of one read.
    """
    _head.seconds = request.extensions.get("timeout", {}).get("read")
    try:
        return http.send(request, stream=True)
    finally:
        _head.seconds = _head.until = None


class _Head(local):
    """How long the headers that this thread waits for may take, and until when."""

    seconds: float | None = None
    until: float | None = None


_head = _Head()


class _Stream(httpcore.NetworkStream):
    """A connection on which the beginning of a reply has one time-out, and not one for each byte."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What came. Raises ReadTimeout, also where bytes come and nothing begins."""
        if _head.seconds is not None:
            _head.until = _head.until or time.monotonic() + _head.seconds
            left = _head.until - time.monotonic()
            if left <= 0:
                raise httpcore.ReadTimeout("the headers do not end")
            timeout = left if timeout is None else min(left, timeout)
        return self._stream.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send; the wait for the reply begins afterwards."""
        self._stream.write(buffer, timeout)
        _head.until = None

    def close(self) -> None:
        """Close it."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """The same with TLS."""
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """What is known of the connection."""
        return self._stream.get_extra_info(info)


class _Network(httpcore.NetworkBackend):
    """The network, with such connections."""

    def __init__(self, network: httpcore.NetworkBackend) -> None:
        self._network = network

    def connect_tcp(self, *given: Any, **more: Any) -> httpcore.NetworkStream:
        """Connect."""
        return _Stream(self._network.connect_tcp(*given, **more))

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._network.sleep(seconds)


def bound_heads(http: httpx.Client) -> None:
    """Let the headers of each reply end in time. Raises nothing."""
    # httpx takes no network to pass on, so it is put where httpcore has it.
    for transport in (http._transport, *http._mounts.values()):
        pool = getattr(transport, "_pool", None)
        if pool is not None:
            pool._network_backend = _Network(pool._network_backend)
