"""Evidence that content passed its checks: what it covers, who leaves it, who asks for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from cozeops.address import Address
from cozeops.declare.resource import Resource
from cozeops.engine.model.live import Snapshot
from cozeops.engine.model.outcome import Outcome, Status
from cozeops.engine.publish.evidence import content, leave_evidence, unproven
from cozeops.engine.publish.gate import foreseen
from cozeops.engine.run.context import ApplyContext, Gate
from cozeops.state.model import Record
from cozeops.values import Reference
from tests.engine.made import CHEF, GUIDE, RECIPES, change, plan, record, resource, steps
from tests.kit import Bench

PERSONA, HELLO, BYE = Address("Prompt", "persona"), Address("Check", "hello"), Address("Check", "bye")
KIOSK = Address("Connector", "kiosk")


def of(text: str) -> Callable[[], str]:
    """What is written, as a digest."""
    return lambda: text


def project(**texts: str) -> dict[Address, Resource]:
    """A bot with a base, a prompt and a channel; another bot; a check about the first."""
    values = {
        "knowledge": {"datasets": [Reference("KnowledgeBase", RECIPES)]},
        "publish": {"connectors": [{"connector": Reference("Connector", KIOSK), "params": {}}]},
    }
    made = [
        resource(CHEF, values=values, prompts=frozenset({PERSONA}), content=of(texts.get("chef", "a"))),
        resource(RECIPES, content=of(texts.get("recipes", "a"))),
        resource(PERSONA, content=of(texts.get("persona", "a"))),
        resource(KIOSK, content=of(texts.get("kiosk", "a"))),
        resource(GUIDE, content=of(texts.get("guide", "a"))),
        resource(HELLO, values={"bot": Reference("Bot", CHEF)}, content=of(texts.get("hello", "a"))),
    ]
    return {one.address: one for one in made}


@pytest.mark.parametrize(
    ("changed", "counts"),
    [
        ("chef", True),
        ("recipes", True),
        ("persona", True),
        ("kiosk", False),
        ("guide", False),
        ("hello", False),
    ],
)
def test_what_a_bot_is_made_of_counts(changed: str, counts: bool) -> None:
    """Not where it is published, nor who else is there."""
    assert (content(CHEF, project()) != content(CHEF, project(**{changed: "b"}))) is counts


def test_what_is_declared_elsewhere_does_not_count() -> None:
    known = project()
    del known[RECIPES]
    assert content(CHEF, known) == content(CHEF, known | {GUIDE: known[GUIDE]})
    assert content(CHEF, {}) == content(GUIDE, {})


def run(tmp_path: Path, proven: dict[Address, list[Address]], kept: dict[Address, Record]) -> ApplyContext:
    """An apply whose gate let these through."""
    made = Bench(tmp_path / "project").run(Snapshot({}))
    made.resources, made.kept = project(), kept
    made.gate = Gate(cast(Any, None), proven=proven)
    return made


def test_only_what_was_proven_and_published_leaves_evidence(tmp_path: Path) -> None:
    """One that failed keeps no other from it."""
    base = Address("Bot", "unknown")
    made = run(tmp_path, {base: [BYE], GUIDE: [BYE], CHEF: [HELLO]}, {GUIDE: record("8"), CHEF: record("7")})
    outcomes = {
        base: Outcome(base, Status.DONE),
        GUIDE: Outcome(GUIDE, Status.FAILED),
        CHEF: Outcome(CHEF, Status.DONE),
    }
    leave_evidence(outcomes, made)
    assert made.kept[GUIDE] == record("8")
    passed = made.kept[CHEF].passed
    assert (passed["content"], passed["checks"]) == (content(CHEF, project()), ["Check/hello"])


def test_without_a_gate_nothing_is_proven(tmp_path: Path) -> None:
    made = run(tmp_path, {}, {CHEF: record()})
    made.gate = None
    leave_evidence({CHEF: Outcome(CHEF, Status.DONE)}, made)
    assert made.kept == {CHEF: record()}


PUBLISHES = change(CHEF, steps=steps("updateBot", "publishBot"))
EDITS = change(CHEF, steps=steps("updateBot"))
UNCHECKED = change(GUIDE, steps=steps("publishBot"))


def proof(text: str) -> dict[Address, Record]:
    """What the other environment remembers."""
    return {CHEF: record(passed={"content": text})}


@pytest.mark.parametrize(
    ("one", "records", "told"),
    [
        (PUBLISHES, {}, ["nothing of it has"]),
        (PUBLISHES, {CHEF: record()}, ["nothing of it has"]),
        (PUBLISHES, proof("older"), ["other content of it has"]),
        (PUBLISHES, proof(content(CHEF, project())), []),
        (EDITS, {}, []),
        (UNCHECKED, {}, []),
        (change(Address("Bot", "gone"), steps=steps("publishBot")), {}, []),
    ],
)
def test_what_would_be_published_unproven(one: Any, records: Any, told: list[str]) -> None:
    """Only what reaches users and has checks."""
    found = list(unproven(plan(one), project().values(), "test", records))
    assert [each.message.rpartition(": ")[2] for each in found] == told
    assert {each.name for each in found} <= {"not-proven"}


@pytest.mark.parametrize(
    ("mode", "found"),
    [
        ("before", [("gated", "it is published only if its draft passes Check/hello"), ("unchecked", "")]),
        ("after", [("gated", "if the published copy then fails one, it goes back"), ("unchecked", "")]),
    ],
)
def test_what_a_gate_will_do_is_told_before(mode: str, found: list[tuple[str, str]]) -> None:
    """Also what passes it unseen."""
    told = list(foreseen(plan(PUBLISHES, EDITS, UNCHECKED), project().values(), mode))
    assert [one.name for one in told] == [name for name, _ in found]
    assert all(one.message.endswith(words) for one, (_, words) in zip(told, found, strict=True))
