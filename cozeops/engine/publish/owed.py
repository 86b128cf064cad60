"""What a run that ended owes, as changes of a plan, and how they are made.

Such a change takes the place of what else differs of its object: that is planned once nothing is owed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.declare.calls import Path
from cozeops.declare.codec import decode, normal
from cozeops.declare.kind import Kind
from cozeops.declare.rows import row_at
from cozeops.declare.verbs import Verb
from cozeops.engine.check.conversation import PUBLISHED
from cozeops.engine.check.runner import Verdict
from cozeops.engine.check.selection import checks_about
from cozeops.engine.model.findings import finding
from cozeops.engine.model.live import Remote
from cozeops.engine.model.outcome import Status
from cozeops.engine.model.plan import Action, Change, FieldChange, Finding, Plan, Step
from cozeops.engine.publish.gate import complaint, hold
from cozeops.engine.publish.revert import NO_WAY, demand_publication, draft, fields_of, part, take_back
from cozeops.engine.run.context import Cancelled, ChangeInProgress
from cozeops.engine.run.owed import Owed, Revert
from cozeops.errors import ApiError, DeniedError
from cozeops.frozen import frozen
from cozeops.kinds import kinds
from cozeops.values import Json, digest

TALK = "createChat"
COPY, DRAFT = "published copy", "draft"


@frozen
class _Copies:
    """Both copies of an object, as far as they can be read."""

    draft: Mapping[Path, Any]
    published: Mapping[Path, Any] | None

    @classmethod
    def read(cls, remote: Remote, owed: Owed) -> _Copies:
        """Raises ApiError."""
        kind = kinds()[owed.address.kind]
        try:
            payload = remote.send(demand_publication(kind).calls.published, {kind.id: owed.id}).payload
        except DeniedError:
            raise
        except ApiError:  # it is not published, or not where that can be read
            payload = None
        published = decode(kind, payload) if isinstance(payload, dict) else None
        return cls(decode(kind, draft(remote, kind, owed.id)), published)

    def parts(self, way: Revert) -> tuple[str, str]:
        """Digests of what it is about, in the draft and in the published copy (empty: not known)."""
        paths = [tuple(path) for path in way.touched]
        return part(paths, self.draft), "" if self.published is None else part(paths, self.published)

    def fingerprint(self, owed: Owed) -> str:
        """A digest of what the change is about, to be compared before it is made."""
        return digest(self.parts(owed.way) if owed.way else [])


def with_owed(
    plan: Plan,
    owed: Iterable[Owed],
    ids: Mapping[Address, str],
    chosen: Collection[Address],
    names: Mapping[str, str],
    remote: Remote,
) -> Plan:
    """The plan with what is owed in the place of what else it would do to these objects. Raises ApiError.

    `ids` are those of the objects that the project and its state know; `chosen` what the plan is about;
    `names` what connectors are called.
    """
    changes, findings = {change.address: change for change in plan.changes}, list(plan.findings)
    for one in owed:
        planned = changes.get(one.address)
        if one.address not in chosen:
            findings.append(_told(one, "is not chosen, so it stays owed", f"plan it: --target {one.address}"))
        elif ids.get(one.address) != one.id:
            where = f"it is about {one.id}, which this project does not know as {one.address}: left alone"
            findings.append(
                _told(one, where, "if it is none of yours, remove that run from .cozeops/journal")
            )
        elif planned and planned.does(Verb.UNPUBLISH, Verb.DELETE) and not planned.does(Verb.PUBLISH):
            continue  # users lose it anyway
        else:
            copies = _Copies.read(remote, one)
            if words := _closed(one, copies):
                findings += [_told(one, words)] if words is not _QUIET else []
            else:
                changes[one.address] = _change(one, copies, planned, names)
                findings.append(_told(one, "is done first; what else differs of it is planned after that"))
    return replace(plan, changes=tuple(changes.values()), findings=tuple(findings))


_QUIET = "quiet"


def _told(owed: Owed, what: str, hint: str = "") -> Finding:
    if owed.begun:
        message = f"run {owed.run} ended while it took this back to what was published before: {what}"
        return finding(Code.GOING_BACK, owed.address, message, hint)
    message = f"run {owed.run} ended before its Checks with the published copy did: {what}"
    return finding(Code.CHECK_OWED, owed.address, message, hint)


def _closed(owed: Owed, copies: _Copies) -> str:
    """Why nothing is left to do (empty: there is); _QUIET where nobody needs to hear of it."""
    way = owed.way
    if way is None:
        return ""
    edited, users = copies.parts(way)
    if owed.begun:
        if (edited, users) == (way.new, way.old) and way.new != way.old:
            return _QUIET  # it had just come to its end
        return (
            "" if not way.back or edited in (way.old, way.new) else "it was edited since, and is left alone"
        )
    if not way.uses:  # it was not published before: it is owed as long as it is
        return "" if users == way.new else _QUIET
    if users in (way.new, ""):
        return ""
    return _QUIET  # it never came to users, or something else did since


def _change(owed: Owed, copies: _Copies, planned: Change | None, names: Mapping[str, str]) -> Change:
    kind, way = kinds()[owed.address.kind], owed.way or Revert()
    steps = tuple(_steps(owed, kind, way, names))
    back = [step.verb for step in steps if step.verb is not Verb.UNKNOWN]
    action = Action.UNPUBLISH if back and set(back) == {Verb.UNPUBLISH} else Action.PUBLISH
    what: Json = {"run": owed.run, "digest": owed.binding()}
    if not owed.begun:
        what["checks"] = list(owed.checks)
    if planned and planned.action is not Action.NONE:
        what["more"] = True
    return Change(
        address=owed.address,
        id=owed.id,
        action=Action.UPDATE if Verb.UPDATE in back else action,
        reason=_reason(owed, way),
        fields=tuple(_fields(kind, way, copies, names)),
        steps=steps,
        live_fingerprint=copies.fingerprint(owed),
        scope=planned.scope if planned else "",
        owed=what,
    )


def _reason(owed: Owed, way: Revert) -> str:
    lost = f"; cannot be put back: {', '.join(way.lost)}" if way.lost else ""
    back = (
        "goes back to what was published before" if way.uses else "is taken off: it was not published before"
    )
    if owed.begun:
        return f"{back}, as run {owed.run} had begun to{lost}"
    if owed.way is None:
        return f"the Checks of run {owed.run} with the published copy are owed; {NO_WAY}"
    return f"the Checks of run {owed.run} with the published copy are owed: if one fails, it {back}{lost}"


def _steps(owed: Owed, kind: Kind, way: Revert, names: Mapping[str, str]) -> Iterator[Step]:
    published = demand_publication(kind)
    label = f"{published.row.label}.connectors"
    assert kind.update is not None
    if not owed.begun:
        yield Step(Verb.UNKNOWN, TALK, items=owed.checks)
    if way.back:
        yield Step(Verb.UPDATE, kind.update.operation)
    if way.uses:
        ids = tuple(use["connector"] for use in way.uses)
        called = tuple(names.get(id, id) for id in ids)
        yield Step(Verb.PUBLISH, published.calls.publish.operation, label, called, ids)
    for id in way.leave:
        yield Step(Verb.UNPUBLISH, published.calls.unpublish.operation, label, (names.get(id, id),), (id,))
    if way.forward:
        yield Step(Verb.UPDATE, kind.update.operation)


def _fields(kind: Kind, way: Revert, copies: _Copies, names: Mapping[str, str]) -> Iterator[FieldChange]:
    """All that is sent and is not so already: first for users, then in the draft."""
    yield from _differing(kind, way.back, copies.published or {}, COPY)
    label = f"{demand_publication(kind).row.label}.connectors"
    for use in way.uses:
        if use["params"]:
            name = names.get(use["connector"], use["connector"])
            yield FieldChange(f"{label}[{name}].params", None, use["params"], note=COPY)
    for id in way.leave:
        yield FieldChange(f"{label}[{names.get(id, id)}]", id, None, note=COPY)
    yield from _differing(kind, way.forward, copies.draft, DRAFT)


def _differing(kind: Kind, sent: Json, live: Mapping[Path, Any], note: str) -> Iterator[FieldChange]:
    for path, value in fields_of(kind, sent).items():
        row = row_at(kind, path)
        before = live.get(path)
        before = before if isinstance(before, str | int | float | list | dict) else None
        if before != normal(row, value):
            yield FieldChange(row.label, before, value, note=note)


# ------------------------------------------------------------------------------------------ making them


def make_owed(making: ChangeInProgress) -> tuple[Status, str]:
    """Make a change that is owed. Raises ApiError, Cancelled; what it did not come to stays owed."""
    run, change = making.run, making.change
    owed = run.owed.get(change.address)
    if owed is None or owed.binding() != change.owed["digest"]:
        return Status.STALE, f"no journal here says what run {change.owed['run']} owes: plan again"
    if run.stop.is_set():
        raise Cancelled
    if _Copies.read(run.remote, owed).fingerprint(owed) != change.live_fingerprint:
        return Status.STALE, "it was changed on Coze after the plan was made"
    return _gone_back(making, owed, "") if owed.begun else _checked(making, owed)


def _checked(making: ChangeInProgress, owed: Owed) -> tuple[Status, str]:
    run, gate = making.run, making.run.gate
    assert gate is not None
    results = (
        hold(gate, run, owed.address, PUBLISHED)
        if checks_about([owed.address], run.resources.values())
        else []
    )
    bad = complaint(results)
    if not bad:
        run.ledger.settle(owed.address, {"judged": "passed" if results else "no check is left"})
        told = "its published copy passes" if results else "no Check is about it any more"
        return _rest(making, told)
    if not any(one.verdict is Verdict.FAILED for one in results):
        return Status.FAILED, f"{bad}; nothing was put back, and its checks stay owed"
    if owed.way is None:
        return Status.FAILED, f"{bad}; it is published all the same, for {NO_WAY}"
    return _gone_back(making, owed, f"{bad}; ")


def _gone_back(making: ChangeInProgress, owed: Owed, why: str) -> tuple[Status, str]:
    making.wrote = True
    take_back(making.run.ledger, making.run.remote, owed)
    making.run.written()
    making.run.ledger.settle(owed.address, {"id": owed.id})
    uses = owed.way.uses if owed.way else []
    where = "went back to what was published before" if uses else "it was not published before: taken off"
    return Status.HELD, f"{why}{where}"


def _rest(making: ChangeInProgress, told: str) -> tuple[Status, str]:
    if making.change.owed.get("more"):
        return Status.PENDING, f"{told}; what else differs of it is in the next plan"
    return Status.DONE, told
