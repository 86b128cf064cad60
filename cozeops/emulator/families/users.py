"""Users and tokens: who calls. Users come from seeds only; `GET /v1/users/me` is the credential probe."""

from __future__ import annotations

from ..fields import At, Check, Fields, choice, each, flag, ident, text
from ..icons import signed
from ..routing import Call, Planting, Route, Seed
from ..seed import DEFAULT_USER
from ..store import TableSpec
from ..wire import Row, not_found

TABLES = (TableSpec("users", "user_id"), TableSpec("tokens", "token"))


def me(call: Call) -> Row:
    """Return the user whom the token belongs to."""
    user = call.store["users"].get(call.caller.user_id)
    if user is None:
        raise not_found("user_id", call.caller.user_id)
    return {
        "user_id": user["user_id"],
        "user_name": user["user_name"],
        "nick_name": user["nick_name"],
        "avatar_url": signed(call, f"avatar/{user['user_id']}"),
    }


def _plant_user(planting: Planting, entry: Row) -> None:
    name = entry.get("nick_name") or f"用户{entry['user_id'][-4:]}"
    planting.store["users"].put(
        {
            "user_id": entry["user_id"],
            "user_name": entry.get("user_name") or f"user{entry['user_id'][-6:]}",
            "nick_name": name,
            "enterprise_role": entry.get("enterprise_role", "enterprise_member"),
        }
    )


def _plant_token(planting: Planting, entry: Row) -> None:
    if entry["user_id"] not in planting.store["users"]:
        raise not_found("user_id", entry["user_id"])
    planting.store["tokens"].put(entry)


def _all_or(rule: Check) -> Check:
    def take(value: object, at: At) -> object:
        return value if value == "*" else rule.take(value, at)

    return Check(take)


_GRANTS = _all_or(each(text(1))).otherwise("*")

GRANTED: Fields = {
    "user_id": ident().otherwise(DEFAULT_USER),
    "permissions": _GRANTS,
    "workspaces": _GRANTS,
}
"""Whose rights a token or an OAuth app has, and which of them."""

SEEDS = (
    Seed(
        "users",
        {
            "user_id*": ident(),
            "user_name": text(1),
            "nick_name": text(1),
            # "none": exists on Coze, but outside the enterprise
            "enterprise_role": choice(
                "enterprise_super_admin", "enterprise_admin", "enterprise_member", "none"
            ),
        },
        _plant_user,
        order=0,
    ),
    Seed(
        "tokens",
        {
            "token*": text(1),
            "read_only": flag().otherwise(False),
            # what most operations on enterprises and organizations ask for
            "privileged": flag().otherwise(True),
            **GRANTED,
        },
        _plant_token,
        order=1,
    ),
)

ROUTES = (Route("GET", "/v1/users/me", "getCurrentUser", None, me),)
