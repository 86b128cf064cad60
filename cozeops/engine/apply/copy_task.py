"""Making a copy of a workflow or an app: asked for once, awaited, and looked for when the reply was lost.

Nothing deletes a copy and nothing lists the tasks that make them. So the state knows that one is about to be
asked for before it is, and the task as soon as Coze has told it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cozeops.declare.kind import Copying
from cozeops.declare.verbs import Verb
from cozeops.engine.model.live import Live
from cozeops.engine.model.outcome import Event
from cozeops.engine.model.plan import Step
from cozeops.engine.observe.cache import Reader, scoped
from cozeops.engine.prior.state import settled
from cozeops.engine.run.context import ChangeInProgress, Unfinished
from cozeops.engine.run.requests import Request
from cozeops.errors import ApiError, LostReplyError, NotFoundError
from cozeops.state.model import CopyTask, Ownership, Record
from cozeops.values import Json

_POLL = (0.2, 0.5, 1.0, 2.0)
"""Seconds between two looks at a task; the last one again and again."""
_PAUSE = 1.0
"""Seconds between two looks for a copy whose reply was lost."""


def stale(making: ChangeInProgress) -> str:
    """Why the plan of a copy no longer holds (empty: it does): another of its name is there by now."""
    about = making.resource.kind.copy
    if about is None or making.change.steps[0].verb is Verb.AWAIT:
        return ""  # its own copy may have arrived already
    new = sorted(set(_listed(making, making.resource.name)) - _known(making.record()))
    return f"it exists by now ({', '.join(new)}): plan again" if new else ""


def copy(making: ChangeInProgress, step: Step, request: Request) -> None:
    """Carry out a step of a copy. Raises ApiError; Unfinished where Coze takes longer than we wait."""
    about = making.resource.kind.copy
    assert about is not None
    before = making.record()
    older = before.copy.older if before and before.copy else ()
    if before and before.id and step.verb is Verb.COPY:
        older = (*older, before.id)
    if step.verb is Verb.COPY:
        making.copy = CopyTask(step.ids[0], asked=True, older=older)
        id = _begin(making, request)
    else:
        assert before is not None
        assert before.copy is not None
        making.copy = before.copy
        id = ""
    _arrived(making, id or _awaited(making, about, making.copy.task))


def _begin(making: ChangeInProgress, request: Request) -> str:
    """Ask for the copy. Returns its id where it is there at once; else the task is in `making.copy`."""
    run, operation = making.run, request.call.operation
    assert making.copy is not None
    before = set(_listed(making))
    _remember(making)
    entry = {"address": str(making.change.address), "operation": operation, "items": [making.copy.source]}
    number = run.ledger.intent(entry, repeatable=False)
    try:
        reply = run.remote.send(request.call, request.params)
        making.wrote = True
        id, task = (_text(reply.payload, key) for key in ("copied_entity_id", "task_id"))
        if not (id or task):
            raise LostReplyError(f"{operation} told no task", operation=operation, log_id=reply.log_id)
    except LostReplyError:
        making.wrote = True
        id, task = _found(making, before), ""
        if not id:
            raise
    except ApiError as error:
        run.ledger.done(number, {"error": error.code or error.status})
        _put_back(making)
        raise
    run.ledger.done(number, {"id": id, "task": task})
    if task:
        making.copy = replace(making.copy, asked=False, task=task)
        _remember(making)
    return id


def _awaited(making: ChangeInProgress, about: Copying, task: str) -> str:
    """The id of the copy that a task makes."""
    run, deadline, looks = making.run, making.run.clock() + making.run.patience.processing, 0
    while True:
        told = _progress(making, about, task)
        match told.get("task_status"):
            case "successful" if id := _text(told, "target_entity_id"):
                return id
            case "failed":
                _put_back(making)
                what = f"Coze could not copy it: {_reasons(told)}"
                hint = "mend what it names, then promote again"
                raise ApiError(what, operation=about.progress.operation, hint=hint)
        if run.stop.is_set() or run.clock() >= deadline:
            raise Unfinished(f"Coze is still copying it (task {task}): the next promote goes on with it")
        run.listen(Event("waiting", making.change.address, "being copied"))
        run.sleep(_POLL[min(looks, len(_POLL) - 1)])
        looks += 1


def _progress(making: ChangeInProgress, about: Copying, task: str) -> Json:
    try:
        told = making.run.remote.send(about.progress, {"task_id": task}).payload
    except NotFoundError:
        _put_back(making)
        raise
    return told if isinstance(told, dict) else {}


def _reasons(told: Json) -> str:
    """What of a copy failed, each with the reason."""
    found = [one for one in told.get("failed_reasons") or [] if isinstance(one, dict)]
    return "; ".join(map(_reason, found)) or "Coze gives no reason"


def _reason(one: Json) -> str:
    what = " ".join(_text(one, key) for key in ("entity_type", "entity_name"))
    return f"{what} ({_text(one, 'entity_id')}): {_text(one, 'failed_reason')}"


def _arrived(making: ChangeInProgress, id: str) -> None:
    """The copy is there: others may refer to it, and no later run makes it again."""
    assert making.copy is not None
    making.copy = replace(settled(making.copy), at=int(making.run.remote.now() or 0))
    making.run.learn(making.change.address, Live(id))
    _remember(making, id)


def _remember(making: ChangeInProgress, id: str = "") -> None:
    """Save at once what is known: what is lost here is never found again."""
    before = making.record()
    record = Record("", Ownership.CREATED, making.resource.name, making.scope() or "")
    if before and not id:
        record = before  # until the new one is there the old one serves
    making.run.note(making.change.address, replace(record, id=id or record.id, copy=making.copy))
    making.run.ledger.save()


def _put_back(making: ChangeInProgress) -> None:
    """No copy was made: what is remembered is as it was before anybody asked for one."""
    before, address = making.record(), making.change.address
    making.wrote = False
    if before and before.id:
        back = settled(before.copy) if before.copy else None
        making.run.note(address, replace(before, copy=back))
    else:
        making.run.ledger.forget(address)


def _found(making: ChangeInProgress, before: set[str]) -> str:
    """The id of a copy whose reply was lost, once the list shows it; empty: it does not."""
    run, deadline = making.run, making.run.clock() + making.run.patience.lost
    while True:
        new = sorted(set(_listed(making, making.resource.name)) - before)
        if len(new) == 1:
            return new[0]
        if run.clock() >= deadline or run.stop.is_set():
            return ""
        run.sleep(_PAUSE)


def _listed(making: ChangeInProgress, name: str | None = None) -> list[str]:
    """The ids that the target workspace lists now: all, or those of that name."""
    kind, page = making.resource.kind, making.resource.kind.listing
    assert page is not None
    items = Reader(making.run.remote).listing(page, scoped(page.call, making.scope())).items
    return [str(item[page.id]) for item in items if name is None or item.get(kind.listed_name) == name]


def _known(record: Record | None) -> set[str]:
    if record is None:
        return set()
    return {record.id, *(record.copy.older if record.copy else ())}


def _text(payload: Any, key: str) -> str:
    found = payload.get(key) if isinstance(payload, dict) else None
    return str(found) if isinstance(found, str | int) and found else ""
