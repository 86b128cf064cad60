"""Copies of what the API cannot create: one call for workflows and apps, and one that asks how far it is."""

from __future__ import annotations

from cozeops.declare.calls import Call, Page
from cozeops.declare.kind import Copying

_PROGRESS = Call("getCopyTask", "GET", "/v1/entities/copy_tasks/{task_id}")


def copying_of(entity: str, *, published: Page | None = None) -> Copying:
    """How an `entity`, as the API calls its type, is copied into the workspace `to_workspace_id`."""
    begin = Call(
        "createCopyTask",
        "POST",
        "/v1/entities/copy_tasks",
        {"entity_type": entity},
        scope="to_workspace_id",
    )
    return Copying(begin, _PROGRESS, published)
