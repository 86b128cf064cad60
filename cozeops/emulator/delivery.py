"""How a reply leaves: whole, in slow pieces, cut off, or as garbage."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from .faults import Fault

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

_SLOW_PIECES = 10


class Dropped(Exception):
    """The connection is to be closed without (the rest of) a reply."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer ready to leave; `fault` says how it suffers on the way."""

    status: int
    headers: dict[str, str]
    chunks: Iterable[bytes]
    fault: Fault | None = None


def json_reply(value: object, status: int = 200) -> Reply:
    """Build a plain JSON reply without an envelope (the control API's)."""
    body = json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
    return Reply(status, {"Content-Type": "application/json; charset=utf-8"}, [body])


def deliver(
    reply: Reply, start_response: StartResponse, *, sleep: Callable[[float], None], dropped: Exception
) -> Iterable[bytes]:
    """Send the head of a reply and return its body; `dropped` is raised where the connection breaks."""
    body = reply.chunks
    if reply.fault is not None:
        whole = b"".join(body)
        body = [b"<html><body>502 upstream went away" if reply.fault.kind == "garbage" else whole]
    headers = dict(reply.headers)
    if isinstance(body, list):
        # without a length, a kept-alive connection would need chunks
        headers["Content-Length"] = str(sum(map(len, body)))
    start_response(f"{reply.status} {_phrase(reply.status)}", list(headers.items()))
    if reply.fault is not None and isinstance(body, list):
        if reply.fault.kind == "truncate":
            return _cut(body[0], dropped)
        if reply.fault.kind == "slow":
            return _slow(body[0], reply.fault.seconds, sleep)
    return body


def _cut(body: bytes, dropped: Exception) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    raise dropped


def _slow(body: bytes, seconds: float, sleep: Callable[[float], None]) -> Iterator[bytes]:
    step = max(1, -(-len(body) // _SLOW_PIECES))
    for start in range(0, len(body), step):
        sleep(seconds / _SLOW_PIECES)
        yield body[start : start + step]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
