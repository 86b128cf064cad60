"""Which channels a bot must go to, leave, or be published to again."""

from __future__ import annotations

from typing import Any

import pytest

from cozeops.address import Address
from cozeops.declare.fields import UNREADABLE
from cozeops.engine.diff.publication import Publishing, copies_differ, publishing
from cozeops.engine.model.live import Live
from cozeops.kinds import kinds
from tests.kit import Bench

BOT = kinds()["Bot"]
NAMES = {"1024": "api", "999": "chat_sdk"}
PROMPT, NAME = ("prompt",), ("name",)
EDITED = "the draft was edited after it was published"


def news(*wanted: str, live: Live | None = None, **more: Any) -> Publishing:
    """What publication needs of these connectors."""
    return publishing(BOT, wanted, live, NAMES, **{"draft_changes": False, **more})


def on(edited: int = 0, published: Any = None, fields: Any = None, **channels: int) -> Live:
    """A live bot, published on `c1024=when`."""
    at = {name.removeprefix("c"): when for name, when in channels.items()}
    return Live("7", fields=fields or {}, channels=at, published=published, edited=edited)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (news(), ""),
        (news("1024"), "not yet live on api"),
        (news("1024", "999", "5"), "not yet live on api, chat_sdk, 5"),
        (news("1024", draft_changes=True), "the draft changes"),
        (news("1024", draft_changes=True, asked="asked"), "the draft changes"),
        (news("1024", asked="asked"), "asked"),
        (news(draft_changes=True, asked="asked"), ""),
        (news("1024", awaited={"1024"}), ""),
        (news("1024", "999", awaited={"1024"}), "not yet live on chat_sdk"),
        (news("1024", live=on(c1024=50)), ""),
        (news("1024", live=on(c1024=50, edited=50)), ""),
        (news("1024", live=on(c1024=50, edited=51)), EDITED),
        (news(live=on(c1024=50, edited=51)), ""),
        (news("1024", "999", live=on(c1024=50, c999=55)), ""),
        (news("1024", "999", live=on(c1024=50, c999=56)), "api has an older version than another channel"),
        (news("1024", "5", live=on(c1024=56, c5=50)), "5 has an older version than another channel"),
        (news("1024", "999", live=on(c1024=50, c999=54, edited=51)), EDITED),
        (news("1024", live=on(c1024=50, c999=90, edited=40)), ""),
        (news("1024", "999", live=on(c1024=50, edited=51), awaited={"999"}), EDITED),
        (news("1024", live=on(c1024=50, edited=51, fields={PROMPT: "一"}, published={PROMPT: "一"})), ""),
        (
            news(
                "1024",
                live=on(c1024=50, fields={PROMPT: "一", NAME: "a"}, published={PROMPT: "二", NAME: "b"}),
            ),
            "the draft differs from the published copy in spec.name, spec.prompt",
        ),
    ],
)
def test_why_it_is_published(found: Publishing, reason: str) -> None:
    """Copies decide where they can be compared; else times, and equal times mean that nothing came after."""
    assert found.reason == reason


@pytest.mark.parametrize(
    ("found", "leave", "moves"),
    [
        (news(), (), False),
        (news("1024", live=on(c1024=1)), (), False),
        (news("1024", live=on(c999=1, c1024=1)), ("999",), True),
        (news(live=on(c999=1, c1024=1)), ("1024", "999"), True),
        (news("999", "1024", live=on(c1024=1, c999=1)), (), False),
        (news("1024"), (), True),
        (news("1024", "999", live=on(c1024=1)), (), True),
    ],
)
def test_what_is_not_listed_is_left(found: Publishing, leave: tuple[str, ...], moves: bool) -> None:
    assert (found.leave, found.moves) == (leave, moves)


@pytest.mark.parametrize(
    ("draft", "published", "labels"),
    [
        ({}, {PROMPT: "一"}, []),
        ({PROMPT: "一"}, {PROMPT: "一"}, []),
        ({PROMPT: "一"}, {PROMPT: "二"}, ["spec.prompt"]),
        ({PROMPT: "一"}, {}, ["spec.prompt"]),
        ({PROMPT: UNREADABLE}, {PROMPT: "二"}, []),
        ({PROMPT: "一"}, {PROMPT: UNREADABLE}, []),
        ({NAME: "a", PROMPT: "一"}, {NAME: "b", PROMPT: "二"}, ["spec.name", "spec.prompt"]),
    ],
)
def test_copies_differ_in_what_both_show(draft: Any, published: Any, labels: list[str]) -> None:
    assert copies_differ(BOT, draft, published) == labels


def test_a_copy_that_says_what_the_draft_says_is_kept_once(settled: Bench) -> None:
    """Long texts of thousands of bots are most of what a plan remembers."""
    same = _published(settled)
    assert same
    assert all(live.published is live.fields for live in same.values())
    (address, live), *_ = same.items()
    settled.emulator.edit("bots", live.id, prompt_info={"prompt": "别的"})
    assert _published(settled)[address].published == live.fields


def _published(bench: Bench) -> dict[Address, Live]:
    """What is live with a published copy that was read."""
    _, snapshot = bench.look()
    return {address: live for address, live in snapshot.live.items() if live.published is not None}
