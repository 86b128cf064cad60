"""Listings in pages, and whether all of it was seen.

Servers cut page sizes, move items between pages while we read, and miscount. So pages advance by what
came, items are told apart by their id, and a listing is called complete only when that is proven: its
distinct ids equal the total, or, where the API tells no total, two passes agree.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Any

from cozeops.declare.calls import Page
from cozeops.frozen import frozen
from cozeops.values import Json, dig

Fetch = Callable[[Json], Any]
"""Parameters of a page -> the payload of the reply."""
FetchAll = Callable[[Sequence[Json]], Iterable[Any]]
"""The same for many that are asked for at once; what goes wrong is told to who comes to that one."""

_MOST_PAGES = 2000
_BATCH = 64
"""Pages that are asked for together: what a total that lies may cost."""
_MOST_STALE = 3
_MOST_PASSES = 3


@frozen
class Listing:
    """The items, each id once. Only a complete listing proves that something is not there."""

    items: tuple[Json, ...]
    complete: bool
    log_id: str = ""
    """Of the page that came last."""


@dataclass(slots=True)
class _Pass:
    """One walk through all pages."""

    page: Page
    found: dict[str, Json] = field(default_factory=dict)
    sound: bool = True
    counted: bool = False

    def take(self, payload: Any) -> int:
        """Keep the items of a page; how many rows it had."""
        rows = dig(payload, self.page.items) or []
        if not isinstance(rows, list):
            self.sound = False
            return 0
        for row in rows:
            key = self._key(row) if isinstance(row, dict) else None
            if isinstance(key, str | int) and key != "":
                self.found[str(key)] = row
            else:
                self.sound = False
        return len(rows)

    def _key(self, row: Json) -> Any:
        return self.page.key(row) if self.page.key else row.get(self.page.id)


def list_pages(
    page: Page, fetch: Fetch, fetch_all: FetchAll, *, confirm: bool = False, likely: int = 0
) -> Listing:
    """Everything on all pages. Without a total only `confirm` (a second pass) can prove it complete.

    `likely` is how many items somebody believes there are: the pages for them do not wait for the first one.
    """
    walk = _walk(page, fetch, fetch_all, likely)
    for _ in range(1, _MOST_PASSES):
        if walk.counted and walk.sound:
            return _listing(walk, complete=True)
        if not walk.counted and not confirm:
            return _listing(walk, complete=False)
        before, walk = walk, _walk(page, fetch, fetch_all)
        if walk.counted:
            return _listing(walk, complete=walk.sound)
        if before.sound and walk.sound and before.found.keys() == walk.found.keys():
            return _listing(walk, complete=True)
    return _listing(walk, complete=False)


def list_levels(page: Page, read: Callable[[Json], Listing]) -> Listing:
    """The lists of each constant, and of what is inside each item, as one; `read` takes what to ask for.

    An item that is inside itself is there once. It is complete when each of them is.
    """
    items: dict[str, Json] = {}
    complete, log_id = True, ""
    ahead = deque(dict(zip(page.each, constants, strict=True)) for constants in product(*page.each.values()))
    while ahead:
        asked = ahead.popleft()
        listing = read(asked)
        complete, log_id = complete and listing.complete, listing.log_id
        for item in listing.items:
            key = str(page.key(item) if page.key else item[page.id])
            if page.parent and key not in items and item.get(page.inside) != 0:
                ahead.append({**asked, page.parent: key})
            items.setdefault(key, item)
    return Listing(tuple(items.values()), complete, log_id)


def _listing(walk: _Pass, *, complete: bool) -> Listing:
    return Listing(tuple(walk.found.values()), complete)


def _walk(page: Page, fetch: Fetch, fetch_all: FetchAll, likely: int = 0) -> _Pass:
    walk = _Pass(page)
    by_token = page.number == "page_token"
    guessed = min(math.ceil(likely / page.size), _BATCH) if page.total and not by_token else 1
    ahead: Iterator[Any] = iter(())
    if guessed > 1:
        ahead = iter(fetch_all([_numbered(page, number, page.size) for number in range(1, guessed + 1)]))
        payload = next(ahead)
    else:
        payload = fetch({page.per_page: page.size} if by_token else _numbered(page, 1, page.size))
    came = walk.take(payload)
    total = _total(page, payload)
    if total is not None:
        walk.counted = True
        _count(walk, total, came, ahead, fetch_all)
    elif by_token:
        _follow_tokens(walk, payload, fetch)
    else:
        _follow_numbers(walk, payload, came, fetch)
    return walk


def _count(walk: _Pass, total: int, came: int, ahead: Iterator[Any], fetch_all: FetchAll) -> None:
    """The other pages at once. A first page shorter than asked is the server's page size.

    `ahead` are those that were asked for with the first; what is not needed of them is not looked at.
    """
    page, totals = walk.page, {total}
    size = min(page.size, came)
    pages = min(math.ceil(total / size), _MOST_PAGES) if size else 1
    begun = list(islice(ahead, pages - 1)) if size == page.size else []
    for payloads in _batches(page, size, pages, begun, fetch_all):
        counts = [walk.take(payload) for payload in payloads]
        totals.update(_total(page, payload) or 0 for payload in payloads)
        if 0 in counts:
            break
    walk.sound = walk.sound and totals == {len(walk.found)}


def _batches(page: Page, size: int, pages: int, begun: list[Any], fetch_all: FetchAll) -> Iterator[list[Any]]:
    """The payloads of pages 2 and on, those that came already first."""
    if begun:
        yield begun
    for first in range(2 + len(begun), pages + 1, _BATCH):
        batch = range(first, min(first + _BATCH, pages + 1))
        yield list(fetch_all([_numbered(page, number, size) for number in batch]))


def _follow_numbers(walk: _Pass, payload: Any, came: int, fetch: Fetch) -> None:
    """Page after page while the reply says that there is more (or, if it never says, until one is empty).

    After a short page the next one starts at or before where it ended, in pages of that size.
    """
    page, size, start, stale = walk.page, walk.page.size, 0, 0
    for _ in range(_MOST_PAGES):
        more = dig(payload, page.more) if page.more else came > 0
        if not more:
            return
        if not came or stale == _MOST_STALE:
            break  # more of nothing, or the same pages again and again
        size, end, known = min(size, came), start + came, len(walk.found)
        number = end // size + 1
        start = (number - 1) * size
        payload = fetch(_numbered(page, number, size))
        came = walk.take(payload)
        stale = 0 if len(walk.found) > known else stale + 1
    walk.sound = False


def _follow_tokens(walk: _Pass, payload: Any, fetch: Fetch) -> None:
    page, used = walk.page, set[str]()
    for _ in range(_MOST_PAGES):
        token = _next_token(page, payload)
        if not (dig(payload, page.more) if page.more else token):
            return
        if not token or token in used:
            break
        used.add(token)
        payload = fetch({page.number: token, page.per_page: page.size})
        walk.take(payload)
    walk.sound = False


def _numbered(page: Page, number: int, size: int) -> Json:
    return {page.number: number, page.per_page: size}


def _next_token(page: Page, payload: Any) -> str:
    # Quotas answer `page_token`, all others `next_page_token`.
    beside = page.more[:-1]
    for name in ("next_page_token", "page_token"):
        token = dig(payload, (*beside, name))
        if token and isinstance(token, str):
            return token
    return ""


def _total(page: Page, payload: Any) -> int | None:
    found = dig(payload, page.total) if page.total else None
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 19:
        return int(found)
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None
