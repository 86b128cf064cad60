"""The emulator on a socket: HTTP/1.1 with kept-alive connections, a thread per connection.

Werkzeug's own development server closes every connection after one reply, so the few lines that turn a
request of `http.server` into a WSGI call are here.
"""

from __future__ import annotations

import io
import socket
import sys
import traceback
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import IO, Any, cast
from urllib.parse import unquote_to_bytes

from werkzeug.serving import DechunkedInput

from .delivery import Dropped

_BUG = b'{"code":5000,"msg":"The emulator has a bug; its traceback is on its standard error"}'
_DRAIN_LIMIT = 64 * 1024 * 1024


class Server(ThreadingHTTPServer):
    """Serves one WSGI application."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, address: tuple[str, int], app: Any) -> None:
        self.app = app
        self._connections: set[Any] = set()
        super().__init__(address, Connection)

    def server_bind(self) -> None:
        """Bind without the name lookup of the base class, which can take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def get_request(self) -> tuple[Any, Any]:
        """Remember each connection, to end it with the server."""
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that is over."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Stop listening, and hang up on whoever keeps a connection alive."""
        super().server_close()
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet about clients that went away."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        """The base URL."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"


class Connection(BaseHTTPRequestHandler):
    """One client connection: reads requests, calls the application, writes whole replies."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        """Stay quiet: the emulator keeps its own log."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            return
        environ = self._environ(body)
        head: list[bytes] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
            lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
            head.append("\r\n".join(lines).encode("latin-1"))
            return head.append

        try:
            self._send(self.server.app(environ, start_response), head)
        except Dropped:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        except ConnectionError:
            raise
        except Exception:
            # a bug here must still be an answer, and be seen
            traceback.print_exc()
            self.close_connection = True
            if not head:
                self._send([_BUG], [b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: %d" % len(_BUG)])
        finally:
            self._drain(body)

    def _send(self, chunks: Any, head: list[bytes]) -> None:
        chunked = b"\r\nContent-Length:" not in head[0]
        pending = head[0] + (b"\r\nTransfer-Encoding: chunked\r\n\r\n" if chunked else b"\r\n\r\n")
        bodiless = self.command == "HEAD"
        for chunk in chunks:
            if chunk and not bodiless:
                pending += b"%x\r\n%s\r\n" % (len(chunk), chunk) if chunked else chunk
                self.wfile.write(pending)
                pending = b""
        if chunked and not bodiless:
            pending += b"0\r\n\r\n"
        if pending:
            self.wfile.write(pending)

    def _body(self) -> io.RawIOBase | None:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return DechunkedInput(cast(IO[bytes], self.rfile))
        length = self.headers.get("Content-Length", "0")
        if not length.isascii() or not length.isdigit():
            self.close_connection = True
            self.send_error(400)
            return None
        return _Limited(self.rfile, int(length))

    def _drain(self, body: io.RawIOBase) -> None:
        # what a refused call left unread would be taken for the next request
        left = _DRAIN_LIMIT
        try:
            while left > 0 and (chunk := body.read(65536)):
                left -= len(chunk)
        except OSError:
            left = 0
        if left <= 0:
            self.close_connection = True

    def _environ(self, body: io.RawIOBase) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BufferedReader(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "emulator.served": True,
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
        return environ


class _Limited(io.RawIOBase):
    """The part of a connection that belongs to one body."""

    def __init__(self, stream: Any, length: int) -> None:
        self._stream, self._left = stream, length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self._stream.read1(min(len(buffer), self._left)) if self._left else b""
        buffer[: len(chunk)] = chunk
        self._left -= len(chunk)
        return len(chunk)
