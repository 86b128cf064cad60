"""What the owner of a custom channel does, and the names that a project has for channels and bots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cozeops.errors import CozeopsError, UsageError
from cozeops.operations.selection import Selection

if TYPE_CHECKING:
    from cozeops.api.client import Client
    from cozeops.manifests.load import Project


def is_id(text: str) -> bool:
    """Whether a text is an id of Coze, and no name of the project."""
    return text.isascii() and text.isdigit()


def connector_id(project: Project, name: str) -> str:
    """The id of a channel by the name of its Connector. Raises UsageError."""
    known = {one.address.name: one.id for one in project.resources if one.kind.name == "Connector"}
    if id := known.get(name.removeprefix("Connector/")):
        return id
    hint = f"give an id, or one of {', '.join(sorted(known))}" if known else "give an id"
    raise UsageError(f"the project has no Connector {name!r}", hint=hint)


def bot_id(project: Project, name: str, client: Client) -> str:
    """The id of a bot of the project, as the live side has it. Raises UsageError, ApiError."""
    from cozeops.engine.observe.snapshot import observe

    address = f"Bot/{name.removeprefix('Bot/')}"
    chosen = Selection(target=(address,)).resources(project)
    ids = {str(one): live.id for one, live in observe(chosen, client).live.items()}
    if address not in ids:
        raise CozeopsError(f"{address} is not on Coze, or this token does not see it", hint="give its id")
    return ids[address]
