"""Workspaces with their members and installed channels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from cozeops.declare.calls import Call, Page
from cozeops.declare.collections import Adding, Collection, Export, Item, Listed, Removal
from cozeops.declare.fields import UNREADABLE, Absent, File, Flaw, Is, Ref, Size, Spec, Wire
from cozeops.declare.kind import Kind
from cozeops.declare.refs import ById
from cozeops.kinds.parts.collaboration import twice
from cozeops.kinds.parts.images import icon_flaws
from cozeops.values import Json


class Member(Spec):
    """A user of the workspace. The owner is never removed or demoted and need not be listed."""

    user: str = Field(pattern=r"^\d+$", examples=["2069720456000001"])
    """The user's id."""
    role: Literal["admin", "member"] = "member"
    """What the user may do. A change is a removal and an adding."""


def _add_members(items: Sequence[Json], values: Json) -> Json:
    return {"users": [{"user_id": item["user"], "role_type": item.get("role", "member")} for item in items]}


def _remove_members(items: Sequence[Item]) -> Json:
    return {"user_ids": [item.key for item in items]}


def _member(wire: Json) -> Item:
    role = wire.get("role_type") or ""
    protected = "the workspace owner" if role == "owner" else ""
    return Item(wire["user_id"], wire["user_id"], {"role": role}, protected=protected)


def _refused_members(payload: Json) -> Mapping[str, str]:
    # Code 0 even when nobody was added or removed: the lists tell.
    reasons = {
        "not_exist_user_ids": "no such user (in the enterprise)",
        "owner_not_support_remove_user_ids": "the owner cannot be removed",
    }
    return {user: why for key, why in reasons.items() for user in payload.get(key) or []}


def _invited_members(payload: Json) -> set[str]:
    # Personal editions invite: who has not accepted is in no list.
    keys = ("invited_success_user_ids", "already_invited_user_ids")
    return {str(user) for key in keys for user in payload.get(key) or []}


MEMBERS = Collection(
    listed=Listed(
        page=Page(
            Call("listWorkspaceMembers", "GET", "/v1/workspaces/{workspace_id}/members"),
            items=("items",),
            id="user_id",
            total=("total_count",),
            size=50,
        ),
        decode=_member,
    ),
    key=lambda item: str(item["user"]),
    compare=lambda item, values: {"role": item.get("role", "member")},
    export=Export(write=lambda item, file: {"user": item.key, **item.fields}),
    add=Adding(
        call=Call(
            "addWorkspaceMembers",
            "POST",
            "/v1/workspaces/{workspace_id}/members",
            repeatable=True,
            role="admin",
        ),
        encode=_add_members,
        batch=20,
        refused=_refused_members,
        invited=_invited_members,
    ),
    remove=Removal(
        call=Call(
            "removeWorkspaceMembers",
            "DELETE",
            "/v1/workspaces/{workspace_id}/members",
            repeatable=True,
            role="admin",
        ),
        encode=_remove_members,
        batch=5,
        heir="the owner of the workspace",
        replacing="a role changes only by removing and adding: the member's resources go to the owner",
    ),
    after="EnterpriseMembers",
)

INSTALLED = Collection(
    add=Adding(
        call=Call(
            "installConnector",
            "POST",
            "/v1/connectors/{connector_id}/install",
            names_object=True,
            repeatable=True,
            role="admin",
        ),
        encode=lambda items, values: {"connector_id": items[0]},
    ),
    seen_in_publications=True,
)


class WorkspaceSpec(Spec):
    """A workspace; it cannot be deleted through the API."""

    id: Annotated[str | None, Field(pattern=r"^\d+$")] = None
    """Exactly this live workspace, whatever its name."""
    name: Annotated[str | None, Size(50, least=1, line=True)] = None
    """The name on Coze; `metadata.name` where it is absent."""
    description: Annotated[str | None, Size(2000, least=1), Is.NEEDED_TO_CREATE, Absent(UNREADABLE)] = None
    """What the workspace is for."""
    icon: Annotated[str | None, File(), Wire(write="icon_file_id", read=None, on_update=False)] = None
    """An image file; only a new workspace takes it."""
    coze_account_id: Annotated[
        str | ById | None, Ref("Organization", ids=True), Wire(read=None, on_update=False)
    ] = None
    """The organization of a new workspace, by its name here or its id; absent: the personal account."""
    owner_uid: Annotated[str | None, Wire(on_update=False), Is.FIXED, Absent(UNREADABLE)] = None
    """The owner of a new workspace (enterprise editions); absent: the token's user."""
    members: Annotated[list[Member] | None, Is.UNORDERED, MEMBERS] = None
    """All members beside the owner; who is not listed is removed."""
    connectors: Annotated[list[Annotated[str, Ref("Connector")]] | None, Is.UNORDERED, INSTALLED] = None
    """Custom channels installed in this workspace (there is no uninstall)."""


def _check(values: Json) -> Iterator[Flaw]:
    yield from icon_flaws(values)
    yield from twice([member["user"] for member in values.get("members", [])], ("members",))


KIND = Kind(
    name="Workspace",
    summary="workspace, its members, its installed channels",
    spec=WorkspaceSpec,
    id="workspace_id",
    listing=Page(
        Call("listWorkspaces", "GET", "/v1/workspaces"),
        items=("workspaces",),
        id="id",
        total=("total_count",),
        size=50,
    ),
    create=Call("createWorkspace", "POST", "/v1/workspaces", result=("id",)),
    check=_check,
    manageable=lambda item: item.get("workspace_type") != "personal",
    update=Call("updateWorkspace", "PUT", "/v1/workspaces/{workspace_id}", repeatable=True, role="admin"),
    role="role_type",
)
