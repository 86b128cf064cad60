"""`cozeops export`: a live workspace becomes a project."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from cozeops.cli.connected import client_at
from cozeops.cli.options import Where, cost_options, project_options
from cozeops.errors import ExitCode


@click.command()
@click.argument("workspace", required=False)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="coze-export",
    show_default=True,
    metavar="DIR",
    help="A folder that is new or empty.",
)
@click.option(
    "--documents",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Files of the knowledge bases, named as on Coze.",
)
@cost_options
@project_options
@click.pass_obj
def export(where: Where, *, workspace: str | None, out: Path, documents: Path | None) -> int:
    """Write a live workspace as a project.

    WORKSPACE is a name or an id; without it, every workspace that the token sees, and what lives in none
    (voiceprints, say). Planning the result changes nothing. What Coze does not tell is left out and listed in
    EXPORT.md. Reads only.

    The content of documents cannot be read back. A knowledge base whose documents are all in the folder
    of --documents (or in one of its name in there) takes them along; any other stays without.
    """
    from cozeops.operations.export import NOTES, demand_room, read_export, write_export
    from cozeops.report.exported import export_markdown, summary
    from cozeops.report.terminal.safe import one_line

    demand_room(out)
    with client_at(where) as client:
        exported = read_export(client, workspace, documents)
    wrong = write_export(exported, out, export_markdown(exported), documents)
    for skipped in exported.skipped:
        home = f" in {skipped.scope}" if skipped.scope else ""
        what = f"{skipped.kind} {skipped.name or skipped.id}" if skipped.id else f"every {skipped.kind}{home}"
        click.echo(one_line(f"not exported: {what}: {skipped.reason}"), err=True)
    click.echo(f"{summary(exported)} in {out}.")
    click.echo(
        f"{out / NOTES} lists what is not there. Next: cozeops -C {shlex.quote(str(out))} plan", err=True
    )
    if wrong:
        raise wrong
    return ExitCode.OK
