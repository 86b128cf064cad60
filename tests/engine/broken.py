"""Replies of the emulator, broken on their way: one value of another type, one key gone, one too many."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

import httpx

WRONG: tuple[Any, ...] = (None, 7, "x", True, [], {}, ["x"], {"x": 1}, 1e300)
GONE = object()
"""Stands for a key that is taken away."""
Path = tuple[str | int, ...]
Change = Callable[[httpx.Response], httpx.Response]


class Tampering(httpx.BaseTransport):
    """Passes requests on, notes their hosts, and changes the replies to the operation that is set."""

    def __init__(self, inner: httpx.BaseTransport, operation_of: Callable[[], str]) -> None:
        self._inner, self._operation_of = inner, operation_of
        self._one = Lock()
        self.operation = ""
        self.change: Change | None = None
        self.replies: dict[str, Any] = {}
        self.hosts: set[str] = set()
        self.sent = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The reply, changed or not."""
        self.hosts.add(request.url.host)
        self.sent += 1
        with self._one:  # or the last operation would be another thread's
            reply = self._inner.handle_request(request)
            reply.read()
            operation = self._operation_of()
        if self.change and operation == self.operation:
            return self.change(reply)
        self.replies.setdefault(operation, json.loads(reply.content))
        return reply


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """The place of everything in a reply; of a list, the first entry stands for all."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths(item, (*path, key))
    elif isinstance(value, list) and value:
        yield from paths(value[0], (*path, 0))


def with_value(path: Path, value: Any) -> Change:
    """The reply with another value at a path (GONE: without it)."""

    def change(reply: httpx.Response) -> httpx.Response:
        body = copy.deepcopy(json.loads(reply.content))
        place = body
        try:
            for step in path[:-1]:
                place = place[step]
            if value is GONE:
                del place[path[-1]]
            else:
                place[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            return reply  # this reply has no such place
        return httpx.Response(reply.status_code, json=body, headers=_kept(reply))

    return change


def _kept(reply: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name.lower() in ("date", "x-tt-logid")}
