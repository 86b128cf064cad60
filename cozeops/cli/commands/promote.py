"""`cozeops promote`: copy what no call creates into another environment, and wire the bots there to it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click

from cozeops.cli.completion import complete_address, complete_environment
from cozeops.cli.connected import connected, is_terminal, load
from cozeops.cli.files.output import demand_place
from cozeops.cli.options import (
    Where,
    agreement_options,
    compact_option,
    cost_options,
    project_options,
    run_options,
    shard_option,
)
from cozeops.errors import ExitCode, UsageError
from cozeops.operations.project import addresses


@click.command()
@click.option(
    "--from",
    "origin",
    metavar="NAME",
    required=True,
    help="The environment that has them.",
    shell_complete=complete_environment,
)
@click.option(
    "--to",
    "goal",
    metavar="NAME",
    required=True,
    help="The environment that gets copies.",
    shell_complete=complete_environment,
)
@click.option("--plan", "only_plan", is_flag=True, help="Show the plan and stop.")
@click.option("--yes", is_flag=True, help="Promote without asking.")
@agreement_options
@click.option(
    "--target",
    metavar="ADDRESS",
    multiple=True,
    help="Only this workflow or app, with the bots that use it.",
    shell_complete=complete_address,
)
@click.option(
    "--recopy",
    metavar="ADDRESS",
    multiple=True,
    help="Make another copy beside the one that is there.",
    shell_complete=complete_address,
)
@click.option(
    "--wait-timeout",
    type=click.FloatRange(0),
    default=600.0,
    show_default=True,
    help="Seconds to wait for a copy.",
)
@run_options
@compact_option
@shard_option
@cost_options
@project_options
@click.pass_obj
def promote(
    where: Where,
    *,
    origin: str,
    goal: str,
    only_plan: bool,
    yes: bool,
    digest: str | None,
    ack: tuple[str, ...],
    target: tuple[str, ...],
    recopy: tuple[str, ...],
    wait_timeout: float,
    unknown_wait: float,
    lock_timeout: float,
    report: Path | None,
    compact: bool,
) -> int:
    """Copy workflows and apps into another environment.

    The API cannot create them. Each that the environment of --to declares without an id is copied once from
    that of --from and remembered in the state, and the bots that use it are planned and applied, as
    `apply --target` would. A copy begins unpublished, and only the console publishes it: bots that use it
    wait for that, and the next promote wires them.
    """
    from cozeops.cli.telling import Telling
    from cozeops.engine.run.context import Timeouts
    from cozeops.operations.apply import Agreement, ApplyOptions
    from cozeops.operations.promote import PromotionRequest, demand_alike, plan_promotion, waiting_for
    from cozeops.operations.promote import promote as carry_out

    if where.environment:
        raise UsageError("promote takes its environments from --from and --to", hint="leave --env out")
    _demand_sensible(only_plan, yes, digest, ack)
    source, aim = (load(replace(where, environment=name)) for name in (origin, goal))
    demand_alike(source, aim, os.environ)
    demand_place(report, aim)
    options = ApplyOptions(timeouts=Timeouts(wait_timeout, unknown_wait), lock_timeout=lock_timeout)
    with (
        Telling(ask=not (yes or digest), compact=compact) as telling,
        connected(where, aim, telling.stop) as live,
    ):
        request = PromotionRequest(source, tuple(addresses(target)), tuple(addresses(recopy)))
        if only_plan:
            telling.show(plan_promotion(live, request, ack))
            return ExitCode.OK
        run = carry_out(live, request, Agreement(digest or "", ack), options, telling.audience())
        telling.end(run, report)
    if run.plan.pending and (waiting := waiting_for(run.plan)):
        names = ", ".join(map(str, waiting))
        click.echo(f"{names}: publish the copies in the Coze console, then promote again.", err=True)
    return run.exit_code


def _demand_sensible(only_plan: bool, yes: bool, digest: str | None, ack: Iterable[str]) -> None:
    if any(ack) and not (only_plan or digest):
        raise UsageError(
            "--ack accepts a finding of a reviewed plan", hint="review with --plan, then --digest"
        )
    if not (only_plan or yes or digest or is_terminal()):
        raise UsageError("nobody can be asked here", hint="look with --plan, then give --digest or --yes")
