"""Event streams: opened like any request, read event by event, closed in the end."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator

import httpx

from cozeops.api.heads import begun
from cozeops.api.transport import LARGEST_REPLY, Received, plain, reported, whole
from cozeops.errors import ApiError
from cozeops.frozen import frozen

_CONTENT_TYPE = "text/event-stream"


@frozen
class StreamEvent:
    """One event as it came: its name, and its data (mostly JSON)."""

    name: str
    data: str


class BrokenStreamError(ApiError):
    """The stream ended before it should, or took too long."""


def open_stream(
    http: httpx.Client,
    request: httpx.Request,
    operation: str,
    secrets: tuple[str, ...],
    clock: Callable[[], float],
) -> httpx.Response | Received:
    """Send a request: a stream that is open, or the whole reply where no stream came. Raises Setback."""
    with reported(operation):
        reply = begun(http, request)
        if reply.headers.get("Content-Type", "").partition(";")[0].strip() == _CONTENT_TYPE:
            return reply
        return whole(reply, operation, secrets, clock)


def events(
    reply: httpx.Response, operation: str, *, until: float, clock: Callable[[], float]
) -> Iterator[StreamEvent]:
    """The events of an open stream; `until` is when it must have ended. Raises BrokenStreamError."""
    try:
        yield from _events(_lines(reply, operation, until, clock))
    except httpx.TimeoutException:
        raise BrokenStreamError(f"{operation}: the stream stood still", operation=operation) from None
    except httpx.HTTPError as error:
        what = f"{operation}: the stream broke off: {plain(str(error))}"
        raise BrokenStreamError(what, operation=operation) from error


def _lines(reply: httpx.Response, operation: str, until: float, clock: Callable[[], float]) -> Iterator[str]:
    # Not splitlines: a text may hold characters that end a line for Unicode, and not for a stream.
    decoder, rest, size = codecs.getincrementaldecoder("utf-8")("replace"), "", 0
    for chunk in reply.iter_bytes():
        size += len(chunk)
        if clock() > until or size > LARGEST_REPLY:
            what = "does not end in time" if clock() > until else "is too large"
            raise BrokenStreamError(f"{operation}: the stream {what}", operation=operation)
        *lines, rest = (rest + decoder.decode(chunk)).split("\n")
        yield from (line.removesuffix("\r") for line in lines)


def _events(lines: Iterator[str]) -> Iterator[StreamEvent]:
    """What stands between empty lines; what comes after the last of them was cut off."""
    name, data = "", list[str]()
    for line in lines:
        field, _, value = line.partition(":")
        if line == "":
            if name or data:
                yield StreamEvent(name, "\n".join(data))
            name, data = "", []
        elif field == "event":
            name = value.removeprefix(" ")
        elif field == "data":
            data.append(value.removeprefix(" "))
