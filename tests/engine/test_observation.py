"""What a list said when a resource was last known to be as applied."""

from __future__ import annotations

from dataclasses import replace
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from threading import Event as Flag
from typing import Any

import httpx
import pytest

from cozeops.address import Address
from cozeops.api.client import Client
from cozeops.api.connection import connect
from cozeops.engine.model.live import Snapshot
from cozeops.engine.model.outcome import Event
from cozeops.engine.prior.freshness import observation, racy, unedited, unmoved
from cozeops.engine.run.context import ApplyContext
from cozeops.values import Reference
from tests.engine.made import CHEF, RECIPES, record, resource
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
    known = record(observed=found)
    assert unmoved(BOT.kind, known, item, channels, NOW + 60) is trusted
    if trusted:
        assert (found["at"], found["channels"]) == (int(NOW), channels)


def test_a_large_base_is_no_late_mark() -> None:
    """Its size in bytes is a number like that of a time, and is none."""
    base = resource(RECIPES)
    item = {
        "dataset_id": "9", "update_time": int(NOW) - 100, "doc_count": 1, "slice_count": 2,
        "all_file_size": str(int(NOW) * 2), "file_list": [], "failed_file_list": [],
    }  # fmt: skip
    assert not racy(observation(base, item, {}, {}, NOW))


def test_what_comes_after_our_last_write_is_not_ours() -> None:
    """Somebody edited it while the apply went on: nothing is remembered, so the next plan reads it."""
    until = ITEM["updated_at"]
    assert observation(BOT, ITEM, {}, RECORDS, NOW, until=until)
    assert observation(BOT, ITEM, {}, RECORDS, NOW, until=until - 0.5) == {}
    assert observation(BOT, ITEM, ON_API, RECORDS, NOW, until=until + 1) == {}


def test_a_kind_with_secrets_is_always_read() -> None:
    """What is remembered of a manifest says nothing of its secrets."""
    app = resource(Address("CallbackApp", "events"))
    assert observation(app, {"id": "7", "updated_at": 1}, {}, {}, NOW) == {}


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


@pytest.mark.parametrize(("seconds", "noted"), [(0, True), (2, False), (60, False)])
def test_of_another_clock_nothing_is_noted(tmp_path: Path, seconds: float, noted: bool) -> None:
    """Marks of a clock that is ahead look like edits that came after ours: the next plan reads them."""
    bench = KeptBench(tmp_path)
    bench.seed()
    connection = connect({"COZE_API_TOKEN": "pat_emulator"}, base_url="http://127.0.0.1", token=None)
    transport = Behind(httpx.WSGITransport(app=bench.emulator), seconds)
    bench.client = Client(connection, transport=transport, sleep=bench.emulator.advance)
    bench.settle()
    bots = [record for address, record in bench.records.items() if address.kind == "Bot"]
    assert [bool(record.observed) for record in bots] == [noted] * len(bots)
    assert bots


class Kitchen(KeptBench):
    """The quickstart with a state; lists speak for what moved, and nobody may wait."""

    incremental = True

    def run(self, snapshot: Snapshot, *, stop: Flag | None = None) -> ApplyContext:
        """An apply for which no clock goes on."""
        return replace(super().run(snapshot, stop=stop), sleep=self._slept)

    def _slept(self, seconds: float) -> None:
        assert seconds == 0, "an apply waits for the clock"

    def drafts(self) -> int:
        """How many drafts the next plan of an unchanged project reads."""
        self.emulator.requests.clear()
        assert not self.plan().pending
        return [one.operation for one in self.emulator.requests].count("getBot")

    def edit_and_apply(self) -> None:
        """Do something to one bot."""
        self.edit("manifests/prompts/chef.md", "你", "您")
        self.settle()


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    """Applied just now."""
    bench = Kitchen(tmp_path)
    bench.seed()
    bench.settle()
    return bench


def test_what_was_written_just_now_is_read_by_the_next_plan(kitchen: Kitchen) -> None:
    """Racy: an apply does not wait until its marks can be trusted; they are trusted once read later."""
    bots = sum(address.kind == "Bot" for address in kitchen.records)
    kitchen.emulator.advance(60)
    assert kitchen.drafts() >= bots
    assert kitchen.drafts() >= bots  # a plan writes no state
    kitchen.edit_and_apply()
    kitchen.emulator.advance(60)
    assert kitchen.drafts() in (1, 2)  # that one alone: the apply remembers what its plan read of the others
    kitchen.edit("manifests/prompts/chef.md", "您", "你")
    kitchen.settle()
    kitchen.emulator.advance(60)
    assert kitchen.drafts() in (1, 2)


def test_an_edit_in_the_second_of_an_apply_is_seen(kitchen: Kitchen) -> None:
    """The list says the same before and after it."""
    kitchen.by_hand("每日学一菜", prompt_info={"prompt": "改"})
    kitchen.emulator.advance(60)
    assert [str(one.address) for one in kitchen.plan().pending] == ["Bot/chef"]


@pytest.mark.parametrize("edited", ["Bot/chef", "Bot/translator"])
def test_an_edit_while_an_apply_goes_on_is_seen(kitchen: Kitchen, edited: str) -> None:
    """Of what it has written by then, and of what it does not touch."""
    kitchen.emulator.advance(60)
    kitchen.edit("manifests/prompts/chef.md", "你", "您")
    plan, snapshot = kitchen.look()
    run = kitchen.run(snapshot)
    id = snapshot.live[Address.parse(edited)].id

    def listen(event: Event) -> None:
        if event.what == "finished":
            kitchen.emulator.advance(60)
            kitchen.emulator.edit("bots", id, prompt_info={"prompt": "改"})
            kitchen.emulator.advance(60)

    run.listen = listen
    kitchen.carry_out(plan, run)
    assert [str(one.address) for one in kitchen.plan().pending] == [edited]
