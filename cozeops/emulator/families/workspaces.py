"""Workspaces and their members.

There is no get-one and no delete; a PUT keeps what is absent or empty; the outcome of adding members is told
in lists, on code 0. A removed member's resources move to the owner.
"""

from __future__ import annotations

from typing import Any

from ..access import administered, sees, workspace
from ..fields import choice, each, ident, obj, text
from ..icons import signed
from ..paging import cut, numbered
from ..routing import Call, Planting, Route, Seed
from ..seed import DEFAULT_USER, DEFAULT_WORKSPACE, enterprise_of
from ..store import TableSpec
from ..wire import UNSAFE, UNSAFE_CONTENT, CozeError, Row, invalid, not_found

MEMBER_LIMIT_EXCEEDED = 702042018
NOT_IN_ENTERPRISE = 702042162

TABLES = (TableSpec("workspaces", "id", {"member": lambda row: row["members"]}),)


def list_workspaces(call: Call) -> Row:
    """List what the caller made or joined; filters as far as they are documented."""
    user_id, account_id = call.query.get("user_id"), call.query.get("coze_account_id")
    if (user_id is None) != (account_id is None):
        raise invalid("Invalid parameter user_id: goes together with coze_account_id only")
    rows = [
        row
        for row in call.bucket("workspaces", "member", user_id or call.caller.user_id)
        if sees(call.caller, row)
    ]
    if account_id is not None:
        rows = [row for row in rows if account_id in (row["account_id"], row["owner_uid"])]
    if enterprise_id := call.query.get("enterprise_id"):
        rows = [row for row in rows if row["enterprise_id"] == enterprise_id]
    page = cut(call, rows, lambda row: _shown(call, row))
    return {"workspaces": page.items, "total_count": page.total}


def _shown(call: Call, row: Row) -> Row:
    members: dict[str, str] = row["members"]
    shown: Row = {
        "id": row["id"],
        "name": row["name"],
        "icon_url": signed(call, f"workspace/{row['icon_file_id'] or 'default'}"),
        "role_type": members[call.caller.user_id],
        "workspace_type": row["workspace_type"],
        "enterprise_id": row["enterprise_id"],
    }
    if call.options.workspace_details:
        shown |= {
            "description": row["description"],
            "owner_uid": row["owner_uid"],
            "admin_uids": [user for user, role in members.items() if role == "admin"],
            "joined_status": "joined",
        }
    return shown


def create_workspace(call: Call) -> Row:
    """Make a team workspace, of the caller or of `owner_uid`."""
    body = call.body
    _refuse_unsafe(body)
    owner = body.get("owner_uid") or call.caller.user_id
    if owner not in call.store["users"]:
        raise not_found("owner_uid", owner)
    workspace_id = call.store.new_id()
    entry = {"id": workspace_id, "name": body["name"], "description": body["description"], "owner_uid": owner}
    row = new_workspace(entry, enterprise_of(call.store) if call.options.is_enterprise else "")
    row["icon_file_id"] = use_icon(call, body)
    row["account_id"] = body.get("coze_account_id", "")
    row["members"].setdefault(call.caller.user_id, "admin")
    call.store["workspaces"].put(row)
    return {"id": workspace_id}


def new_workspace(entry: Row, enterprise: str) -> Row:
    """Build the row of a workspace from the fields that are known; `enterprise` is an id, or empty."""
    kind = entry.get("workspace_type", "team")
    owner = entry.get("owner_uid", DEFAULT_USER)
    members = {member["user_id"]: member["role_type"] for member in entry.get("members", [])}
    return {
        "id": entry["id"],
        "name": entry["name"],
        "description": entry.get("description", ""),
        "icon_file_id": "",
        "owner_uid": owner,
        "account_id": "",
        "workspace_type": kind,
        "enterprise_id": enterprise if kind == "team" else "",
        "members": {owner: "owner", **{user: role for user, role in members.items() if user != owner}},
        "invited": {},
        "connectors": entry.get("connectors", []),
    }


def use_icon(call: Call, body: Row, key: str = "icon_file_id") -> str:
    """Check an icon's file id and make the file permanent; an icon that is not given is the default one."""
    file_id: str = body.get(key) or ""
    if file_id:
        file = call.store["files"].get(file_id)
        if file is None or file["user_id"] != call.caller.user_id:
            raise not_found(key, file_id)
        call.store["files"].change(file_id, permanent=True)
    return file_id


def update_workspace(call: Call) -> None:
    """Change name and description; absent or empty keeps the value."""
    row = administered(call, call.path["workspace_id"])
    if row["workspace_type"] == "personal":
        raise invalid("A personal workspace cannot be changed")
    _refuse_unsafe(call.body)
    call.store["workspaces"].change(row["id"], **{key: value for key, value in call.body.items() if value})


def _refuse_unsafe(body: Row) -> None:
    if UNSAFE in body.get("name", "") or UNSAFE in body.get("description", ""):
        raise CozeError(UNSAFE_CONTENT, "The name or description did not pass the content check")


def list_members(call: Call) -> Row:
    """List the members of a workspace; pending invitations are listed nowhere."""
    row = workspace(call, call.path["workspace_id"])
    row = call.listed("workspaces").get(row["id"]) or row
    rows = [{"user_id": user, "role_type": role} for user, role in row["members"].items()]
    page = cut(call, rows, lambda member: _shown_member(call, member))
    return {"items": page.items, "total_count": page.total}


def _shown_member(call: Call, member: Row) -> Row:
    user = call.store["users"].get(member["user_id"]) or {"nick_name": "", "user_name": ""}
    return {
        **member,
        "user_nickname": user["nick_name"],
        "user_unique_name": user["user_name"],
        "avatar_url": signed(call, f"avatar/{member['user_id']}"),
    }


def add_members(call: Call) -> Row:
    """Add people (enterprise) or invite them (personal editions)."""
    row = administered(call, call.path["workspace_id"])
    members, invited = dict(row["members"]), dict(row["invited"])
    outcome: dict[str, list[str]] = {
        f"{how}_user_ids": []
        for how in ("added_success", "invited_success", "not_exist", "already_joined", "already_invited")
    }
    for user in call.body["users"]:
        how = _add(call, user, members, invited)
        outcome[f"{how}_user_ids"].append(user["user_id"])
    if len(members) + len(invited) > call.options.member_limit:
        raise CozeError(MEMBER_LIMIT_EXCEEDED, "The workspace has reached its limit of members")
    call.store["workspaces"].change(row["id"], members=members, invited=invited)
    return dict(outcome)


def _add(call: Call, wanted: Row, members: dict[str, str], invited: dict[str, str]) -> str:
    user_id, role = wanted["user_id"], wanted["role_type"]
    user = call.store["users"].get(user_id)
    if user is None and (not call.options.is_enterprise or call.options.unknown_member == "list"):
        return "not_exist"
    if user_id in members:
        return "already_joined"
    if call.options.is_enterprise:
        if user is None or user["enterprise_role"] == "none":
            raise CozeError(NOT_IN_ENTERPRISE, f"User {user_id} is not in the enterprise")
        members[user_id] = role
        return "added_success"
    if user_id in invited:
        return "already_invited"
    invited[user_id] = role
    return "invited_success"


def remove_members(call: Call) -> Row:
    """Remove people; the owner stays, and gets what they owned."""
    row = administered(call, call.path["workspace_id"])
    unknown_key = call.options.not_in_workspace_key
    outcome: dict[str, list[str]] = {
        "removed_success_user_ids": [],
        "owner_not_support_remove_user_ids": [],
        unknown_key: [],
    }
    members = dict(row["members"])
    for user_id in call.body["user_ids"]:
        if user_id == row["owner_uid"]:
            outcome["owner_not_support_remove_user_ids"].append(user_id)
        elif members.pop(user_id, None) is None:
            outcome[unknown_key].append(user_id)
        else:
            outcome["removed_success_user_ids"].append(user_id)
            hand_over(call, row["id"], user_id, row["owner_uid"])
    call.store["workspaces"].change(row["id"], members=members)
    return dict(outcome)


def hand_over(call: Call, workspace_id: str, leaver: str, receiver: str) -> None:
    """Give a leaver's bots, datasets, apps and workflows of a workspace to somebody else."""
    for table, owner in _OWNED:
        for row in list(call.store[table].where("space", workspace_id)):
            changes: dict[str, Any] = {owner: receiver} if row[owner] == leaver else {}
            if leaver in row.get("collaborators", ()):
                changes["collaborators"] = [user for user in row["collaborators"] if user != leaver]
            if changes:
                call.store[table].change(row[call.store[table].spec.key], **changes)


_OWNED = (
    ("bots", "owner_user_id"),
    ("datasets", "creator_id"),
    ("apps", "owner_user_id"),
    ("workflows", "owner_user_id"),
)


def _plant(planting: Planting, entry: Row) -> None:
    entry = {"id": DEFAULT_WORKSPACE, **entry}
    row = new_workspace(entry, enterprise_of(planting.store) if planting.options.is_enterprise else "")
    for user_id in row["members"]:
        if user_id not in planting.store["users"]:
            raise not_found("user_id", user_id)
    planting.store["workspaces"].put(row)


_ROLE = choice("admin", "member")
_MEMBER = obj(
    {
        "user_id*": ident(),
        "role_type*": _ROLE,
        # the official SDK sends its whole model
        "user_nickname": text(),
        "user_unique_name": text(),
        "avatar_url": text(),
    }
)

SEEDS = (
    Seed(
        "workspaces",
        {
            "id*": ident(),
            "name*": text(1, 50),
            "description": text(0, 2000),
            "owner_uid": ident(),
            "workspace_type": choice("team", "personal"),
            "members": each(obj({"user_id*": ident(), "role_type": _ROLE.otherwise("member")})),
            "connectors": each(ident()),
        },
        _plant,
        order=10,
    ),
)

ROUTES = (
    Route(
        "GET", "/v1/workspaces", "listWorkspaces", "listWorkspace", list_workspaces,
        query={**numbered(20, 50), "enterprise_id": ident(), "user_id": ident(), "coze_account_id": ident()},
    ),
    Route(
        "POST", "/v1/workspaces", "createWorkspace", "createWorkspace", create_workspace,
        body={
            "name*": text(1, 50), "description*": text(0, 2000), "icon_file_id": text(),
            "coze_account_id": ident(), "owner_uid": ident(),
        },
    ),
    Route(
        "PUT", "/v1/workspaces/{workspace_id}", "updateWorkspace", "Workspace.update", update_workspace,
        body={"name": text(0, 50), "description": text(0, 2000)},
    ),
    Route(
        "GET", "/v1/workspaces/{workspace_id}/members", "listWorkspaceMembers", "readMember", list_members,
        query=numbered(20, 50),
    ),
    Route(
        "POST", "/v1/workspaces/{workspace_id}/members", "addWorkspaceMembers", "addMember", add_members,
        body={"users*": each(_MEMBER, 1, 20)},
    ),
    Route(
        "DELETE", "/v1/workspaces/{workspace_id}/members", "removeWorkspaceMembers",
        "removeMember", remove_members,
        body={"user_ids*": each(ident(), 1, 5)},
    ),
)  # fmt: skip
