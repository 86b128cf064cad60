"""`cozeops show`: a saved plan again, whole or in part. Offline."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cozeops.cli.files.formats import SHOW_FORMATS, also_into, plan_for_people
from cozeops.cli.files.output import print_whole, write_file
from cozeops.cli.options import compact_option, format_option
from cozeops.errors import UsageError
from cozeops.operations.project import addresses

if TYPE_CHECKING:
    from cozeops.engine.model.plan import Plan


@click.command()
@click.argument("plan_file", metavar="PLAN", type=click.Path(path_type=Path))
@click.option("--target", metavar="ADDRESS", multiple=True, help="Only what happens to this.")
@format_option(SHOW_FORMATS)
@click.option(
    "--also",
    callback=also_into(SHOW_FORMATS),
    metavar="FORMAT=FILE",
    multiple=True,
    help="Write this format of the same plan too.",
)
@compact_option
@click.option("-v", "--verbose", is_flag=True, help="Show steps, whole texts and what could not be compared.")
def show(
    *,
    plan_file: Path,
    target: tuple[str, ...],
    form: str,
    also: tuple[tuple[str, Path], ...],
    compact: bool,
    verbose: bool,
) -> None:
    """Show a saved plan again, offline.

    PLAN is a file of `cozeops plan --out`. Comments and pages leave out what does not fit; this shows it.
    """
    from cozeops.cli.files.plan import saved_plan
    from cozeops.engine.plan.file import plan_digest
    from cozeops.report.plan.text import render_plan

    made = saved_plan(plan_file)
    digest = plan_digest(made)
    part = _part(made, target, plan_file) if target else made
    for other, file in also:
        write_file(file, plan_for_people(other, part, digest=digest))
    if form == "text":
        render_plan(part, sys.stdout, verbose=verbose, compact=compact)
    else:
        print_whole(plan_for_people(form, part, digest=digest))
    if target:
        click.echo(f"This is a part of {plan_file}, which has {len(made.pending):,} changes.", err=True)


def _part(made: Plan, target: Sequence[str], file: Path) -> Plan:
    wanted = set(addresses(target))
    changes = tuple(change for change in made.changes if change.address in wanted)
    if missing := wanted - {change.address for change in changes}:
        raise UsageError(
            f"{file} is not about {', '.join(sorted(map(str, missing)))}",
            hint=f"cozeops show --compact {file} lists what it is about",
        )
    findings = tuple(found for found in made.findings if found.address in wanted)
    return replace(made, changes=changes, findings=findings, stats={})
