"""What `apply` does between its options and its exit code: a reviewed plan, an agreement, the run itself."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from time import sleep
from types import FrameType
from typing import TYPE_CHECKING

import click

from cozeops.address import Address
from cozeops.cli.files.events import together
from cozeops.cli.files.plan import saved_plan
from cozeops.declare.resource import references
from cozeops.engine.apply.file import run_json
from cozeops.engine.apply.scheduler import apply_plan
from cozeops.engine.check.runner import Result, Talking
from cozeops.engine.model.graph import closure
from cozeops.engine.model.live import Snapshot
from cozeops.engine.model.outcome import Outcome, Status, exit_code
from cozeops.engine.model.plan import Action, Plan
from cozeops.engine.observe.snapshot import channels_of, observe
from cozeops.engine.plan.file import plan_digest, sealed
from cozeops.engine.plan.replan import replanned
from cozeops.engine.plan.shards import sharded
from cozeops.engine.run.context import ApplyContext, Gate, Timeouts
from cozeops.errors import ExitCode, StalePlanError
from cozeops.frozen import frozen
from cozeops.operations.plan import departed_of
from cozeops.operations.project import Selection, plan_live, stats_of, write_file
from cozeops.operations.state import StateSession
from cozeops.report.check.text import render_transcripts
from cozeops.report.forms.ndjson import EventLines
from cozeops.report.plan.outcomes import render_outcomes
from cozeops.report.plan.progress import Progress
from cozeops.report.plan.text import render_plan

if TYPE_CHECKING:
    from cozeops.api.client import Client
    from cozeops.manifests.load import Project


@frozen
class ApplyOptions:
    """How to carry a plan out."""

    parallelism: int
    patience: Timeouts
    report: Path | None
    began: float
    replan: bool = False
    """Whether a stale change is planned again, and goes on if it writes what was reviewed."""
    events: EventLines | None = None
    waiting: bool = False
    """Whether something waits for a person, so that all that is done is not all there is to do."""
    check: str = ""
    """`before` or `after`: talk to each bot before it is published, and after it (empty: neither)."""


def gate_of(project: Project, client: Client, check: str, stop: Flag) -> Gate | None:
    """The gate of a run: what the environment asks for, and no less than the option does."""
    asked = {check, project.settings.gate.get("checks", "")}
    if not asked & {"before", "after"}:
        return None
    talking = Talking(client, sleep=sleep, stop=stop, secrets=tokens_of(project))
    return Gate(talking, after="after" in asked)


def tokens_of(project: Project) -> tuple[str, ...]:
    """The token in the clear: no answer that repeats it may be shown."""
    token = project.settings.token.reveal() if project.settings.token else os.environ.get("COZE_API_TOKEN")
    return (token,) if token else ()


def reviewed(path: Path, project: Project, client: Client, kept: StateSession) -> tuple[Plan, Snapshot]:
    """A plan from its file, when it still is about this project. Reads what its changes need."""
    made = saved_plan(path)
    _demand_same(made, project, client, kept)
    resources = {one.address: one for one in project.resources}
    needs = {address: one.needs for address, one in resources.items()}
    needed = closure((change.address for change in made.pending), needs)
    chosen = [one for address, one in resources.items() if address in needed]
    records = kept.memory.known(project.resources) if kept.memory else None
    # Each change reads its object just before it writes; only what others refer into must be known by then.
    into = {ref.address for one in chosen for ref in references(one.values) if ref.part}
    unread = {change.address for change in made.pending} - into
    return made, observe(chosen, client, records=records, project=project.resources, unread=unread)


def _demand_same(made: Plan, project: Project, client: Client, kept: StateSession) -> None:
    hint = "plan again"
    for what, then, now in (
        ("environment", made.environment, project.environment),
        ("base URL", made.base_url, client.base_url),
        ("part", made.shard or "the whole", str(kept.shard or "the whole")),
    ):
        if then != now:
            raise StalePlanError(f"the plan is for {what} {then}, this is {now}", hint=hint)
    key = plan_digest(made)
    inputs = {str(one.address): sealed(one.inputs, one.secrets, key) for one in project.resources}
    moved = sorted(address for address, digest in made.inputs.items() if inputs.get(address) != digest)
    if moved:
        shown = ", ".join(moved[:5]) + (f" and {len(moved) - 5} more" if len(moved) > 5 else "")
        raise StalePlanError(f"the manifests changed since the plan was made: {shown}", hint=hint)
    known = {one.address for one in sharded(project.resources, kept.shard)}
    known |= {one.resource.address for one in departed_of(project, kept.memory)}
    if gone := [str(change.address) for change in made.pending if change.address not in known]:
        raise StalePlanError(f"neither the project nor its state has {', '.join(gone)}", hint=hint)


def demand_digest(made: Plan, digest: str) -> None:
    """Raise StalePlanError unless the plan has this digest."""
    if plan_digest(made) != digest:
        raise StalePlanError(f"the plan is {plan_digest(made)}, not {digest}", hint="review the plan again")


def agree(made: Plan, *, yes: bool, digest: str | None, compact: bool = False) -> None:
    """Show the plan, and ask where nothing else says yes."""
    if digest:
        demand_digest(made, digest)
    render_plan(made, sys.stdout, compact=compact)
    if made.pending and not yes and not digest:
        click.confirm("\nApply these changes?", abort=True)


def carry_out(
    made: Plan, snapshot: Snapshot, project: Project, client: Client, kept: StateSession, manner: ApplyOptions
) -> int:
    """Make the changes, say what happened, and return the exit code."""
    gone = departed_of(project, kept.memory)
    known = (*project.resources, *(one.resource for one in gone))
    kept.begin(project)
    with stopping() as stop, Progress(sys.stderr, total=len(made.pending), plan=made) as progress:
        run = ApplyContext(
            remote=client,
            resources={one.address: one for one in known},
            channels=channels_of(project.resources),
            snapshot=snapshot,
            listen=together(progress, manner.events),
            patience=manner.patience,
            sleep=sleep,
            stop=stop,
            memory=kept.memory,
            ledger=kept,
            gate=gate_of(project, client, manner.check, stop),
            homes={one.resource.address: one.record.scope for one in gone},
        )
        outcomes = apply_plan(made, run, parallelism=manner.parallelism)
        stale = [one.address for one in outcomes if one.status is Status.STALE]
        if stale and manner.replan and not stop.is_set():
            outcomes = _again(made, outcomes, stale, project, client, kept, run, manner)
    code = exit_code(outcomes, cancelled=stop.is_set())
    if manner.waiting and code == ExitCode.OK:
        code = ExitCode.PARTIAL
    kept.finish(project, outcomes, code)
    if run.gate:
        render_transcripts(run.gate.results, sys.stdout)
    render_outcomes(made, outcomes, sys.stdout)
    write_report(made, outcomes, code, client, manner, run.gate.results if run.gate else ())
    return code


def write_report(
    made: Plan,
    outcomes: Sequence[Outcome],
    code: int,
    client: Client,
    manner: ApplyOptions,
    checks: Sequence[Result] = (),
) -> None:
    """Write what happened, where somebody asked for it."""
    if manner.events:
        manner.events.end(outcomes, code)
    if manner.report:
        report = run_json(made, outcomes, exit_code=code, stats=stats_of(client, manner.began), checks=checks)
        write_file(manner.report, json.dumps(report, ensure_ascii=False, indent=2) + "\n")


def _again(
    made: Plan,
    outcomes: Sequence[Outcome],
    stale: Sequence[Address],
    project: Project,
    client: Client,
    kept: StateSession,
    run: ApplyContext,
    manner: ApplyOptions,
) -> list[Outcome]:
    """Plan the stale changes once more, and make those that write exactly what was reviewed."""
    fresh, snapshot = plan_live(project, Selection(shard=kept.shard), client, kept.memory)
    changes = replanned(made, fresh, stale)
    again = {
        one.address: one for one in apply_plan(changes, run.afresh(snapshot), parallelism=manner.parallelism)
    }
    settled = {one.address for one in fresh.changes if one.action is Action.NONE}
    return [
        replace(one, status=Status.DONE, message="the live side is as reviewed by now")
        if one.address in stale and one.address in settled
        else again.get(one.address, one)
        for one in outcomes
    ]


@contextmanager
def stopping() -> Iterator[Flag]:
    """Ctrl-C and SIGTERM set the flag; what is under way ends. A second one stops at once."""
    flag = Flag()

    def stop(_number: int, _frame: FrameType | None) -> None:
        if flag.is_set():
            # Threads that wait for Coze cannot be stopped. The journal has what they were about to do.
            click.echo("stopped at once: the next cozeops plan looks at what was under way", err=True)
            sys.stderr.flush()
            os._exit(ExitCode.CANCELLED)
        flag.set()
        click.echo("stopping: what is under way ends, nothing new begins (again to stop at once)", err=True)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield flag
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
