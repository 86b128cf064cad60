"""What a state knows of the items beside an object: which are ours, and what was sent of them. Pure."""

from __future__ import annotations

from collections.abc import Collection as Keys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from cozeops.declare.collections import Collection, Item
from cozeops.declare.resource import Resource
from cozeops.declare.rows import Row, collection_rows
from cozeops.declare.verbs import REMOVALS, Verb
from cozeops.engine.diff.collections import age, called
from cozeops.engine.model.live import Live
from cozeops.engine.model.plan import Action, Change, Step
from cozeops.engine.prior.freshness import RACY
from cozeops.engine.prior.state import ours
from cozeops.state.model import ItemRecord, Record
from cozeops.values import MISSING, Json, dig, to_json

LAG = 60
"""Seconds in which a list may not show yet what was added, or show what is gone.

Nothing says how far the lists of Coze are behind its writes, or that they are: this is long for a cache.
"""
UNHEARD = 5
"""The same for what was sent and never heard of, which may not be there at all: seconds that apply waits."""
_DOUBT = 3600
"""Seconds in which an addition that nobody heard of may still turn out to have happened."""
Noted = Mapping[tuple[str, str], ItemRecord]
"""(label, key) -> what this run knows of an item, whatever the lists show."""


def remembered_items(record: Record | None, row: Row) -> tuple[Item, ...] | None:
    """The items of a collection that cannot be listed, as they were last sent; None: not known."""
    if record is None or (row.label not in record.items and not ours(record)):
        return None
    about = row.collection
    return tuple(
        Item(key, item.id or key, about.compare(item.value, {}) if about else {})
        for key, item in record.items.get(row.label, {}).items()
    )


def content_moved(
    record: Record | None, row: Row, about: Collection, item: object, found: Item
) -> bool | None:
    """Whether an item has other content than what was sent for the live one; None: not known."""
    known = record.items.get(row.label, {}).get(found.key) if record else None
    if known is None or known.id != found.id or known.value is None:
        # What we made holds what the manifest says, whoever filled it.
        return True if ours(record) else None
    return bool(known.value != content_of(about, item))


def content_of(about: Collection, item: object) -> object:
    """What of an item cannot be read back, as it is remembered."""
    return to_json(about.content.of(item)) if about.content else to_json(item)


def is_known(record: Record | None, row: Row, item: Item) -> bool:
    """Whether a live item is one that we added, also one whose addition nobody heard of."""
    known = record.items.get(row.label, {}).get(item.key) if record else None
    if known is None:
        return False
    return item.id in known.ids or bool(known.lost and item.stamp > known.lost - RACY)


def unseen(record: Record | None, row: Row, live: Iterable[Item], now: float) -> list[str]:
    """The ids of items that were added a moment ago and are not listed (`now`: the server's time)."""
    shown = {item.id for item in live}
    known = record.items.get(row.label, {}).values() if record else ()
    return [item.id for item in known if item.id and item.id not in shown and now - item.at < LAG]


def added_item(row: Row, resource: Resource, before: Record | None, key: str, id: str, at: int) -> ItemRecord:
    """What is known of an item that was just added, at a moment of the server's clock (Unix seconds)."""
    about, known = row.collection, _known(before, row, key)
    assert about is not None
    older = tuple(one for one in known.ids if one) if known else ()
    return ItemRecord(id, content_of(about, _wanted(row, about, resource)[key]), at, older, _doubt(known, at))


def lost_item(row: Row, before: Record | None, key: str, at: int) -> ItemRecord:
    """What is known of an item whose addition nobody heard of: there may be one more of its name."""
    known = _known(before, row, key) or ItemRecord("", None)
    return replace(known, lost=_doubt(known, at) or at)


def _doubt(known: ItemRecord | None, at: int) -> int:
    """Since when there may be one more: the first addition that nobody heard of."""
    return known.lost if known and at - known.lost < _DOUBT else 0


def _known(record: Record | None, row: Row, key: str) -> ItemRecord | None:
    return record.items.get(row.label, {}).get(key) if record else None


def items_in_part(
    resource: Resource, steps: Sequence[Step], before: Record, noted: Noted
) -> dict[str, Mapping[str, ItemRecord]]:
    """What is known after some steps of a change: of items that nobody can list, and of those just added."""
    found = dict(before.items)
    for row in collection_rows(resource.kind):
        about, known = row.collection, found.get(row.label, {})
        assert about is not None
        mine = [step for step in steps if step.field == row.label]
        if about.listed is None and mine:
            found[row.label] = _sent(about, mine, _wanted(row, about, resource), known)
        elif told := _noted(row, noted):
            found[row.label] = {**known, **told}
    return found


def items_after(
    resource: Resource, change: Change, live: Live, before: Record | None, noted: Noted
) -> dict[str, Mapping[str, ItemRecord]]:
    """What is known of all items once a change is made: with the content of those that it added."""
    found: dict[str, Mapping[str, ItemRecord]] = {}
    for row in collection_rows(resource.kind):
        if dig(resource.values, row.path) is MISSING:
            continue
        assert row.collection is not None
        items = _items(row, row.collection, resource, change, live, before)
        told = _noted(row, noted)
        if items is not None or told:
            shown = {item.id for item in live.items.get(row.path, ())}
            found[row.label] = _settled({**(items or {}), **told}, row, change, shown)
    return found


def _noted(row: Row, noted: Noted) -> dict[str, ItemRecord]:
    return {key: item for (label, key), item in noted.items() if label == row.label}


def _settled(
    items: Mapping[str, ItemRecord], row: Row, change: Change, shown: Keys[str]
) -> dict[str, ItemRecord]:
    """Of what was there before only what may still show; no suspicion of one more that the change removed."""
    gone = {
        id: key
        for step in change.steps
        if step.field == row.label
        for key, id in zip(step.items, step.ids, strict=False)
    }
    doubles = {key for id, key in gone.items() if key in items and id not in items[key].ids}
    return {
        key: replace(
            item,
            older=tuple(id for id in item.older if id in gone or id in shown),
            lost=0 if key in doubles else item.lost,
        )
        for key, item in items.items()
    }


def _wanted(row: Row, about: Collection, resource: Resource) -> Json:
    return {about.key(item): item for item in dig(resource.values, row.path)}


def _sending(about: Collection) -> set[Verb]:
    """The verbs of the steps that send the content of an item."""
    anew = about.content is None or about.changes(about.content.name)
    return {Verb.ADD, Verb.CHANGE} if anew else {Verb.ADD}


def _sent(
    about: Collection, steps: Sequence[Step], wanted: Json, known: Mapping[str, ItemRecord]
) -> dict[str, ItemRecord]:
    gone = {key for step in steps if step.verb in REMOVALS for key in step.items}
    sent = {key for step in steps for key in step.items} - gone
    kept = {key: item for key, item in known.items() if key in wanted or (about.remove and key not in gone)}
    return kept | {key: ItemRecord(key, content_of(about, wanted[key])) for key in sent if key in wanted}


def _items(
    row: Row, about: Collection, resource: Resource, change: Change, live: Live, before: Record | None
) -> dict[str, ItemRecord] | None:
    """The items of a collection, with the content of those that this change added. None: not known."""
    wanted = _wanted(row, about, resource)
    known = before.items.get(row.label) if before else None
    steps = [step for step in change.steps if step.field == row.label]
    added = {key for step in steps if step.verb in _sending(about) for key in step.items}
    if row.path not in live.items:
        if known is None and not added and not (change.action is Action.CREATE and not wanted):
            return None
        return _sent(about, steps, wanted, known or {})
    made: dict[str, ItemRecord] = {}
    listed = sorted((called(one, wanted.keys(), about) for one in live.items[row.path]), key=age)
    ids = {item.id for item in listed}
    for item in listed:  # of several of one name the newest counts
        if item.key in added:
            made[item.key] = ItemRecord(item.id, content_of(about, wanted[item.key]))
        elif known and item.key in known and known[item.key].id in ids:
            made[item.key] = known[item.key]
        elif item.key in wanted:  # nobody here has seen its content; what is only kept is not ours
            made[item.key] = ItemRecord("" if about.is_kept(wanted[item.key]) else item.id, None)
    return made
