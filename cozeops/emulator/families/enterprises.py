"""Members of an enterprise: one per call, one call at a time, and no list of them.

They are employees: users of the platform who are not in the enterprise yet (`enterprise_role` none).
"""

from __future__ import annotations

from ..fields import Fields, choice, each, ident, obj, text
from ..membership import (
    ALREADY_THERE,
    enterprise,
    enterprise_role,
    is_guest,
    privileged,
    receiver_of,
    settle,
)
from ..routing import Call, Limit, Planting, Route, Seed
from ..store import TableSpec
from ..wire import CozeError, Row, forbidden, invalid, not_found

TABLES = (TableSpec("enterprises", "id"),)

_LIMIT_EXCEEDED = 777074011
_STANDARD_MOST = 100
_SUPER_ADMIN = "enterprise_super_admin"


def add(call: Call) -> None:
    """Let an employee join, and with that the default organization."""
    enterprise(call)
    given = call.body["users"][0]
    user = call.store["users"].get(given["user_id"])
    if user is None or is_guest(call.store, given["user_id"]):
        raise not_found("user_id", given["user_id"])
    if user["enterprise_role"] != "none":
        raise CozeError(ALREADY_THERE, "The user is in the enterprise already")
    inside = sum(1 for row in call.store["users"] if row["enterprise_role"] != "none")
    if call.options.edition == "team" and inside >= _STANDARD_MOST:
        raise CozeError(_LIMIT_EXCEEDED, f"The standard edition has at most {_STANDARD_MOST} members")
    _forget(call, user["user_id"])
    call.store["users"].change(user["user_id"], enterprise_role=given["role"])
    settle(call)


def _forget(call: Call, user_id: str) -> None:
    # somebody who left earlier joins the default organization anew
    for row in list(call.store["organizations"]):
        if user_id in row["seen"]:
            seen = [user for user in row["seen"] if user != user_id]
            call.store["organizations"].change(row["id"], seen=seen)


def _member(call: Call) -> Row:
    privileged(call)
    enterprise(call)
    user_id = call.path["user_id"]
    role = enterprise_role(call.store, user_id)
    if role == "none":
        raise not_found("user_id", user_id)
    if role == _SUPER_ADMIN:
        raise forbidden("A super admin of the enterprise is not changed by the API")
    return call.store["users"][user_id]


def update(call: Call) -> None:
    """Change a role; guests have none."""
    user = _member(call)
    call.store["users"].change(user["user_id"], enterprise_role=call.body["role"])


def remove(call: Call) -> None:
    """Let somebody leave who is in no organization any more."""
    user = _member(call)
    user_id, receiver = user["user_id"], call.body["receiver_user_id"]
    receiver_role = enterprise_role(call.store, receiver)
    allowed = receiver_role in (_SUPER_ADMIN, "enterprise_admin")
    receiver_of(allowed, receiver, user_id, "a super admin or admin of the enterprise")
    if any(user_id in row["members"] for row in call.store["organizations"]):
        raise invalid("Remove the member from every organization first")
    call.store["users"].change(user_id, enterprise_role="none")


_ROLE = choice("enterprise_admin", "enterprise_member")
_ONE: Fields = {"users*": each(obj({"user_id*": ident(), "role*": _ROLE}), 1, 1)}
_LIMIT = Limit(bucket="enterprise members", serial=True)
_PATH = "/v1/enterprises/{enterprise_id}/members"


def _plant(planting: Planting, entry: Row) -> None:
    for row in list(planting.store["enterprises"]):
        planting.store["enterprises"].drop(row["id"])
    planting.store["enterprises"].put(entry)


SEEDS = (Seed("enterprises", {"id*": text(1, 64)}, _plant, order=0),)

ROUTES = (
    Route("POST", _PATH, "addEnterpriseMember", "Enterprise.batchAddPeople", add, body=_ONE, limit=_LIMIT),
    Route(
        "PUT", f"{_PATH}/{{user_id}}", "updateEnterpriseMember", "Enterprise.updatePeople", update,
        body={"role*": _ROLE}, limit=_LIMIT,
    ),
    Route(
        "DELETE", f"{_PATH}/{{user_id}}", "removeEnterpriseMember", "Enterprise.removePeople", remove,
        body={"receiver_user_id*": ident()}, limit=_LIMIT,
    ),
)  # fmt: skip
