"""`cozeops template`: begin a bot as a copy of a template."""

from __future__ import annotations

import click

from cozeops.cli.connected import client_at
from cozeops.cli.options import Where, project_options
from cozeops.errors import CozeopsError, LostReplyError, UsageError
from cozeops.operations.workspaces import chosen_of

_LONGEST = 20


@click.command()
@click.argument("template_id")
@click.argument("workspace")
@click.option("--name", metavar="NAME", default="", help="What the bot is called (default: as the template).")
@project_options
@click.pass_obj
def template(where: Where, *, template_id: str, workspace: str, name: str) -> None:
    """Make a bot from a template, as a draft.

    TEMPLATE_ID is the id of a template of the store, WORKSPACE a name or an id. Its id goes to standard
    output; `cozeops export` then writes the manifest, which is the way to go on.
    """
    from cozeops.engine.actions.template import duplicate
    from cozeops.engine.export.scan import places
    from cozeops.engine.observe.cache import Reader
    from cozeops.report.terminal.safe import one_line

    if not (template_id.isascii() and template_id.isdigit()):
        raise UsageError(f"{template_id!r} is no id of a template", hint="an id has digits only")
    if len(name) > _LONGEST:
        raise UsageError(f"--name has {len(name)} characters; Coze takes {_LONGEST}")
    with client_at(where) as client:
        (home,) = chosen_of(places(Reader(client)), workspace)
        try:
            id = duplicate(client, template_id, home.id, name)
        except LostReplyError as error:
            hint = f"look into {one_line(home.name)} before you try again: there may be a new bot already"
            raise CozeopsError(error.message, hint=hint) from None
    click.echo(id)
    click.echo(one_line(f"A draft in {home.name}. Next: cozeops export {home.id}"), err=True)
