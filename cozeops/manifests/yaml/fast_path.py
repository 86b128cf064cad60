"""Text -> values in one pass of the C parser, for documents in which nothing is unusual.

Nearly all manifests are maps of plain text, numbers and lists. For those no tree of nodes is made. Whatever
is not so simple (a tag, an anchor, a date, a key twice, a mistake) is left to `parse`, which looks at every
node and words what is wrong; both make the same values.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from cozeops.manifests.yaml.construct import AMBIGUOUS, MOST_VALUES, READERS
from cozeops.manifests.yaml.nodes import DEEPEST, TEXT, CParser, tag_of
from cozeops.values import Json

_ODD: Final = re.compile(r"\\[uU]|\t")
"""An escape may write half of a surrogate pair; the careful parser refuses tabs that this one takes."""


class _Unusual(Exception):
    """Something that needs a closer look. Never leaves this module."""


def plain_documents(text: str) -> list[Json | None] | None:
    """The documents of a text, None for empty ones; None altogether where something is unusual."""
    if CParser is None or _ODD.search(text):
        return None
    parser = CParser(text)
    try:
        found = _stream(parser.get_event)
        # A text has more characters than values.
        many = len(text) > MOST_VALUES and any(_count(one) > MOST_VALUES for one in found)
        return None if many else found
    except (YAMLError, _Unusual):
        return None
    finally:
        parser.dispose()


def _stream(event: Callable[[], Any]) -> list[Json | None]:
    _expect(event(), StreamStartEvent)
    found: list[Json | None] = []
    while type(start := event()) is not StreamEndEvent:
        _expect(start, DocumentStartEvent)
        found.append(_root(event(), event))
        _expect(event(), DocumentEndEvent)
    return found


def _root(first: Any, event: Callable[[], Any]) -> Json | None:
    if type(first) is ScalarEvent and first.implicit[0] and not first.value:
        return None
    _expect(first, MappingStartEvent)
    made: Json = _nested(first, event, 1)
    return made


def _nested(first: Any, event: Callable[[], Any], depth: int) -> Any:
    # A tag makes it explicit.
    if depth > DEEPEST or first.anchor is not None or not first.implicit:
        raise _Unusual
    return _map(event, depth) if type(first) is MappingStartEvent else _list(event, depth)


def _map(event: Callable[[], Any], depth: int) -> Json:
    made: Json = {}
    while type(key := event()) is ScalarEvent:
        name, item = _scalar(key), event()
        if type(name) is not str or name in made:
            raise _Unusual
        made[name] = _scalar(item) if type(item) is ScalarEvent else _nested(item, event, depth + 1)
    _expect(key, MappingEndEvent)
    return made


def _list(event: Callable[[], Any], depth: int) -> list[Any]:
    made = []
    while type(item := event()) is not SequenceEndEvent:
        made.append(_scalar(item) if type(item) is ScalarEvent else _nested(item, event, depth + 1))
    return made


def _scalar(event: Any) -> Any:
    plain, quoted = event.implicit
    if event.anchor is not None or not (plain or quoted):
        raise _Unusual
    return _meant(event.value) if plain else event.value


@lru_cache(maxsize=4096)
def _meant(text: str) -> Any:
    """The value of a scalar without quotes. Most are keys and words that come again: they are there once."""
    tag = tag_of(text)
    if tag == TEXT:
        return text
    reader = READERS.get(tag)
    if reader is None or AMBIGUOUS.fullmatch(text):
        raise _Unusual
    try:
        return reader(text)
    except (ValueError, OverflowError):
        raise _Unusual from None


def _count(value: Any) -> int:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_count, items))


def _expect(event: Any, kind: type) -> None:
    if type(event) is not kind:
        raise _Unusual
