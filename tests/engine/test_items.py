"""A written list against the items that are live: the list is the whole truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cozeops.declare.collections import Item
from cozeops.declare.rows import Row, rows_of
from cozeops.engine.diff.collections import CollectionDiff, ItemContext, diff_items
from cozeops.kinds import kinds
from cozeops.values import FileContent

USER = "2069"


def row(kind: str, path: str) -> Row:
    """The row of a collection."""
    return next(one for one in rows_of(kinds()[kind]) if one.label == f"spec.{path}")


MEMBERS, CHANNELS = row("Workspace", "members"), row("Workspace", "connectors")
DOCUMENTS, IMAGES = row("KnowledgeBase", "documents"), row("KnowledgeBase", "images")


def diff(about: Row, wanted: list[Any], live: list[Item], **more: Any) -> CollectionDiff:
    """The difference, as the owner and the token's own user may see it."""
    must_stay = lambda item: bool(item.protected) or item.key == USER  # noqa: E731
    return diff_items(about, wanted, live, ItemContext(**{"values": {}, "must_stay": must_stay, **more}))


def member(user: str, role: str = "member", **more: Any) -> Item:
    return Item(user, user, {"role": role}, **more)


def document(key: str, id: str = "1", **more: Any) -> Item:
    return Item(key, id, more.pop("fields", {}), **more)


def file(name: str) -> dict[str, Any]:
    """An entry for a file."""
    return {"name": name, "file": FileContent(name, "0" * 64, 1, Path(name))}


def notes(found: CollectionDiff) -> dict[str, tuple[Any, Any]]:
    """Path -> before and after."""
    return {path: (one.before, one.after) for path, one in found.fields.items()}


@pytest.mark.parametrize(
    ("wanted", "live", "add", "remove"),
    [
        ([], [], [], []),
        (["1"], ["1"], [], []),
        (["1", "2"], ["2", "1"], [], []),
        (["1", "2"], ["1"], ["2"], []),
        (["1"], ["1", "2"], [], ["2"]),
        ([], ["1", "2"], [], ["1", "2"]),
        (["1"], ["2"], ["1"], ["2"]),
        ([], [USER], [], []),
        ([USER], [], [USER], []),
    ],
)
def test_who_is_not_listed_goes(
    wanted: list[str], live: list[str], add: list[str], remove: list[str]
) -> None:
    """Whoever holds the token stays."""
    found = diff(MEMBERS, [{"user": one} for one in wanted], [member(one) for one in live])
    assert [one["user"] for one in found.add] == add
    assert [one.key for one in found.remove] == [one.key for one in found.unlisted] == remove
    assert found.empty is not bool(add or remove)
    assert sorted(notes(found)) == sorted(f"spec.members[{one}]" for one in (*add, *remove))


def test_the_owner_is_neither_removed_nor_demoted() -> None:
    owner = member("1", "owner", protected="the workspace owner")
    assert diff(MEMBERS, [], [owner]).empty
    assert diff(MEMBERS, [{"user": "1", "role": "member"}], [owner]).empty
    assert diff(MEMBERS, [{"user": USER, "role": "member"}], [member(USER, "admin")]).empty


def test_a_role_changes_by_removing_and_adding() -> None:
    """There is no call that changes it in place."""
    found = diff(MEMBERS, [{"user": "1", "role": "admin"}], [member("1")])
    assert found.add == [{"user": "1", "role": "admin"}]
    assert (found.remove, found.replaced, found.unlisted, found.change) == (
        [member("1")],
        [member("1")],
        [],
        [],
    )
    assert notes(found) == {"spec.members[1].role": ("member", "admin")}


def test_what_cannot_be_removed_is_told_and_stays() -> None:
    """A channel cannot be uninstalled."""
    found = diff(CHANNELS, [], [Item("5", "5", {})])
    assert ([one.key for one in found.unlisted], found.remove, found.fields) == (["5"], [], {})
    assert found.empty


@pytest.mark.parametrize(
    ("moved", "add", "unknown"), [(None, [], ["a.md"]), (False, [], []), (True, ["a.md"], [])]
)
def test_content_that_moved(moved: bool | None, add: list[str], unknown: list[str]) -> None:
    """A document's content cannot be changed in place: it is replaced; where nobody knows, it stays."""
    found = diff(DOCUMENTS, [file("a.md")], [document("a.md")], content_moved=lambda *_: moved)
    assert [one["name"] for one in found.add] == [one.key for one in found.replaced] == add
    assert [one.key for one in found.unknown] == unknown
    assert found.empty is (not add)
    assert list(found.fields) == (["spec.documents[a.md].content"] if moved else [])


CUSTOM = {"mode": "custom", "separator": "#", "max_tokens": 500}
AUTO = {"chunking": {"mode": "auto", "separator": "", "max_tokens": None}}


@pytest.mark.parametrize(
    ("chunking", "live", "paths"),
    [
        (CUSTOM, AUTO, ["max_tokens", "mode", "separator"]),
        (CUSTOM, {"chunking": CUSTOM | {"remove_extra_spaces": False}}, []),
        (CUSTOM, {"chunking": CUSTOM | {"max_tokens": 501}}, ["max_tokens"]),
        ({"mode": "auto"}, AUTO, []),
        (CUSTOM, {}, []),
        (None, AUTO, []),
    ],
)
def test_how_documents_are_cut(chunking: Any, live: Any, paths: list[str]) -> None:
    """Only what is written counts; all of them are replaced, and it is reported once."""
    values = {"chunking": chunking} if chunking else {}
    names = ["a.md", "b.md"]
    found = diff(
        DOCUMENTS,
        [file(one) for one in names],
        [document(one, str(number), fields=live) for number, one in enumerate(names)],
        values=values,
        content_moved=lambda *_: False,
    )
    assert [one["name"] for one in found.add] == [one.key for one in found.remove] == (names if paths else [])
    assert sorted(found.fields) == [f"spec.chunking.{one}" for one in paths]


WEEKLY = {"url": "https://a.cn", "name": "menu", "refresh": {"every_hours": 168}}


@pytest.mark.parametrize(
    ("refresh", "paths"),
    [
        ({"every_hours": 168, "mode": "replace"}, []),
        ({"every_hours": 24, "mode": "replace"}, ["refresh.every_hours"]),
        (None, ["refresh"]),
    ],
)
def test_what_can_be_changed_in_place_is(refresh: Any, paths: list[str]) -> None:
    live = document("menu", fields={"refresh": refresh} if refresh else {})
    found = diff(DOCUMENTS, [WEEKLY], [live], content_moved=lambda *_: False)
    assert found.change == ([(live, WEEKLY)] if paths else [])
    assert (found.add, found.remove) == ([], [])
    assert list(found.fields) == [f"spec.documents[menu].{one}" for one in paths]


def test_what_moved_and_differs_is_replaced_whole() -> None:
    live = document("menu", fields={"refresh": {"every_hours": 24, "mode": "replace"}})
    found = diff(DOCUMENTS, [WEEKLY], [live], content_moved=lambda *_: True)
    assert (found.add, found.replaced, found.change) == ([WEEKLY], [live], [])


def test_what_could_not_be_processed_is_added_again() -> None:
    live = document("a.md", failed=True, ready=False)
    found = diff(DOCUMENTS, [file("a.md")], [live], content_moved=lambda *_: False)
    assert [one["name"] for one in found.add] == ["a.md"]
    assert (found.remove, found.replaced) == ([live], [live])
    assert notes(found)["spec.documents[a.md]"][0] == "processing failed"
    assert found.processing == []


@pytest.mark.parametrize(
    ("live", "gone", "processing"),
    [
        ([document("a.md", "1", stamp=5), document("a.md", "2", stamp=6)], ["1"], []),
        ([document("a.md", "2", stamp=6), document("a.md", "1", stamp=5)], ["1"], []),
        ([document("a.md", "1", stamp=5), document("a.md", "2", stamp=5)], ["1"], []),
        ([document("a.md", "1", stamp=5), document("a.md", "2", stamp=6, ready=False)], [], ["2"]),
        (
            [document("a.md", "1", stamp=5), document("a.md", "2", stamp=6, ready=False, failed=True)],
            ["2"],
            [],
        ),
        (
            [document("a.md", "3", stamp=4), document("a.md", "1", stamp=5), document("a.md", "2", stamp=6)],
            ["3", "1"],
            [],
        ),
    ],
)
def test_of_several_with_one_name_the_newest_stays(
    live: list[Item], gone: list[str], processing: list[str]
) -> None:
    """Older ones go as soon as it is ready; one that failed is never the newest."""
    found = diff(DOCUMENTS, [file("a.md")], live, content_moved=lambda *_: False)
    assert [one.id for one in found.remove] == gone
    assert [one.id for one in found.processing] == processing
    assert found.add == []


@pytest.mark.parametrize(
    ("wanted", "live", "remembered", "same"),
    [
        ("a.md", "a.md.txt", (), True),
        ("a.pdf", "a.pdf.pdf", (), True),
        ("a", "a.txt", (), True),
        ("a.md", "a.txt", (), False),
        ("a.md.txt", "a.md.txt", (), True),
        ("b.md", "a.md.txt", ("a.md",), False),
    ],
)
def test_the_server_appends_a_type(wanted: str, live: str, remembered: Any, same: bool) -> None:
    found = diff(
        DOCUMENTS, [file(wanted)], [document(live)], content_moved=lambda *_: False, remembered=remembered
    )
    assert found.empty is same
    if remembered:
        assert [one.key for one in found.remove] == list(remembered)
