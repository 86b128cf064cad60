"""Apply: a plan that was reviewed, or one that is made now and agreed to; then the run itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import field, replace
from typing import TYPE_CHECKING

from cozeops.address import Address
from cozeops.declare.resource import references
from cozeops.declare.verbs import Verb
from cozeops.engine.apply.file import run_json
from cozeops.engine.apply.scheduler import apply_plan
from cozeops.engine.check.runner import Result, Talking
from cozeops.engine.model.findings import demand_acknowledged
from cozeops.engine.model.graph import closure
from cozeops.engine.model.live import Snapshot
from cozeops.engine.model.outcome import Event, Listener, Outcome, Status, exit_code
from cozeops.engine.model.plan import Action, Change, Plan
from cozeops.engine.observe.snapshot import Remembered, channels_of, observe
from cozeops.engine.plan.file import plan_digest
from cozeops.engine.plan.replan import replanned
from cozeops.engine.plan.shards import sharded
from cozeops.engine.prior.claims import claimed
from cozeops.engine.prior.items import UNHEARD
from cozeops.engine.prior.state import sealed_inputs
from cozeops.engine.publish.gate import promised
from cozeops.engine.run.context import ApplyContext, Gate, Timeouts
from cozeops.errors import ExitCode, StalePlanError
from cozeops.frozen import frozen
from cozeops.operations.conversations import noted
from cozeops.operations.live_project import stats_of
from cozeops.operations.owed import owed_in
from cozeops.operations.plan import departed_of, plan_live
from cozeops.operations.selection import Selection
from cozeops.operations.state import StateSession, traces_in, writing
from cozeops.operations.wait_published import await_shown

if TYPE_CHECKING:
    from cozeops.operations.live_project import LiveProject
    from cozeops.values import Json


@frozen
class ApplyOptions:
    """How a plan is carried out."""

    parallelism: int = 8
    """Changes at a time."""
    timeouts: Timeouts = field(default_factory=Timeouts)
    replan: bool = False
    """Whether a stale change is planned again, and goes on if it writes what was reviewed."""
    check: str = ""
    """`before` or `after`: talk to each bot before it is published, and after it (empty: neither)."""
    lock_timeout: float = 0.0
    """Seconds to wait for another run to let go of the state."""


@frozen
class Agreement:
    """What was reviewed: whose digest the plan must have, and which blocking findings are accepted."""

    digest: str = ""
    ack: tuple[str, ...] = ()
    """`CODE` or `CODE@ADDRESS`."""


@frozen
class Run:
    """What an apply did. `exit_code` is that of the command line; `checks` are those of the gate."""

    plan: Plan
    outcomes: tuple[Outcome, ...]
    """One for each change, in the order of the plan."""
    exit_code: ExitCode
    checks: tuple[Result, ...] = ()
    stats: Json = field(default_factory=dict)
    shown: bool = False
    """Whether nothing was to be done but to wait, and channels show by now what was published."""

    @property
    def ok(self) -> bool:
        """Whether all of it is done."""
        return self.exit_code == ExitCode.OK

    def measured(self, live: LiveProject, began: float) -> Run:
        """The same, with what it cost since a moment of the host's clock."""
        return replace(self, stats=stats_of(live.client, live.host.clock() - began))

    def to_json(self) -> Json:
        """The report of the run: `cozeops-run/1`."""
        return run_json(
            self.plan, self.outcomes, exit_code=self.exit_code, stats=self.stats, checks=self.checks
        )


def _nothing(plan: Plan) -> None:
    """Nobody is asked."""


def _to_nobody(event: Event) -> None:
    """Nobody listens."""


@frozen
class Audience:
    """Whom a run is told to. `agree` may raise to refuse the plan; nothing is written before it returns."""

    agree: Callable[[Plan], None] = _nothing
    begin: Callable[[Plan], None] = _nothing
    """The plan is agreed to and acknowledged."""
    listen: Listener = _to_nobody
    """Called from several threads."""


def apply(
    live: LiveProject,
    reviewed: Plan | Selection,
    agreement: Agreement,
    options: ApplyOptions,
    audience: Audience,
) -> Run:
    """Carry out a plan that was made before, or one that is made now from a selection.

    Raises StalePlanError, BlockedError, LockedError, InvalidProject, UsageError, ApiError before the first
    write; afterwards everything is in the outcomes.
    """
    began = live.host.clock()
    with writing(live, "apply", lock_timeout=options.lock_timeout) as session:
        if isinstance(reviewed, Plan):
            plan, snapshot = reviewed, _recheck(live, reviewed, session)
        else:
            plan, snapshot = _planned(live, reviewed, session)
        demand_agreement(plan, agreement, audience)
        if not plan.pending:
            shown = await_shown(live, plan, session.prior, options.timeouts.publication)
            run = Run(plan, (), ExitCode.PARTIAL if shown is False else ExitCode.OK, shown=bool(shown))
        else:
            run = carry_out(live, session, plan, snapshot, options, audience.listen)
        return run.measured(live, began)


def _planned(live: LiveProject, selection: Selection, session: StateSession) -> tuple[Plan, Snapshot]:
    """Plan; where a run ended before it heard of what it was making, once lists would show that."""
    plan, snapshot = plan_live(live, selection, session.prior)
    unheard = [address for address, trace in traces_in(session.unfinished).items() if not trace.id]
    if any(address in snapshot.unsure for address in unheard):
        live.host.say("an earlier run ended before it heard of what it was making: looking again in a moment")
        live.host.sleep(UNHEARD)
        plan, snapshot = plan_live(live, selection, session.prior)
    return plan, snapshot


def demand_agreement(plan: Plan, agreement: Agreement, audience: Audience) -> None:
    """Raise StalePlanError, BlockedError, or what the audience raises, unless the plan may be carried out."""
    if agreement.digest:
        demand_digest(plan, agreement.digest)
    audience.agree(plan)
    demand_acknowledged(plan.findings, agreement.ack)
    audience.begin(plan)


def demand_digest(plan: Plan, digest: str) -> None:
    """Raise StalePlanError unless the plan has this digest."""
    if plan_digest(plan) != digest:
        raise StalePlanError(f"the plan is {plan_digest(plan)}, not {digest}", hint="review the plan again")


def _recheck(live: LiveProject, plan: Plan, session: StateSession) -> Snapshot:
    """What the changes of a plan need of the live side, if the plan still is about this project."""
    _demand_same(live, plan, session)
    project, prior = live.project, session.prior
    resources = {resource.address: resource for resource in project.resources}
    needs = {address: resource.needs for address, resource in resources.items()}
    needed = closure((change.address for change in plan.pending), needs)
    chosen = [resource for address, resource in resources.items() if address in needed]
    records = prior.known(project.resources) if prior else {}
    remembered = Remembered(records, traces_in(session.unfinished))
    # Each change reads its object just before it writes; only what others refer into must be known by then.
    into = {ref.address for resource in chosen for ref in references(resource.values) if ref.part}
    unread = {change.address for change in plan.pending} - into
    return observe(chosen, live.client, remembered, project=project.resources, unread=unread)


def _demand_same(live: LiveProject, plan: Plan, session: StateSession) -> None:
    project, hint = live.project, "plan again"
    for what, then, now in (
        ("environment", plan.environment, project.environment),
        ("base URL", plan.base_url, live.client.base_url),
        ("part", plan.shard or "the whole", str(live.shard or "the whole")),
    ):
        if then != now:
            raise StalePlanError(f"the plan is for {what} {then}, this is {now}", hint=hint)
    inputs = {str(resource.address): sealed_inputs(resource, session.prior) for resource in project.resources}
    moved = sorted(address for address, digest in plan.inputs.items() if inputs.get(address) != digest)
    if moved:
        shown = ", ".join(moved[:5]) + (f" and {len(moved) - 5} more" if len(moved) > 5 else "")
        raise StalePlanError(f"the manifests changed since the plan was made: {shown}", hint=hint)
    if plan.gate and plan.gate != promised(plan, project.resources, project.settings.gate):
        what = "the gate or the Checks that the plan was to pass changed since it was made"
        raise StalePlanError(what, hint=hint)
    known = {resource.address for resource in sharded(project.resources, live.shard)}
    known |= {departed.resource.address for departed in departed_of(project, session.prior)}
    if gone := [str(change.address) for change in plan.pending if change.address not in known]:
        raise StalePlanError(f"neither the project nor its state has {', '.join(gone)}", hint=hint)


def carry_out(
    live: LiveProject,
    session: StateSession,
    plan: Plan,
    snapshot: Snapshot,
    options: ApplyOptions,
    listen: Listener,
    *,
    partly: bool = False,
) -> Run:
    """Make the changes of a plan that was agreed to. What goes wrong is in the outcomes.

    `partly`: something waits for a person, so that all that is done is not all there is to do.
    """
    project, stop = live.project, live.host.stop
    prior = claimed(session.prior, project.resources, snapshot.live) if session.prior else None
    departed = departed_of(project, prior)
    known = (*project.resources, *(one.resource for one in departed))
    session.begin(project)
    with ExitStack() as talks:
        context = ApplyContext(
            remote=live.client,
            resources={resource.address: resource for resource in known},
            channels=channels_of(project.resources),
            snapshot=snapshot,
            listen=listen,
            patience=options.timeouts,
            sleep=live.host.sleep,
            clock=live.host.clock,
            stop=stop,
            memory=prior,
            ledger=session,
            gate=_gate_of(live, options.check, plan, talks),
            owed=owed_in(session.unfinished),
            traces=traces_in(session.unfinished),
            homes={one.resource.address: one.record.scope for one in departed},
        )
        outcomes = apply_plan(plan, context, parallelism=options.parallelism)
        stale = [outcome.address for outcome in outcomes if outcome.status is Status.STALE]
        if stale and options.replan and not stop.is_set():
            outcomes = _again(live, plan, outcomes, stale, context, options)
    for change, outcome in zip(plan.pending, outcomes, strict=True):
        if outcome.status is Status.DONE and not change.owed and _leaves(change):
            session.settle(change.address, {"replaced": True})
    code = exit_code(outcomes, cancelled=stop.is_set())
    if partly and code == ExitCode.OK:
        code = ExitCode.PARTIAL
    session.finish(project, plan, outcomes, code)
    return Run(plan, tuple(outcomes), code, tuple(context.gate.results) if context.gate else ())


def _gate_of(live: LiveProject, check: str, plan: Plan, talks: ExitStack) -> Gate | None:
    """The gate of a run: what the environment asks for, no less than the option does, and what is owed."""
    asked = {check, live.project.settings.gate.get("checks", "")} & {"before", "after"}
    if not asked and not any("checks" in change.owed for change in plan.pending):
        return None
    host = live.host
    notes = talks.enter_context(noted(live))
    talking = Talking(live.client, sleep=host.sleep, stop=host.stop, secrets=live.secrets, notes=notes)
    return Gate(talking, before=bool(asked), after="after" in asked)


def _leaves(change: Change) -> bool:
    """Whether users have nothing of it any more, or we do not: what was owed is void."""
    return change.does(Verb.UNPUBLISH, Verb.DELETE) or change.action is Action.FORGET


def _again(
    live: LiveProject,
    plan: Plan,
    outcomes: Sequence[Outcome],
    stale: Sequence[Address],
    context: ApplyContext,
    options: ApplyOptions,
) -> list[Outcome]:
    """Plan the stale changes once more, and make those that write exactly what was reviewed."""
    fresh, snapshot = plan_live(live, Selection(), context.memory)
    changes = replanned(plan, fresh, stale)
    repeated = apply_plan(changes, context.afresh(snapshot), parallelism=options.parallelism)
    again = {outcome.address: outcome for outcome in repeated}
    settled = {change.address for change in fresh.changes if change.action is Action.NONE}
    return [
        replace(outcome, status=Status.DONE, message="the live side is as reviewed by now", made=frozenset())
        if outcome.address in stale and outcome.address in settled
        else again.get(outcome.address, outcome)
        for outcome in outcomes
    ]
