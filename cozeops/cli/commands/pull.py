"""`cozeops pull`: what was changed on Coze by hand becomes an edit of the manifests."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from cozeops.cli.completion import complete_address
from cozeops.cli.connected import connected, load
from cozeops.cli.files.output import print_whole
from cozeops.cli.options import Where, cost_options, format_option, project_options, shard_option

if TYPE_CHECKING:
    from cozeops.engine.export.scan import Skipped


@click.command()
@click.argument("addresses", nargs=-1, metavar="[ADDRESS]...", shell_complete=complete_address)
@click.option("--theirs", is_flag=True, help="Take the live value where Git changed it, too.")
@click.option("--dry-run", is_flag=True, help="Print the diff; write nothing.")
@click.option("--diff", is_flag=True, help="Print the diff of what is written, too.")
@click.option(
    "--unmanaged", is_flag=True, help="Write manifests for what lives in the workspaces and has none."
)
@format_option()
@shard_option
@cost_options
@project_options
@click.pass_obj
def pull(where: Where, /, *, addresses: tuple[str, ...], form: str, diff: bool, **asked: bool) -> int:
    """Write what was changed on Coze into the manifests.

    Each value goes into the file, line and layer that gave it: a prompt into its file, what a patch says into
    the patch; comments, order and style stay. With a state, what only Git changed is left, and what both
    changed is refused unless --theirs. Composed and shared texts are not taken apart, and what is gone from
    Coze is never pulled as a deletion. The exit code is 10 while something that drifted is not pulled.
    """
    from cozeops.operations.pull import PullRequest
    from cozeops.operations.pull import pull as pull_live
    from cozeops.report.pull import Pulling, pull_json, render_pull

    project = load(where)
    with connected(where, project) as live:
        found = pull_live(live, PullRequest(addresses, **asked))
    shown = Pulling(
        environment=found.environment,
        against=found.against,
        pulled=found.pulled,
        left=found.left,
        gone=found.gone,
        unread=found.unread,
        written=found.written,
        files={name: (found.before[name], text) for name, text in found.after.items()}
        | {name: (b"", text.encode()) for name, text in (found.unmanaged.files or {}).items()},
        project=found.project,
        new=found.unmanaged.written,
        notes=(*found.unmanaged.notes, *map(_skipped, found.unmanaged.skipped)),
    )
    if form == "json":
        print_whole(pull_json(shown) + "\n")
    else:
        render_pull(shown, sys.stdout, diff=diff or not shown.written)
    return found.exit_code


def _skipped(one: Skipped) -> str:
    return f"no manifest for {one.kind} {one.name or one.id}: {one.reason}"
