"""`cozeops whoami`: whose token this is, where it leads, and what it sees."""

from __future__ import annotations

import os
import sys

import click

from cozeops.cli._options import Where, project_options
from cozeops.errors import UsageError


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What goes to standard output.",
)
@project_options
@click.pass_obj
def whoami(where: Where, *, form: str) -> None:
    """Show whose token this is, and what it sees.

    The user, the server, the edition, and the workspaces with the role in each. It needs no
    project: in one, the environment's base_url and token count.
    """
    from cozeops.api import Client, connect
    from cozeops.engine.account import account_of
    from cozeops.manifests import load_settings
    from cozeops.report.account import account_json, render_account

    if not where.directory.is_dir():
        raise UsageError(
            f"there is no folder {where.directory}", hint="name the project's folder with -C DIR"
        )
    wanted = where.environment or os.environ.get("COZEOPS_ENV") or None
    environment, settings = load_settings(where.directory, environment=wanted, environ=os.environ)
    with Client(connect(os.environ, base_url=settings.base_url, token=settings.token)) as client:
        found = account_of(client)
        base_url = client.base_url
    if form == "json":
        click.echo(account_json(found, base_url=base_url, environment=environment))
    else:
        render_account(found, sys.stdout, base_url=base_url, environment=environment)
