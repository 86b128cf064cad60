"""`cozeops plugins`: find a plugin of the store, with the tools that a bot can use."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from cozeops.cli.connected import client_at
from cozeops.cli.files.output import print_whole
from cozeops.cli.options import Where, format_option, project_options
from cozeops.errors import UsageError

if TYPE_CHECKING:
    from cozeops.api.client import Client

_MOST = 100


@click.command()
@click.argument("keyword", required=False, default="")
@click.option("--category", metavar="NAME", default="", help="Only this category of the store.")
@click.option("--official", is_flag=True, help="Only those of Coze itself.")
@click.option(
    "--limit",
    type=click.IntRange(1, _MOST),
    default=20,
    show_default=True,
    metavar="N",
    help="At most so many.",
)
@format_option()
@project_options
@click.pass_obj
def plugins(where: Where, *, keyword: str, category: str, official: bool, limit: int, form: str) -> None:
    """Search the store for plugins.

    Each with the id that a Plugin of the project needs, and the names of the tools that a bot may list.
    Without KEYWORD the most used ones. Coze's store lists paid plugins; it lists none of a workspace.
    """
    from cozeops.engine.actions.plugin_store import search
    from cozeops.report.plugins import plugins_json, render_plugins

    with client_at(where) as client:
        id = _category(client, category) if category else ""
        found = search(client, keyword, category=id, official=official, most=limit)
    if form == "json":
        print_whole(plugins_json(found) + "\n")
        return
    render_plugins(found, sys.stdout)
    if not found:
        click.echo("the store has none of these", err=True)


def _category(client: Client, name: str) -> str:
    """The id of a category. Raises UsageError."""
    from cozeops.engine.actions.plugin_store import categories
    from cozeops.manifests.wording import quoted, suggestion

    known = categories(client)
    if name not in known:
        hint = suggestion(name, known, "categories")
        raise UsageError(f"the store has no category {quoted(name)}", hint=hint)
    return known[name]
