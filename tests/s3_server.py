"""An S3 server of one thread on loopback, for tests: prints its port, then serves until it is ended.

moto looks at a condition and then stores: with one thread nothing comes in between, as in a real store.
"""

from __future__ import annotations

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server


class Handler(WSGIRequestHandler):
    """Answers `Expect: 100-continue` at once, and gives each connection up after one request."""

    protocol_version = "HTTP/1.1"

    def send_header(self, keyword: str, value: str) -> None:
        super().send_header(keyword, value)
        self.close_connection = True

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    server = make_server(
        "127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), request_handler=Handler
    )
    print(server.server_port, flush=True)  # noqa: T201
    server.serve_forever()
