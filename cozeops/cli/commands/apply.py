"""`cozeops apply`: make it so, and nothing that the plan does not show."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from cozeops.cli.commands.plan import refuse_prune
from cozeops.cli.completion import complete_address
from cozeops.cli.options import (
    Where,
    agreement_options,
    compact_option,
    cost_options,
    project_options,
    refresh_option,
    run_checks_option,
    run_options,
    selection_options,
    shard_option,
)
from cozeops.errors import ExitCode, UsageError
from cozeops.operations.project import Selection, client_of, demand_place, is_terminal, load, plan_live


def _moment(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str:
    """When checks talk to a bot; a word that follows `--check` is taken for it, so a plan file must not."""
    if value not in (None, "before", "after"):
        raise click.BadParameter(f"{value!r} is neither before nor after; write PLAN first, then --check")
    return value or ""


@click.command()
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Apply without asking.")
@agreement_options
@selection_options
@click.option(
    "--rewrite",
    metavar="ADDRESS",
    multiple=True,
    help="Send again what cannot be read back.",
    shell_complete=complete_address,
)
@refresh_option
@click.option("--prune", is_flag=True, help="Remove what left the manifests (needs a state).")
@click.option(
    "--parallelism", type=click.IntRange(1, 64), default=8, show_default=True, help="Changes at a time."
)
@click.option(
    "--wait-timeout",
    type=click.FloatRange(0),
    default=600.0,
    show_default=True,
    help="Seconds to wait for documents, and with --wait for channels.",
)
@click.option("--wait", is_flag=True, help="Wait as long for every channel to show what was published to it.")
@click.option(
    "--on-stale",
    type=click.Choice(["fail", "replan"]),
    default="fail",
    show_default=True,
    help="Where the live side moved: stop, or plan again and go on if it writes the same.",
)
@click.option(
    "--check",
    "check",
    is_flag=False,
    flag_value="before",
    callback=_moment,
    metavar="[=after]",
    help="Publish only what passes its Checks as a draft; =after: and go back if it fails once published.",
)
@run_options
@click.option(
    "--events",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write each event as a line of JSON while it runs.",
)
@run_checks_option
@compact_option
@shard_option
@cost_options
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
    refresh: str,
    parallelism: int,
    wait_timeout: float,
    wait: bool,
    unknown_wait: float,
    lock_timeout: float,
    on_stale: str,
    report: Path | None,
    events: Path | None,
    run_checks: bool,
    compact: bool,
    check: str,
) -> int:
    """Apply a reviewed plan; without one, plan and ask.

    PLAN is a file of `cozeops plan --out`. Where nobody can be asked, apply needs it, or --digest, or --yes.
    """
    from cozeops.cli.files.events import events_into
    from cozeops.engine.model.findings import demand_acknowledged
    from cozeops.engine.run.context import Timeouts
    from cozeops.operations.apply import ApplyOptions, agree, carry_out, demand_digest, reviewed, write_report
    from cozeops.operations.finish_revert import finish_returns
    from cozeops.operations.state import keeping
    from cozeops.operations.wait_published import await_shown

    choice = Selection(
        target, exclude, selector, rewrite, prune, refresh, run_checks=run_checks, shard=where.shard
    )
    _demand_sensible(plan_file, yes, digest, ack, choice)
    patience = Timeouts(wait_timeout, lost=unknown_wait, publication=wait_timeout if wait else 0.0)
    manner = ApplyOptions(parallelism, patience, report, time.monotonic(), on_stale == "replan", check=check)
    project = load(where)
    refuse_prune(prune, project)
    demand_place(report, project)
    with (
        events_into(events) as lines,
        client_of(project, where) as client,
        keeping(
            project, client.base_url, operation="apply", lock_timeout=lock_timeout, shard=where.shard
        ) as kept,
    ):
        finish_returns(client, kept)
        if plan_file:
            made, snapshot = reviewed(plan_file, project, client, kept)
            if digest:
                demand_digest(made, digest)
        else:
            made, snapshot = plan_live(project, choice, client, kept.memory)
            agree(made, yes=yes, digest=digest, compact=compact)
        demand_acknowledged(made.findings, ack)
        if lines:
            lines.begin(made)
            manner = replace(manner, events=lines)
        if not made.pending:
            code = await_shown(made, project, client, kept, wait_timeout) if wait else ExitCode.OK
            write_report(made, [], code, client, manner)
            return code
        return carry_out(made, snapshot, project, client, kept, manner)


def _demand_sensible(
    plan_file: Path | None, yes: bool, digest: str | None, ack: Sequence[str], choice: Selection
) -> None:
    if plan_file and choice.run_checks:
        raise UsageError(
            "a plan file already has what the checks said", hint="give --run-checks when you plan"
        )
    if plan_file and choice != Selection(shard=choice.shard):
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
