"""What an emulator must have before a project can be applied to it: the things that the API cannot create.

One of each id that the project names: users, plugins with the tools that bots use, workflows, apps and
channels. Workspaces, bots and knowledge bases are left for apply.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cozeops.kinds import Resource, references
from cozeops.values import Json


def seed_of(resources: Iterable[Resource]) -> Json:
    """A seed for these resources, in the emulator's own shape."""
    known = list(resources)
    tools: dict[str, list[str]] = {}
    for one in known:
        for ref in references(one.values):
            if ref.part:
                named = tools.setdefault(_id_of(known, ref.address, ref.id), [])
                named.extend([ref.part] if ref.part not in named else [])
    return {
        "users": [{"user_id": user, "nick_name": f"用户{user[-4:]}"} for user in sorted(set(_users(known)))],
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
            {"id": one.id, "name": one.name} for one in known if one.kind.name == "Workspace" and one.id
        ],
        "workflows": [
            {"workflow_id": one.id, "workflow_name": one.name, "published": True, **_home(one, known)}
            for one in known
            if one.kind.name == "Workflow" and one.id
        ],
        "apps": [
            {"id": one.id, "name": one.name, **_home(one, known)}
            for one in known
            if one.kind.name == "App" and one.id
        ],
        "bots": [
            {"bot_id": one.id, "name": one.name, **_home(one, known)}
            for one in known
            if one.kind.name == "Bot" and one.id
        ],
        "connectors": [
            {"connector_id": one.id, "name": one.address.name}
            for one in known
            if one.kind.name == "Connector"
        ],
    }


def _home(resource: Resource, known: Iterable[Resource]) -> Json:
    """Its workspace, where that exists already; without one it lives in the default workspace."""
    id = next((one.id for one in known if one.address == resource.scope), None)
    return {"workspace_id": id} if id else {}


def _id_of(known: Iterable[Resource], address: object, id: str | None) -> str:
    return id or next((one.id or "" for one in known if one.address == address), "")


def _users(known: Iterable[Resource]) -> Iterator[str]:
    for one in known:
        for member in one.values.get("members", []):
            yield member["user"]
        yield from one.values.get("collaboration", {}).get("collaborators", [])
