"""Removals that wait until all else is done: who leaves an enterprise has left everything in it before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cozeops.address import Address
from cozeops.engine.apply.change import make
from cozeops.engine.model.outcome import Event, Outcome, Status
from cozeops.engine.model.plan import Change
from cozeops.engine.run.context import ApplyContext
from cozeops.engine.run.requests import last_steps

Edges = Mapping[Address, frozenset[Address]]
_GOOD = frozenset({Status.DONE, Status.PENDING})


def leave_last(
    pending: Mapping[Address, Change], outcomes: Mapping[Address, Outcome], edges: Edges, run: ApplyContext
) -> dict[Address, Outcome]:
    """The outcomes, with these removals made: of what needs others first, which is the order of leaving.

    `edges` are closed: what something needs is needed by whatever needs that.
    """
    found = dict(outcomes)
    for address in sorted(pending, key=lambda one: (-len(edges[one]), one)):
        change, outcome = pending[address], found[address]
        waiting = last_steps(change, run.resources.get(address))
        if waiting and outcome.status in _GOOD:
            reason = _held_back(address, found, edges, run)
            keys = [key for step in waiting for key in step.items]
            found[address] = _held(outcome, keys, reason, run) if reason else _left(outcome, change, run)
    return found


def _held_back(address: Address, outcomes: Mapping[Address, Outcome], edges: Edges, run: ApplyContext) -> str:
    if run.stop.is_set():
        return "cancelled"
    users = sorted(other for other, needs in edges.items() if address in needs)
    bad = [f"{one} ({outcomes[one].status})" for one in users if outcomes[one].status is not Status.DONE]
    return f"{', '.join(bad)} needs them to be there" if bad else ""


def _held(outcome: Outcome, keys: list[str], reason: str, run: ApplyContext) -> Outcome:
    message = f"not removed yet: {', '.join(keys)}: {reason}"
    run.listen(Event("finished", outcome.address, message, Status.PENDING))
    return replace(outcome, status=Status.PENDING, message=message)


def _left(before: Outcome, change: Change, run: ApplyContext) -> Outcome:
    after = make(run, change, last=True)
    whole = replace(
        after,
        wrote=before.wrote or after.wrote,
        seconds=before.seconds + after.seconds,
        made=(before.made or frozenset()) | (after.made or frozenset()),
    )
    good = after.status is Status.DONE
    return replace(whole, status=before.status, message=before.message) if good else whole
