"""Bots that begin as a copy of a template."""

from __future__ import annotations

from typing import Final

from cozeops.declare.calls import Call
from cozeops.engine.model.live import Remote
from cozeops.errors import LostReplyError
from cozeops.values import dig

DUPLICATE: Final = Call(
    "duplicateTemplate", "POST", "/v1/templates/{template_id}/duplicate", result=("entity_id",)
)


def duplicate(remote: Remote, template: str, workspace: str, name: str = "") -> str:
    """The id of the new draft. Raises ApiError; LostReplyError where there may be one that nobody knows."""
    params = {"template_id": template, "workspace_id": workspace} | ({"name": name} if name else {})
    reply = remote.send(DUPLICATE, params)
    id = dig(reply.payload, DUPLICATE.result)
    if not isinstance(id, str | int) or not id:
        message = f"{DUPLICATE.operation} answered without an id"
        raise LostReplyError(message, operation=DUPLICATE.operation, log_id=reply.log_id)
    return str(id)
