"""After publication: the published copy is talked to, and a bot that fails goes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cozeops.address import Address
from cozeops.declare.codec import decode
from cozeops.declare.resource import Resource
from cozeops.engine.check.conversation import PUBLISHED
from cozeops.engine.check.runner import Verdict
from cozeops.engine.check.selection import checks_about
from cozeops.engine.diff.publication import copies_differ
from cozeops.engine.model.outcome import Event, Outcome, Status
from cozeops.engine.model.plan import Change
from cozeops.engine.publish.gate import complaint, hold
from cozeops.engine.publish.revert import (
    NO_WAY,
    demand_publication,
    differs,
    previous_of,
    take_back,
    way_back,
)
from cozeops.engine.run.context import ApplyContext, ChangeInProgress, Gate
from cozeops.engine.run.owed import Owed
from cozeops.engine.run.previous import Previous
from cozeops.engine.run.wait import looks
from cozeops.errors import ApiError, CozeopsError
from cozeops.state.model import Record


def judged(
    pending: Mapping[Address, Change], outcomes: Mapping[Address, Outcome], run: ApplyContext
) -> dict[Address, Outcome]:
    """The outcomes, once the published copies were talked to; where one failed, it went back."""
    found = dict(outcomes)
    gate = run.gate
    if gate is None or not gate.after:
        return found
    for address in pending:
        published = address in run.owing and found[address].version
        if published and found[address].status is Status.DONE:
            found[address] = _judged(found[address], gate, run)
    return found


def owe(making: ChangeInProgress, now: Record | None) -> int | None:
    """Note, before it is published, that its Checks are owed, and the way back; its number in the journal.

    `now` is what is known of it once it is published. None where no Check is about it. Raises ApiError.
    """
    run, change, resource = making.run, making.change, making.resource
    checks = checks_about([change.address], run.resources.values())
    if not checks:
        return None
    previous = run.previous[change.address] = previous_of(making)
    try:
        way = way_back(run, change, resource, previous, now)
    except ApiError:
        raise
    except CozeopsError:  # it cannot be read: whoever reads what came of the checks is told
        way = None
    owed = Owed("", change.address, making.task().id, tuple(str(one.address) for one in checks), way)
    number = run.ledger.intent(owed.to_entry(), repeatable=False)
    run.owing[change.address] = number, owed
    return number


def _judged(outcome: Outcome, gate: Gate, run: ApplyContext) -> Outcome:
    resource, (number, owed) = run.resources[outcome.address], run.owing[outcome.address]
    stopped = "published, and the run was stopped: its checks are owed"
    try:
        if run.stop.is_set():
            return _ended(outcome, Status.PENDING, stopped, run)
        if not _is_shown(resource, run):
            message = "published, and not shown yet: its checks are owed"
            return _ended(outcome, Status.PENDING, message, run)
        results = hold(gate, run, outcome.address, PUBLISHED)
        bad = complaint(results)
        if not bad:
            run.ledger.done(number, {"judged": "passed"})
            return _ended(outcome, Status.DONE, outcome.message, run)
        if run.stop.is_set():
            return _ended(outcome, Status.PENDING, stopped, run)
        if not any(one.verdict is Verdict.FAILED for one in results):
            # Nobody knows that it is bad: what users have is not exchanged for that.
            message = f"published, and {bad}; nothing was put back, and its checks stay owed"
            return _ended(outcome, Status.FAILED, message, run)
        return _returned(outcome, number, owed, bad, run)
    except ApiError as error:
        return _ended(outcome, Status.FAILED, f"published, and its checks were not run: {error.message}", run)


def _is_shown(resource: Resource, run: ApplyContext) -> bool:
    """Whether the copy that users talk to is the draft that was published."""
    kind = resource.kind
    live = run.snapshot.live[resource.address]
    about = demand_publication(kind).calls
    for _ in looks(run):
        try:
            payload = run.remote.send(about.published, {kind.id: live.id}).payload
        except ApiError:
            continue
        if not copies_differ(kind, live.fields, decode(kind, payload if isinstance(payload, dict) else {})):
            return True
    return False


def _returned(outcome: Outcome, number: int, owed: Owed, bad: str, run: ApplyContext) -> Outcome:
    resource, way = run.resources[outcome.address], owed.way
    run.listen(Event("waiting", outcome.address, "going back to what was published before"))
    if way is None:
        message = f"{bad}; it is published all the same, for {NO_WAY}"
        return _ended(outcome, Status.FAILED, message, run)
    try:
        take_back(run.ledger, run.remote, owed)
        run.ledger.done(number, {"judged": "failed"})
        run.written()
        wrong = _still_different(run, resource, run.previous[outcome.address])
    except CozeopsError as error:
        message = f"{bad}; it is published all the same, for going back failed: {error.message}"
        failed = _ended(outcome, Status.FAILED, message, run)
        return replace(failed, hint="the next apply goes on with what was begun; look at the bot until then")
    if wrong:
        message = f"{bad}; went back, and the published copy does not show it: {', '.join(wrong)}"
        return _ended(outcome, Status.FAILED, message, run)
    where = "went back to what was published before" if way.uses else "it was not published before: taken off"
    lost = f"; cannot be put back: {', '.join(way.lost)}" if way.lost else ""
    return _ended(outcome, Status.HELD, f"{bad}; {where}{lost}", run)


def _still_different(run: ApplyContext, resource: Resource, previous: Previous) -> list[str]:
    wrong: list[str] = []
    for _ in looks(run):
        wrong = differs(run, resource, previous)
        if not wrong:
            break
    return wrong


def _ended(outcome: Outcome, status: Status, message: str, run: ApplyContext) -> Outcome:
    run.listen(Event("finished", outcome.address, message, status))
    return replace(outcome, status=status, message=message)
