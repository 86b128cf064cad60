"""Who sees and may change what: workspaces by membership and token, objects by their workspace and owner.

Missing and foreign look the same (4200); visible but not allowed is 4101.
"""

from __future__ import annotations

from .routing import Call, Caller
from .store import Store
from .wire import Row, forbidden, not_found


def sees(caller: Caller, workspace: Row) -> bool:
    """Whether the caller is a member and the token covers the workspace."""
    return caller.user_id in workspace["members"] and caller.covers(workspace["id"])


def workspace(call: Call, workspace_id: str) -> Row:
    """Return a workspace that the caller sees."""
    found = call.store["workspaces"].get(workspace_id)
    if found is None or not sees(call.caller, found):
        raise not_found("workspace_id", workspace_id)
    return found


def administered(call: Call, workspace_id: str) -> Row:
    """Return a workspace that the caller owns or administers."""
    found = workspace(call, workspace_id)
    if found["members"][call.caller.user_id] == "member":
        raise forbidden("Only the owner and the admins of a workspace may do this")
    return found


def owned_space(call: Call, workspace_id: str) -> Row:
    """Return a workspace whose objects the caller may list: on personal editions only one's own."""
    found = workspace(call, workspace_id)
    if not call.options.is_enterprise and found["owner_uid"] != call.caller.user_id:
        raise forbidden("On personal editions only the owner of a workspace lists what is in it")
    return found


def visible(call: Call, table: str, ident: str, named: str, space: str = "space_id") -> Row:
    """Return a row of a table whose workspace the caller sees."""
    found = call.store[table].get(ident)
    home = call.store["workspaces"].get(found[space]) if found is not None else None
    if found is None or home is None or not sees(call.caller, home):
        raise not_found(named, ident)
    return found


def bot(call: Call, bot_id: str, *, edit: bool = False) -> Row:
    """Return a bot; to edit it one must own it or collaborate on it."""
    found = visible(call, "bots", bot_id, "bot_id")
    user = call.caller.user_id
    if edit and user != found["owner_user_id"] and user not in found["collaborators"]:
        raise forbidden("Only the owner and the collaborators of a bot may do this")
    return found


def user_name(store: Store, user_id: str) -> str:
    """Return the name to show for a user."""
    found = store["users"].get(user_id)
    return found["nick_name"] if found else ""
