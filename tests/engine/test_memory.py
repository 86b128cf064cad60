"""What a state adds to a plan: who changed a field, what was sent, whose an object is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cozeops.address import Address
from cozeops.declare.resource import Lifecycle
from cozeops.declare.rows import Row, rows_of
from cozeops.engine.prior.state import (
    PriorState,
    carried,
    held_back,
    new_record,
    origin,
    remembered,
    remembered_upload,
    repledged,
)
from cozeops.kinds import kinds
from cozeops.state.model import Ownership, Record, leaf_hash, secret_digest
from cozeops.values import MISSING, FileContent, Secret
from tests.engine.made import CHEF, GUIDE, KITCHEN, RECIPES, record, resource

KEY = "00" * 32
CREATED, ADOPTED, IMPORTED = Ownership.CREATED, Ownership.ADOPTED, Ownership.IMPORTED


def row(label: str, kind: str = "Bot") -> Row:
    return next(one for one in rows_of(kinds()[kind]) if one.label == f"spec.{label}")


def file(sha256: str = "a" * 64) -> FileContent:
    return FileContent("icons/chef.png", sha256, 1, Path("chef.png"))


DOCUMENTS, PEOPLE = row("documents", "KnowledgeBase"), row("collaboration.collaborators")
ICON, SEARCH = row("icon"), row("knowledge.search_strategy")


@pytest.mark.parametrize(
    ("live", "desired", "who"),
    [
        ("old", "new", "git"),
        ("new", "old", "live"),
        ("other", "new", "both"),
        (MISSING, "old", "live"),
        (MISSING, "new", "both"),
    ],
)
def test_who_changed_a_field_since_it_was_applied(live: Any, desired: Any, who: str) -> None:
    known = record(applied={"spec.prompt": leaf_hash("old")})
    assert origin(known, "spec.prompt", live, desired) == who
    assert origin(known, "spec.name", live, desired) == ""
    assert origin(None, "spec.prompt", live, desired) == ""


@pytest.mark.parametrize(
    ("known", "wanted", "same"),
    [
        (None, "hybrid", None),
        (record(), "hybrid", None),
        (record(values={SEARCH.label: "hybrid"}), "hybrid", True),
        (record(values={SEARCH.label: "semantic"}), "hybrid", False),
        (record(values={SEARCH.label: None}), "hybrid", False),
        (record(values={SEARCH.label: {"sha256": "a" * 64, "id": "5", "path": "elsewhere"}}), file(), True),
        (record(values={SEARCH.label: {"sha256": "b" * 64, "id": "5"}}), file(), False),
        (record(), Secret("hush"), None),
        (record(secrets={SEARCH.label: secret_digest("hush", KEY)}), Secret("hush"), True),
        (record(secrets={SEARCH.label: secret_digest("hush", "11" * 32)}), Secret("hush"), False),
        (record(secrets={SEARCH.label: secret_digest("hush", KEY)}), Secret("other"), False),
        (None, Secret("hush"), None),
    ],
)
def test_what_was_sent_last(known: Record | None, wanted: Any, same: bool | None) -> None:
    """A file is its content, wherever it lies; a secret is its digest; None: nobody knows."""
    assert remembered(known, SEARCH, wanted, KEY) is same


@pytest.mark.parametrize(
    ("value", "id"),
    [
        ({"sha256": "a" * 64, "id": "5"}, "5"),
        ({"sha256": "a" * 64, "id": ""}, None),
        ({"sha256": "a" * 64}, None),
        ({"sha256": "b" * 64, "id": "5"}, None),
        ("a" * 64, None),
    ],
)
def test_no_content_is_uploaded_again(value: Any, id: str | None) -> None:
    assert remembered_upload(record(values={ICON.label: value}), ICON, file()) == id
    assert remembered_upload(record(), ICON, file()) is None
    assert remembered_upload(None, ICON, file()) is None


def test_what_is_not_declared_is_sent_again() -> None:
    """Lest the write of a neighbour resets it; of a file its id counts."""
    values = {
        "spec.icon": {"sha256": "a" * 64, "id": "5"},
        "spec.knowledge.search_strategy": "hybrid",
        "spec.knowledge.auto_call": True,
        "spec.collaboration.mode": "single",
    }
    declared = resource(values={"knowledge": {"auto_call": False}})
    assert carried(record(values=values), declared) == {
        ("icon",): "5",
        ("knowledge", "search_strategy"): "hybrid",
    }
    assert carried(record(values={"spec.icon": {"sha256": "a"}}), declared) == {("icon",): ""}
    assert carried(None, declared) == {}


def test_what_is_known_of_a_new_object() -> None:
    """What the create carries and nobody can read back; files by the id of their upload."""
    voice = resource(
        values={
            "icon": file(),
            "knowledge": {"search_strategy": "hybrid"},
            "collaboration": {"mode": "single"},
        }
    )
    made = new_record(voice, "7", "75", {"a" * 64: "5"}, KEY)
    assert (made.id, made.ownership, made.name, made.scope) == ("7", CREATED, "chef", "75")
    assert {label: value["id"] for label, value in made.values.items()} == {"spec.icon": "5"}
    assert new_record(voice, "7", "75", {}, KEY).values["spec.icon"]["id"] == ""


PUBLISH = "spec.publish.connectors"


def test_what_was_held_back_is_not_remembered_as_published() -> None:
    """The draft is as it is now, the publication as it was before."""
    now = record(
        applied={"spec.prompt": "new", PUBLISH: "new"}, values={f"{PUBLISH}[a].params": 1, "spec.icon": 2}
    )
    before = record(applied={"spec.prompt": "old", PUBLISH: "old"}, values={"spec.icon": 1})
    held = held_back(now, resource(), before)
    assert held.applied == {"spec.prompt": "new", PUBLISH: "old"}
    assert held.values == {"spec.icon": 2}
    assert held_back(now, resource(), None).applied == {"spec.prompt": "new"}
    params = record(values={f"{PUBLISH}[a].params": 0})
    assert held_back(now, resource(), params).values == {f"{PUBLISH}[a].params": 0, "spec.icon": 2}


def test_what_is_known_under_which_address() -> None:
    """A moved resource keeps its record, unless its new address has one."""
    memory = PriorState({CHEF: record("7"), KITCHEN: record("75"), RECIPES: record("")})
    moved = resource(GUIDE, moved_from="chef")
    assert memory.address_of(moved) == CHEF
    assert memory.of(moved) == record("7")
    assert memory.known([moved, resource(RECIPES), resource(Address("Bot", "new"))]) == {
        GUIDE: record("7"),
        RECIPES: record(""),
    }
    both = PriorState({CHEF: record("7"), GUIDE: record("8")})
    assert both.address_of(moved) == GUIDE
    assert memory.of(resource(GUIDE, moved_from="nobody")) is None
    assert memory.address_of(resource(GUIDE, moved_from="nobody")) == GUIDE


def test_what_moved_has_not_departed() -> None:
    """Nor what is only being copied."""
    memory = PriorState({CHEF: record("7"), KITCHEN: record("75"), RECIPES: record("")})
    assert [address for address, _ in memory.departed({GUIDE: resource(GUIDE, moved_from="chef")})] == [
        KITCHEN
    ]
    assert [address for address, _ in memory.departed({})] == [CHEF, KITCHEN]


@pytest.mark.parametrize(
    ("then", "now", "changes"),
    [((), (), False), (("a", "b"), ("b", "a"), False), (("a",), (), True), ((), ("a",), True)],
)
def test_protection_that_changes(then: tuple[str, ...], now: tuple[str, ...], changes: bool) -> None:
    """Then the list entry alone does not speak for the resource."""
    known, one = record(protect=then), resource(lifecycle=Lifecycle(protect=frozenset(now)))
    assert repledged(known, one) is changes
    assert PriorState({CHEF: known, GUIDE: known}).trusted([one]) == (set() if changes else {CHEF})
