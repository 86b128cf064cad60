"""Names that look alike: a second object behind an info line is never made."""

from __future__ import annotations

import pytest

from cozeops.engine.model.live import Live, Snapshot
from cozeops.engine.model.plan import Action, Severity
from cozeops.engine.plan.twins import doubles, looks_like
from tests.engine.made import CHEF, GUIDE, KITCHEN, change, resource, steps

ALIKE = [
    ("Café", "Cafe\u0301"),
    ("客服", "客服 "),
    ("客服", "\u3000客服"),
    ("客服", "客服\u200b"),
    ("ＦＡＱ", "FAQ"),
    ("客服(一)", "客服（一）"),
    ("ﾊﾞｲ", "バイ"),
    ("Chef", "chef"),
    ("Chef bot", "Chef  bot"),
    ("Chef bot", "Chef\u00a0bot"),
]
UNLIKE = [("客服", "客服2"), ("Chef", "Chefs"), ("Chef bot", "Chefbot"), ("①", "1"), ("²", "2"), ("", "a")]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_what_eyes_do_not_tell_apart(one: str, other: str) -> None:
    assert one != other
    assert looks_like(one) == looks_like(other)


@pytest.mark.parametrize(("one", "other"), UNLIKE)
def test_what_eyes_do(one: str, other: str) -> None:
    assert looks_like(one) != looks_like(other)


@pytest.mark.parametrize(("name", "live"), ALIKE)
def test_a_twin_blocks_the_create_and_says_what_to_write(name: str, live: str) -> None:
    known = {CHEF: resource(CHEF, name=name, scope=KITCHEN), GUIDE: resource(GUIDE, scope=KITCHEN)}
    snapshot = Snapshot({KITCHEN: Live("75")}, strangers={("Bot", "75"): (("9", live), ("8", "other"))})
    made = [change(one, Action.CREATE, id=None, steps=steps("createBot")) for one in known]
    found = list(doubles(made, known, snapshot))
    assert [(one.name, one.address, one.severity) for one in found] == [("twin", CHEF, Severity.BLOCK)]
    assert 'write `id: "9"` under spec' in found[0].hint
    quoted = found[0].message
    assert (repr(name) in quoted and repr(live) in quoted) or (
        ascii(name) in quoted and ascii(live) in quoted
    )


def test_one_stranger_of_another_name_is_asked_about() -> None:
    known = {CHEF: resource(CHEF, scope=KITCHEN)}
    snapshot = Snapshot({KITCHEN: Live("75")}, strangers={("Bot", "75"): (("9", "other"),)})
    made = [change(CHEF, Action.CREATE, id=None, steps=steps("createBot"))]
    assert [one.name for one in doubles(made, known, snapshot)] == ["maybe-renamed"]
