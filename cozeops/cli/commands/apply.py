"""`cozeops apply`: make it so, and nothing that the plan does not show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from cozeops.cli.completion import complete_address
from cozeops.cli.connected import connected, is_terminal, load
from cozeops.cli.files.output import demand_place
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
from cozeops.errors import UsageError
from cozeops.operations.project import demand_state_for_prune
from cozeops.operations.selection import Selection


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
    from cozeops.cli.files.plan import saved_plan
    from cozeops.cli.telling import Telling
    from cozeops.engine.run.context import Timeouts
    from cozeops.operations.apply import Agreement, ApplyOptions
    from cozeops.operations.apply import apply as carry_out

    selection = Selection(target, exclude, selector, rewrite, prune, refresh, run_checks=run_checks)
    _demand_sensible(plan_file, yes, digest, ack, selection)
    options = ApplyOptions(
        parallelism,
        Timeouts(wait_timeout, lost=unknown_wait, publication=wait_timeout if wait else 0.0),
        replan=on_stale == "replan",
        check=check,
        lock_timeout=lock_timeout,
    )
    project = load(where)
    if prune:
        demand_state_for_prune(project)
    demand_place(report, project)
    with (
        Telling(ask=not (yes or digest), show=plan_file is None, compact=compact, events=events) as telling,
        connected(where, project, telling.stop) as live,
    ):
        reviewed = saved_plan(plan_file) if plan_file else selection
        run = carry_out(live, reviewed, Agreement(digest or "", ack), options, telling.audience())
        telling.end(run, report)
    return run.exit_code


def _demand_sensible(
    plan_file: Path | None, yes: bool, digest: str | None, ack: Sequence[str], selection: Selection
) -> None:
    if plan_file and selection.run_checks:
        raise UsageError(
            "a plan file already has what the checks said", hint="give --run-checks when you plan"
        )
    if plan_file and selection != Selection():
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
