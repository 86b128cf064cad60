"""Apps that exist, referenced by id or by a unique name; those of other workspaces are copied."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from cozeops.declare.calls import Call, Page
from cozeops.declare.fields import Is, Spec
from cozeops.declare.kind import Kind
from cozeops.kinds.parts.collaboration import collaboration_flaws, collaborators_of
from cozeops.kinds.parts.copying import copying_of


class Collaboration(Spec):
    """Who may edit the app (enterprise editions). Cannot be read back; apps have no mode."""

    collaborators: Annotated[list[str] | None, Is.UNORDERED, collaborators_of("App", "/v1/apps/{app_id}")] = (
        None
    )
    """User ids; each must be a member of the workspace."""


class AppSpec(Spec):
    """An app of a workspace; the API cannot make or change one."""

    id: Annotated[str | None, Field(pattern=r"^\d+$")] = None
    """The app's id on Coze; without it the name must be unique in the workspace."""
    name: Annotated[str | None, Is.OUTSIDE] = None
    """The name on Coze, for finding it; `metadata.name` where it is absent."""
    collaboration: Collaboration | None = None


KIND = Kind(
    name="App",
    summary="an app that exists or is copied: collaborators",
    spec=AppSpec,
    id="app_id",
    scope="Workspace",
    # There is no call that reads one app: it is looked up in the list of its workspace.
    listing=Page(
        Call("listApps", "GET", "/v1/apps", {"publish_status": "all"}, scope="workspace_id"),
        items=("items",),
        id="id",
        total=("total",),
        size=20,
        larger=200,
    ),
    uncreatable="make the app in the Coze console and write its id, or copy it with cozeops promote",
    edited="updated_at",
    copy=copying_of("app"),
    check=collaboration_flaws,
)
