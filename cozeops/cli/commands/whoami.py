"""`cozeops whoami`: whose token this is, where it leads, what it sees and cannot do."""

from __future__ import annotations

import os
import sys

import click

from cozeops.cli.connected import settings_of
from cozeops.cli.files.output import print_whole
from cozeops.cli.options import Where, format_option, project_options
from cozeops.operations.live_project import connection_of


@click.command()
@format_option()
@project_options
@click.pass_obj
def whoami(where: Where, *, form: str) -> None:
    """Show whose token this is, and what it sees.

    The user, the server, the edition, the workspaces with the role in each, whether operations on an
    enterprise have a token of their own, and what the token evidently cannot do. It needs no project: in
    one, the environment's base_url and tokens count.
    """
    from dataclasses import replace

    from cozeops.api.client import Client
    from cozeops.engine.actions.whoami import account_of, user_of
    from cozeops.report.whoami import account_json, render_account

    environment, settings = settings_of(where)
    connection = connection_of(settings, os.environ)
    enterprise = None
    if connection.enterprise:
        with Client(replace(connection, token=connection.enterprise)) as client:
            enterprise = user_of(client)
    with Client(connection) as client:
        found = account_of(client)
    base_url = connection.base_url
    if form == "json":
        data = account_json(found, base_url=base_url, environment=environment, enterprise=enterprise)
        print_whole(data + "\n")
    else:
        render_account(found, sys.stdout, base_url=base_url, environment=environment, enterprise=enterprise)
