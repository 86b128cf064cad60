"""Apply: the changes of a plan, each as soon as what it needs is done. Nothing that the plan does not show.

A ready-queue over edges between resources; what the longest chain waits for goes first. Independent
branches go on when one fails; what needs a failed change is skipped, and says so. When the run is stopped,
what is under way ends and nothing new begins.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from graphlib import TopologicalSorter
from heapq import heappop, heappush

from cozeops.address import Address
from cozeops.declare.rows import publication_of
from cozeops.declare.verbs import Verb
from cozeops.engine.apply.change import make
from cozeops.engine.apply.deferred import leave_last
from cozeops.engine.model.graph import closure, critical_paths
from cozeops.engine.model.outcome import Event, Outcome, Status
from cozeops.engine.model.plan import Action, Change, Plan
from cozeops.engine.observe.lookup import Observer
from cozeops.engine.observe.threads import TURN
from cozeops.engine.publish.after import judged
from cozeops.engine.publish.evidence import leave_evidence
from cozeops.engine.run.context import ApplyContext
from cozeops.engine.run.requests import Task, uncarried
from cozeops.engine.run.wait import looks
from cozeops.errors import ApiError, CozeopsError
from cozeops.state.model import Record


def apply_plan(plan: Plan, run: ApplyContext, *, parallelism: int) -> list[Outcome]:
    """Make every pending change. The outcomes stand in the order of the plan.

    Raises CozeopsError before the first write when a planned field would not be sent.
    """
    pending = {change.address: change for change in plan.pending}
    preflight(pending.values(), run)
    edges = _edges(plan, pending)
    outcomes = leave_last(pending, _run_all(pending, edges, run, parallelism), edges, run)
    outcomes = judged(pending, _settle_publications(pending, outcomes, run), run)
    leave_evidence(outcomes, run)
    if run.memory is not None and any(outcome.status is Status.DONE for outcome in outcomes.values()):
        with suppress(ApiError):  # the next plan reads what it finds no note of
            _note_observations(plan, outcomes, run)
    return [outcomes[address] for address in pending]


def preflight(changes: Iterable[Change], run: ApplyContext) -> None:
    """Map every change to its requests before anything is written."""
    for change in (one for one in changes if not one.owed):
        task = Task(change, run.resources[change.address], run.snapshot, None)
        lost = uncarried(task)
        if lost:
            raise CozeopsError(
                f"{change.address}: no request would carry {', '.join(lost)}",
                hint="nothing was written; this is a defect of cozeops: please report it with the plan",
            )


def _edges(plan: Plan, pending: Mapping[Address, Change]) -> dict[Address, frozenset[Address]]:
    needs = {change.address: change.needs for change in plan.changes}
    return {address: (closure([address], needs) - {address}) & pending.keys() for address in pending}


def _run_all(
    pending: Mapping[Address, Change],
    edges: Mapping[Address, frozenset[Address]],
    run: ApplyContext,
    parallelism: int,
) -> dict[Address, Outcome]:
    outcomes: dict[Address, Outcome] = {}
    sorter = TopologicalSorter(edges)
    sorter.prepare()
    running: dict[Future[Outcome], Address] = {}
    weights = critical_paths({address: len(change.steps) for address, change in pending.items()}, edges)
    ready: list[tuple[int, Address]] = []
    with ThreadPoolExecutor(parallelism, thread_name_prefix="apply") as pool:
        while sorter.is_active():
            for address in sorter.get_ready():
                heappush(ready, (-weights[address], address))
            while ready and len(running) < parallelism:
                _, address = heappop(ready)
                reason = _held_back(edges[address], outcomes, run)
                if reason:
                    outcomes[address] = _skip(pending[address], reason, run)
                    sorter.done(address)
                else:
                    running[pool.submit(make, run, pending[address])] = address
            if not running:
                continue
            done, _ = wait(running, timeout=TURN, return_when=FIRST_COMPLETED)
            for future in done:
                address = running.pop(future)
                outcomes[address] = future.result()
                sorter.done(address)
    return outcomes


def _held_back(needs: Iterable[Address], outcomes: Mapping[Address, Outcome], run: ApplyContext) -> str:
    if run.stop.is_set():
        return "cancelled"
    bad = sorted(need for need in needs if not _is_there(outcomes[need]))
    return f"needs {', '.join(f'{need} ({outcomes[need].status})' for need in bad)}" if bad else ""


def _is_there(outcome: Outcome) -> bool:
    """Whether others may refer to it: a copy that is still being made has no id."""
    return outcome.status is Status.DONE or (outcome.status is Status.PENDING and bool(outcome.id))


def _skip(change: Change, reason: str, run: ApplyContext) -> Outcome:
    run.listen(Event("finished", change.address, reason, Status.SKIPPED))
    return Outcome(change.address, Status.SKIPPED, change.id, reason)


def _settle_publications(
    pending: Mapping[Address, Change], outcomes: dict[Address, Outcome], run: ApplyContext
) -> dict[Address, Outcome]:
    """After all writes the lists of every channel are read once: is what was published shown there?"""
    published = {
        address: pending[address]
        for address, outcome in outcomes.items()
        if outcome.status is Status.DONE and _ends_published(pending[address])
    }
    try:
        missing = _unseen(published, outcomes, run)
    except ApiError as error:
        # What was written stays written, and is told, whatever becomes of this look.
        return outcomes | {address: _untold(outcomes[address], error) for address in published}
    for address, absent in missing.items():
        step = pending[address].steps[-1]
        names = dict(zip(step.ids, step.items, strict=True))
        shown = ", ".join(names[one] for one in absent)
        outcomes[address] = replace(
            outcomes[address], status=Status.PENDING, message=f"not shown yet on {shown}"
        )
        run.amend(address, awaiting=dict.fromkeys(absent, int(run.wrote_at)))
    return outcomes


def _unseen(
    published: Mapping[Address, Change], outcomes: Mapping[Address, Outcome], run: ApplyContext
) -> dict[Address, list[str]]:
    """What does not show up after a while either, with the connectors that do not list it."""
    missing: dict[Address, list[str]] = {}
    late: set[Address] = set()
    for _ in looks(run) if published else ():
        observer = run.after()
        missing = {
            address: absent
            for address, change in published.items()
            if (absent := _not_shown(change, outcomes[address], observer, run))
        }
        if not missing:
            break
        late |= missing.keys()
        for address in missing:
            run.listen(Event("waiting", address, "for its channels to show it"))
    for address in sorted(late):
        status = Status.PENDING if address in missing else Status.DONE
        run.listen(Event("finished", address, "not shown yet" if address in missing else "", status))
    return missing


def _ends_published(change: Change) -> bool:
    return bool(change.steps) and change.steps[-1].verb is Verb.PUBLISH and not change.owed


def _untold(outcome: Outcome, error: ApiError) -> Outcome:
    message = f"published, and nobody can tell whether it is shown: {error.message}"
    return replace(outcome, status=Status.PENDING, message=message, hint=error.hint, log_id=error.log_id)


def _not_shown(change: Change, outcome: Outcome, observer: Observer, run: ApplyContext) -> list[str]:
    """The connectors that a bot was published to and that do not list it."""
    resource = run.resources[change.address]
    published = publication_of(resource.kind)
    home = run.snapshot.home_id(resource)
    if published is None or home is None:
        return []
    about = published.calls
    return [one for one in change.steps[-1].ids if outcome.id not in observer.published(about, home, one)]


def _note_observations(plan: Plan, outcomes: Mapping[Address, Outcome], run: ApplyContext) -> None:
    """Look at the lists once more, so that the next plan need not read what they speak for."""
    assert run.memory is not None
    now = run.remote.now()
    if now is None:
        return
    records = {**run.memory.records, **run.kept}
    observer, observed = run.after(), dict[Address, Record]()
    for change in plan.changes:
        address, record = change.address, records.get(change.address)
        resource, live = run.resources.get(address), run.snapshot.live.get(address)
        untouched = change.action is Action.NONE
        settled = untouched or (outcomes[address].status is Status.DONE and not change.owed)
        if record is None or resource is None or live is None or live.unmoved or not settled:
            continue
        if record.id != live.id:
            continue
        home = run.snapshot.home_id(resource)
        # What this run did not touch is known as it was when it was read, before all writes.
        at, until = (run.snapshot.at, math.inf) if untouched else (now, run.kept_at.get(address, 0.0))
        seen = observer.seen(resource, home, live.id, records, at, until)
        if seen and seen != record.observed:
            observed[address] = replace(record, observed=seen)
    run.ledger.remember_all(observed)
