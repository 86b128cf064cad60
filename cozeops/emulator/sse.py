"""Event streams as Coze writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from .wire import Raw, encode

CONTENT_TYPE = "text/event-stream; charset=utf-8"


class Event(NamedTuple):
    """One event; `wait` is how long nothing comes before it, `number` its id where streams have ids."""

    name: str
    data: Any
    wait: float = 0.0
    number: int | None = None


def stream(events: Iterable[Event], sleep: Callable[[float], None]) -> Raw:
    """Turn events into a reply that comes bit by bit."""
    return Raw(CONTENT_TYPE, _chunks(list(events), sleep))


def _chunks(events: list[Event], sleep: Callable[[float], None]) -> Iterator[bytes]:
    for event in events:
        if event.wait > 0:
            sleep(event.wait)
        number = b"" if event.number is None else b"id: %d\n" % event.number
        yield number + b"event:" + event.name.encode() + b"\ndata:" + _one_line(event.data) + b"\n\n"


def _one_line(data: Any) -> bytes:
    # clients split lines where Unicode does, JSON leaves these three as they are
    line = encode(data)
    for character in ("\u2028", "\u2029", "\u0085"):
        line = line.replace(character.encode(), b"\\u%04x" % ord(character))
    return line
