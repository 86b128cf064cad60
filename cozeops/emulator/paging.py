"""The styles of pagination: numbered with a total, numbered with has_more, and by token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from .fields import At, Check, Fields, integer
from .routing import Call
from .wire import Row


class Rows(Protocol):
    """Whatever can be counted and sliced."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> list[Row]: ...


def numbered(size: int, most: int | None = None, *, first: int = 1) -> Fields:
    """Return the query fields of a list that is paged by number."""
    return {"page_num": integer(first).otherwise(1), "page_size": page_size(most).otherwise(size)}


def indexed(size: int) -> Fields:
    """Return the query fields of a list that some SDKs page by `page_index`; no maximum is documented."""
    return {**numbered(size), "page_num": integer(1), "page_index": integer(1)}


def by_token(size: int, most: int) -> Fields:
    """Return the query fields of a list that is paged by token; the token is an offset."""
    return {"page_token": Check(_offset), "page_size": page_size(most).otherwise(size)}


def page_size(most: int | None) -> Check:
    """Accept a page size within its bounds, or cut it to them."""
    bounded = integer(1, most)

    def take(value: Any, at: At) -> Any:
        if at.clamp and type(value) is int:
            value = max(1, value if most is None else min(value, most))
        return bounded.take(value, at)

    return Check(take, bounded.read)


class Page(NamedTuple):
    """One page: its rows, how many there are in all, whether and where it goes on."""

    items: list[Row]
    total: int
    has_more: bool
    next_page_token: str


def cut(call: Call, rows: Rows, show: Callable[[Row], Row], asked: Row | None = None) -> Page:
    """Cut the asked page out of the rows and show only those."""
    asked = call.query if asked is None else asked
    size: int = asked["page_size"]
    if "page_token" in asked:
        start = asked["page_token"]
    else:
        start = (asked.get("page_num") or asked.get("page_index") or 1) * size - size
    if call.options.page_cap:
        size = min(size, call.options.page_cap)
    if call.options.list_order == "updated":
        rows = sorted(rows[:], key=_changed, reverse=True)
    total = len(rows)
    end = start + size
    more = end < total
    return Page([show(row) for row in rows[start:end]], total, more, str(end) if more else "")


def _changed(row: object) -> int:
    # of subscriptions nobody knows when they were made: they are only names
    known = row if isinstance(row, dict) else {}
    changed: int = known.get("update_time") or known.get("updated_at") or 0
    return changed


def _offset(value: Any, at: At) -> int:
    if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 12:
        raise at.refuse("is not a page token of this list")
    return int(value)
