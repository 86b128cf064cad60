"""Making one change: look again, write, wait, read back.

The object is read just before the first write and compared with what the plan saw; what did not take is
an error. A create whose reply was lost is looked for before anyone makes a second one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Event as Flag
from threading import Lock
from typing import Any

from cozeops.address import Address
from cozeops.engine.bind import compared
from cozeops.engine.diff import diff_fields
from cozeops.engine.events import Event, Listener, Outcome, Status
from cozeops.engine.fingerprint import fingerprint
from cozeops.engine.items import Asked, diff_items
from cozeops.engine.ledger import Ledger, NoLedger
from cozeops.engine.memory import Memory, make_record
from cozeops.engine.model import Action, Change, Step
from cozeops.engine.observe import Observer, Reader
from cozeops.engine.requests import Request, Task, requests_of
from cozeops.engine.snapshot import Live, Remote, Reply, Snapshot
from cozeops.errors import AccessError, ApiError, CozeopsError, LostReplyError, NotFoundError
from cozeops.kinds import Resource, rows_of
from cozeops.kinds._declare import Collection, Is, Item
from cozeops.state.model import Ownership, Record
from cozeops.values import FileContent, dig

_READ_BACK = (0.0, 1.0, 2.0)
"""Seconds before each look after a write: lists may lag behind it."""
_POLL = (0.2, 0.5, 1.0, 2.0)


class Cancelled(Exception):
    """The run is being stopped: nothing more is written."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds."""

    processing: float = 600.0
    """For documents to be processed."""
    lost: float = 30.0
    """For a create whose reply was lost to show up."""


@dataclass(slots=True)
class Run:
    """What the changes of one apply share, from all threads."""

    remote: Remote
    resources: Mapping[Address, Resource]
    channels: Mapping[Address, str]
    snapshot: Snapshot
    listen: Listener
    patience: Patience = Patience()
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    stop: Flag = field(default_factory=Flag)
    memory: Memory | None = None
    """None: there is no state."""
    ledger: Ledger = field(default_factory=NoLedger)
    homes: Mapping[Address, str] = field(default_factory=dict)
    """Workspace ids of what left the manifests."""
    _files: dict[str, str] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _before: Reader | None = None

    def afresh(self, snapshot: Snapshot) -> Run:
        """The same run, with what is live read again."""
        return replace(self, snapshot=snapshot, _before=None)

    def before(self) -> Observer:
        """Reads for preconditions: lists are shared by all changes of the run."""
        with self._lock:
            if self._before is None:
                self._before = Reader(self.remote)
        return Observer(self._before, self.channels)

    def after(self) -> Observer:
        """Reads that see what was just written."""
        return Observer(Reader(self.remote), self.channels)

    def learn(self, address: Address, live: Live) -> None:
        """An object exists now: others may refer to it."""
        with self._lock:
            self.snapshot = replace(self.snapshot, live={**self.snapshot.live, address: live})

    def file_id(self, file: FileContent) -> str | None:
        """The id of a file that this run uploaded."""
        return self._files.get(file.sha256)

    def uploaded(self, file: FileContent) -> bool:
        """Whether this run already uploaded the same content."""
        return file.sha256 in self._files

    def file_ids(self) -> dict[str, str]:
        """Uploads by content."""
        return dict(self._files)

    def keep_file(self, file: FileContent, id: str) -> None:
        """Remember an upload."""
        self._files[file.sha256] = id


@dataclass(slots=True)
class Making:
    """One change on its way."""

    run: Run
    change: Change
    resource: Resource
    live: Live | None = None
    wrote: bool = False
    version: str = ""
    waiting: list[tuple[Collection, str]] = field(default_factory=list)
    """Items that were added and are not ready: (collection, item id)."""

    def task(self) -> Task:
        """The change as its requests are made from it, with the ids known by now."""
        return Task(self.change, self.resource, self.run.snapshot, self.live, self.run.file_id, self.record())

    def record(self) -> Record | None:
        """What the state remembered before."""
        return self.run.memory.of(self.resource) if self.run.memory else None

    def scope(self) -> str | None:
        """The id of the workspace, once it exists."""
        found = self.run.snapshot.live.get(self.resource.scope) if self.resource.scope else None
        return found.id if found else self.run.homes.get(self.resource.address)


def make(run: Run, change: Change) -> Outcome:
    """Make one change. Never raises for anything that Coze or the project's files do."""
    making = Making(run, change, run.resources[change.address])
    began = run.clock()
    run.listen(Event("started", change.address, str(change.action)))
    status, message, hint, log_id, denied = Status.DONE, "", "", "", False
    try:
        status, message = _make(making)
    except Cancelled:
        status, message = Status.SKIPPED if not making.wrote else Status.FAILED, "cancelled"
    except LostReplyError as error:
        status, message, log_id = Status.UNKNOWN, error.message, error.log_id
        hint = "it may have happened: run cozeops plan, which looks before anything is repeated"
    except CozeopsError as error:
        status, message, hint = Status.FAILED, error.message, error.hint
        log_id, denied = getattr(error, "log_id", ""), isinstance(error, AccessError)
    except (OSError, ValueError) as error:  # a file of the project is gone or changed under our feet
        status, message, hint = Status.FAILED, str(error), "run cozeops plan again"
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
        denied=denied,
    )


def _make(making: Making) -> tuple[Status, str]:
    stale = _precondition(making)
    if stale:
        return Status.STALE, stale
    for step in making.change.steps:
        _step(making, step)
    if making.resource.address in making.run.homes:
        making.run.ledger.forget(making.change.address)
        return Status.DONE, ""
    status, message = _read_back(making) if making.change.steps else (Status.DONE, "")
    _remember(making)
    return status, message


def _precondition(making: Making) -> str:
    """Why the plan no longer holds (empty: it does). Reads what the change is about to write."""
    change, resource, observer = making.change, making.resource, making.run.before()
    if change.action is Action.CREATE:
        found = observer.look(resource, making.scope())
        if found.live:
            return f"it exists by now ({found.live.id}): plan again"
        if found.problem:
            return found.problem.message
        if not found.absent:
            return f"cannot tell whether it exists: {found.unsure}"
        return ""
    try:
        making.live = observer.read(resource, making.scope(), change.id or "")
    except NotFoundError as error:
        return f"it is not there any more: {error.message}"
    if fingerprint(resource, making.live) != change.live_fingerprint:
        return _what_moved(making)
    return ""


def _remember(making: Making) -> None:
    """Keep what is known now; under a new address, forget the old one."""
    run, resource, address = making.run, making.resource, making.change.address
    if run.memory is None:
        return
    live = run.snapshot.live.get(address) if making.change.steps else making.live
    assert live is not None
    before = making.record()
    record = make_record(
        resource,
        making.change,
        live,
        run.snapshot,
        before,
        ours=making.change.action is Action.CREATE or address in run.memory.begun,
        version=making.version,
        file_ids=run.file_ids(),
    )
    run.ledger.remember(address, record)
    if (old := run.memory.address_of(resource)) != address:
        run.ledger.forget(old)


def _what_moved(making: Making) -> str:
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


def _step(making: Making, step: Step) -> None:
    if making.run.stop.is_set():
        raise Cancelled
    making.run.listen(Event("step", making.change.address, step.operation))
    for request in requests_of(step, making.task()):
        if request.upload:
            _upload(making, request, request.upload)
        else:
            _send(making, step, request)
    _await_items(making)


def _upload(making: Making, request: Request, file: FileContent) -> None:
    if not making.run.uploaded(file):
        name = file.path.rpartition("/")[2]
        reply = making.run.remote.send(request.call, {}, upload=(name, file.read()))
        making.run.keep_file(file, str(dig(reply.payload, request.call.result)))


def _send(making: Making, step: Step, request: Request) -> None:
    run, kind = making.run, making.resource.kind
    creating = kind.create is not None and step.operation == kind.create.operation
    intent = {"address": str(making.change.address), "operation": step.operation, "items": list(step.items)}
    if creating:
        intent |= {"name": making.resource.name, "scope": making.scope() or ""}
    number = run.ledger.intent(intent, repeatable=request.call.repeatable)
    try:
        reply = run.remote.send(request.call, request.params)
        making.wrote = True
    except LostReplyError:
        making.wrote = True
        if not creating or not (found := _look_for(making)):
            raise
        _created(making, found.id)
        run.ledger.done(number, {"id": found.id})
        return
    except ApiError as error:
        run.ledger.done(number, {"error": error.code or error.status})
        raise
    if creating:
        id = dig(reply.payload, request.call.result)
        if not isinstance(id, str | int) or not id:
            message = f"{request.call.operation} answered without an id"
            raise LostReplyError(message, operation=request.call.operation, log_id=reply.log_id)
        _created(making, str(id))
    run.ledger.done(number, {"id": making.task().id})
    if request.collection:
        _note_added(making, request.collection, reply)
    if any(row.publication and row.publication.publish.operation == step.operation for row in rows_of(kind)):
        version = dig(reply.payload, request.call.result)
        making.version = str(version) if isinstance(version, str | int) else ""


def _created(making: Making, id: str) -> None:
    """It exists: others may refer to it, and no later run makes it again."""
    run, address = making.run, making.change.address
    run.learn(address, Live(id))
    if run.memory is not None:
        record = Record(id, Ownership.CREATED, making.resource.name, making.scope() or "")
        run.ledger.remember(address, record)


def _look_for(making: Making) -> Live | None:
    """Whether a create whose reply was lost happened after all: the list knows, after a moment."""
    run, deadline = making.run, making.run.clock() + making.run.patience.lost
    while True:
        found = run.after().look(making.resource, making.scope())
        if found.live:
            return Live(found.live.id)
        if found.problem or run.clock() >= deadline or run.stop.is_set():
            return None
        run.sleep(1.0)


def _note_added(making: Making, about: Collection, reply: Reply) -> None:
    refused = about.refused(reply.payload if isinstance(reply.payload, dict) else {})
    if refused:
        details = "; ".join(f"{key}: {why}" for key, why in sorted(refused.items()))
        raise ApiError(f"Coze refused {details}", operation=about.add.operation, log_id=reply.log_id)
    added = dig(reply.payload, about.added) if about.added and about.decode else []
    for wire in added if isinstance(added, list) else []:
        assert about.decode is not None
        making.waiting.append((about, about.decode(wire).id))


def _await_items(making: Making) -> None:
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


def _read_back(making: Making) -> tuple[Status, str]:
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
