"""`cozeops promote`: copy what no call creates into another environment, and wire the bots there to it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cozeops.cli.completion import complete_address, complete_environment
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
from cozeops.operations.project import addresses, client_of, demand_place, is_terminal, load

if TYPE_CHECKING:
    from cozeops.engine.model.plan import Plan


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
    from cozeops.engine.model.findings import demand_acknowledged
    from cozeops.engine.run.context import Timeouts
    from cozeops.operations.apply import ApplyOptions, agree, carry_out
    from cozeops.operations.promote import PromotionSession, demand_alike
    from cozeops.operations.state import keeping, recall
    from cozeops.report.plan.text import render_plan

    if where.environment:
        raise UsageError("promote takes its environments from --from and --to", hint="leave --env out")
    _demand_sensible(only_plan, yes, digest, ack)
    began = time.monotonic()
    source, aim = (load(replace(where, environment=name)) for name in (origin, goal))
    demand_alike(source, aim)
    demand_place(report, aim)
    with client_of(aim, where) as client, ExitStack() as stack:
        if only_plan:
            memory, kept = recall(aim, client.base_url, where.shard), None
        else:
            held = keeping(
                aim, client.base_url, operation="promote", lock_timeout=lock_timeout, shard=where.shard
            )
            kept = stack.enter_context(held)
            memory = kept.memory
        assert memory is not None
        promoting = PromotionSession(
            source, aim, client, memory, addresses(target), addresses(recopy), ack, where.shard
        )
        made, snapshot = promoting.plan()
        if kept is None:
            render_plan(made, sys.stdout, compact=compact)
            return ExitCode.OK
        agree(made, yes=yes, digest=digest, compact=compact)
        demand_acknowledged(made.findings, ack)
        if not made.pending:
            return ExitCode.OK
        waiting = _waiting(made)
        manner = ApplyOptions(8, Timeouts(wait_timeout, unknown_wait), report, began, waiting=bool(waiting))
        code = carry_out(made, snapshot, aim, client, kept, manner)
        if waiting:
            click.echo(f"{waiting}: publish the copies in the Coze console, then promote again.", err=True)
        return code


def _waiting(made: Plan) -> str:
    """Whom the plan leaves out until somebody has published what they use."""
    from cozeops.engine.model.findings import UNPUBLISHED_COPY
    from cozeops.engine.model.plan import Severity

    held = (one for one in made.findings if one.code == UNPUBLISHED_COPY.code)
    return ", ".join(str(one.address) for one in held if one.severity is Severity.WARN)


def _demand_sensible(only_plan: bool, yes: bool, digest: str | None, ack: Iterable[str]) -> None:
    if any(ack) and not (only_plan or digest):
        raise UsageError(
            "--ack accepts a finding of a reviewed plan", hint="review with --plan, then --digest"
        )
    if not (only_plan or yes or digest or is_terminal()):
        raise UsageError("nobody can be asked here", hint="look with --plan, then give --digest or --yes")
