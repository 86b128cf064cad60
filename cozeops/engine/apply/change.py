"""Making one change: look again, write, wait, read back.

The object is read just before the first write and compared with what the plan saw; what did not take is
an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cozeops.declare.rows import rows_of
from cozeops.declare.verbs import COPYING, Verb
from cozeops.engine.apply.copy_task import copy, stale
from cozeops.engine.apply.send import send, upload
from cozeops.engine.apply.verify import await_items, read_back
from cozeops.engine.check.conversation import DRAFT
from cozeops.engine.diff.fingerprint import fingerprint, without_joined
from cozeops.engine.model.outcome import Event, Outcome, Status
from cozeops.engine.model.plan import Action, Change, Step
from cozeops.engine.observe.lookup import Observer
from cozeops.engine.prior.items import items_after, items_in_part
from cozeops.engine.prior.state import Accomplished, held_back, make_record, new_record
from cozeops.engine.publish.after import owe
from cozeops.engine.publish.gate import complaint, hold, moved_meanwhile
from cozeops.engine.publish.owed import make_owed
from cozeops.engine.run.context import ApplyContext, Cancelled, ChangeInProgress, Unfinished
from cozeops.engine.run.requests import Request, last_steps, requests_of
from cozeops.errors import AccessError, CozeopsError, LostReplyError, NotFoundError
from cozeops.state.model import Ownership, Record


def make(run: ApplyContext, change: Change, *, last: bool = False) -> Outcome:
    """Make one change; `last`: the steps that wait until every other change is made, else those that do not.

    Never raises for anything that Coze or the project's files do.
    """
    resource = run.resources[change.address]
    waiting = last_steps(change, resource)
    steps = waiting if last else tuple(step for step in change.steps if step not in waiting)
    making = ChangeInProgress(run, replace(change, steps=steps), resource)
    began = run.clock()
    if not last:
        run.listen(Event("started", change.address, str(change.action)))
    status, message, hint, log_id, denied = Status.DONE, "", "", "", False
    try:
        how = _leave if last else make_owed if change.owed else _make
        status, message = how(making)
    except Cancelled:
        status, message = Status.SKIPPED if not making.wrote else Status.FAILED, "cancelled"
    except Unfinished as error:
        status, message = Status.PENDING, str(error)
    except LostReplyError as error:
        status, message, log_id = Status.UNKNOWN, error.message, error.log_id
        hint = "it may have happened: run cozeops plan, which looks before anything is repeated"
    except CozeopsError as error:
        status, message, hint = Status.FAILED, error.message, error.hint
        log_id, denied = getattr(error, "log_id", ""), isinstance(error, AccessError)
    except (OSError, ValueError) as error:  # a file of the project is gone or changed under our feet
        status, message, hint = Status.FAILED, str(error), "run cozeops plan again"
    finished = status in (Status.DONE, Status.PENDING)
    if not finished and not change.owed:
        _remember_items(making)
    if last or not waiting or not finished:
        run.listen(Event("finished", change.address, message, status))
    known = run.snapshot.live.get(change.address)
    return Outcome(
        address=change.address,
        status=status,
        id=known.id if known else change.id,
        message=message,
        hint=hint,
        log_id=log_id,
        version=making.version,
        seconds=run.clock() - began,
        wrote=making.wrote,
        made=frozenset(step.verb for step in making.made),
        denied=denied,
    )


def _make(making: ChangeInProgress) -> tuple[Status, str]:
    stale = _precondition(making)
    if stale:
        return Status.STALE, stale
    if making.resource.address in making.run.homes:
        for step in making.change.steps:
            _step(making, step)
        making.run.ledger.forget(making.change.address)
        return Status.DONE, ""
    publication = [step for step in making.change.steps if step.verb in (Verb.PUBLISH, Verb.UNPUBLISH)]
    for step in making.change.steps:
        if step not in publication:
            _step(making, step)
            if making.waiting:
                break  # what replaces something must be ready before the old one goes
    # Users see what is published: before that, the draft must be what was written.
    status, message = read_back(making) if making.change.steps else (Status.DONE, "")
    if status is Status.DONE and making.change.does(Verb.PUBLISH):
        status, message = _through_gate(making, message)
    if status is Status.DONE:
        _publish(making, publication)
    _remember(making, published=status is not Status.HELD)
    return status, message


def _through_gate(making: ChangeInProgress, message: str) -> tuple[Status, str]:
    """Talk to the draft, where there is a gate: only what passed, and was not edited meanwhile, goes on."""
    gate = making.run.gate
    results = hold(gate, making.run, making.change.address, DRAFT) if gate and gate.before else []
    if bad := complaint(results):
        return Status.HELD, f"{bad}; nothing was published"
    if results and moved_meanwhile(making):
        return Status.STALE, "the draft was edited on Coze while its checks talked to it"
    return Status.DONE, message


def _publish(making: ChangeInProgress, publication: Sequence[Step]) -> None:
    """What follows for users. Where the published copy is talked to, that is owed from here on."""
    gate = making.run.gate
    owes = gate is not None and gate.after and making.change.does(Verb.PUBLISH)
    number = owe(making, _record(making)) if owes else None
    try:
        for step in publication:
            _step(making, step)
    except (Cancelled, CozeopsError) as error:
        if number is not None and not isinstance(error, LostReplyError):
            making.run.ledger.done(number, {"published": False})
        raise
    if making.change.does(Verb.PUBLISH):  # what was owed to what users had before is void
        making.run.ledger.settle(making.change.address, {"replaced": True})


def _leave(making: ChangeInProgress) -> tuple[Status, str]:
    """Remove what waited: nothing uses it any more."""
    for step in making.change.steps:
        _step(making, step)
    status, message = read_back(making)
    _remember(making)
    return status, message


def _precondition(making: ChangeInProgress) -> str:
    """Why the plan no longer holds (empty: it does). Reads what the change is about to write."""
    change, resource = making.change, making.resource
    observer = making.run.before(alone=bool(change.id and resource.kind.get))
    if change.does(*COPYING):
        return stale(making)
    if change.action is Action.CREATE:
        return _is_absent(making, observer)
    try:
        # What the fingerprint covers: it has the channels, and not what is published there.
        id, scope = change.id or "", making.scope()
        if change.address in making.run.homes:
            making.live = observer.read_departed(resource, scope, id)
        else:
            making.live = observer.read(resource, scope, id, copies=False)
    except NotFoundError as error:
        if change.action is Action.FORGET and not change.live_fingerprint:
            return ""  # the plan has said so
        return f"it is not there any more: {error.message}"
    as_planned = (making.live, without_joined(change, resource, making.live))
    if all(fingerprint(resource, live) != change.live_fingerprint for live in as_planned):
        return _what_moved(making)
    return ""


def _is_absent(making: ChangeInProgress, observer: Observer) -> str:
    """Why it must not be created (empty: it is still not there)."""
    change, resource = making.change, making.resource
    if made := making.run.found_before(change.address):
        return made
    found = observer.look(resource, making.scope())
    if found.unsure:
        with making.run.turns.listing():
            found = making.run.in_peace(observer).look(resource, making.scope())
    if found.live:
        return f"it exists by now ({found.live.id}): plan again"
    if found.problem:
        return found.problem.message
    if not found.absent:
        return f"cannot tell whether it exists: {found.unsure}"
    return ""


def _remember(making: ChangeInProgress, *, published: bool = True) -> None:
    """Keep what is known now; under a new address, forget the old one."""
    run, resource, address = making.run, making.resource, making.change.address
    record = _record(making)
    if run.memory is None or record is None:
        return
    if not published:
        record = held_back(record, resource, making.record())
    run.keep(address, record, wrote=bool(making.change.steps))
    # What another resource has that address for is its own to keep.
    if (old := run.memory.address_of(resource)) != address and old not in run.resources:
        run.ledger.forget(old)


def _record(making: ChangeInProgress) -> Record | None:
    """What is known now; None where nothing is remembered."""
    run, resource, address = making.run, making.resource, making.change.address
    if run.memory is None:
        return None
    live = run.snapshot.live.get(address) if making.change.steps else making.live
    assert live is not None
    before = making.record()
    done = Accomplished(
        items=items_after(resource, making.change, live, before, making.noted),
        ours=making.change.action is Action.CREATE or address in run.memory.begun,
        copy=making.copy,
        made=run.now() if making.change.does(Verb.CREATE) else 0,
        version=making.version,
        file_ids=run.file_ids(),
        key=run.memory.key,
    )
    return make_record(resource, making.change, live, run.snapshot, before, done)


def _remember_items(making: ChangeInProgress) -> None:
    """In the middle of a change: what was added or removed by now, where nobody can ask Coze, or not yet."""
    run, resource, address = making.run, making.resource, making.change.address
    known = run.snapshot.live.get(address)
    if run.memory is None or known is None or address in run.homes:
        return
    before = making.record()
    if before is None and making.change.action is Action.CREATE:
        before = new_record(resource, known.id, making.scope() or "", run.file_ids(), run.memory.key)
    before = before or Record(known.id, Ownership.ADOPTED, resource.name, making.scope() or "")
    if making.copy:  # what is remembered may be an older copy
        before = replace(before, id=known.id, copy=making.copy)
    items = items_in_part(resource, making.made, before, making.noted)
    if items != before.items or making.remembered:
        # Nothing of it was observed since: the next plan reads it, whatever its entry in a list says.
        run.note(address, replace(before, items=items, observed={}))
        making.remembered = True


def _what_moved(making: ChangeInProgress) -> str:
    """Words for a difference between the plan's `before` and the live side."""
    assert making.live is not None
    fields, rows = making.live.fields, {row.label: row for row in rows_of(making.resource.kind)}
    for planned in making.change.fields:
        row = rows.get(planned.path)
        if (
            row
            and row.in_body
            and row.path in fields
            and fields[row.path] != planned.before
            and not planned.note
        ):
            return (
                f"{planned.path} was changed on Coze after the plan: "
                f"{_short(planned.before)} then, {_short(fields[row.path])} now"
            )
    return "it was changed on Coze after the plan was made"


def _short(value: Any) -> str:
    text = str(value)
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def _step(making: ChangeInProgress, step: Step) -> None:
    if making.run.stop.is_set():
        raise Cancelled
    making.run.listen(Event("step", making.change.address, step.operation))
    for request in requests_of(step, making.task()):
        if request.upload:
            upload(making, request, request.upload)
        elif step.verb in COPYING:
            copy(making, step, request)
        elif not _is_so(making, step, request):
            send(making, step, request)
            making.made.append(replace(step, items=request.keys))
            if request.collection and making.noted:
                _remember_items(making)
    await_items(making)


def _is_so(making: ChangeInProgress, step: Step, request: Request) -> bool:
    """Whether an item was added just now, so that there is nothing to change of it."""
    return request.changes and (step.field, *request.keys) in making.joined
