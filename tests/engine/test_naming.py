"""Names for what came from elsewhere: always a name, always one of its own, never one that a system minds."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cozeops.address import is_name
from cozeops.engine.export.names import folded, names_for

# The first text of a fresh copy takes seconds: Hypothesis builds its table of characters.
bounded = settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
IDS = st.integers(1, 10**19).map(str)
NAMES = st.one_of(
    st.text(max_size=80),
    st.sampled_from(
        ["con", "CON", "Com1", "ＬＰＴ９", "Chef", "chef", "ＣＨＥＦ", "", "..", "bot-000001", "é", "e\u0301"]
    ),
)


@bounded
@given(st.dictionaries(IDS, NAMES, max_size=12))
def test_names(called: dict[str, str]) -> None:
    """Property: fit for an address and for a file, and no two the same on any file system."""
    made = names_for(called, "bot")
    assert made.keys() == called.keys()
    assert len({folded(name) for name in made.values()}) == len(made)
    for name in made.values():
        assert is_name(name)
        assert re.fullmatch(r"[\w-]+", name)
        assert not re.fullmatch(r"con|prn|aux|nul|com\d|lpt\d", name.casefold())
        assert len(f"{name}.suggest_reply.prompt.md".encode()) <= 255


@bounded
@given(st.dictionaries(IDS, NAMES, min_size=1, max_size=8))
def test_a_newer_object_changes_no_name(called: dict[str, str]) -> None:
    """Property: names depend on older objects alone, not on the order of a list."""
    newest = max(called, key=lambda id: (len(id), id))
    before = names_for({id: name for id, name in called.items() if id != newest}, "bot")
    backwards = dict(sorted(called.items(), reverse=True))
    assert before.items() <= names_for(backwards, "bot").items()
    assert names_for(called, "bot") == names_for(backwards, "bot")


@pytest.mark.parametrize(
    ("called", "made"),
    [
        ({"1": "Chef"}, {"1": "Chef"}),
        ({"2": "chef", "1": "Chef"}, {"1": "Chef", "2": "chef-2"}),
        ({"10": "a", "9": "a"}, {"9": "a", "10": "a-10"}),
        ({"1": "a", "7400000001": "a"}, {"1": "a", "7400000001": "a-000001"}),
        ({"1": "a", "2": "a-000003", "7000003": "a"}, {"1": "a", "2": "a-000003", "7000003": "a-7000003"}),
        ({"1": "a", "2": "a-9", "9": "a"}, {"1": "a", "2": "a-9", "9": "a-9-2"}),
        ({"1": "..", "2": "con"}, {"1": "bot-1", "2": "bot-2"}),
    ],
)
def test_who_was_there_first_keeps_the_plain_name(called: dict[str, str], made: dict[str, str]) -> None:
    """Others get the end of their id, all of it, or a number."""
    assert names_for(called, "bot") == made
