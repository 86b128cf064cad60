"""What differs between a written list and the items that live beside an object. Pure.

The list is the whole truth: what is live and not in it goes, one step each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Collection as Collected
from dataclasses import dataclass, field, replace
from typing import Any

from cozeops.declare.collections import Collection, Item
from cozeops.declare.rows import Row
from cozeops.engine.diff.fields import explain
from cozeops.engine.model.plan import FieldChange
from cozeops.frozen import frozen
from cozeops.values import MISSING, Json, to_json


@dataclass(slots=True)
class CollectionDiff:
    """What must happen to the items of one collection."""

    fields: dict[str, FieldChange] = field(default_factory=dict)
    """By path: what all items share is reported once."""
    add: list[Any] = field(default_factory=list)
    remove: list[Item] = field(default_factory=list)
    """Everything that goes: unlisted, replaced, or there twice."""
    change: list[tuple[Item, Any]] = field(default_factory=list)
    unlisted: list[Item] = field(default_factory=list)
    """Those that no manifest names: they go, where there is a call that removes them."""
    replaced: list[Item] = field(default_factory=list)
    """Those of `remove` that come back with other fields."""
    stuck: list[tuple[Item, str]] = field(default_factory=list)
    """Items that can never become what is written, with the reason."""
    lost: list[Any] = field(default_factory=list)
    """Those that the list only keeps, and that are not there: nothing says what to add."""
    processing: list[Item] = field(default_factory=list)
    """Items that are there and not ready."""
    unknown: list[Item] = field(default_factory=list)
    """Items that stay, and whose content nobody can compare."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do, and nothing to say."""
        return not (self.add or self.remove or self.change or self.stuck or self.lost)


def _nobody_knows(_wanted: Any, _found: Item) -> bool | None:
    return None


@frozen
class ItemContext:
    """What comparing items has to ask about them."""

    values: Json
    """The declared values of the object they belong to."""
    must_stay: Callable[[Item], bool]
    """Whether an item is never removed or replaced (the owner, the token's user)."""
    content_moved: Callable[[Any, Item], bool | None] = _nobody_knows
    """Whether an item has other content than what was sent for the live one; None: not known."""
    remembered: Collected[str] = ()
    """The keys that the state has for items."""


def diff_items(row: Row, wanted: Sequence[Any], live: Sequence[Item], asked: ItemContext) -> CollectionDiff:
    """Compare a written list with what is live."""
    about = row.collection
    assert about is not None
    diff = CollectionDiff()
    keys = {about.key(item) for item in wanted}
    listed = (called(item, keys, about) for item in live)
    named = [item if item.key in keys else called(item, asked.remembered, about) for item in listed]
    standing = _newest(row, named, diff)
    for item in wanted:
        key = about.key(item)
        found = standing.pop(key, None)
        if found is None:
            (diff.lost if about.is_kept(item) else diff.add).append(item)
            _note(diff, f"{row.label}[{key}]", None, to_json(item))
        elif about.is_kept(item):
            _keep(row, about, item, found, asked, diff)
        elif not asked.must_stay(found):
            _compare(row, about, item, found, asked, diff)
    for item in standing.values():
        if not asked.must_stay(item):
            diff.unlisted.append(item)
            if about.remove is None:
                continue
            diff.remove.append(item)
            _note(diff, f"{row.label}[{item.key}]", to_json(item.fields) or item.key, None)
    return diff


def called(item: Item, keys: Collected[str], about: Collection) -> Item:
    """The item under the name that the list has for it."""
    alias = about.listed.alias(item.key) if about.listed else item.key
    return replace(item, key=alias) if item.key not in keys and alias in keys else item


def age(item: Item) -> tuple[bool, int, str]:
    """What sorts live items of one name: the last is the newest, unless it failed."""
    return not item.failed, item.stamp, item.id


def _newest(row: Row, live: Sequence[Item], diff: CollectionDiff) -> dict[str, Item]:
    """Of several live items of one name the newest stays, unless it failed.

    Older ones go as soon as that one is ready: until then they are what answers.
    """
    standing: dict[str, Item] = {}
    for item in sorted(live, key=age):
        older = standing.get(item.key)
        if older and item.ready:
            diff.remove.append(older)
            diff.unlisted.append(older)
            _note(diff, f"{row.label}[{item.key}].older", older.id, None)
        standing[item.key] = item
        if not (item.ready or item.failed):
            diff.processing.append(item)
    return standing


def _compare(
    row: Row, about: Collection, item: Any, found: Item, asked: ItemContext, diff: CollectionDiff
) -> None:
    label = f"{row.label}[{found.key}]"
    if found.failed:
        _note(diff, label, "processing failed", to_json(item))
        return _replace(diff, found, item)
    renew = change = False
    moved = asked.content_moved(item, found) if about.content else False
    if about.content and moved:
        renew, change = not about.changes(about.content.name), True
        _note(diff, f"{label}.{about.content.name}", None, to_json(about.content.of(item)))
    for name, expected in about.compare(item, asked.values).items():
        actual = found.fields.get(name, MISSING)
        where = f"spec.{name}" if name == about.shared else f"{label}.{name}"
        if actual is MISSING and name == about.shared:
            continue  # the reply does not tell how this item was cut
        differences = _differences(where, actual, expected)
        for path, old, new in differences:
            _note(diff, path, old, new)
        renew |= bool(differences) and not about.changes(name)
        change |= bool(differences) and about.changes(name)
    if (renew or change) and about.change and (why := about.change.never(found, item)):
        diff.stuck.append((found, why))
        return None
    if renew:
        return _replace(diff, found, item)
    if change:
        diff.change.append((found, item))
    if moved is None:
        diff.unknown.append(found)
    return None


def _keep(
    row: Row, about: Collection, item: Any, found: Item, asked: ItemContext, diff: CollectionDiff
) -> None:
    """Compare what can be changed in place; for the rest it would have to be added anew."""
    changed = False
    for name, expected in about.compare(item, asked.values).items():
        actual = found.fields.get(name, MISSING)
        differences = _differences(f"{row.label}[{found.key}].{name}", actual, expected)
        for path, old, new in differences if about.changes(name) else ():
            _note(diff, path, old, new)
            changed = True
    if changed:
        diff.change.append((found, item))


def _differences(where: str, actual: Any, expected: Any) -> list[tuple[str, Any, Any]]:
    if actual == expected:
        return []
    if isinstance(actual, dict) and isinstance(expected, dict):
        told = {key: actual[key] for key in expected if key in actual}
        return (
            [(f"{where}.{path}", old, new) for path, old, new in explain(told, expected)]
            if told != expected
            else []
        )
    return [(where, None if actual is MISSING else actual, expected)]


def _replace(diff: CollectionDiff, found: Item, item: Any) -> None:
    diff.add.append(item)
    diff.remove.append(found)
    diff.replaced.append(found)


def _note(diff: CollectionDiff, path: str, before: Any, after: Any) -> None:
    diff.fields.setdefault(path, FieldChange(path, before, after))
