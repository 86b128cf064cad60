"""From the steps of a change to the requests that make them. Pure: nothing is sent here.

Before the first write of a run every change is mapped once with placeholders for what is not known yet; a
planned field that no request would carry stops the run (`uncarried`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from cozeops.declare.calls import LARGEST_BODY, UPLOAD, Call, Path
from cozeops.declare.codec import complete, encode, is_told, merged
from cozeops.declare.collections import Collection, Item, Removal
from cozeops.declare.publication import Publication, uses_in
from cozeops.declare.resource import Resource
from cozeops.declare.rows import Row, collection_rows, concerns, is_within, row_at, rows_of
from cozeops.declare.verbs import REMOVALS, Verb
from cozeops.engine.diff.references import PLACEHOLDER, is_ignored, sent
from cozeops.engine.model.live import Live, Snapshot
from cozeops.engine.model.plan import Action, Change, Step
from cozeops.engine.prior.state import carried, remembered_upload
from cozeops.frozen import frozen
from cozeops.state.model import Record
from cozeops.values import MISSING, FileContent, Json, dig


@frozen
class Request:
    """One call with its parameters, and the labels of the fields that it carries."""

    call: Call
    params: Json
    carries: tuple[str, ...] = ()
    upload: FileContent | None = None
    collection: Collection | None = None
    """The collection that it adds to."""
    keys: tuple[str, ...] = ()
    """The keys of the items that it adds, changes or removes."""
    changes: bool = False
    """Whether it changes an item that is there."""


def _not_uploaded(_: FileContent) -> str | None:
    return PLACEHOLDER


@frozen
class Task:
    """A change with everything that its requests are made from."""

    change: Change
    resource: Resource
    snapshot: Snapshot
    live: Live | None
    """As it is just before the write."""
    file_id: Callable[[FileContent], str | None] = _not_uploaded
    """The id of a file that this run uploaded."""
    record: Record | None = None
    """What the state remembers: values that cannot be read, and would be reset."""

    @property
    def id(self) -> str:
        """The live id; PLACEHOLDER before it is created."""
        found = self.snapshot.live.get(self.resource.address)
        return found.id if found else self.change.id or PLACEHOLDER

    @property
    def scope(self) -> str:
        """The id of the workspace."""
        return self.snapshot.home_id(self.resource) or PLACEHOLDER

    def bound(self, value: Any, *, upload: bool = False) -> Any:
        """A value with its references (and files that are uploaded) as ids."""
        return sent(value, self.snapshot, self.scope, self._uploaded if upload else None)

    def fields(self) -> dict[Path, Any]:
        """The declared fields in the form that is sent; without files that nobody uploaded."""
        found = {}
        for row in rows_of(self.resource.kind):
            value = dig(self.resource.values, row.path)
            if value is MISSING or (self.live and is_ignored(self.resource, row.label)):
                continue
            if row.upload and not row.collection:
                value = self.file_id(value) or remembered_upload(self.record, row, value)
            found[row.path] = self.bound(value)
        return {path: value for path, value in found.items() if value is not None}

    def _uploaded(self, file: FileContent) -> str:
        id = self.file_id(file)
        if id is None:
            raise ValueError(f"{file.path} was not uploaded")
        return id


def requests_of(step: Step, task: Task) -> Iterator[Request]:
    """The requests of one step, in order. Raises KeyError for a step that the kind does not know."""
    kind = task.resource.kind
    if kind.create and step.verb is Verb.CREATE:
        yield _create(kind.create, task)
    elif kind.copy and step.verb is Verb.COPY:
        params = {"entity_id": step.ids[0], kind.copy.begin.scope: task.scope}
        yield Request(kind.copy.begin, params, ("spec.name",))
    elif kind.copy and step.verb is Verb.AWAIT:
        yield Request(kind.copy.progress, {"task_id": step.ids[0]}, ("spec.name",))
    elif kind.update and step.verb is Verb.UPDATE:
        yield _update(kind.update, task)
    elif kind.delete and step.verb is Verb.DELETE:
        yield Request(kind.delete, _whose(kind.delete, task), ("spec.name",))
    else:
        row = row_of(step, task.resource)
        if step.verb is Verb.UPLOAD:
            yield from _uploads(step, row, task)
        elif row.setter:
            value = task.bound(dig(task.resource.values, row.path))
            yield Request(
                row.setter.call, {**_whose(row.setter.call, task), row.setter.parameter: value}, (row.label,)
            )
        elif row.publication:
            yield _publication(step, row, row.publication, task)
        elif row.collection:
            yield from _items(step, row, row.collection, task)


def last_steps(change: Change, resource: Resource | None) -> tuple[Step, ...]:
    """The steps of a change that wait until every other change is made."""
    rows = collection_rows(resource.kind) if resource else ()
    late = {
        row.label for row in rows if row.collection and row.collection.remove and row.collection.remove.last
    }
    return tuple(step for step in change.steps if step.verb in REMOVALS and step.field in late)


def uncarried(task: Task) -> list[str]:
    """The planned fields that no request of this change would carry: a bug in a kind, never sent."""
    carried = [
        label
        for step in task.change.steps
        for request in requests_of(step, task)
        for label in request.carries
    ]
    return [
        field.path
        for field in task.change.fields
        if not any(concerns(field.path, label) for label in carried)
    ]


def row_of(step: Step, resource: Resource) -> Row:
    """The field that a step is about. Raises KeyError."""
    for row in rows_of(resource.kind):
        if step.field in (row.label, f"{row.label}.connectors"):
            return row
    raise KeyError(f"{resource.address}: no field {step.field!r} for {step.operation}")


def _whose(call: Call, task: Task) -> Json:
    id = task.resource.kind.id
    return {id: task.id} if call.names_object or f"{{{id}}}" in call.path else {}


def _labels(task: Task, paths: Iterator[Path] | Sequence[Path]) -> tuple[str, ...]:
    wanted = set(paths)
    return tuple(row.label for row in rows_of(task.resource.kind) if row.path in wanted)


def _create(call: Call, task: Task) -> Request:
    kind, fields = task.resource.kind, task.fields()
    # The name that it is found by is the name that it gets, also where only metadata.name says it.
    if task.resource.has_name:
        fields.setdefault(("name",), task.resource.name)
    params = encode(kind, fields, creating=True)
    if call.scope:
        params[call.scope] = task.scope
    created = [row.path for row in rows_of(kind) if row.path in fields and row.in_body and row.wire.on_create]
    return Request(call, params, _labels(task, created))


def _update(call: Call, task: Task) -> Request:
    kind, fields = task.resource.kind, task.fields()
    rows = [row for row in rows_of(kind) if row.in_body and row.wire.on_update and row.path in fields]
    if task.change.action is Action.CREATE:
        touched = [row.path for row in rows if not row.wire.on_create]
    else:
        touched = [row.path for row in rows if _changes(task.change, row)]
    live = task.live.fields if task.live else {}
    # What a reply tells after all is as it is there, and not as it was sent once.
    known = {
        path: merged(row_at(kind, path), value, live[path]) if is_told(live, path) else value
        for path, value in carried(task.record, task.resource).items()
    }
    fields = complete(kind, touched, {**known, **fields}, live)
    body = encode(kind, fields, creating=False)
    return Request(call, {**_whose(call, task), **body}, _labels(task, list(fields)))


def _changes(change: Change, row: Row) -> bool:
    return any(is_within(field.path, row.label) for field in change.fields)


def _uploads(step: Step, row: Row, task: Task) -> Iterator[Request]:
    if row.collection:
        for item in _wanted(step, row, row.collection, task):
            yield Request(UPLOAD.call, {}, upload=item["file"])
    else:
        yield Request(UPLOAD.call, {}, upload=dig(task.resource.values, row.path))


def _publication(step: Step, row: Row, about: Publication, task: Task) -> Request:
    if step.verb is Verb.UNPUBLISH:
        params = {**_whose(about.unpublish, task), about.leaving: step.ids[0]}
        told = dig(task.resource.values, (*row.path, about.reason))
        reason = {} if told is MISSING else {about.reason: told}
        return Request(about.unpublish, {**params, **reason}, (row.label,))
    uses = task.bound(uses_in(dig(task.resource.values, row.path)))
    return Request(about.publish, {**_whose(about.publish, task), **about.encode(uses)}, (row.label,))


# ---------------------------------------------------------------------------------------------- items


def _items(step: Step, row: Row, about: Collection, task: Task) -> Iterator[Request]:
    remove, change = about.remove, about.change
    if step.verb is Verb.ADD:
        yield from _additions(step, row, about, task)
    elif remove and step.verb in REMOVALS:
        gone = [Item(key, id, {}) for key, id in zip(step.items, step.ids, strict=True)]
        for part in _batches(gone, remove.batch):
            params = {**_whose(remove.call, task), **remove.encode(part), **_receiver(remove, task)}
            yield Request(remove.call, params, _entries(row, part), keys=tuple(item.key for item in part))
    elif change:
        (wanted,) = _wanted(step, row, about, task)
        item = Item(step.items[0], step.ids[0], {})
        params = change.encode(item, task.bound(wanted), task.resource.values)
        params = {**_whose(change.call, task), **params}
        yield Request(change.call, params, _entries(row, [item]), keys=(item.key,), changes=True)


def _entries(row: Row, items: Sequence[Item]) -> tuple[str, ...]:
    return tuple(f"{row.label}[{item.key}]" for item in items)


def _receiver(remove: Removal, task: Task) -> Json:
    """Who gets what a removed item owns, where the call asks."""
    asked = remove.receiver
    return {asked.parameter: task.resource.values.get(asked.field)} if asked else {}


def _additions(step: Step, row: Row, about: Collection, task: Task) -> Iterator[Request]:
    shared = (f"spec.{about.shared}",) if about.shared else ()
    for part in _batches(_wanted(step, row, about, task), about.add.batch, about.add.weight):
        items = task.bound(part, upload=about.add.uploads)
        params = {**_whose(about.add.call, task), **about.add.encode(items, task.resource.values)}
        keys = tuple(about.key(item) for item in part)
        labels = tuple(f"{row.label}[{key}]" for key in keys)
        yield Request(about.add.call, params, (*labels, *shared), collection=about, keys=keys)


def _wanted(step: Step, row: Row, about: Collection, task: Task) -> list[Any]:
    keys = set(step.items)
    return [item for item in dig(task.resource.values, row.path) if about.key(item) in keys]


def _batches(
    items: Sequence[Any], most: int, weight: Callable[[Any], int] | None = None
) -> Iterator[list[Any]]:
    """The items in order, in as few parts as fit into requests. What is too heavy by itself is a part."""
    part: list[Any] = []
    filled = 0
    for item in items:
        heavy = weight(item) if weight else 0
        if part and (len(part) == most or filled + heavy > LARGEST_BODY):
            yield part
            part, filled = [], 0
        part.append(item)
        filled += heavy
    if part:
        yield part
