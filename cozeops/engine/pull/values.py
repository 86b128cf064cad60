"""What the manifests of a resource would have to say so that nothing of it differs from the live side. Pure.

It is about declared fields only. What is written as it should be stays as it is written: an id by which
somebody names a dataset, a value that stands for itself in a list. What is composed is not taken apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from cozeops.address import Address
from cozeops.declare.codec import seen
from cozeops.declare.collections import Collection, Item
from cozeops.declare.fields import UNREADABLE, Is, Ref
from cozeops.declare.resource import Resource
from cozeops.declare.rows import Row, concerns, is_within, publication_of, rows_of, unwrap
from cozeops.engine.diff.collections import called
from cozeops.engine.diff.fields import WRITE_ONLY
from cozeops.engine.diff.references import compared
from cozeops.engine.export.manifest_values import declaration, limit, named_value
from cozeops.engine.model.live import Live, Snapshot
from cozeops.engine.model.plan import Change, FieldChange
from cozeops.engine.pull.model import Compiled, Kept, Left, Wanted
from cozeops.frozen import frozen
from cozeops.manifests.forms import fields_of
from cozeops.manifests.resolve.manifest import Manifest
from cozeops.manifests.yaml.document import Path
from cozeops.state.model import Record
from cozeops.values import MISSING, Json, canonical, dig, put

_REFERENCE = re.compile(r"(?<!\$)(?:\$\$)*\$\{")
_BOTH = "Git and Coze both changed it since it was applied: --theirs takes the live value"
_WHO = "nobody knows whether Git or Coze changed it: --theirs takes the live value"


@frozen
class PulledResource:
    """One resource that is compared: what is declared, what is live, what was applied."""

    change: Change
    resource: Resource
    manifest: Manifest
    """As it is written."""
    filled: Json
    """Its data with references filled."""
    live: Live
    record: Record | None
    """What the state remembers of it."""
    snapshot: Snapshot
    addresses: Mapping[tuple[str, str], Address]
    """(kind, id) -> what the project calls it."""
    theirs: bool
    """Whether the live value is taken where both sides changed."""
    file_of: Callable[[Path, str], str]
    """(where a file is named, how) -> its path in the project."""
    made_of: Callable[[Path], str]
    """A field -> what its value names, and where that stands; empty where it names nothing."""


def wanted(one: PulledResource) -> Iterator[Wanted | Left]:
    """Each field that the live side changed: what to write, or why it is left."""
    found = list(_differing(one))
    yield from found
    yield from _taken_out(one, [each for each in found if isinstance(each, Wanted)])


def _differing(one: PulledResource) -> Iterator[Wanted | Left]:
    desired = compared(one.resource, one.snapshot)
    for row in rows_of(one.resource.kind):
        fields = [field for field in one.change.fields if _is_about(row, field.path)]
        fields = [field for field in fields if field.note != WRITE_ONLY]
        if row.path not in desired or not fields or Is.OUTSIDE in row.traits:
            continue
        try:
            if row.collection:
                yield from _items(one, row, row.collection, fields)
            elif (conflict := _conflict(one, fields[0])) is not None:
                if conflict:
                    yield from (_left(one, field, conflict) for field in fields)
            elif row.publication:
                yield from _publication(one, row, fields[0])
            else:
                yield from _body(one, row, fields, desired[row.path])
        except Kept as kept:
            made_of = one.made_of(("spec", *row.path)) if isinstance(kept, Compiled) else ""
            reason = f"{kept}; see {made_of}" if made_of else str(kept)
            yield from (_left(one, field, reason) for field in fields)


def _taken_out(one: PulledResource, found: Sequence[Wanted]) -> Iterator[Wanted]:
    """Fields that no manifest may have beside the new values of their group."""
    kind, values = one.resource.kind, deepcopy(one.resource.values)
    rows: dict[Path, Row] = {("spec", *row.path): row for row in rows_of(kind)}
    moved = {each.path for each in found}
    for path in moved & rows.keys():
        live = one.live.fields.get(rows[path].path, UNREADABLE)
        if isinstance(live, str | int | float):  # what a manifest says of lists is not what is compared
            put(values, rows[path].path, live)
    known = list(kind.check(one.resource.values))
    for flaw in kind.check(values):
        inside: Path = ("spec", *flaw.path)
        beside = len(inside) > 2 and any(each[:-1] == inside[:-1] for each in moved)
        if flaw not in known and beside and inside in rows and inside not in moved:
            declared = FieldChange(rows[inside].label, dig(one.resource.values, rows[inside].path), None)
            yield Wanted(one.resource.address, (declared,), inside, MISSING)


def _is_about(row: Row, path: str) -> bool:
    shared = row.collection.shared if row.collection else ""
    return concerns(path, row.label) or bool(shared and is_within(path, f"spec.{shared}"))


def _left(one: PulledResource, field: FieldChange, reason: str) -> Left:
    place = one.manifest.place(_written_path(field.path)).position
    return Left(one.resource.address, field.path, reason, field.after, field.before, place)


def _wanted(
    one: PulledResource, fields: Sequence[FieldChange], path: Path, value: Any, file: str = ""
) -> Wanted:
    turned = tuple(replace(field, before=field.after, after=field.before) for field in fields)
    return Wanted(one.resource.address, turned, path, value, file)


def _written_path(label: str) -> Path:
    return tuple(label.partition("[")[0].split("."))


def _conflict(one: PulledResource, field: FieldChange) -> str | None:
    """None: it is pulled; empty: only Git changed it; else why it is left."""
    if field.note == "secret":
        return "it is a secret: set its variable to the new value"
    if one.record is None or field.origin == "live" or (field.origin == "both" and one.theirs):
        return None
    # What the state does not know was declared since: that is no edit of the live side.
    return _BOTH if field.origin == "both" else ""


# ---------------------------------------------------------------------------------------------- fields


def _body(one: PulledResource, row: Row, fields: Sequence[FieldChange], desired: Any) -> Iterator[Wanted]:
    live, _ = seen(row, one.live.fields.get(row.path, MISSING), desired)
    if live is MISSING or live is UNREADABLE:
        raise Kept("Coze has no value there: to leave it to Coze, take the line out")
    path: Path = ("spec", *row.path)
    raw, filled = _at(one.manifest.data, path), _at(one.filled, path)
    if row.is_text:
        for where, value, file in _text(one, row, path, (raw, filled), live):
            own = [field for field in fields if is_within(field.path, ".".join(map(str, where)))]
            yield _wanted(one, own or fields, where, value, file)
        return
    declared = declaration(one.resource.kind, row.path)
    written = _as_written(one, row, declared, live)
    spelled = _spelled(one, declared, filled)
    value = merged(raw, spelled, written, unordered=Is.UNORDERED in row.traits)
    yield _wanted(one, fields, path, value)


def _as_written(one: PulledResource, row: Row, declared: Any, live: Any) -> Any:
    """A live value in the form of a manifest."""
    values: Json = {}
    put(values, row.path, live)
    value = dig(one.resource.kind.written(values), row.path)
    return named_value(declared, value, lambda ref, id: _name(one, ref, id))


def _name(one: PulledResource, ref: Ref, id: str) -> Any:
    builtin = {known: name for name, known in ref.builtin.items()}
    address = one.addresses.get((ref.kind, id))
    return builtin.get(id) or (address.name if address else {"id": id})


def _spelled(one: PulledResource, declared: Any, value: Any) -> Any:
    """A written value with every reference in the one form that `_name` gives it."""
    bare, traits = unwrap(declared)
    ref = next((trait for trait in traits if isinstance(trait, Ref)), None)
    if ref and get_origin(bare) is not list and isinstance(value, str | dict):
        id = _id_of(one, ref, value)
        return _name(one, ref, id) if id else value
    if isinstance(value, list) and get_origin(bare) is list:
        return [_spelled(one, get_args(bare)[0], item) for item in value]
    if isinstance(value, dict) and isinstance(bare, type) and issubclass(bare, BaseModel):
        known = fields_of(bare)
        return {key: _spelled(one, known.get(key, Any), item) for key, item in value.items()}
    return value


def _id_of(one: PulledResource, ref: Ref, value: Any) -> str:
    """The id of what a manifest names; empty where nobody knows it."""
    if isinstance(value, dict):
        scope = one.snapshot.home_id(one.resource) or ""
        return str(value.get("id") or one.snapshot.named.get((ref.kind, scope, value.get("name", "")), ""))
    if value in ref.builtin:
        return ref.builtin[value]
    found = one.snapshot.live.get(Address(ref.kind, value))
    return found.id if found else value if ref.ids and value.isdecimal() else ""


def merged(raw: Any, filled: Any, live: Any, *, unordered: bool = False) -> Any:
    """The live value, with everything that says the same already as it is written. Raises Kept.

    `raw` is what is written, `filled` what it means.
    """
    if canonical(filled) == canonical(live):
        return raw
    if isinstance(raw, str) and _REFERENCE.search(raw):
        raise Compiled(f"it is composed: {raw} is not taken apart")
    if isinstance(raw, dict) and isinstance(live, dict):
        kept = {key: merged(raw[key], filled[key], live[key]) for key in raw if key in live}
        return {**kept, **{key: escaped(value) for key, value in live.items() if key not in raw}}
    if isinstance(raw, list) and isinstance(live, list):
        return _merged_list(raw, filled, live, unordered=unordered)
    return escaped(live)


def _merged_list(raw: list[Any], filled: list[Any], live: list[Any], *, unordered: bool) -> list[Any]:
    left = dict(enumerate(filled))
    made: list[tuple[int, Any]] = []
    exact = [_take(left, partial(_is_equal, value)) for value in live]
    for value, index in zip(live, exact, strict=True):
        near = index if index is not None else _take(left, partial(is_same, value))
        if near is None:
            made.append((len(raw), escaped(value)))
        else:
            made.append((near, merged(raw[near], filled[near], value, unordered=unordered)))
    return [value for _, value in (sorted(made, key=lambda pair: pair[0]) if unordered else made)]


def _take(left: dict[int, Any], fits: Callable[[Any], bool]) -> int | None:
    index = next((index for index, item in left.items() if fits(item)), None)
    if index is not None:
        del left[index]
    return index


def _is_equal(value: Any, item: Any) -> bool:
    return canonical(item) == canonical(value)


def is_same(value: Any, item: Any) -> bool:
    """Whether two items of a list are two states of one thing: they begin with the same."""
    if not (isinstance(item, dict) and isinstance(value, dict) and item):
        return False
    first = next(iter(item))
    return first in value and canonical(item[first]) == canonical(value[first])


# ----------------------------------------------------------------------------------------------- texts


def _text(
    one: PulledResource, row: Row, path: Path, written: tuple[Any, Any], live: Any
) -> Iterator[tuple[Path, Any, str]]:
    """Where each part of a text is written: (path, text, file)."""
    raw, filled = written
    if isinstance(raw, dict) and "ref" in raw:
        raise Compiled(f"it is compiled from Prompt/{filled['ref']}, which is not taken apart")
    if isinstance(raw, dict) and "prefix" in raw and isinstance(live, dict):
        for name, part in live.items():
            now = one.resource.values
            if name in raw and part != _plain(dig(now, (*row.path, name))):
                yield from _text(one, row, (*path, name), (raw[name], filled[name]), part)
            elif name not in raw and part:
                yield (*path, name), escaped(part), ""
        return
    if not isinstance(live, str) or (isinstance(raw, dict) and "file" not in raw):
        raise Kept("its form changed: one text, or two for prefix caching")
    if isinstance(raw, dict):
        yield path, _within(one, row, live, "\n"), one.file_of((*path, "file"), filled["file"])
        return
    if _REFERENCE.search(raw):
        raise Compiled("it is composed: its references are not taken apart")
    ends = filled[len(filled.rstrip("\n")) :]
    yield path, escaped(_within(one, row, live, ends)), ""


def _plain(text: Any) -> Any:
    return text.replace("\r\n", "\n").rstrip("\n") if isinstance(text, str) else text


def _within(one: PulledResource, row: Row, text: str, ends: str) -> str:
    """A text with its line ends, which count for Coze's limit."""
    most = limit(one.resource.kind, row)
    return text if not text or (most is not None and len(text) + len(ends) > most) else f"{text}{ends}"


# ------------------------------------------------------------------------------------------ publication


def _publication(one: PulledResource, row: Row, field: FieldChange) -> Iterator[Wanted]:
    published = publication_of(one.resource.kind)
    assert published is not None
    path: Path = ("spec", *row.path, "connectors")
    raw, filled = _at(one.manifest.data, path), _at(one.filled, path)
    if not isinstance(raw, list):
        raise Compiled(f"it is composed: {raw} is not taken apart")
    ref = Ref("Connector", builtin=published.calls.builtin)
    ids = [_id_of(one, ref, item["connector"] if _is_custom(item) else item) for item in filled]
    value = [written for written, id in zip(raw, ids, strict=True) if id in one.live.channels]
    order = [*published.calls.builtin.values()]
    news = [id for id in one.live.channels if id not in ids]
    for id in sorted(news, key=lambda id: (id not in order, id)):
        name = _name(one, ref, id)
        if not isinstance(name, str):
            raise Kept(f"it is published on the channel {id}, which the project does not declare")
        value.append(name)
    yield _wanted(one, [field], path, value)


def _is_custom(item: Any) -> bool:
    return isinstance(item, dict) and "connector" in item


# ---------------------------------------------------------------------------------------------- items


@frozen
class _List:
    """A written list, and the live items that it is about."""

    raw: list[Any]
    filled: list[Any]
    keys: Mapping[str, int]
    """The key of each resolved item -> the entry that it is written in."""
    live: Mapping[str, Item]


def _items(
    one: PulledResource, row: Row, about: Collection, fields: Sequence[FieldChange]
) -> Iterator[Wanted | Left]:
    """A list item by item; what all items share stands beside it."""
    listed = _list(one, row, about)
    value: list[Any] = [*listed.raw]
    gone: set[int] = set()
    news: list[Any] = []
    touched: list[FieldChange] = []
    shared: list[FieldChange] = []
    for field in fields:
        try:
            if not concerns(field.path, row.label):
                shared.append(field)
                continue
            conflict = _item_conflict(one, row, field, listed)
            if conflict is None:
                _change_item(about, row, field, listed, (value, gone, news))
                touched.append(field)
            elif conflict:
                yield _left(one, field, conflict)
        except Kept as kept:
            yield _left(one, field, str(kept))
    after = [item for index, item in enumerate(value) if index not in gone] + news
    if touched:
        yield _wanted(one, touched, ("spec", *row.path), after)
    if shared:
        yield from _shared(one, about, shared, listed)


def _list(one: PulledResource, row: Row, about: Collection) -> _List:
    path: Path = ("spec", *row.path)
    raw = _at(one.manifest.data, path)
    if not isinstance(raw, list):
        raise Compiled(f"it is composed: {raw} is not taken apart")
    declared = dig(one.resource.values, row.path)
    written = getattr(one.resource.locate, "written", lambda path: ("spec", *path))
    keys = {about.key(item): written((*row.path, index))[-1] for index, item in enumerate(declared)}
    live = (called(item, keys, about) for item in one.live.items.get(row.path, ()))
    return _List(raw, _at(one.filled, path), keys, {item.key: item for item in live})


def _key_in(row: Row, field: FieldChange, listed: _List) -> str:
    """The item that a difference is about: keys may have brackets and dots of their own."""
    rest = field.path.removeprefix(f"{row.label}[")
    known = (key for key in (*listed.keys, *listed.live) if rest == f"{key}]" or rest.startswith(f"{key}]."))
    return max(known, key=len, default="")


def _item_conflict(one: PulledResource, row: Row, field: FieldChange, listed: _List) -> str | None:
    """As `_conflict`: the state remembers which items were there."""
    if one.record is None or one.theirs:
        return None
    known = one.record.items.get(row.label)
    key = _key_in(row, field, listed)
    if known is None or (key in listed.keys and key in listed.live):
        return _WHO
    # Live and not written: somebody added it there, or took it out here; and the other way round.
    added_live, removed_live = key in listed.live and key not in known, key in listed.keys and key in known
    return None if added_live or removed_live else ""


def _change_item(
    about: Collection,
    row: Row,
    field: FieldChange,
    listed: _List,
    made: tuple[list[Any], set[int], list[Any]],
) -> None:
    """Change the entry of one item. Raises Kept."""
    value, gone, news = made
    key = _key_in(row, field, listed)
    index, item = listed.keys.get(key), listed.live.get(key)
    whole = field.path == f"{row.label}[{key}]"
    if index is None and item is None:
        raise Kept("what is there cannot be told")
    if index is None:
        assert item is not None
        if about.content or not about.export or not whole:
            raise Kept("its content cannot be read back: add its file to the manifest")
        news.append(escaped(about.export.write(item, "")))
    elif item is None:
        if sum(other == index for other in listed.keys.values()) > 1 or _REFERENCE.search(str(value[index])):
            raise Kept("its entry stands for several files: it is not taken apart")
        gone.add(index)
    elif whole or item.failed:
        raise Kept("Coze could not process it")
    else:
        value[index] = _changed_item(about, row, field, (key, item), (value[index], listed.filled[index]))


def _changed_item(
    about: Collection, row: Row, field: FieldChange, live: tuple[str, Item], entry: tuple[Any, Any]
) -> Any:
    (key, item), (raw, filled) = live, entry
    name = field.path.removeprefix(f"{row.label}[{key}].").partition(".")[0]
    if (about.content and name == about.content.name) or name not in item.fields:
        raise Kept("what is there cannot be read back")
    if not isinstance(raw, dict):
        if not about.export or about.content:
            raise Kept("its entry has no room for it")
        return escaped(about.export.write(item, ""))
    if name not in raw:
        return {**raw, name: escaped(item.fields[name])}
    now = item.fields[name]
    if isinstance(now, dict) and isinstance(filled[name], dict):  # only what is written is managed
        now = {part: now.get(part, one) for part, one in filled[name].items()}
    return {**raw, name: merged(raw[name], filled[name], now)}


def _shared(
    one: PulledResource, about: Collection, fields: Sequence[FieldChange], listed: _List
) -> Iterator[Wanted]:
    """What applies to every item: all that are written must say the same."""
    if one.record is not None and not one.theirs:
        raise Kept(_WHO)
    told = [item.fields[about.shared] for key, item in listed.live.items() if about.shared in item.fields]
    if len({canonical(value) for value in told}) != 1:
        raise Kept("the items differ in it: it is one setting for all of them")
    path: Path = ("spec", about.shared)
    raw, filled = _at(one.manifest.data, path), _at(one.filled, path)
    live = one.resource.kind.written({about.shared: told[0]})[about.shared]
    value = merged(raw, filled, live)
    yield _wanted(one, fields, path, value)


# --------------------------------------------------------------------------------------------- values


def escaped(value: Any) -> Any:
    """With `${` written so that it is no reference."""
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, dict):
        return {key: escaped(item) for key, item in value.items()}
    return [escaped(item) for item in value] if isinstance(value, list) else value


def _at(value: Any, path: Path) -> Any:
    for step in path:
        if isinstance(value, dict) and step in value:
            value = value[str(step)]
        else:
            return MISSING
    return value
