"""After publication: the published copy is talked to, and a bot that fails goes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cozeops.address import Address
from cozeops.declare.codec import decode
from cozeops.declare.resource import Resource
from cozeops.declare.verbs import Verb
from cozeops.engine.check.conversation import PUBLISHED
from cozeops.engine.check.runner import Verdict
from cozeops.engine.diff.publication import copies_differ
from cozeops.engine.model.outcome import Event, Outcome, Status
from cozeops.engine.model.plan import Change
from cozeops.engine.publish.gate import complaint, hold
from cozeops.engine.publish.revert import Revert, demand_publication, differs, go_back, way_back
from cozeops.engine.run.context import ApplyContext, Gate
from cozeops.engine.run.previous import Previous
from cozeops.engine.run.wait import looks
from cozeops.errors import ApiError, CozeopsError


def judged(
    pending: Mapping[Address, Change], outcomes: Mapping[Address, Outcome], run: ApplyContext
) -> dict[Address, Outcome]:
    """The outcomes, once the published copies were talked to; where one failed, it went back."""
    found = dict(outcomes)
    gate = run.gate
    if gate is None or not gate.after:
        return found
    for address, change in pending.items():
        published = change.does(Verb.PUBLISH) and found[address].version
        if published and found[address].status is Status.DONE and not run.stop.is_set():
            found[address] = _judged(found[address], change, gate, run)
    return found


def _judged(outcome: Outcome, change: Change, gate: Gate, run: ApplyContext) -> Outcome:
    resource = run.resources[change.address]
    try:
        if not _is_shown(resource, run):
            return _ended(
                outcome, Status.PENDING, "published, and not shown yet: its checks were not run", run
            )
        results = hold(gate, run, change.address, PUBLISHED)
        bad = complaint(results)
        if not bad:
            return _ended(outcome, Status.DONE, outcome.message, run) if results else outcome
        if not any(one.verdict is Verdict.FAILED for one in results):
            # Nobody knows that it is bad: what users have is not exchanged for that.
            return _ended(outcome, Status.FAILED, f"published, and {bad}; nothing was put back", run)
        return _returned(outcome, change, resource, bad, run)
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


def _returned(outcome: Outcome, change: Change, resource: Resource, bad: str, run: ApplyContext) -> Outcome:
    run.listen(Event("waiting", change.address, "going back to what was published before"))
    previous = run.previous[change.address]
    try:
        way = way_back(run, change, resource, previous)
        _go(way, run)
        wrong = _still_different(run, resource, previous)
    except CozeopsError as error:
        message = f"{bad}; it is published all the same, for going back failed: {error.message}"
        failed = _ended(outcome, Status.FAILED, message, run)
        return replace(failed, hint="the next apply goes on with what was begun; look at the bot until then")
    if wrong:
        message = f"{bad}; went back, and the published copy does not show it: {', '.join(wrong)}"
        return _ended(outcome, Status.FAILED, message, run)
    where = (
        "went back to what was published before" if way.publish else "it was not published before: taken off"
    )
    lost = f"; cannot be put back: {', '.join(way.lost)}" if way.lost else ""
    return _ended(outcome, Status.HELD, f"{bad}; {where}{lost}", run)


def _still_different(run: ApplyContext, resource: Resource, previous: Previous) -> list[str]:
    wrong: list[str] = []
    for _ in looks(run):
        wrong = differs(run, resource, previous)
        if not wrong:
            break
    return wrong


def _go(way: Revert, run: ApplyContext) -> None:
    """Noted before its first write, closed after its last: the next apply finishes what is open."""
    entry = {"address": way.address, "operation": "goBack", "items": [], "return": way.to_json()}
    number = run.ledger.intent(entry, repeatable=False)
    go_back(run.remote, way)
    run.ledger.done(number, {"id": way.id})
    run.written()


def _ended(outcome: Outcome, status: Status, message: str, run: ApplyContext) -> Outcome:
    run.listen(Event("finished", outcome.address, message, status))
    return replace(outcome, status=status, message=message)
