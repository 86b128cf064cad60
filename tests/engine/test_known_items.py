"""What a state knows of the items beside an object: whose they are, what was sent of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cozeops.declare.collections import Item
from cozeops.declare.resource import Resource
from cozeops.declare.rows import Row, rows_of
from cozeops.declare.verbs import Verb
from cozeops.engine.model.live import Live
from cozeops.engine.model.plan import Action, Step
from cozeops.engine.prior.items import (
    content_moved,
    is_known,
    items_after,
    items_in_part,
    remembered_items,
    unseen,
)
from cozeops.kinds import kinds
from cozeops.state.model import ItemRecord, Ownership, Record
from cozeops.values import FileContent
from tests.engine.made import RECIPES, change, record, resource, step

CREATED, ADOPTED, IMPORTED = Ownership.CREATED, Ownership.ADOPTED, Ownership.IMPORTED


def _row(label: str, kind: str) -> Row:
    return next(one for one in rows_of(kinds()[kind]) if one.label == f"spec.{label}")


DOCUMENTS, PEOPLE = _row("documents", "KnowledgeBase"), _row("collaboration.collaborators", "Bot")


def _file(sha256: str = "a" * 64) -> FileContent:
    return FileContent("a.md", sha256, 1, Path("a.md"))


@pytest.mark.parametrize(
    ("known", "keys"),
    [
        (None, None),
        (record(ownership=CREATED), []),
        (record(ownership=ADOPTED), None),
        (record(ownership=IMPORTED), None),
        (record(ownership=ADOPTED, items={PEOPLE.label: {}}), []),
        (record(ownership=ADOPTED, items={PEOPLE.label: {"1": ItemRecord("", "1")}}), ["1"]),
        (record(ownership=CREATED, items={"spec.other": {"1": ItemRecord("", "1")}}), []),
    ],
)
def test_items_that_nobody_can_list(known: Record | None, keys: list[str] | None) -> None:
    """Of what cozeops made it knows all that ever was sent."""
    found = remembered_items(known, PEOPLE)
    assert (None if found is None else [one.key for one in found]) == keys
    assert {one.id for one in found or ()} <= set(keys or ())


SAME = {"sha256": "a" * 64}


@pytest.mark.parametrize(
    ("ownership", "item", "moved"),
    [
        (CREATED, ItemRecord("1", SAME), False),
        (ADOPTED, ItemRecord("1", SAME), False),
        (ADOPTED, ItemRecord("1", {"sha256": "b" * 64}), True),
        (CREATED, ItemRecord("2", SAME), True),
        (ADOPTED, ItemRecord("2", SAME), None),
        (CREATED, ItemRecord("1", None), True),
        (ADOPTED, ItemRecord("1", None), None),
        (CREATED, None, True),
        (IMPORTED, None, None),
    ],
)
def test_whether_content_moved(ownership: Ownership, item: ItemRecord | None, moved: bool | None) -> None:
    """What cozeops made holds what the manifest says, whoever filled it; of the rest nobody knows."""
    known = record(ownership=ownership, items={DOCUMENTS.label: {"a.md": item}} if item else {})
    wanted, live = {"name": "a.md", "file": _file()}, Item("a.md", "1", {})
    assert DOCUMENTS.collection is not None
    assert content_moved(known, DOCUMENTS, DOCUMENTS.collection, wanted, live) is moved
    assert content_moved(None, DOCUMENTS, DOCUMENTS.collection, wanted, live) is None


ADD, REMOVE = "addBotCollaborator", "removeBotCollaborator"


@pytest.mark.parametrize(
    ("steps", "known"),
    [
        ([], ["1", "9"]),
        ([(ADD, "2")], ["1", "2", "9"]),
        ([(REMOVE, "9")], ["1"]),
        ([(ADD, "2"), (REMOVE, "9")], ["1", "2"]),
        ([(ADD, "2"), (REMOVE, "2")], ["1", "9"]),
        ([(ADD, "8")], ["1", "9"]),
    ],
)
def test_what_a_failed_change_did_all_the_same(steps: list[tuple[str, str]], known: list[str]) -> None:
    """Nobody can ask Coze, so each step that went well counts."""
    before = record(items={PEOPLE.label: {"1": ItemRecord("", "1"), "9": ItemRecord("", "9")}})
    declared = resource(values={"collaboration": {"collaborators": ["1", "2"]}})
    made = [step(operation, PEOPLE.label, (key,)) for operation, key in steps]
    assert sorted(items_in_part(declared, made, before, {})[PEOPLE.label]) == known


def test_steps_of_others_say_nothing_of_items() -> None:
    declared = resource(values={"collaboration": {"collaborators": ["1"]}})
    assert items_in_part(declared, [step(ADD, "spec.other", ("1",))], record(), {}) == {}


def _base(*names: str) -> Resource:
    documents = [{"name": name, "file": _file()} for name in names]
    return resource(RECIPES, values={"documents": documents})


def _knowing(**items: ItemRecord) -> Record:
    return record(items={DOCUMENTS.label: {f"{name}.md": item for name, item in items.items()}})


def _live(*items: Item) -> Live:
    return Live("7", items={DOCUMENTS.path: items})


@pytest.mark.parametrize(
    ("known", "id", "stamp", "ours"),
    [
        (ItemRecord("1", SAME), "1", 0, True),
        (ItemRecord("1", SAME), "2", 0, False),
        (ItemRecord("2", SAME, older=("1",)), "1", 0, True),
        (ItemRecord("", None), "", 0, True),
        (ItemRecord("2", SAME, lost=100), "1", 100, True),
        (ItemRecord("2", SAME, lost=100), "1", 99, True),
        (ItemRecord("2", SAME, lost=100), "1", 98, False),
    ],
)
def test_whose_a_live_item_is(known: ItemRecord, id: str, stamp: int, ours: bool) -> None:
    """Ours are what was added, what that replaced, and what came after an addition nobody heard of."""
    live = Item("a.md", id, {}, stamp=stamp)
    assert is_known(_knowing(a=known), DOCUMENTS, live) is ours
    assert not is_known(_knowing(b=known), DOCUMENTS, live)
    assert not is_known(None, DOCUMENTS, live)


@pytest.mark.parametrize(
    ("known", "live", "ids"),
    [
        (ItemRecord("1", SAME, at=100), [], ["1"]),
        (ItemRecord("1", SAME, at=100), ["1"], []),
        (ItemRecord("1", SAME, at=99), [], []),
        (ItemRecord("", SAME, at=100), [], []),
        (ItemRecord("1", SAME), [], []),
    ],
)
def test_what_should_be_listed_by_now(known: ItemRecord, live: list[str], ids: list[str]) -> None:
    """Added less than a minute ago: after that the list is believed."""
    items = [Item("a.md", id, {}) for id in live]
    assert unseen(_knowing(a=known), DOCUMENTS, items, 159) == ids
    assert unseen(None, DOCUMENTS, items, 159) == []


def test_of_several_of_one_name_the_newest_is_remembered() -> None:
    """In whatever order they are listed; with one that failed it is the other."""
    old, new = Item("a.md", "1", {}, stamp=5), Item("a.md", "2", {}, stamp=6)
    made = change(
        RECIPES, Action.UPDATE, steps=(Step(Verb.ADD, "createDocuments", DOCUMENTS.label, ("a.md",)),)
    )
    for live in (_live(old, new), _live(new, old)):
        found = items_after(_base("a.md"), made, live, None, {})
        assert found == {DOCUMENTS.label: {"a.md": ItemRecord("2", SAME)}}
    failed = Item("a.md", "3", {}, stamp=7, ready=False, failed=True)
    found = items_after(_base("a.md"), made, _live(old, failed), None, {})
    assert found[DOCUMENTS.label]["a.md"].id == "1"


def test_what_is_known_stays_known_beside_one_of_the_same_name() -> None:
    """A newer one that nobody here sent says nothing of ours."""
    known, other = Item("a.md", "1", {}, stamp=5), Item("a.md", "2", {}, stamp=6)
    before = _knowing(a=ItemRecord("1", SAME, at=9))
    assert items_after(_base("a.md"), change(RECIPES), _live(known, other), before, {}) == before.items
    found = items_after(_base("a.md"), change(RECIPES), _live(other), before, {})
    assert found == {DOCUMENTS.label: {"a.md": ItemRecord("2", None)}}


def test_what_was_noted_counts_more_than_what_is_listed() -> None:
    """A list that shows the old one only does not make it the new one."""
    new = ItemRecord("2", SAME, at=100, older=("1",))
    made = change(RECIPES, steps=(Step(Verb.ADD, "createDocuments", DOCUMENTS.label, ("a.md",)),))
    noted, live = {(DOCUMENTS.label, "a.md"): new}, _live(Item("a.md", "1", {}))
    assert items_after(_base("a.md"), made, live, None, noted) == {DOCUMENTS.label: {"a.md": new}}
    before = _knowing(a=ItemRecord("1", SAME), b=ItemRecord("5", SAME))
    found = items_in_part(_base("a.md"), (), before, noted)
    assert found == {DOCUMENTS.label: {"a.md": new, "b.md": ItemRecord("5", SAME)}}
