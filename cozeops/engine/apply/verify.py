"""After a write: what was added is processed, what was written is there."""

from __future__ import annotations

from collections.abc import Iterable

from cozeops.declare.collections import Collection, Item
from cozeops.declare.fields import Is
from cozeops.declare.rows import Row, is_within, rows_of
from cozeops.engine.diff.collections import ItemContext, called, diff_items
from cozeops.engine.diff.fields import diff_fields
from cozeops.engine.diff.references import compared
from cozeops.engine.model.live import Live, Reply
from cozeops.engine.model.outcome import Event, Status
from cozeops.engine.model.plan import Step
from cozeops.engine.observe.cache import progress
from cozeops.engine.prior.items import added_item, lost_item
from cozeops.engine.run.context import ChangeInProgress
from cozeops.engine.run.requests import Request, row_of
from cozeops.errors import ApiError, NotFoundError
from cozeops.values import dig

_READ_BACK = (0.0, 1.0, 2.0)
"""Seconds before each look after a write: lists may lag behind it."""
_POLL = (0.2, 0.5, 1.0, 2.0)


def note_added(making: ChangeInProgress, step: Step, request: Request, reply: Reply) -> None:
    """What a reply to `add` says beside success. Raises ApiError for what it refused."""
    about = request.collection
    assert about is not None
    making.invited |= about.add.invited(reply.payload if isinstance(reply.payload, dict) else {})
    refused = about.add.refused(reply.payload if isinstance(reply.payload, dict) else {})
    if refused:
        details = "; ".join(f"{key}: {why}" for key, why in sorted(refused.items()))
        raise ApiError(f"Coze refused {details}", operation=about.add.call.operation, log_id=reply.log_id)
    added = dig(reply.payload, about.add.made) if about.add.made else []
    if about.listed and isinstance(added, list):
        note_items(making, step, request, [about.listed.decode(wire) for wire in added])


def note_items(making: ChangeInProgress, step: Step, request: Request, added: Iterable[Item]) -> None:
    """These were added: they are awaited, and they are ours whether or not a list shows them yet."""
    about, row = request.collection, row_of(step, making.resource)
    assert about is not None
    for item in (called(one, request.keys, about) for one in added):
        making.waiting.append((about, item.id))
        if item.key in request.keys:
            making.noted[step.field, item.key] = added_item(
                row, making.resource, making.record(), item.key, item.id, making.run.now()
            )


def note_lost(making: ChangeInProgress, step: Step, request: Request, at: int) -> None:
    """What these items were added with (at a moment of the server) was never heard of: they may show up."""
    if request.collection and request.collection.add.made:
        row = row_of(step, making.resource)
        for key in request.keys:
            making.noted[step.field, key] = lost_item(row, making.record(), key, at)


def await_items(making: ChangeInProgress) -> None:
    """Wait until what was added is processed. Raises ApiError when processing fails."""
    run, deadline, tries = making.run, making.run.clock() + making.run.patience.processing, 0
    while making.waiting:
        about = making.waiting[0][0]
        if about.readiness is None:
            making.waiting.clear()
            return
        owner = {making.resource.kind.id: making.task().id}
        items = progress(run.remote, about.readiness, owner, [id for _, id in making.waiting])
        failed = [item for item in items if item.failed]
        if failed:
            _give_up(making, about, failed)
        ready = {item.id for item in items if item.ready}
        making.waiting = [(one, id) for one, id in making.waiting if id not in ready]
        if not making.waiting:
            return
        if run.stop.is_set() or run.clock() >= deadline:
            return
        run.listen(Event("waiting", making.change.address, f"{len(making.waiting)} being processed"))
        run.sleep(_POLL[min(tries, len(_POLL) - 1)])
        tries += 1


def _give_up(making: ChangeInProgress, about: Collection, failed: list[Item]) -> None:
    """Take away what could not be processed, so that the next apply does not add it beside it."""
    gone = {item.id for item in failed}
    making.noted = {where: item for where, item in making.noted.items() if item.id not in gone}
    if about.remove:
        owner = making.resource.kind.id
        whose = {owner: making.task().id} if f"{{{owner}}}" in about.remove.call.path else {}
        making.run.remote.send(about.remove.call, {**whose, **about.remove.encode(failed)})
    names = ", ".join(item.key for item in failed)
    raise ApiError(
        f"Coze could not process {names}",
        operation=about.add.call.operation,
        hint="it was taken away again; look at the file, or try once more",
    )


def read_back(making: ChangeInProgress) -> tuple[Status, str]:
    """What was written must be there: what did not take is an error, what is late is pending."""
    late = ""
    for pause in _READ_BACK:
        if pause:
            making.run.sleep(pause)
        lost, late = _not_taken(making)
        if not lost and not late:
            break
    else:
        if lost:
            raise ApiError(
                f"Coze answered with success, but did not take {', '.join(lost)}", operation="read-back"
            )
    if making.waiting:
        return Status.PENDING, f"{_are(len(making.waiting))} still being processed"
    if late:
        return Status.PENDING, late
    return Status.DONE, f"invited: {', '.join(sorted(making.invited))}" if making.invited else ""


def _not_taken(making: ChangeInProgress) -> tuple[list[str], str]:
    run, resource, address = making.run, making.resource, making.change.address
    try:
        # Where it is published is read for all changes at once, after the last of them.
        live = run.after().read(resource, making.scope(), making.task().id, channels=False)
    except NotFoundError:
        return [], "it is not listed yet"
    run.learn(address, live)
    desired = compared(resource, run.snapshot)
    changed = {field.path for field in making.change.fields}
    differ = diff_fields(resource.kind, desired, live.fields).differ
    lost = [
        row.label
        for row in differ
        if Is.FIXED not in row.traits and any(is_within(path, row.label) for path in changed)
    ]
    late = [what for row in rows_of(resource.kind) if (what := _late(making, row, live))]
    return lost, "; ".join(late)


def _late(making: ChangeInProgress, row: Row, live: Live) -> str:
    """Items that were added and are not shown, or removed and still are."""
    items = live.items.get(row.path)
    if items is None or making.waiting or row.label not in {step.field for step in making.change.steps}:
        return ""
    resource = making.resource
    asked = ItemContext(resource.values, making.run.snapshot.must_stay)
    diff = diff_items(row, dig(resource.values, row.path), items, asked)
    added = [item for item in diff.add if row.collection and row.collection.key(item) not in making.invited]
    if added:
        return f"{_are(len(added))} not shown yet: {row.label}"
    gone = {id for step in making.change.steps if step.field == row.label for id in step.ids}
    still = [item for item in diff.remove if item.id in gone]
    return f"{_are(len(still))} still shown: {row.label}" if still else ""


def _are(number: int) -> str:
    """`1 item is`, `2 items are`."""
    return "1 item is" if number == 1 else f"{number} items are"
