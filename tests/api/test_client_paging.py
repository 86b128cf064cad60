"""Listings from servers that cut pages, miscount, repeat themselves and change while they are read."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cozeops.declare.calls import Call, Page
from cozeops.errors import ApiError, NotFoundError

from .fakes import COUNTED, FLAGGED, TOKENED, Answer, Script, client, json_reply, ok, refusal

BODY_PAGED = Page(
    Call("listDocuments", "POST", "/open_api/knowledge/document/list", payload=(), repeatable=True),
    items=("document_infos",),
    id="document_id",
    total=("total",),
    number="page",
    per_page="size",
    size=10,
)


class Shelf:
    """Rows behind a paged operation, in all three styles at once."""

    def __init__(
        self,
        rows: int,
        *,
        cap: int = 10**6,
        scaled: bool = False,
        lie: Callable[[int], int] = lambda total: total,
    ) -> None:
        self.rows = [{"id": str(number)} for number in range(rows)]
        self.cap, self.scaled, self.lie = cap, scaled, lie
        self.asked: list[dict[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        query = dict(request.url.params)
        self.asked.append(query)
        asked = int(query["page_size"])
        size = min(asked, self.cap)
        start = (int(query.get("page_num", 1)) - 1) * (size if self.scaled else asked)
        start = int(query.get("page_token", start))
        end = start + size
        more = end < len(self.rows)
        data = {"items": self.rows[start:end], "total": self.lie(len(self.rows)), "has_more": more}
        if more:
            data["next_page_token"] = str(end)
        return ok(data)(request)


def ids(listing: Any) -> list[str]:
    """The ids that came, in order."""
    return [item["id"] for item in listing.items]


def numbers(count: int) -> list[str]:
    """The ids that should."""
    return [str(number) for number in range(count)]


@pytest.mark.parametrize("rows", [0, 1, 19, 20, 21, 40, 100, 2001])
def test_a_total_is_read_with_no_request_too_many(rows: int) -> None:
    """Page one tells the total; the rest is asked for by number."""
    shelf = Shelf(rows)
    with client(shelf) as coze:
        listing = coze.listing(COUNTED, {"workspace_id": "7"})
    assert sorted(ids(listing), key=int) == numbers(rows)
    assert listing.complete
    assert len(shelf.asked) == max(1, math.ceil(rows / 20))
    assert all(query["workspace_id"] == "7" and query["publish_status"] == "all" for query in shelf.asked)


def test_pages_that_somebody_remembers_are_asked_for_at_once() -> None:
    """None of the five is answered before the last of them has come."""
    shelf, all_five = Shelf(90), threading.Barrier(5)

    def answer(request: httpx.Request) -> httpx.Response:
        all_five.wait(10)
        return shelf(request)

    with client(answer) as coze:
        listing = coze.listing(COUNTED, {}, likely=81)
    assert (ids(listing), listing.complete) == (numbers(90), True)
    assert len(shelf.asked) == 5


@pytest.mark.parametrize(("rows", "likely"), [(90, 41), (90, 15), (0, 30), (25, 100)])
def test_who_remembers_wrong_gets_all_the_same(rows: int, likely: int) -> None:
    """What is missing is asked for then; pages too many cost a request each at most."""
    shelf = Shelf(rows)
    with client(shelf) as coze:
        listing = coze.listing(COUNTED, {}, likely=likely)
    assert (ids(listing), listing.complete) == (numbers(rows), True)
    assert math.ceil(rows / 20) <= len(shelf.asked) <= math.ceil(max(rows, likely) / 20)


def test_what_is_said_of_a_page_too_many_does_not_matter() -> None:
    """A server may refuse a page that it does not have."""
    shelf = Shelf(25)

    def answer(request: httpx.Request) -> httpx.Response:
        return (shelf if int(request.url.params["page_num"]) <= 2 else refusal(4000))(request)

    with client(answer) as coze:
        listing = coze.listing(COUNTED, {}, likely=60)
    assert (ids(listing), listing.complete) == (numbers(25), True)


@pytest.mark.parametrize("scaled", [False, True])
def test_who_remembers_is_not_misled_by_a_server_that_cuts_pages(scaled: bool) -> None:
    """Its pages begin where it says, not where ours would."""
    shelf = Shelf(95, cap=10, scaled=scaled)
    with client(shelf) as coze:
        listing = coze.listing(COUNTED, {}, likely=95)
    assert (sorted(ids(listing), key=int), listing.complete) == (numbers(95), True)


LARGER = replace(COUNTED, larger=100)


@pytest.mark.parametrize(("rows", "requests"), [(0, 1), (100, 1), (101, 2), (1000, 10)])
def test_a_larger_page_is_asked_for_where_no_limit_is_documented(rows: int, requests: int) -> None:
    """A fifth of the requests, if the server plays along."""
    shelf = Shelf(rows)
    with client(shelf) as coze:
        listing = coze.listing(LARGER, {})
    assert (sorted(ids(listing), key=int), listing.complete) == (numbers(rows), True)
    assert [query["page_size"] for query in shelf.asked] == ["100"] * requests


@pytest.mark.parametrize("cap", [20, 50])
def test_a_server_that_cuts_a_larger_page_is_read_in_its_own(cap: int) -> None:
    """Its first page tells how many it gives."""
    shelf = Shelf(210, cap=cap)
    with client(shelf) as coze:
        listing = coze.listing(LARGER, {})
    assert (sorted(ids(listing), key=int), listing.complete) == (numbers(210), True)
    assert len(shelf.asked) == math.ceil(210 / cap)


@pytest.mark.parametrize("refused", [refusal(4000), json_reply({"code": 102000000, "msg": "bad size"}, 400)])
def test_a_server_that_refuses_a_larger_page_is_asked_once(refused: Answer) -> None:
    """All lists of that operation are then read in pages of the documented size."""
    shelf = Shelf(45)

    def strict(request: httpx.Request) -> httpx.Response:
        if int(request.url.params["page_size"]) > 50:
            shelf.asked.append(dict(request.url.params))
            return refused(request)
        return shelf(request)

    with client(strict) as coze:
        found = [coze.listing(LARGER, {"workspace_id": home}) for home in ("1", "2")]
    assert all(one.complete and len(one.items) == 45 for one in found)
    assert [query["page_size"] for query in shelf.asked] == ["100"] + ["20"] * 6


def test_a_list_that_is_refused_for_another_reason_stays_refused() -> None:
    """A workspace that does not exist is none with smaller pages either."""
    script = Script(refusal(4200))
    with client(script) as coze, pytest.raises(NotFoundError):
        coze.listing(LARGER, {"workspace_id": "7"})
    assert len(script.requests) == 1


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    rows=st.integers(0, 150),
    cap=st.integers(1, 60),
    scaled=st.booleans(),
    page=st.sampled_from([COUNTED, FLAGGED, TOKENED]),
)
def test_a_server_may_cut_pages_as_it_likes(rows: int, cap: int, scaled: bool, page: Page) -> None:
    """Whether the place of a page counts in asked or in given sizes: everything comes, once."""
    with client(Shelf(rows, cap=cap, scaled=scaled)) as coze:
        listing = coze.listing(page, {}, confirm=True)
    assert sorted(ids(listing), key=int) == numbers(rows)
    assert listing.complete


@pytest.mark.parametrize("page", [FLAGGED, TOKENED], ids=["has_more", "tokens"])
def test_without_a_total_only_a_second_pass_proves_completeness(page: Page) -> None:
    """It costs twice, so it is done on demand."""
    shelf = Shelf(75)
    with client(shelf) as coze:
        once = coze.listing(page, {})
        requests = len(shelf.asked)
        twice = coze.listing(page, {}, confirm=True)
    assert ids(once) == ids(twice) == numbers(75)
    assert (once.complete, twice.complete) == (False, True)
    assert len(shelf.asked) == 3 * requests


def test_tokens_begin_without_one_and_may_have_another_name() -> None:
    """Quotas answer `page_token`."""
    script = Script(
        ok({"items": [{"id": "1"}], "has_more": True, "page_token": "t1"}),
        ok({"items": [{"id": "2"}], "has_more": False, "page_token": ""}),
    )
    with client(script) as coze:
        assert ids(coze.listing(TOKENED, {})) == ["1", "2"]
    assert [dict(request.url.params) for request in script.requests] == [
        {"page_size": "50"},
        {"page_size": "50", "page_token": "t1"},
    ]


def test_the_page_of_a_post_is_in_its_body() -> None:
    """Documents are listed by POST, with `page` and `size`."""

    def answer(request: httpx.Request) -> httpx.Response:
        page = len(script.requests)
        rows = [{"document_id": page * 10 + number} for number in range(10 if page == 1 else 3)]
        return httpx.Response(200, json={"code": 0, "document_infos": rows, "total": "13"})

    script = Script(answer)
    with client(script) as coze:
        listing = coze.listing(BODY_PAGED, {"dataset_id": "9"})
    assert (len(listing.items), listing.complete) == (13, True)
    assert script.bodies == [
        {"dataset_id": "9", "page": 1, "size": 10},
        {"dataset_id": "9", "page": 2, "size": 10},
    ]


@pytest.mark.parametrize("rows", [0, 5, 20, 35])
@pytest.mark.parametrize("lie", [lambda n: n + 1, lambda n: n + 25, lambda n: max(0, n - 1) or n + 1])
def test_a_total_that_does_not_fit_is_tried_twice_and_told(rows: int, lie: Callable[[int], int]) -> None:
    """What came is returned; it only proves nothing about what did not."""
    shelf = Shelf(rows, lie=lie)
    with client(shelf) as coze:
        listing = coze.listing(COUNTED, {})
    assert not listing.complete
    assert set(ids(listing)) <= set(numbers(rows))
    assert sum(query["page_num"] == "1" for query in shelf.asked) == 2


def test_an_absurd_total_costs_little() -> None:
    """Pages are asked for in batches, and an empty one ends it."""
    shelf = Shelf(30, lie=lambda _: 10**15)
    with client(shelf) as coze:
        listing = coze.listing(COUNTED, {})
    assert (len(listing.items), listing.complete) == (30, False)
    assert len(shelf.asked) < 150


def test_a_list_that_settles_is_complete_at_the_second_attempt() -> None:
    """Something was created between page one and page two."""
    shelf = Shelf(40)

    def grow(request: httpx.Request) -> httpx.Response:
        reply = shelf(request)
        if len(shelf.asked) == 1:
            shelf.rows.insert(0, {"id": "40"})
        return reply

    with client(grow) as coze:
        listing = coze.listing(COUNTED, {})
    assert sorted(ids(listing), key=int) == numbers(41)
    assert listing.complete


def test_passes_that_never_agree_prove_nothing() -> None:
    """Three passes, and then the answer is: not complete."""
    shelf = Shelf(3)

    def grow(request: httpx.Request) -> httpx.Response:
        shelf.rows.append({"id": str(len(shelf.rows))})
        return shelf(request)

    with client(grow) as coze:
        listing = coze.listing(FLAGGED, {}, confirm=True)
    assert not listing.complete
    assert len(shelf.asked) == 3


@pytest.mark.parametrize("page", [FLAGGED, TOKENED], ids=["has_more", "tokens"])
@pytest.mark.parametrize(
    "data",
    [
        {"items": [{"id": "1"}, {"id": "2"}], "has_more": True, "next_page_token": "again"},
        {"items": [], "has_more": True, "next_page_token": ""},
        {"items": None, "has_more": True},
    ],
    ids=["the same page for ever", "nothing, and more of it", "null, and more of it"],
)
def test_has_more_for_ever_ends(page: Page, data: Any) -> None:
    """A server that ignores the page number would keep us for ever."""
    script = Script(ok(data))
    with client(script) as coze:
        listing = coze.listing(page, {}, confirm=True)
    assert not listing.complete
    assert len(listing.items) == len(data["items"] or [])
    assert len(script.requests) < 20


@pytest.mark.parametrize("page", [COUNTED, FLAGGED, TOKENED], ids=["total", "has_more", "tokens"])
@pytest.mark.parametrize(
    "items",
    [{"id": "1"}, "no list", ["no object"], [{"name": "no id"}], [{"id": ""}], [{"id": ["1"]}]],
    ids=str,
)
def test_items_that_are_none_are_left_out_and_told(page: Page, items: Any) -> None:
    """Every value of a reply may be odd: a listing with odd ones is not complete."""
    with client(ok({"items": items, "total": 1, "has_more": False})) as coze:
        listing = coze.listing(page, {}, confirm=True)
    assert (listing.items, listing.complete) == ((), False)


@pytest.mark.parametrize("data", [None, {}, {"items": None, "total": None}, {"items": []}, {"total": "many"}])
def test_a_total_that_is_missing_proves_nothing(data: Any) -> None:
    """Unless a second pass is asked for."""
    with client(json_reply({"code": 0, "data": data})) as coze:
        assert coze.listing(COUNTED, {}) == coze.listing(FLAGGED, {})
        assert not coze.listing(COUNTED, {}).complete
        assert coze.listing(COUNTED, {}, confirm=True).complete


@pytest.mark.parametrize("cap", [3, 10, 100])
def test_without_any_hint_pages_are_read_until_one_is_empty(cap: int) -> None:
    """A short page may be the server's page size, and is no end."""
    shelf = Shelf(45, cap=cap, lie=lambda _: -1)
    with client(shelf) as coze:
        listing = coze.listing(COUNTED, {}, confirm=True)
    assert ids(listing) == numbers(45)
    assert listing.complete


def test_ids_that_are_numbers_are_ids() -> None:
    """Without `Agw-Js-Conv` they may come so."""
    with client(ok({"items": [{"id": 7}, {"id": "7"}], "total": 1})) as coze:
        assert coze.listing(COUNTED, {}).complete


def test_one_failed_page_fails_the_listing() -> None:
    """Half a listing would look like deleted objects."""
    shelf = Shelf(100)

    def answer(request: httpx.Request) -> httpx.Response:
        return refusal(4000)(request) if request.url.params["page_num"] == "3" else shelf(request)

    with client(answer) as coze, pytest.raises(ApiError, match="listBots: Coze says"):
        coze.listing(COUNTED, {})
