"""What must happen to one resource. Pure.

Nothing live: create. Something live: compare fields, items and publication. What cannot be compared is
sent along when the resource is written anyway, and counted when it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cozeops.codes import Code
from cozeops.declare.codec import reset_by, seen
from cozeops.declare.collections import Collection, Item
from cozeops.declare.fields import Is
from cozeops.declare.rows import Row, rows_of
from cozeops.declare.verbs import Verb
from cozeops.engine.diff.collections import CollectionDiff, ItemContext, diff_items
from cozeops.engine.diff.fields import diff_fields
from cozeops.engine.model.plan import FieldChange, Step
from cozeops.engine.plan import steps
from cozeops.engine.plan.resource_change import ResourceChange
from cozeops.engine.plan.warnings import (
    cautions,
    costs,
    draft_only,
    generated_anew,
    made_anew,
    not_found,
    note_items,
    only_kept,
    other_generated,
)
from cozeops.engine.plan.warnings_by_key import keyed_cautions, nothing_to_write
from cozeops.engine.plan.write_only import Unread, sort_unread
from cozeops.engine.prior.items import content_moved, remembered_items
from cozeops.engine.prior.state import carried
from cozeops.errors import Problem
from cozeops.values import MISSING

Collections = Sequence[tuple[Row, Collection, CollectionDiff | None]]
"""Each declared collection with its difference; None where it cannot be read."""


def decide(case: ResourceChange) -> None:
    """Fill in the case: fields, steps, reasons, findings."""
    resource, snapshot = case.resource, case.world.snapshot
    if case.live is not None and not case.live.unmoved:
        _update(case)
    elif case.live is not None:
        return
    elif made_anew(case):
        _create(case)
    elif resource.address not in snapshot.absent:
        not_found(case)
    elif resource.kind.create is None and resource.kind.keyed:
        nothing_to_write(case)
    elif resource.kind.copy and (source := case.world.sources.get(resource.address)):
        steps.copy(case, resource.kind.copy, source)
        _beside(case)
    elif resource.kind.create is None:
        message = f"there is no {resource.kind.name} called {resource.name!r} in {resource.scope}"
        case.find(Code.NOT_FOUND, message, resource.kind.uncreatable)
    else:
        _create(case)
    draft_only(case)
    costs(case)
    if resource.kind.keyed:
        keyed_cautions(case, resource.kind.keyed)


def _create(case: ResourceChange) -> None:
    kind = case.resource.kind
    assert kind.create is not None
    gone = case.resource.address in case.world.snapshot.gone
    case.reasons.append("it was applied, and is gone from Coze" if gone else "not on Coze yet")
    _demand_needed(case)
    if (
        "name",
    ) not in case.desired and case.resource.has_name:  # sent all the same: it is found by this name
        case.fields.append(FieldChange("spec.name", None, case.resource.name))
    rows = list(case.rows())
    for row in rows:
        _note_new(case, row)
    body = [row for row in rows if row.in_body]
    case.body += steps.uploads(row for row in body if row.wire.on_create)
    case.body.append(Step(Verb.CREATE, kind.create.operation))
    if kind.update and any(row.wire.on_update and not row.wire.on_create for row in body):
        case.body.append(Step(Verb.UPDATE, kind.update.operation))
    _beside(case)


def _beside(case: ResourceChange) -> None:
    """What lives beside a new object and has calls of its own."""
    for row in case.rows():
        if row.setter:
            case.setters.append(Step(Verb.SET, row.setter.call.operation, row.label))
        elif row.collection:
            steps.add_items(case, row, row.collection, _beside_creation(case, row, row.collection))
        elif row.publication:
            steps.publish(case, row, steps.decide_publication(case, row, draft_changes=True))


def _note_new(case: ResourceChange, row: Row) -> None:
    """Record a field of an object that does not exist yet."""
    if Is.GENERATED in row.traits:
        generated_anew(case, row)
    elif row.setter or (row.in_body and not row.reads):
        case.note_sent(row)
    elif row.in_body:
        case.note_field(row, None, case.desired[row.path])


def _beside_creation(case: ResourceChange, row: Row, about: Collection) -> list[Any]:
    """The items that are not there as soon as the object is."""
    first = case.resource.values.get(about.created_with)
    if kept := [item for item in case.written(row) if about.is_kept(item)]:
        only_kept(case, row, kept)
    return [item for item in case.written(row) if about.key(item) != first and not about.is_kept(item)]


def _demand_needed(case: ResourceChange) -> None:
    resource = case.resource
    for row in rows_of(resource.kind):
        if Is.NEEDED_TO_CREATE in row.traits and row.path not in case.desired:
            message = f"{resource.address} does not exist, and cannot be created without {row.label}"
            case.problems.append(
                Problem(Code.NEEDED_TO_CREATE, message, f"add {row.label}", resource.locate(()))
            )


def _update(case: ResourceChange) -> None:
    assert case.live is not None
    diff = diff_fields(case.resource.kind, case.desired, case.live.fields)
    touched = _differing(case, diff.differ)
    unread = sort_unread(case, diff.uncompared)
    collections = _collections(case)
    publication = next((row for row in case.rows() if row.publication), None)
    written = (
        bool(touched or unread.changed)
        or case.rewritten
        or bool(case.world.installs.get(case.resource.address))
        or any(found and not found.empty for _, _, found in collections)
        or bool(publication and steps.decide_publication(case, publication, draft_changes=False).reason)
    )
    costly = _costly(case, unread, touched)
    touched += _send_unread(case, unread, collections, costly, written=written)
    skipped = unread.unknown if not written else () if case.rewritten else costly
    case.uncompared += _not_compared(unread, skipped, collections, written=written)
    _body(case, touched)
    for row, about, found in collections:
        if found and not found.empty:
            steps.change_items(case, row, about, found)
    steps.install(case)
    if publication:
        news = steps.decide_publication(case, publication, draft_changes=bool(touched))
        steps.publish(case, publication, news)
        if not news.reason:
            case.uncompared += steps.uncompared_params(case, publication)
    cautions(case, compared=_was_compared(case, diff.uncompared, collections))


def _differing(case: ResourceChange, differ: Sequence[Row]) -> list[Row]:
    """The rows that an update changes; those that it cannot change become findings."""
    assert case.live is not None
    touched = []
    for row in differ:
        after = case.desired[row.path]
        before, _ = seen(row, case.live.fields.get(row.path, MISSING), after)
        if Is.GENERATED in row.traits:
            other_generated(case, row)
            continue
        if Is.FIXED in row.traits:
            message = f"{row.label} is {before!r} on Coze and cannot be changed to {after!r}"
            case.find(Code.FIXED_FIELD, message, "write the live value, or make a new object by hand")
            case.note_field(row, before, after)
            continue
        if row.path == ("name",) and "rename" in case.resource.lifecycle.protect:
            message = f"the name would change to {after!r}; lifecycle.protect has rename"
            case.find(Code.PROTECTED, message, f"write name: {before}")
        case.note_field(row, before, after)
        touched.append(row)
    if touched:
        case.reasons.append(
            f"{len(touched)} field{'s differ' if len(touched) > 1 else ' differs'} from the live side"
        )
    return touched


def _collections(case: ResourceChange) -> Collections:
    """Each collection against what is listed, or else against what was sent last."""
    assert case.live is not None
    found: list[tuple[Row, Collection, CollectionDiff | None]] = []
    for row in case.rows():
        if row.collection:
            live = case.live.items.get(row.path)
            if live is None:
                live = _sent_before(case, row)
            diff = None if live is None else diff_items(row, case.written(row), live, _asked(case, row))
            found.append((row, row.collection, diff))
            note_items(case, row, diff)
    return found


def _sent_before(case: ResourceChange, row: Row) -> tuple[Item, ...] | None:
    """What was sent last; None: not known. Of what nobody can read, a state knows all that ever was sent."""
    known, kind = remembered_items(case.record, row), case.resource.kind
    unheard = case.world.memory is not None and not (kind.get or kind.listing)
    return () if known is None and unheard else known


def _asked(case: ResourceChange, row: Row) -> ItemContext:
    about = row.collection
    assert about is not None
    return ItemContext(
        values=case.resource.values,
        must_stay=case.world.snapshot.must_stay,
        content_moved=lambda item, found: (
            True if case.rewritten else content_moved(case.record, row, about, item, found)
        ),
        remembered=case.record.items.get(row.label, {}) if case.record else (),
    )


def _costly(case: ResourceChange, unread: Unread, touched: Sequence[Row]) -> list[Row]:
    """Unreadable fields that are not worth sending along: it would reset others that nobody can read."""
    assert case.live is not None
    if not unread.unknown:
        return []
    groups = {row.write[0] for row in touched}
    known = {**carried(case.record, case.resource), **case.desired}
    return [
        row
        for row in unread.unknown
        if row.in_body
        and row.write[0] not in groups
        and reset_by(case.resource.kind, [row.path], known, case.live.fields)
    ]


def _send_unread(
    case: ResourceChange, unread: Unread, collections: Collections, costly: Sequence[Row], *, written: bool
) -> list[Row]:
    """Send what cannot be compared. Returns the rows that the update must carry."""
    sent = list(unread.changed)
    if written:
        sent += [(row, MISSING) for row in unread.unknown if case.rewritten or row not in costly]
    if case.rewritten:
        sent += [(row, MISSING) for row in unread.same]
    for row, before in sent:
        case.note_sent(row, before)
        if row.setter:
            case.setters.append(Step(Verb.SET, row.setter.call.operation, row.label))
    for row, about, found in collections:
        again = found is None or (case.rewritten and not about.listed and found.empty)
        if written and again and not about.seen_in_publications:
            steps.add_items(case, row, about, case.written(row))
    return [row for row, _ in sent if row.in_body]


def _body(case: ResourceChange, touched: Sequence[Row]) -> None:
    kind = case.resource.kind
    if not touched or not kind.update:
        return
    assert case.live is not None
    case.body += steps.uploads(touched)
    case.body.append(Step(Verb.UPDATE, kind.update.operation))
    missing = [
        row.label
        for row in rows_of(kind)
        if Is.NEEDED_TO_UPDATE in row.traits and row.path not in case.desired
    ]
    if missing:
        message = f"nothing of it can be changed without {', '.join(missing)}"
        case.find(Code.NEEDED_TO_UPDATE, message, "Coze does not give it back: add it to the manifest")
    known = {**carried(case.record, case.resource), **case.desired}
    lost = reset_by(kind, [row.path for row in touched], known, case.live.fields)
    if lost:
        message = f"this update resets what cannot be read back: {', '.join(row.label for row in lost)}"
        case.find(Code.RESETS_UNREADABLE, message, "declare these fields to keep them")


def _not_compared(
    unread: Unread, skipped: Sequence[Row], collections: Collections, *, written: bool
) -> list[str]:
    """Labels of what was declared, and neither compared nor sent."""
    labels = [row.label for row in (*unread.stuck, *skipped)]
    for row, about, found in collections:
        if found is None and (not written or about.seen_in_publications):
            labels.append(row.label)
        elif found and about.content:
            labels += [f"{row.label}[{item.key}].{about.content.name}" for item in found.unknown]
    return labels


def _was_compared(case: ResourceChange, uncompared: Sequence[Row], collections: Collections) -> bool:
    blind = {row.path for row in uncompared} | {row.path for row, _, found in collections if found is None}
    return any(
        row.path not in blind and not row.setter and Is.OUTSIDE not in row.traits for row in case.rows()
    )
