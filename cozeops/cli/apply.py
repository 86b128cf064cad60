"""`cozeops apply`: make it so, and nothing that the plan does not show."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event as Flag
from types import FrameType
from typing import TYPE_CHECKING

import click

from cozeops.cli._options import Where, project_options, selection_options
from cozeops.cli._wiring import Choice, client_of, is_terminal, load, plan_live, stats_of, write_file
from cozeops.cli.plan import refuse_prune
from cozeops.errors import ExitCode, StalePlanError, UsageError

if TYPE_CHECKING:
    from cozeops.api import Client
    from cozeops.engine.model import Plan
    from cozeops.engine.snapshot import Snapshot
    from cozeops.manifests import Project


@click.command()
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Apply without asking.")
@click.option("--digest", metavar="DIGEST", help="Plan again, and go on only if the plan has this digest.")
@click.option(
    "--ack", metavar="CODE[@ADDRESS]", multiple=True, help="Accept a blocking finding of a reviewed plan."
)
@selection_options
@click.option("--rewrite", metavar="ADDRESS", multiple=True, help="Send again what cannot be read back.")
@click.option("--prune", is_flag=True, help="Remove what left the manifests (needs a state).")
@click.option(
    "--parallelism", type=click.IntRange(1, 64), default=8, show_default=True, help="Changes at a time."
)
@click.option(
    "--wait-timeout",
    type=click.FloatRange(0),
    default=600.0,
    show_default=True,
    help="Seconds for documents.",
)
@click.option(
    "--unknown-wait",
    type=click.FloatRange(0),
    default=30.0,
    show_default=True,
    help="Seconds to look for a lost reply.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write what happened as JSON.",
)
@project_options
@click.pass_obj
def apply(
    where: Where,
    *,
    plan_file: Path | None,
    yes: bool,
    digest: str | None,
    ack: tuple[str, ...],
    target: tuple[str, ...],
    exclude: tuple[str, ...],
    selector: tuple[str, ...],
    rewrite: tuple[str, ...],
    prune: bool,
    parallelism: int,
    wait_timeout: float,
    unknown_wait: float,
    report: Path | None,
) -> int:
    """Apply PLAN, a file of `cozeops plan --out`; without it, plan and ask.

    Where nobody can be asked it needs a plan file, --digest or --yes.
    """
    from cozeops.engine.execute import Patience
    from cozeops.engine.findings import demand_acknowledged

    choice = Choice(target, exclude, selector, rewrite)
    refuse_prune(prune)
    _demand_sensible(plan_file, yes, digest, ack, choice)
    began, project = time.monotonic(), load(where)
    with client_of(project) as client:
        if plan_file:
            made, snapshot = _reviewed(plan_file, project, client)
            if digest:
                _demand_digest(made, digest)
        else:
            made, snapshot = plan_live(project, choice, client)
            _agree(made, yes=yes, digest=digest)
        demand_acknowledged(made.findings, ack)
        if not made.pending:
            return ExitCode.OK
        patience = Patience(processing=wait_timeout, lost=unknown_wait)
        return _carry_out(made, snapshot, project, client, parallelism, patience, report, began)


def _demand_sensible(
    plan_file: Path | None, yes: bool, digest: str | None, ack: Sequence[str], choice: Choice
) -> None:
    if plan_file and choice != Choice():
        raise UsageError(
            "a plan file already says what it is about", hint="select when you plan, not when you apply it"
        )
    if ack and not (plan_file or digest):
        raise UsageError("--ack accepts a finding of a reviewed plan", hint="give the plan file, or --digest")
    if not (plan_file or yes or digest or is_terminal()):
        raise UsageError(
            "nobody can be asked here",
            hint="apply a plan file, or give --digest DIGEST, or --yes to skip the review",
        )


def _reviewed(path: Path, project: Project, client: Client) -> tuple[Plan, Snapshot]:
    """A plan from its file, when it still is about this project. Reads what its changes need."""
    from cozeops.engine.graph import closure
    from cozeops.engine.observe import observe
    from cozeops.engine.planfile import MAX_BYTES, read_plan

    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path} is too large to be a plan")
        made = read_plan(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as a plan: {error}") from None
    _demand_same(made, project, client)
    resources = {one.address: one for one in project.resources}
    needed = closure(
        (change.address for change in made.pending),
        {address: one.needs for address, one in resources.items()},
    )
    return made, observe([one for address, one in resources.items() if address in needed], client)


def _demand_same(made: Plan, project: Project, client: Client) -> None:
    hint = "plan again"
    for what, then, now in (
        ("environment", made.environment, project.environment),
        ("base URL", made.base_url, client.base_url),
    ):
        if then != now:
            raise StalePlanError(f"the plan is for {what} {then}, this is {now}", hint=hint)
    inputs = {str(one.address): one.inputs for one in project.resources}
    moved = sorted(address for address, digest in made.inputs.items() if inputs.get(address) != digest)
    if moved:
        shown = ", ".join(moved[:5]) + (f" and {len(moved) - 5} more" if len(moved) > 5 else "")
        raise StalePlanError(f"the manifests changed since the plan was made: {shown}", hint=hint)


def _demand_digest(made: Plan, digest: str) -> None:
    from cozeops.engine.planfile import plan_digest

    if plan_digest(made) != digest:
        raise StalePlanError(f"the plan is {plan_digest(made)}, not {digest}", hint="review the plan again")


def _agree(made: Plan, *, yes: bool, digest: str | None) -> None:
    """Show the plan, and ask where nothing else says yes."""
    from cozeops.report import render_plan

    if digest:
        _demand_digest(made, digest)
    render_plan(made, sys.stdout)
    if made.pending and not yes and not digest:
        click.confirm("\nApply these changes?", abort=True)


def _carry_out(
    made: Plan,
    snapshot: Snapshot,
    project: Project,
    client: Client,
    parallelism: int,
    patience: object,
    report: Path | None,
    began: float,
) -> int:
    from cozeops.engine.apply import apply_plan
    from cozeops.engine.events import exit_code
    from cozeops.engine.execute import Patience, Run
    from cozeops.engine.runfile import run_json
    from cozeops.report import Progress, render_outcomes

    assert isinstance(patience, Patience)
    with stopping() as stop, Progress(sys.stderr, total=len(made.pending)) as progress:
        run = Run(
            remote=client,
            resources={one.address: one for one in project.resources},
            channels={
                one.address: one.id for one in project.resources if one.kind.name == "Connector" and one.id
            },
            snapshot=snapshot,
            listen=progress,
            patience=patience,
            stop=stop,
        )
        outcomes = apply_plan(made, run, parallelism=parallelism)
    code = exit_code(outcomes, cancelled=stop.is_set())
    render_outcomes(made, outcomes, sys.stdout)
    if report:
        text = json.dumps(
            run_json(made, outcomes, exit_code=code, stats=stats_of(client, began)),
            ensure_ascii=False,
            indent=2,
        )
        write_file(report, text + "\n")
    return code


@contextmanager
def stopping() -> Iterator[Flag]:
    """Ctrl-C and SIGTERM set the flag; what is under way ends. A second one stops at once."""
    flag = Flag()

    def stop(_number: int, _frame: FrameType | None) -> None:
        if flag.is_set():
            raise KeyboardInterrupt
        flag.set()
        click.echo("stopping: what is under way ends, nothing new begins (again to stop at once)", err=True)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield flag
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
