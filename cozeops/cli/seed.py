"""What an emulator must have before a project can be applied to it: the things that the API cannot create.

One of each id that the project names: users, plugins with the tools that bots use, workflows, apps and
channels. Bots and knowledge bases are left for apply, and so are workspaces, unless
something that can only be found in their lists lives in them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from cozeops.address import Address
from cozeops.declare.resource import Resource, references
from cozeops.values import Json

DEFAULT_USER = "2069720456000000"
"""Whom every emulator has, a super admin of its enterprise."""
_CHIEF = "organization_super_admin"
_CHIEFS = ("receiver", "super_admin_user_id")
"""Fields that name somebody who must be there and have a say."""


def seed_of(resources: Iterable[Resource]) -> Json:
    """A seed for these resources, in the emulator's own shape."""
    known = list(resources)
    values = _values(known)
    homes = _homes(known, values)
    tools: dict[str, list[str]] = {}
    for one in known:
        for ref in references(one.values):
            if ref.part:
                named = tools.setdefault(_id_of(known, ref.address, ref.id), [])
                named.extend([ref.part] if ref.part not in named else [])
    return {
        "users": [
            {"user_id": user, "nick_name": f"用户{user[-4:]}", "enterprise_role": role}
            for user, role in sorted(_users(known).items())
        ],
        "enterprises": [{"id": one.id} for one in known if one.kind.name == "EnterpriseMembers"],
        "organizations": [
            {"id": one.id, "name": one.name, "members": [{"user_id": user, "organization_role_type": _CHIEF}]}
            for one in known
            if one.kind.name == "Organization" and one.id
            for user in [one.values.get("super_admin_user_id") or one.values.get("receiver") or DEFAULT_USER]
        ],
        "plugins": [
            {
                "plugin_id": one.id,
                "name": one.address.name,
                "tools": [
                    {
                        "tool_id": f"{int(one.id or 0) + number}",
                        "name": tool,
                        "description": f"{tool} of {one.address.name}",
                    }
                    for number, tool in enumerate(tools.get(one.id or "", []), 1)
                ],
            }
            for one in known
            if one.kind.name == "Plugin"
        ],
        "workspaces": [
            {"id": homes[one.address], "name": one.name, "description": one.values.get("description", "")}
            for one in known
            if one.address in homes
        ],
        "workflows": [
            {"workflow_id": _made_up(one), "workflow_name": one.name, "published": True, **_home(one, homes)}
            for one in known
            if one.kind.name == "Workflow"
        ],
        "apps": [
            {"id": _made_up(one), "name": one.name, **_home(one, homes), **_variables(one, values)}
            for one in known
            if one.kind.name == "App"
        ],
        "bots": [
            {"bot_id": _made_up(one), "name": one.name, **_home(one, homes), **_variables(one, values)}
            for one in known
            if one.kind.name == "Bot" and (one.id or one.address in values)
        ],
        "api_apps": [
            {"id": one.id, "name": one.name, "app_type": one.values.get("app_type", "normal")}
            for one in known
            if one.kind.name == "CallbackApp" and one.id
        ],
        "connectors": [
            {"connector_id": one.id, "name": one.address.name}
            for one in known
            if one.kind.name == "Connector"
        ],
    }


def _values(known: Iterable[Resource]) -> dict[Address, list[str]]:
    """The variables that values are written for, by what has them: they are made in the console."""
    found: dict[Address, list[str]] = {}
    for one in known:
        owner = one.values.get("bot") or one.values.get("app")
        if one.kind.name == "VariableValues" and owner and owner.address:
            keywords = found.setdefault(owner.address, [])
            keywords.extend(keyword for keyword in one.values["values"] if keyword not in keywords)
    return found


def _variables(one: Resource, values: Mapping[Address, list[str]]) -> Json:
    keywords = values.get(one.address)
    return {"variables": [{"keyword": keyword} for keyword in keywords]} if keywords else {}


def _homes(known: Iterable[Resource], values: Mapping[Address, list[str]]) -> dict[Address, str]:
    """Workspaces that must be there: those with an id, and those of what is found in their lists only."""
    listed = {
        one.scope
        for one in known
        if one.kind.name == "App" or (one.kind.name == "Workflow" and not one.id) or one.address in values
    }
    return {
        one.address: _made_up(one)
        for one in known
        if one.kind.name == "Workspace" and (one.id or one.address in listed)
    }


def _made_up(resource: Resource) -> str:
    """The id that a manifest names, or one that is the same in every run."""
    digits = int(hashlib.sha256(str(resource.address).encode()).hexdigest(), 16) % 10**15
    return resource.id or f"7399{digits:015}"


def _home(resource: Resource, homes: Mapping[Address, str]) -> Json:
    """Its workspace, where that exists already; without one it lives in the default workspace."""
    id = homes.get(resource.scope) if resource.scope else None
    return {"workspace_id": id} if id else {}


def _id_of(known: Iterable[Resource], address: object, id: str | None) -> str:
    return id or next((one.id or "" for one in known if one.address == address), "")


def _users(known: Iterable[Resource]) -> dict[str, str]:
    """Everybody who is named, with the role in the enterprise: who is to join it is not in yet."""
    found: dict[str, str] = {}
    for one in known:
        members = [member["user"] for member in one.values.get("members", [])]
        roles = {"EnterpriseMembers": "none"}
        found |= {user: roles.get(one.kind.name, found.get(user, "enterprise_member")) for user in members}
        found |= {
            user: found.get(user, "enterprise_member")
            for user in one.values.get("collaboration", {}).get("collaborators", [])
        }
    for one in known:
        chiefs = [one.values[name] for name in _CHIEFS if name in one.values]
        found |= {user: "enterprise_admin" for user in chiefs if found.get(user) != "none"}
    return {user: role for user, role in found.items() if user != DEFAULT_USER}
