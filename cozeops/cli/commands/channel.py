"""`cozeops channel`: what the owner of a custom channel does, beside publishing to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cozeops.cli.options import Where, project_options
from cozeops.errors import CozeopsError, UsageError
from cozeops.operations.project import Selection, client_at, load

if TYPE_CHECKING:
    from cozeops.api.client import Client


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

    if verdict is None:
        raise UsageError("what is the verdict?", hint="give --approve, --reject or --hold")
    if reason is not None and verdict != AuditStatus.REJECTED.name:
        raise UsageError("--reason goes with --reject")
    found = _connector(where, connector)
    with client_at(where) as client:
        id = bot if _is_id(bot) else _bot(where, bot, client)
        set_verdict(client, found, id, AuditStatus[verdict], reason or "")
    click.echo(f"Bot {id} is {verdict.lower()} on channel {found}.")


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _connector(where: Where, text: str) -> str:
    """The id of a channel. Raises UsageError, InvalidProject."""
    if _is_id(text):
        return text
    known = {one.address.name: one.id for one in load(where).resources if one.kind.name == "Connector"}
    name = text.removeprefix("Connector/")
    if id := known.get(name):
        return id
    hint = f"give an id, or one of {', '.join(sorted(known))}" if known else "give an id"
    raise UsageError(f"the project has no Connector {text!r}", hint=hint)


def _bot(where: Where, text: str, client: Client) -> str:
    """The id of a bot of the project, as the live side has it. Raises UsageError, ApiError."""
    from cozeops.engine.observe.snapshot import observe

    address = f"Bot/{text.removeprefix('Bot/')}"
    chosen = Selection(target=(address,)).resources(load(where))
    found = {str(one): live.id for one, live in observe(chosen, client).live.items()}
    if address not in found:
        raise CozeopsError(f"{address} is not on Coze, or this token does not see it", hint="give its id")
    return found[address]
