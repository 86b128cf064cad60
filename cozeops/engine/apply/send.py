"""Sending the writes of a change, noted before and after; what has no reply is looked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import BinaryIO

from cozeops.declare.verbs import Verb
from cozeops.engine.apply import lost_reply as lost
from cozeops.engine.apply.verify import note_added, note_items, note_lost
from cozeops.engine.model.live import Live, Reply
from cozeops.engine.model.plan import Step
from cozeops.engine.prior.state import new_record
from cozeops.engine.publish.revert import demand_publication
from cozeops.engine.run.context import ChangeInProgress
from cozeops.engine.run.requests import Request
from cozeops.errors import ApiError, LostReplyError
from cozeops.values import FileContent, Json, dig

_PAUSE = 1.0
"""Seconds between two looks for a lost write."""


def upload(making: ChangeInProgress, request: Request, file: FileContent) -> None:
    """Upload a file, once per content and run."""
    name = file.path.rpartition("/")[2]

    def one() -> str:
        with file.open() as stream:
            reply = making.run.remote.send(request.call, {}, upload=(name, stream))
        return str(dig(reply.payload, request.call.result))

    making.run.upload_once(file, one)


def send(making: ChangeInProgress, step: Step, request: Request) -> None:
    """Send one write. Raises ApiError; LostReplyError when it may have happened and cannot be found."""
    run, creating, began = making.run, step.verb is Verb.CREATE, making.run.now()
    with _form(request) as (params, file):
        number = run.ledger.intent(_intent(making, step), repeatable=request.call.repeatable)
        try:
            with run.turns.creating() if creating else nullcontext():
                reply = run.remote.send(request.call, params, upload=file)
            making.wrote = True
            run.written()
        except LostReplyError:
            making.wrote = True
            if not _happened(making, step, request):
                note_lost(making, step, request, began)
                raise
            run.ledger.done(number, {"id": making.task().id})
            return
        except ApiError as error:
            run.ledger.done(number, {"error": error.code or error.status})
            raise
    if creating:
        _created(making, _new_id(request, reply))
    run.ledger.done(number, {"id": making.task().id})
    if request.collection:
        if not reply.already:
            making.joined |= {(step.field, key) for key in request.keys}
        note_added(making, step, request, reply)
    if step.verb is Verb.PUBLISH:
        version = dig(reply.payload, request.call.result)
        making.version = str(version) if isinstance(version, str | int) else ""


@contextmanager
def _form(request: Request) -> Iterator[tuple[Json, tuple[str, BinaryIO] | None]]:
    """The parameters, and apart from them the file of a multipart form. Raises OSError, ValueError."""
    file = request.params.get(request.call.file)
    if not isinstance(file, FileContent):
        yield request.params, None
        return
    rest = {name: value for name, value in request.params.items() if name != request.call.file}
    with file.open() as stream:
        yield rest, (file.path.rpartition("/")[2], stream)


def _intent(making: ChangeInProgress, step: Step) -> Json:
    intent: Json = {
        "address": str(making.change.address),
        "operation": step.operation,
        "items": list(step.items),
    }
    if step.verb is Verb.CREATE:
        intent |= {"name": making.resource.name, "scope": making.scope() or "", "at": making.run.now()}
        if making.run.memory is None:
            intent["stateless"] = True
    return intent


def _new_id(request: Request, reply: Reply) -> str:
    found = (dig(reply.payload, path) for path in (request.call.result, request.call.or_result) if path)
    id = next((one for one in found if one), None)
    if not isinstance(id, str | int) or not id:
        message = f"{request.call.operation} answered without an id"
        raise LostReplyError(message, operation=request.call.operation, log_id=reply.log_id)
    return str(id)


def _created(making: ChangeInProgress, id: str) -> None:
    """It exists: others may refer to it, and no later run makes it again."""
    run, address = making.run, making.change.address
    run.learn(address, Live(id))
    if run.memory is not None:
        record = new_record(making.resource, id, making.scope() or "", run.file_ids(), run.memory.key)
        run.note(address, replace(record, made=run.now()))


def _happened(making: ChangeInProgress, step: Step, request: Request) -> bool:
    """Whether a write whose reply was lost happened after all: Coze shows it, after a moment."""
    run, deadline = making.run, making.run.clock() + making.run.patience.lost
    while True:
        try:
            found = _found(making, step, request)
        except ApiError:
            found = False  # a look that is refused proves nothing: the write stays unknown, and is not failed
        if found is None:
            return False
        if found or run.clock() >= deadline or run.stop.is_set():
            return found
        run.sleep(_PAUSE)


def _found(making: ChangeInProgress, step: Step, request: Request) -> bool | None:
    """Whether it shows by now; None: nothing would ever show it."""
    if step.verb is Verb.CREATE:
        id = lost.created(making)
        if id:
            _created(making, id)
        return bool(id)
    if request.collection and request.collection.listed:
        added = lost.added(making, request.collection, request.keys)
        note_items(making, step, request, added)
        return bool(added)
    if step.verb is Verb.PUBLISH:
        about = demand_publication(making.resource.kind).calls
        making.version = lost.published(making, about, step.ids)
        return bool(making.version)
    return None
