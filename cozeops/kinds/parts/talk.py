"""The calls with which a bot is talked to and a workflow is run."""

from __future__ import annotations

from typing import Final

from cozeops.declare.calls import Call

# Not repeatable: what a lost reply was about would be left behind, for nobody knows its id.
BEGIN: Final = Call("createConversation", "POST", "/v1/conversation/create", result=("id",))
RETRIEVE: Final = Call("getConversation", "GET", "/v1/conversation/retrieve")
LISTED: Final = Call("listConversations", "GET", "/v1/conversations")
END: Final = Call("deleteConversation", "DELETE", "/v1/conversations/{conversation_id}", repeatable=True)
CHAT: Final = Call(
    "createChat",
    "POST",
    "/v3/chat",
    # Without a saved record the answer of a chat that is polled could never be read.
    fixed={"auto_save_history": True},
    query=("conversation_id",),
)
STATE: Final = Call("getChat", "GET", "/v3/chat/retrieve")
MESSAGES: Final = Call("listChatMessages", "GET", "/v3/chat/message/list")
CANCEL: Final = Call("cancelChat", "POST", "/v3/chat/cancel", repeatable=True)
RUN: Final = Call("runWorkflow", "POST", "/v1/workflow/run", payload=())
STREAMED_RUN: Final = Call("streamWorkflowRun", "POST", "/v1/workflow/stream_run")
