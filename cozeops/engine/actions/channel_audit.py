"""The verdict of a channel's owner on a bot that was published to the channel."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from cozeops.declare.calls import Call
from cozeops.engine.model.live import Remote

AUDIT: Final = Call(
    "updateConnectorBotAudit", "PUT", "/v1/connectors/{connector_id}/bots/{bot_id}", repeatable=True
)


class AuditStatus(IntEnum):
    """What the owner says, as Coze counts it."""

    AUDITING = 1
    APPROVED = 2
    REJECTED = 3


def set_verdict(remote: Remote, connector: str, bot: str, verdict: AuditStatus, reason: str = "") -> None:
    """Tell Coze. Nothing of it can be read back. Raises ApiError."""
    params = {"connector_id": connector, "bot_id": bot, "audit_status": int(verdict)}
    remote.send(AUDIT, params | ({"reason": reason} if reason else {}))
