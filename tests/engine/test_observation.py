"""What a list said when a resource was last known to be as applied."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from cozeops.address import Address
from cozeops.engine.apply import _note_observations
from cozeops.engine.memory import Memory
from cozeops.engine.observation import RACY, observation, unedited, unmoved
from cozeops.engine.run import Run
from cozeops.engine.snapshot import Remote, Snapshot
from cozeops.values import Reference
from tests.engine.made import CHEF, RECIPES, plan, record, resource

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


def looked(monkeypatch: pytest.MonkeyPatch, *fresh: float, stopped: bool = False) -> list[float]:
    """What an apply waits before each last look, of which these are the seconds that it comes too early."""
    waited: list[float] = []
    run = Run(
        remote=cast(Remote, Told()),
        resources={},
        channels={},
        snapshot=Snapshot({}),
        listen=lambda _: None,
        sleep=waited.append,
        memory=Memory(),
    )
    left = iter(fresh)
    monkeypatch.setattr("cozeops.engine.apply._observed", lambda *_: ({}, next(left)))
    run.written()
    if stopped:
        run.stop.set()
    _note_observations(plan(), {}, run)
    return [round(one, 1) for one in waited]


def test_an_apply_looks_once_more_as_soon_as_times_can_be_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written is marked with a whole second, at most that of the latest time; half a second more."""
    assert looked(monkeypatch, 0.0) == [1 + RACY - 0.3 + 0.5]


def test_where_another_clock_marks_it_looks_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """But not if that clock is far ahead, not a third time, and not at all later when it is to stop."""
    first = 1 + RACY - 0.3 + 0.5
    assert looked(monkeypatch, 1.5, 0.0) == [first, 2.0]
    assert looked(monkeypatch, 1.5, 1.5) == [first, 2.0]
    assert looked(monkeypatch, 60.0) == [first]
    assert looked(monkeypatch, 1.5, stopped=True) == [0.0]
