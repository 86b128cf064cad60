"""`cozeops channel`: what the owner of a custom channel does, beside publishing to it."""

from __future__ import annotations

import click

from cozeops.cli.connected import client_at, load
from cozeops.cli.options import Where, project_options
from cozeops.errors import UsageError


@click.group()
@project_options
def channel() -> None:
    """Answer for a custom channel, as its owner."""


@channel.command()
@click.argument("connector")
@click.argument("bot")
@click.option("--approve", "verdict", flag_value="APPROVED", help="Users reach the bot on the channel.")
@click.option("--reject", "verdict", flag_value="REJECTED", help="The publication is turned down.")
@click.option("--hold", "verdict", flag_value="AUDITING", help="It is still being looked at.")
@click.option("--reason", metavar="TEXT", help="Why it is rejected.")
@project_options
@click.pass_obj
def audit(where: Where, *, connector: str, bot: str, verdict: str | None, reason: str | None) -> None:
    """Say whether a published bot may appear on a channel.

    CONNECTOR is the id of a channel that is yours, or the name of a Connector of the project; BOT an
    id, or the name of a Bot of the project. It is done at once: nothing is asked. Coze does not tell
    the verdict; whether the bot is there, its next plan shows.
    """
    from cozeops.engine.actions.channel_audit import AuditStatus, set_verdict
    from cozeops.operations.channel import bot_id, connector_id, is_id

    if verdict is None:
        raise UsageError("what is the verdict?", hint="give --approve, --reject or --hold")
    if reason is not None and verdict != AuditStatus.REJECTED.name:
        raise UsageError("--reason goes with --reject")
    channel_id = connector if is_id(connector) else connector_id(load(where), connector)
    with client_at(where) as client:
        id = bot if is_id(bot) else bot_id(load(where), bot, client)
        set_verdict(client, channel_id, id, AuditStatus[verdict], reason or "")
    click.echo(f"Bot {id} is {verdict.lower()} on channel {channel_id}.")
