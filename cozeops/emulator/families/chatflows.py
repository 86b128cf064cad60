"""Chatflows: workflows that hold a conversation, always streamed."""

from __future__ import annotations

from ..access import bot, visible
from ..fields import anything, each, ident, mapping, obj, text
from ..routing import Call, Limit, Route
from ..script import Speaker
from ..wire import Payload, invalid
from .chats import converse
from .connectors import API
from .conversations import SAID
from .workflow_runs import runnable


def run_chatflow(call: Call) -> Payload:
    """Ask a chatflow."""
    body = call.body
    row = runnable(call, body["workflow_id"])
    if row["workflow_mode"] != "chatflow":
        raise invalid("Invalid parameter workflow_id: is not a chatflow")
    if "bot_id" in body:
        bot(call, body["bot_id"])
    if "app_id" in body:
        visible(call, "apps", body["app_id"], "app_id", "workspace_id")
    speaker = Speaker("workflow", row["workflow_id"], "chatflow", prompt=row["workflow_name"])
    return converse(call, speaker, body.get("bot_id", ""), body.get("conversation_id"))


ROUTES = (
    Route(
        "POST", "/v1/workflows/chat", "runChatflow", "run", run_chatflow,
        limit=Limit(bucket="workflow run", qps=500),
        body={
            "workflow_id*": ident(), "additional_messages*": each(obj(SAID), 0, 50),
            # the Python SDK leaves it out
            "parameters": mapping(anything()).otherwise({}), "app_id": ident(), "bot_id": ident(),
            "conversation_id": text(), "connector_id": ident().otherwise(API), "workflow_version": text(1),
            "ext": mapping(text()),
        },
    ),
)  # fmt: skip
