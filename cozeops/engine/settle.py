"""After a write: what was added is processed, what was written is there."""

from __future__ import annotations

from cozeops.engine.bind import compared
from cozeops.engine.diff import diff_fields
from cozeops.engine.events import Event, Status
from cozeops.engine.items import Asked, diff_items
from cozeops.engine.run import Making
from cozeops.engine.snapshot import Reply
from cozeops.errors import ApiError, NotFoundError
from cozeops.kinds import rows_of
from cozeops.kinds._declare import Collection, Is, Item
from cozeops.values import dig

_READ_BACK = (0.0, 1.0, 2.0)
"""Seconds before each look after a write: lists may lag behind it."""
_POLL = (0.2, 0.5, 1.0, 2.0)


def note_added(making: Making, about: Collection, reply: Reply) -> None:
    refused = about.refused(reply.payload if isinstance(reply.payload, dict) else {})
    if refused:
        details = "; ".join(f"{key}: {why}" for key, why in sorted(refused.items()))
        raise ApiError(f"Coze refused {details}", operation=about.add.operation, log_id=reply.log_id)
    added = dig(reply.payload, about.added) if about.added and about.decode else []
    for wire in added if isinstance(added, list) else []:
        assert about.decode is not None
        making.waiting.append((about, about.decode(wire).id))


def await_items(making: Making) -> None:
    """Wait until what was added is processed. Raises ApiError when processing fails."""
    run, deadline, tries = making.run, making.run.clock() + making.run.patience.processing, 0
    while making.waiting:
        about = making.waiting[0][0]
        if about.progress is None or about.progressed is None:
            making.waiting.clear()
            return
        items = _progress(making, about)
        failed = [item for item in items if item.failed]
        if failed:
            names = ", ".join(item.key for item in failed)
            raise ApiError(f"Coze could not process {names}", operation=about.add.operation)
        ready = {item.id for item in items if item.ready}
        making.waiting = [(one, id) for one, id in making.waiting if id not in ready]
        if not making.waiting:
            return
        if run.stop.is_set() or run.clock() >= deadline:
            return
        run.listen(Event("waiting", making.change.address, f"{len(making.waiting)} being processed"))
        run.sleep(_POLL[min(tries, len(_POLL) - 1)])
        tries += 1


def _progress(making: Making, about: Collection) -> list[Item]:
    assert about.progress is not None
    assert about.progressed is not None
    kind, id = making.resource.kind, making.task().id
    ids = [id for _, id in making.waiting]
    payload = making.run.remote.send(about.progress, {kind.id: id, about.progress_of: ids}).payload
    return [about.progressed(wire) for wire in payload] if isinstance(payload, list) else []


def read_back(making: Making) -> tuple[Status, str]:
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
        return Status.PENDING, f"{len(making.waiting)} documents are still being processed"
    return (Status.PENDING, late) if late else (Status.DONE, "")


def _not_taken(making: Making) -> tuple[list[str], str]:
    run, resource, address = making.run, making.resource, making.change.address
    try:
        live = run.after().read(resource, making.scope(), making.task().id)
    except NotFoundError:
        return [], "it is not listed yet"
    run.learn(address, live)
    desired = compared(resource, run.snapshot)
    written = {step.field for step in making.change.steps}
    differ = [
        row for row in diff_fields(resource.kind, desired, live.fields).differ if Is.FIXED not in row.traits
    ]
    lost = [
        row.label for row in differ if any(field.path.startswith(row.label) for field in making.change.fields)
    ]
    for row in rows_of(resource.kind):
        items = live.items.get(row.path)
        if items is not None and row.label in written:
            wanted = dig(resource.values, row.path)
            diff = diff_items(row, wanted, items, Asked(resource.values, run.snapshot.must_stay))
            if diff.add and not making.waiting:
                return lost, f"{len(diff.add)} of {row.label} are not shown yet"
    return lost, ""
