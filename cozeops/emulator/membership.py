"""Organizations and who is in them: the default one, roles, and what a leaver leaves behind."""

from __future__ import annotations

from .families.workspaces import hand_over
from .routing import Call
from .seed import enterprise_of
from .store import Store
from .wire import CozeError, Row, forbidden, invalid, not_found

DEFAULT_ORGANIZATION = "7300000000000000002"
LAST_SUPER_ADMIN = 777074044
ALREADY_THERE = 4201
SUPER_ADMIN, GUEST = "organization_super_admin", "organization_guest"

_ENTERPRISE_ADMINS = ("enterprise_super_admin", "enterprise_admin")
_JOINS_AS = {
    "enterprise_super_admin": SUPER_ADMIN,
    "enterprise_admin": "organization_admin",
    "enterprise_member": "organization_member",
}


def new_organization(
    ident: str, name: str, members: dict[str, str], now: int, *, default: bool = False
) -> Row:
    """Build the row of an organization."""
    return {
        "id": ident,
        "name": name,
        "description": "",
        "default": default,
        "members": members,
        "joined_at": dict.fromkeys(members, now),
        "seen": [],
    }


def settle(call: Call) -> None:
    """Let whoever is in the enterprise be in its default organization, unless they were removed from it."""
    table = call.store["organizations"]
    row = table.get(DEFAULT_ORGANIZATION)
    if row is None:
        row = table.put(new_organization(DEFAULT_ORGANIZATION, "默认组织", {}, call.seconds, default=True))
    seen = set(row["seen"])
    new = {
        user["user_id"]: _JOINS_AS[user["enterprise_role"]]
        for user in call.store["users"]
        if user["enterprise_role"] in _JOINS_AS and user["user_id"] not in seen
    }
    if new:
        table.change(
            row["id"],
            members=row["members"] | {user: role for user, role in new.items() if user not in row["members"]},
            joined_at=dict.fromkeys(new, call.seconds) | row["joined_at"],
            seen=sorted(seen | new.keys()),
        )


def enterprise(call: Call) -> None:
    """Refuse an unknown enterprise, and callers who do not administer it."""
    settle(call)
    if not call.options.is_enterprise or call.path["enterprise_id"] != enterprise_of(call.store):
        raise not_found("enterprise_id", call.path["enterprise_id"])
    if enterprise_role(call.store, call.caller.user_id) not in _ENTERPRISE_ADMINS:
        raise forbidden("Only the super admins and admins of an enterprise may do this")


def privileged(call: Call) -> None:
    """Refuse a token that was not issued for the enterprise (an enterprise-privileged OAuth app's is)."""
    if not call.caller.privileged:
        raise forbidden("This takes the token of an enterprise-privileged OAuth app")


def flagship(call: Call) -> None:
    """Refuse what only the flagship edition has."""
    if call.options.edition != "enterprise":
        raise forbidden("This exists on the flagship edition of enterprises only")


def organization(call: Call) -> Row:
    """Return the organization of the path; its admins and the enterprise's may see and change it."""
    settle(call)
    ident = call.path["organization_id"]
    row = call.store["organizations"].get(ident)
    if row is None or not call.options.is_enterprise:
        raise not_found("organization_id", ident)
    caller = call.caller.user_id
    if row["members"].get(caller) in (SUPER_ADMIN, "organization_admin"):
        return row
    if enterprise_role(call.store, caller) in _ENTERPRISE_ADMINS:
        return row
    raise not_found("organization_id", ident)


def enterprise_role(store: Store, user_id: str) -> str:
    """Return a user's role in the enterprise, or none."""
    user = store["users"].get(user_id)
    return user["enterprise_role"] if user is not None else "none"


def is_guest(store: Store, user_id: str) -> bool:
    """Whether somebody from outside is a guest in some organization."""
    return any(row["members"].get(user_id) == GUEST for row in store["organizations"])


def keep_a_super_admin(row: Row, user_id: str) -> None:
    """Refuse to lose the last super admin of an organization."""
    others = [user for user, role in row["members"].items() if role == SUPER_ADMIN and user != user_id]
    if row["members"].get(user_id) == SUPER_ADMIN and not others:
        raise CozeError(LAST_SUPER_ADMIN, "An organization needs at least one super admin")


def receiver_of(allowed: bool, receiver: str, leaver: str, who: str) -> None:
    """Refuse a receiver of resources who is the leaver, or not allowed to be one."""
    if receiver == leaver:
        raise invalid("Invalid parameter receiver_user_id: is the person who leaves")
    if not allowed:
        raise invalid(f"Invalid parameter receiver_user_id: must be {who}")


def leave_workspaces(call: Call, organization_row: Row, leaver: str, receiver: str) -> None:
    """Take somebody out of an organization's workspaces; the receiver gets what they owned."""
    homes = [organization_row["id"], ""] if organization_row["default"] else [organization_row["id"]]
    for row in list(call.store["workspaces"].where("member", leaver)):
        if not row["enterprise_id"] or row["account_id"] not in homes:
            continue
        hand_over(call, row["id"], leaver, receiver)
        members = {user: role for user, role in row["members"].items() if user != leaver}
        owner = row["owner_uid"]
        if owner == leaver:
            owner, members = receiver, {**members, receiver: "owner"}
        call.store["workspaces"].change(row["id"], members=members, owner_uid=owner)
