"""Organizations of an enterprise and their members. The list tells neither description nor super admin."""

from __future__ import annotations

from ..fields import Fields, choice, each, ident, obj, text
from ..icons import signed
from ..membership import (
    ALREADY_THERE,
    GUEST,
    SUPER_ADMIN,
    enterprise,
    enterprise_role,
    flagship,
    is_guest,
    keep_a_super_admin,
    leave_workspaces,
    new_organization,
    organization,
    privileged,
    receiver_of,
)
from ..paging import cut, numbered
from ..routing import Call, Limit, Planting, Route, Seed
from ..store import TableSpec
from ..wire import CozeError, Row, forbidden, invalid, not_found

TABLES = (TableSpec("organizations", "id"),)

_UNSAFE_NAME = 4102
_UNSAFE = "敏感内容"
_MOST = 20


def list_organizations(call: Call) -> Row:
    """List the organizations of an enterprise."""
    privileged(call)
    enterprise(call)
    page = cut(call, list(call.listed("organizations")), lambda row: _shown(call, row))
    return {"items": page.items, "total_count": page.total}


def _shown(call: Call, row: Row) -> Row:
    return {
        "organization_id": row["id"],
        "organization_name": row["name"],
        "organization_icon_url": signed(call, f"organization/{row['id']}"),
        "is_default_organization": row["default"],
    }


def create(call: Call) -> Row:
    """Make an organization with its first super admin, an employee."""
    privileged(call)
    enterprise(call)
    flagship(call)
    _refuse_unsafe(call.body)
    chief = call.body["super_admin_user_id"]
    if enterprise_role(call.store, chief) == "none":
        raise not_found("super_admin_user_id", chief)
    if len(call.store["organizations"]) >= _MOST:
        raise invalid(f"An enterprise has at most {_MOST} organizations")
    row = new_organization(call.store.new_id(), call.body["name"], {chief: SUPER_ADMIN}, call.seconds)
    call.store["organizations"].put({**row, "description": call.body.get("description", "")})
    return {"organization_id": row["id"]}


def update(call: Call) -> None:
    """Change name and description; absent or empty keeps the value."""
    row = organization(call)
    flagship(call)
    _refuse_unsafe(call.body)
    given = {name: value for name, value in call.body.items() if value}
    call.store["organizations"].change(row["id"], **given)


def _refuse_unsafe(body: Row) -> None:
    if _UNSAFE in body.get("name", "") or _UNSAFE in body.get("description", ""):
        raise CozeError(_UNSAFE_NAME, "The name or description did not pass the content check")


def list_members(call: Call) -> Row:
    """List the members of an organization."""
    privileged(call)
    row = organization(call)
    row = call.listed("organizations").get(row["id"]) or row
    people = [{"user_id": user, "organization_role_type": role} for user, role in row["members"].items()]
    page = cut(call, people, lambda person: _shown_member(call, row, person))
    return {"items": page.items, "total_count": page.total}


def _shown_member(call: Call, row: Row, person: Row) -> Row:
    user = call.store["users"].get(person["user_id"]) or {"nick_name": "", "user_name": ""}
    return {
        **person,
        "is_valid": True,
        "avatar_url": signed(call, f"avatar/{person['user_id']}"),
        "created_at": row["joined_at"].get(person["user_id"], call.seconds),
        "people_type": "guest" if person["organization_role_type"] == GUEST else "employee",
        "user_nickname": user["nick_name"],
        "user_unique_name": user["user_name"],
    }


def add_member(call: Call) -> None:
    """Add one employee, or a guest as a guest."""
    privileged(call)
    row = organization(call)
    given = call.body["organization_people"][0]
    user_id, role = given["user_id"], given["organization_role_type"]
    employed = enterprise_role(call.store, user_id) != "none"
    if not employed and not is_guest(call.store, user_id):
        raise invalid(f"Invalid parameter organization_people: {user_id} is not in the enterprise")
    if employed == (role == GUEST):
        raise invalid("Invalid parameter organization_role_type: guests are guests, employees are not")
    if user_id in row["members"]:
        raise CozeError(ALREADY_THERE, "The user is in the organization already")
    _refuse_promotion(call, row, role)
    call.store["organizations"].change(
        row["id"],
        members={**row["members"], user_id: role},
        joined_at={**row["joined_at"], user_id: call.seconds},
    )


def _refuse_promotion(call: Call, row: Row, role: str) -> None:
    caller = call.caller.user_id
    mighty = row["members"].get(caller) == SUPER_ADMIN
    if role == SUPER_ADMIN and not mighty and enterprise_role(call.store, caller) != "enterprise_super_admin":
        raise forbidden("Only a super admin may make a super admin")


def _member(call: Call) -> tuple[Row, str]:
    privileged(call)
    row = organization(call)
    user_id = call.path["user_id"]
    if user_id not in row["members"]:
        raise not_found("user_id", user_id)
    return row, user_id


def update_member(call: Call) -> None:
    """Change the role of a member who is no guest."""
    row, user_id = _member(call)
    role = call.body["organization_role_type"]
    if row["members"][user_id] == GUEST:
        raise invalid("Invalid parameter organization_role_type: a guest stays a guest")
    _refuse_promotion(call, row, role)
    if role != SUPER_ADMIN:
        keep_a_super_admin(row, user_id)
    call.store["organizations"].change(row["id"], members={**row["members"], user_id: role})


def remove_member(call: Call) -> None:
    """Remove somebody, from the organization's workspaces too; a super admin receives the resources."""
    row, user_id = _member(call)
    keep_a_super_admin(row, user_id)
    receiver = call.body["receiver_user_id"]
    allowed = row["members"].get(receiver) == SUPER_ADMIN
    receiver_of(allowed, receiver, user_id, "a super admin of the organization")
    leave_workspaces(call, row, user_id, receiver)
    members = {user: role for user, role in row["members"].items() if user != user_id}
    call.store["organizations"].change(row["id"], members=members)


def _plant(planting: Planting, entry: Row) -> None:
    members = {member["user_id"]: member["organization_role_type"] for member in entry["members"]}
    for user_id in members:
        if user_id not in planting.store["users"]:
            raise not_found("user_id", user_id)
    row = new_organization(entry["id"], entry["name"], members, planting.seconds)
    planting.store["organizations"].put({**row, "description": entry["description"]})


_ROLES = ("organization_super_admin", "organization_admin", "organization_member")
_PERSON = {"user_id*": ident(), "organization_role_type*": choice(*_ROLES, GUEST)}
_NAMED: Fields = {"name": text(0, 30), "description": text(0, 100)}
_LIMIT = Limit(bucket="organizations", serial=True)
_LIST = "/v1/enterprises/{enterprise_id}/organizations"
_ONE = "/v1/organizations/{organization_id}"

SEEDS = (
    Seed(
        "organizations",
        {
            "id*": ident(), "name*": text(1, 30), "description": text(0, 100).otherwise(""),
            "members": each(obj(_PERSON)).otherwise([]),
        },
        _plant, order=20,
    ),
)  # fmt: skip

ROUTES = (
    Route(
        "GET", _LIST, "listOrganizations", "Enterprise.listOrganization", list_organizations,
        query=numbered(20, 20),
    ),
    Route(
        "POST", _LIST, "createOrganization", "Enterprise.createOrganization", create, limit=_LIMIT,
        body={"name*": text(1, 30), "description": text(0, 100), "super_admin_user_id*": ident()},
    ),
    Route(
        "PUT", _ONE, "updateOrganization", "Account.updateOrganization", update, body=_NAMED, limit=_LIMIT
    ),
    Route(
        "GET", f"{_ONE}/members", "listOrganizationMembers", "Account.listOrganizationPeople", list_members,
        query=numbered(20, 50),
    ),
    Route(
        "POST", f"{_ONE}/members", "addOrganizationMember", "batchAddOrganizationPeople", add_member,
        body={"organization_people*": each(obj(_PERSON), 1, 1)}, limit=_LIMIT,
    ),
    Route(
        "PUT", f"{_ONE}/members/{{user_id}}", "updateOrganizationMember", "updateOrganizationPeople",
        update_member, body={"organization_role_type*": choice(*_ROLES)}, limit=_LIMIT,
    ),
    Route(
        "DELETE", f"{_ONE}/members/{{user_id}}", "removeOrganizationMember",
        "Account.removeOrganizationPeople", remove_member,
        body={"receiver_user_id*": ident()}, limit=_LIMIT,
    ),
)  # fmt: skip
