"""`cozeops check`: talk to the bots, and compare what they say with what the project's Checks expect."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from threading import Event

import click

from cozeops.cli.completion import complete_address
from cozeops.cli.connected import connected, load
from cozeops.cli.files.formats import CHECK_FORMATS, also_into, checked_as
from cozeops.cli.files.output import demand_place, print_whole, write_file
from cozeops.cli.options import Where, format_option, project_options, shard_option
from cozeops.cli.signals import stopping
from cozeops.operations.live_project import stats_of


@click.command()
@click.option(
    "--target",
    metavar="ADDRESS",
    multiple=True,
    help="Only this Check, or those about this Bot or Workflow.",
    shell_complete=complete_address,
)
@click.option("--selector", metavar="KEY=VALUE", multiple=True, help="Only Checks with this label.")
@click.option(
    "--of",
    "copy",
    metavar="COPY",
    default="draft",
    show_default=True,
    help="Talk to the draft, the published copy, or a VERSION of one bot.",
)
@click.option("--compare", metavar="COPY", help="Talk to this copy too, and show the answers side by side.")
@format_option(CHECK_FORMATS)
@click.option(
    "--also",
    callback=also_into(CHECK_FORMATS),
    metavar="FORMAT=FILE",
    multiple=True,
    help="Write this format of the same run too.",
)
@click.option(
    "--parallelism", type=click.IntRange(1, 64), default=4, show_default=True, help="Conversations at a time."
)
@click.option("-v", "--verbose", is_flag=True, help="Show the transcripts of what passed, too.")
@shard_option
@project_options
@click.pass_obj
def check(
    where: Where,
    *,
    target: tuple[str, ...],
    selector: tuple[str, ...],
    copy: str,
    compare: str | None,
    form: str,
    also: tuple[tuple[str, Path], ...],
    parallelism: int,
    verbose: bool,
) -> int:
    """Hold the conversations of the project's Checks.

    What the bots say is judged: exits with 5 when a Check failed, with 1 when nobody answered. It changes
    nothing on Coze, and removes its conversations.
    (What judges plans, spec.checks of cozeops.yaml, is another thing: plan does it.)
    """
    from cozeops.operations.check import CheckRequest, conversations_of, exit_code_of, hold, look_up
    from cozeops.report.check.progress import CheckProgress

    project, began = load(where), time.monotonic()
    request = CheckRequest(target, selector, copy, compare or "", parallelism)
    planned = conversations_of(project, request, where.shard)
    for _, file in also:
        demand_place(file, project)
    stop = Event()
    with connected(where, project, stop) as live:
        # Until somebody is talked to there is nothing to bring to an end: Ctrl-C ends it at once.
        subjects = look_up(live, planned)
        with stopping(stop), CheckProgress(sys.stderr, planned.results) as progress:
            made = hold(live, planned, subjects, progress)
        code, stats = exit_code_of(made, live), stats_of(live.client, time.monotonic() - began)
    for other, file in also:
        write_file(file, checked_as(other, made, code, stats))
    if form == "text":
        from cozeops.report.check.text import render_checked

        render_checked(made, sys.stdout, verbose=verbose)
    else:
        print_whole(checked_as(form, made, code, stats))
    return code
