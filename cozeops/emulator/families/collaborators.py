"""Collaboration on bots, apps and workflows: write-only state, kept so that its rules can be enforced.

Enterprise editions only. A bot or library workflow must be in collaboration mode before people are added, and
everyone must be gone before it goes back to single. Apps have no mode.
"""

from __future__ import annotations

from collections.abc import Callable

from ..access import bot, visible
from ..fields import choice, each, ident, obj
from ..routing import Call, Limit, Operation, Route
from ..wire import Row, forbidden, invalid, not_found

_QPS = 5


def _bot(call: Call) -> Row:
    return bot(call, call.path["bot_id"])


def _app(call: Call) -> Row:
    return visible(call, "apps", call.path["app_id"], "app_id", "workspace_id")


def _workflow(call: Call) -> Row:
    row = visible(call, "workflows", call.path["workflow_id"], "workflow_id", "workspace_id")
    if row["app_id"] != "0":
        raise invalid("A workflow inside an app has no collaboration of its own")
    return row


_KINDS: dict[str, tuple[str, str, Callable[[Call], Row]]] = {
    "Bot": ("bots", "bot_id", _bot),
    "App": ("apps", "id", _app),
    "Workflow": ("workflows", "workflow_id", _workflow),
}


def _found(call: Call, kind: str) -> tuple[str, str, Row]:
    if not call.options.is_enterprise:
        raise forbidden("Collaboration exists on team and enterprise editions only")
    table, key, find = _KINDS[kind]
    row = find(call)
    if call.caller.user_id not in (row["owner_user_id"], *row["collaborators"]):
        raise forbidden("Only the owner and the collaborators may do this")
    return table, row[key], row


def _set_mode(kind: str) -> Operation:
    def run(call: Call) -> None:
        table, ident, row = _found(call, kind)
        if row["owner_user_id"] != call.caller.user_id:
            raise forbidden("Only the owner may change the collaboration mode")
        mode = call.body["collaboration_mode"]
        if mode == "single" and row["collaborators"]:
            raise invalid("Invalid parameter collaboration_mode: remove all collaborators first")
        call.store[table].change(ident, collaboration_mode=mode)

    return run


def _add(kind: str) -> Operation:
    def run(call: Call) -> None:
        table, ident, row = _found(call, kind)
        user_id = call.body["collaborators"][0]["user_id"]
        if row["collaboration_mode"] == "single":
            raise invalid(f"The {kind.lower()} is not in collaboration mode")
        home = call.store["workspaces"][row.get("space_id") or row["workspace_id"]]
        if user_id not in home["members"]:
            raise invalid(f"Invalid parameter collaborators: {user_id} is not a member of the workspace")
        if user_id in row["collaborators"] or user_id == row["owner_user_id"]:
            if call.options.repeat_collaborator == "refuse":
                raise invalid(f"Invalid parameter collaborators: {user_id} is a collaborator already")
            return
        call.store[table].change(ident, collaborators=[*row["collaborators"], user_id])

    return run


def _remove(kind: str) -> Operation:
    def run(call: Call) -> None:
        table, ident, row = _found(call, kind)
        user_id = call.path["user_id"]
        if user_id not in row["collaborators"]:
            if call.options.missing_collaborator == "refuse":
                raise not_found("user_id", user_id)
            return
        call.store[table].change(
            ident, collaborators=[user for user in row["collaborators"] if user != user_id]
        )

    return run


_MODE = {"collaboration_mode*": choice("single", "collaboration")}
_ONE = {"collaborators*": each(obj({"user_id*": ident()}), 1, 1)}
_PERMISSION = {"Bot": "Bot", "App": "Project", "Workflow": "Workflow"}


def _routes(kind: str) -> tuple[Route, ...]:
    path = f"/v1/{kind.lower()}s/{{{kind.lower()}_id}}"
    permission = _PERMISSION[kind]
    mode = Route(
        "POST", f"{path}/collaboration_mode", f"set{kind}CollaborationMode",
        f"{permission}.switchDevelopMode", _set_mode(kind), body=_MODE,
    )  # fmt: skip
    add = Route(
        "POST", f"{path}/collaborators", f"add{kind}Collaborator", f"{permission}.addCollaborator",
        _add(kind), body=_ONE, limit=Limit(qps=_QPS, bucket=f"add{kind}Collaborator"),
    )  # fmt: skip
    remove = Route(
        "DELETE", f"{path}/collaborators/{{user_id}}", f"remove{kind}Collaborator",
        f"{permission}.removeCollaborator", _remove(kind),
        limit=Limit(qps=_QPS, bucket=f"remove{kind}Collaborator"),
    )  # fmt: skip
    return (add, remove) if kind == "App" else (mode, add, remove)


ROUTES = tuple(route for kind in _KINDS for route in _routes(kind))
