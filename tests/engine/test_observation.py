"""What a list said when a resource was last known to be as applied."""

from __future__ import annotations

from dataclasses import replace
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from cozeops.address import Address
from cozeops.api.client import Client
from cozeops.api.connection import connect
from cozeops.engine.apply.scheduler import _note_observations
from cozeops.engine.model.live import Remote, Snapshot
from cozeops.engine.prior.freshness import RACY, observation, unedited, unmoved
from cozeops.engine.prior.state import PriorState
from cozeops.engine.run.context import ApplyContext
from cozeops.values import Reference
from tests.engine.made import CHEF, RECIPES, plan, record, resource
from tests.kit import KeptBench

NOW = 1_760_000_000.0
ITEM = {"id": "7", "name": "厨师", "updated_at": int(NOW) - 100}
ON_API = {"1024": int(NOW) - 50}
BOT = resource(
    values={"prompt": "一", "knowledge": {"datasets": [Reference("KnowledgeBase", RECIPES)]}}, name="厨师"
)
RECORDS = {RECIPES: record("9")}
SEEN = observation(BOT, ITEM, ON_API, RECORDS, NOW)


def still(**changed: Any) -> bool:
    """Whether nothing moved, with one thing otherwise than when it was looked at."""
    given = {
        "resource": BOT,
        "record": record(observed=SEEN),
        "item": ITEM,
        "channels": ON_API,
        "records": RECORDS,
        "now": NOW + 60,
    }
    given |= changed
    if given["record"] is None:
        return unedited(given["resource"], given["records"])
    known = {**given["records"], given["resource"].address: given["record"]}
    same = unmoved(given["resource"].kind, given["record"], given["item"], given["channels"], given["now"])
    return same and unedited(given["resource"], known)


WEEK = 7 * 24 * 3600


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"item": ITEM | {"name": "x", "icon_url": "https://signed"}},
        {"item": ITEM | {"updated_at": str(ITEM["updated_at"])}},
        {"now": NOW + WEEK - 1},
        {"records": RECORDS | {CHEF: record("8")}},
    ],
    ids=["nothing", "other-keys", "text-for-a-number", "a-week", "another-address"],
)
def test_nothing_moved(changed: dict[str, Any]) -> None:
    assert still(**changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"item": ITEM | {"updated_at": ITEM["updated_at"] + 1}},
        {"item": {"id": "7"}},
        {"channels": {}},
        {"channels": {"1024": ON_API["1024"] + 1}},
        {"channels": ON_API | {"999": 1}},
        {"resource": replace(BOT, values={**BOT.values, "prompt": "二"})},
        {"records": {RECIPES: record("10")}},
        {"records": {}},
        {"now": NOW + WEEK + 1},
        {"record": record()},
        {"record": None},
    ],
    ids=[
        "edited", "no-time", "left", "published-again", "one-more-channel", "manifest", "base-made-anew",
        "base-forgotten", "long-ago", "never-looked", "no-record",
    ],
)  # fmt: skip
def test_something_moved(changed: dict[str, Any]) -> None:
    """The object, its channels, the manifest, or what it refers to."""
    assert not still(**changed)


@pytest.mark.parametrize(
    ("item", "channels", "trusted"),
    [
        (ITEM, ON_API, True),
        (ITEM | {"updated_at": int(NOW) - 2}, {}, True),
        (ITEM | {"updated_at": int(NOW) - 1}, {}, False),
        (ITEM, {"1024": int(NOW) - 2}, True),
        (ITEM, {"1024": int(NOW) - 1}, False),
        ({"id": "7"}, {}, False),
        (ITEM | {"updated_at": None}, {}, False),
    ],
)
def test_a_fresh_mark_is_not_trusted(item: Any, channels: Any, trusted: bool) -> None:
    """An edit within the same second would leave no trace in it."""
    found = observation(BOT, item, channels, RECORDS, NOW)
    assert bool(found) is trusted
    if trusted:
        assert (found["at"], found["channels"]) == (int(NOW), channels)


def test_a_kind_with_secrets_is_always_read() -> None:
    """What is remembered of a manifest says nothing of its secrets."""
    app = resource(Address("CallbackApp", "events"))
    assert observation(app, {"id": "7", "updated_at": 1}, {}, {}, NOW) == {}


class Told:
    """A server of which only the time is known, and that between two bounds."""

    def now(self) -> float:
        """At least."""
        return NOW + 0.3

    def latest(self) -> float:
        """At most."""
        return NOW + 1.1


def test_an_apply_looks_once_more_as_soon_as_times_can_be_trusted() -> None:
    """What was written is marked with a whole second, at most that of the latest time; half a second more."""
    waited: list[float] = []
    run = ApplyContext(
        remote=cast(Remote, Told()),
        resources={},
        channels={},
        snapshot=Snapshot({}),
        listen=lambda _: None,
        sleep=waited.append,
        memory=PriorState(),
    )
    run.written()
    _note_observations(plan(), {}, run)
    assert waited == [pytest.approx(1 + RACY - 0.3 + 0.5)]


class Behind(httpx.BaseTransport):
    """A server whose replies are dated by another clock than the one that marks what is written."""

    def __init__(self, inner: httpx.BaseTransport, seconds: float) -> None:
        self._inner, self._seconds = inner, seconds

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The same reply, with an earlier date."""
        reply = self._inner.handle_request(request)
        date = parsedate_to_datetime(reply.headers["Date"]).timestamp() - self._seconds
        reply.headers["Date"] = formatdate(date, usegmt=True)
        return reply


@pytest.mark.parametrize(("seconds", "noted"), [(0, True), (2, True), (60, False)])
def test_what_another_clock_marks_is_noted_too(tmp_path: Path, seconds: float, noted: bool) -> None:
    """It is looked at twice; of clocks that are far apart nothing is noted, and nobody waits."""
    bench = KeptBench(tmp_path)
    bench.seed()
    connection = connect({"COZE_API_TOKEN": "pat_emulator"}, base_url="http://127.0.0.1", token=None)
    transport = Behind(httpx.WSGITransport(app=bench.emulator), seconds)
    bench.client = Client(connection, transport=transport, sleep=bench.emulator.advance)
    bench.settle()
    bots = [record for address, record in bench.records.items() if address.kind == "Bot"]
    assert [bool(record.observed) for record in bots] == [noted] * len(bots)
    assert bots
