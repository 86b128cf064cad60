"""Random damage to what is read back: a plan file, a state. Each ends in a sentence, or in what was there.

The reader of YAML has its own, in `tests/manifests/test_random_damage.py`.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.declare.verbs import Verb
from cozeops.engine.model.findings import finding
from cozeops.engine.model.plan import Action, Change, FieldChange, Plan, Step
from cozeops.engine.plan.file import plan_digest, read_plan, write_plan
from cozeops.errors import CozeopsError, ExitCode, StalePlanError, UsageError
from cozeops.state.document import load_bytes, to_bytes
from cozeops.state.model import ItemRecord, Ownership, Record, State

CHEF = Address("Bot", "chef")
PLAN = Plan(
    "dev",
    "https://api.coze.cn",
    (
        Change(
            CHEF, "7400", Action.UPDATE, "2 fields differ", origin="git",
            fields=(
                FieldChange("spec.prompt", "一", "二", "git"),
                FieldChange("spec.icon", None, "x", note="write-only"),
            ),
            steps=(
                Step(Verb.UPDATE, "updateBot"),
                Step(Verb.PUBLISH, "publishBot", "spec.publish", ("api",), ("1024",)),
            ),
            needs=(Address("KnowledgeBase", "recipes"),), live_fingerprint="sha256:0", scope="厨房",
        ),
        Change(Address("Workspace", "home"), "75", Action.NONE, "as declared"),
    ),
    findings=(finding(Code.RESETS_UNREADABLE, CHEF, "x", "y"),),
    inputs={"Bot/chef": "sha256:1"},
)  # fmt: skip
STATE = State(
    "dev", "https://api.coze.cn", "1f2e", serial=7, key="00ff",
    resources={
        CHEF: Record(
            "7400", Ownership.CREATED, "每日学一菜", "75",
            applied={"spec.name": "aa"}, values={"spec.icon": {"a": [1]}},
            secrets={"spec.secret": "hmac-sha256:0"}, items={"spec.documents": {"a": ItemRecord("1", "x")}},
            observed={"at": 1.5}, version="3", protect=("unpublish",), awaiting={"1024": 5},
        )
    },
    run={"id": "r", "time": 1},
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PIECES = st.sampled_from(
    [*'{}[]",:', "null", "NaN", "1e999", "-", "\\ud800", "\x00", "\u2028", "9" * 5000, "[" * 2000]
)
DAMAGE = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 8), PIECES), min_size=1, max_size=4)
BOUNDED = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)
LONG = settings(BOUNDED, max_examples=20_000, derandomize=False)


def _damaged(text: str, damage: list[tuple[float, int, str]]) -> str:
    for place, length, piece in damage:
        start = int(place * len(text))
        text = text[:start] + piece + text[start + length :]
    return text


def _replaced(data: Any, draw: st.DataObject, depth: int = 0) -> Any:
    """The document with one value in it replaced by another, or a key taken away or added."""
    if isinstance(data, dict) and data and (depth < 1 or draw.draw(st.booleans())):
        key = draw.draw(st.sampled_from(sorted(data)))
        found = {name: value for name, value in data.items() if name != key}
        what = draw.draw(st.sampled_from(["in", "in", "in", "gone", "more"]))
        if what == "more":
            return {**data, draw.draw(st.text(max_size=8)): draw.draw(JSON)}
        return found if what == "gone" else {**found, key: _replaced(data[key], draw, depth + 1)}
    if isinstance(data, list) and data and draw.draw(st.booleans()):
        at = draw.draw(st.integers(0, len(data) - 1))
        return [*data[:at], _replaced(data[at], draw, depth + 1), *data[at + 1 :]]
    return draw.draw(JSON)


def _read_plan(text: str) -> None:
    """It is refused, or it is the plan that was written: nothing else has its digest."""
    try:
        found = read_plan(text, "plan.json")
    except CozeopsError as error:
        assert error.exit_code in (ExitCode.INVALID, ExitCode.STALE)  # noqa: PT017
        assert error.hint  # noqa: PT017
    else:
        assert plan_digest(found) == json.loads(text)["digest"]
        assert read_plan(write_plan(found), "again") == found


def _read_state(content: bytes) -> None:
    """It is refused, or it can be written again as it is."""
    try:
        found = load_bytes(content, "state.json", environment="dev")
    except CozeopsError as error:
        assert error.hint  # noqa: PT017
    else:
        assert load_bytes(to_bytes(found.state), "again", environment="dev").state == found.state


def _any_damage(damage: list[tuple[float, int, str]]) -> None:
    _read_plan(_damaged(write_plan(PLAN), damage))
    _read_state(_damaged(to_bytes(STATE).decode(), damage).encode("utf-8", "surrogatepass"))


def _any_shape(draw: st.DataObject) -> None:
    _read_plan(json.dumps(_replaced(json.loads(write_plan(PLAN)), draw)))
    _read_state(json.dumps(_replaced(json.loads(to_bytes(STATE)), draw)).encode())


def _any_bytes(content: bytes) -> None:
    _read_state(content)
    _read_plan(content.decode("utf-8", "replace"))


VALUES = {
    "endless": "1e999",
    "not a number": "NaN",
    "half a character": '"\\ud800"',
    "digits": "9" * 4000,
    **{f"{depth} deep": "[" * depth + "]" * depth for depth in (150, 250, 600, 950, 100_000)},
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_values_that_cannot_be_written_again(value: str) -> None:
    """JSON takes them; neither a plan nor a state is made of them."""
    _read_plan(write_plan(PLAN).replace('"一"', value, 1))
    _read_state(to_bytes(STATE).decode().replace("1.5", value, 1).encode())


@pytest.mark.parametrize("stats", [[[None, None]], [["a", 1]], [], None, "", 7])
def test_stats_of_another_shape_are_refused(stats: Any) -> None:
    """The digest does not cover them, so their shape is looked at."""
    with pytest.raises(UsageError):
        read_plan(json.dumps({**json.loads(write_plan(PLAN)), "stats": stats}), "plan.json")


@pytest.mark.parametrize("run", [[[None, None]], [["a", 1]], [], None, "", 7])
def test_a_run_of_another_shape_is_refused(run: Any) -> None:
    """A state says who applied last: pairs are not taken for an object."""
    with pytest.raises(CozeopsError):
        load_bytes(json.dumps({**json.loads(to_bytes(STATE)), "run": run}).encode(), "s", environment="dev")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"二"', '"三"'),
        ("updateBot", "deleteBot"),
        ('"7400"', '"7401"'),
        ("https://api.coze.cn", "https://api.coze.com"),
        ('"warn"', '"info"'),
        ('"api"', '"chat_sdk"'),
        ('"env": "dev"', '"env": "prod"'),
    ],
)
def test_an_edited_plan_is_refused(old: str, new: str) -> None:
    """Whoever changes what it writes, where, or what stands in its way, changes its digest."""
    text = write_plan(PLAN)
    assert old in text
    with pytest.raises(StalePlanError):
        read_plan(text.replace(old, new), "plan.json")


def test_any_damage() -> None:
    """Characters exchanged, lost, put in between."""
    BOUNDED(given(DAMAGE)(_any_damage))()


def test_any_shape() -> None:
    """JSON of another shape, and of the same shape with other values."""
    BOUNDED(given(st.data())(_any_shape))()


def test_any_bytes() -> None:
    """Whatever it is."""
    BOUNDED(given(st.binary(max_size=200))(_any_bytes))()


@pytest.mark.long
@pytest.mark.parametrize(
    ("strategy", "holds"),
    [(DAMAGE, _any_damage), (st.data(), _any_shape), (st.binary(max_size=500), _any_bytes)],
)
def test_for_long(strategy: Any, holds: Any) -> None:
    """The same, many times, each time others."""
    LONG(given(strategy)(holds))()
