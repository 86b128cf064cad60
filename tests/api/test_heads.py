"""Replies that never begin: the time-out is one for the whole beginning."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
import pytest

from cozeops.api.heads import begun, bound_heads

DRIP = {
    "100 Continue": b"HTTP/1.1 100 Continue\r\n\r\n",
    "headers": b"X-More: and more\r\n",
    "a byte": b"x",
    "103": b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n",
}
FIRST = {"headers": b"HTTP/1.1 200 OK\r\n", "a byte": b"HTTP/1.1 200 OK\r\nX: "}


@contextmanager
def dripping(first: bytes, piece: bytes) -> Iterator[tuple[str, threading.Event]]:
    """A server whose replies never begin; the event is set when its client has gone."""
    gone = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(first)
                while not gone.wait(0.02):
                    connection.sendall(piece)
        gone.set()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/", gone
        gone.set()
        thread.join()


@pytest.mark.parametrize("what", DRIP)
def test_a_reply_that_never_begins_is_a_timeout(what: str) -> None:
    """Each piece comes in time, and the whole does not."""
    with (
        dripping(FIRST.get(what, b""), DRIP[what]) as (url, _),
        httpx.Client(timeout=0.4, trust_env=False) as http,
    ):
        bound_heads(http)
        with pytest.raises(httpx.ReadTimeout):
            begun(http, http.build_request("GET", url))


def test_the_client_bounds_them() -> None:
    """Its own connections are such: what httpx calls its parts may change."""
    from cozeops.api.client import Client
    from cozeops.api.connection import connect
    from cozeops.api.heads import _Network

    client = Client(connect({"COZE_API_TOKEN": "pat_x", "COZE_API_BASE": "http://127.0.0.1:1"}))
    assert isinstance(client._http._transport._pool._network_backend, _Network)  # type: ignore[attr-defined]
