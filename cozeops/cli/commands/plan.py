"""`cozeops plan`: what apply would do. Reads only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cozeops.cli.completion import complete_address
from cozeops.cli.connected import connected, host, load
from cozeops.cli.files.formats import (
    PLAN_FORMATS,
    PROBLEM_FORMATS,
    also_into,
    plan_as,
    show_plan,
    tells_problems,
)
from cozeops.cli.files.output import demand_place, write_file
from cozeops.cli.options import (
    Where,
    compact_option,
    cost_options,
    format_option,
    project_options,
    refresh_option,
    run_checks_option,
    selection_options,
    shard_option,
)
from cozeops.errors import ExitCode, StalePlanError
from cozeops.operations.project import demand_state_for_prune
from cozeops.operations.selection import Selection

if TYPE_CHECKING:
    from cozeops.engine.model.plan import Plan
    from cozeops.manifests.load import Project


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Save the plan for apply."
)
@format_option(PLAN_FORMATS)
@click.option(
    "--also",
    callback=also_into(PLAN_FORMATS),
    metavar="FORMAT=FILE",
    multiple=True,
    help="Write this format of the same plan too.",
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are changes.")
@click.option(
    "--fail-on",
    type=click.Choice(["block", "warn"]),
    help="Exit with 5 when a finding is as severe as this, or more.",
)
@selection_options
@click.option("--changed-since", metavar="REF", help="Only what differs from this Git ref, and its needs.")
@click.option("--all-envs", is_flag=True, help="Plan every environment, one after the other.")
@click.option(
    "--rewrite",
    metavar="ADDRESS",
    multiple=True,
    help="Send again what cannot be read back.",
    shell_complete=complete_address,
)
@refresh_option
@click.option("--prune", is_flag=True, help="Remove what left the manifests (needs a state).")
@click.option("--verify", metavar="DIGEST", help="Exit with 6 unless the plan has this digest.")
@run_checks_option
@compact_option
@click.option("-v", "--verbose", is_flag=True, help="Show steps and what could not be compared.")
@shard_option
@cost_options
@project_options
@click.pass_obj
@tells_problems(*PROBLEM_FORMATS)
def plan(
    where: Where,
    *,
    out: Path | None,
    form: str,
    also: tuple[tuple[str, Path], ...],
    detailed_exitcode: bool,
    fail_on: str | None,
    target: tuple[str, ...],
    exclude: tuple[str, ...],
    selector: tuple[str, ...],
    changed_since: str | None,
    all_envs: bool,
    rewrite: tuple[str, ...],
    prune: bool,
    refresh: str,
    verify: str | None,
    run_checks: bool,
    compact: bool,
    verbose: bool,
) -> int:
    """Show what apply would change on Coze.

    Findings change the exit code only with --fail-on; apply refuses blocking ones in any case.
    """
    from cozeops.cli.every_environment import in_every_environment
    from cozeops.cli.files.plan import save_plan
    from cozeops.codes import Severity
    from cozeops.engine.model.findings import as_severe_as
    from cozeops.engine.plan.file import plan_digest
    from cozeops.operations.plan import plan_live
    from cozeops.operations.state import recall
    from cozeops.report.terminal.safe import one_line

    if all_envs:
        alone = {"--out": out, "--also": also, "--verify": verify}
        return in_every_environment(where, {**alone, "--trace-http": where.trace})
    project = load(where)
    if prune:
        demand_state_for_prune(project)
    demand_place(out, project)
    changed = _changed(project, changed_since) if changed_since else None
    with connected(where, project) as live:
        selection = Selection(target, exclude, selector, rewrite, prune, refresh, changed, run_checks)
        made, _ = plan_live(live, selection, recall(live))
    digest = plan_digest(made)
    if out:
        save_plan(out, made)
    for other, file in also:
        write_file(file, plan_as(other, made, project))
    show_plan(form, made, project, verbose=verbose, compact=compact)
    if out:
        click.echo(f"The plan is in {out}; apply it with: cozeops apply {out}", err=True)
    if verify and verify != digest:
        raise StalePlanError(f"the plan is {digest}, not {verify}", hint="review the plan again")
    if fail_on and (stopping := as_severe_as(Severity(fail_on), made.findings)):
        names = ", ".join(sorted({f"{one.code} {one.name}" for one in stopping}))
        click.echo(f"--fail-on {fail_on}: {one_line(names)}", err=True)
    return code_of(made, detailed=detailed_exitcode, fail_on=fail_on)


def code_of(plan: Plan, *, detailed: bool, fail_on: str | None) -> ExitCode:
    """What the command ends with: 5 under --fail-on, else 2 under --detailed-exitcode, else 0."""
    from cozeops.codes import Severity
    from cozeops.engine.model.findings import as_severe_as

    if fail_on and as_severe_as(Severity(fail_on), plan.findings):
        return ExitCode.BLOCKED
    return ExitCode.CHANGES if detailed and plan.has_changes else ExitCode.OK


def _changed(project: Project, ref: str) -> tuple[str, ...]:
    from cozeops.operations.changed_since import changed_since

    return changed_since(project, ref, host())
