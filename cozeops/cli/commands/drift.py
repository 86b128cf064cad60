"""`cozeops drift`: did somebody change the live side by hand?"""

from __future__ import annotations

import sys

import click

from cozeops.cli.connected import connected, load
from cozeops.cli.files.output import print_whole
from cozeops.cli.options import Where, cost_options, format_option, project_options, shard_option


@click.command()
@format_option()
@click.option(
    "--refresh",
    type=click.Choice(["full", "incremental"]),
    default="full",
    show_default=True,
    help="Read everything, or only what a list says has moved.",
)
@click.option("--unmanaged", is_flag=True, help="List what lives in the workspaces and no manifest names.")
@shard_option
@cost_options
@project_options
@click.pass_obj
def drift(where: Where, *, form: str, refresh: str, unmanaged: bool) -> int:
    """Compare the live side with what was applied last.

    The exit code is 10 when it moved, and 5 when it could not be looked at. Without a state it is compared
    with the manifests.
    """
    from cozeops.operations.drift import find_drift
    from cozeops.report.plan.drift import drift_json, render_drift

    project = load(where)
    with connected(where, project) as live:
        drifted = find_drift(live, refresh=refresh, unmanaged=unmanaged)
    if form == "json":
        listed = drifted.unmanaged if unmanaged else None
        whose = {"project": drifted.project, "env": drifted.environment, "shard": drifted.shard}
        print_whole(drift_json(whose, drifted.against, drifted.drifted, drifted.unread, listed) + "\n")
    else:
        shown = drifted.unmanaged if unmanaged else ()
        render_drift(
            drifted.drifted, sys.stdout, against=drifted.against, unread=drifted.unread, unmanaged=shown
        )
    return drifted.exit_code
