"""Workflows that exist, referenced by id or by a unique name; of other workspaces they are copied."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from cozeops.declare.calls import Call, Page
from cozeops.declare.fields import Is, Spec
from cozeops.declare.kind import Kind
from cozeops.kinds.parts.collaboration import Mode, collaboration_flaws, collaborators_of, mode_of
from cozeops.kinds.parts.copying import copying_of


class Collaboration(Spec):
    """Who may edit the workflow (enterprise editions). Cannot be read back from Coze."""

    mode: Annotated[Mode | None, mode_of("Workflow", "/v1/workflows/{workflow_id}")] = None
    """Workflows of a library only; Coze refuses it for those inside an app."""
    collaborators: Annotated[
        list[str] | None, Is.UNORDERED, collaborators_of("Workflow", "/v1/workflows/{workflow_id}")
    ] = None
    """User ids; each must be a member of the workspace."""


class WorkflowSpec(Spec):
    """A workflow of a workspace; the API cannot make or change one."""

    id: Annotated[str | None, Field(pattern=r"^\d+$", examples=["7460491086110300001"])] = None
    """The workflow's id on Coze; without it the name must be unique in the workspace."""
    name: Annotated[str | None, Is.OUTSIDE] = None
    """The name on Coze, for finding it; `metadata.name` where it is absent."""
    collaboration: Collaboration | None = None


_ALL = Page(
    Call("listWorkflows", "GET", "/v1/workflows", {"publish_status": "all"}, scope="workspace_id"),
    items=("items",),
    id="workflow_id",
    more=("has_more",),
    size=30,
)
_PUBLISHED = replace(_ALL, call=replace(_ALL.call, fixed={"publish_status": "published_online"}))

KIND = Kind(
    name="Workflow",
    summary="a workflow that exists or is copied: collaboration mode and collaborators",
    spec=WorkflowSpec,
    id="workflow_id",
    scope="Workspace",
    listing=_ALL,
    get=Call("getWorkflow", "GET", "/v1/workflows/{workflow_id}", payload=("data", "workflow_detail")),
    listed_name="workflow_name",
    edited="updated_at",
    uncreatable="make the workflow in the Coze console and write its id, or copy it with cozeops promote",
    copy=copying_of("workflow", published=_PUBLISHED),
    check=collaboration_flaws,
)
