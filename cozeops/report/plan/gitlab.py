"""GitLab's report of a plan: three numbers beside the merge request (`artifacts:reports:terraform`). Pure."""

from __future__ import annotations

import json

from cozeops.engine.model.plan import Action, Plan

_COUNTED = {
    Action.CREATE: ("create",),
    Action.UPDATE: ("update",),
    Action.PUBLISH: ("update",),
    Action.UNPUBLISH: ("update",),
    Action.REPLACE: ("create", "delete"),
    Action.DELETE: ("delete",),
}
"""What changes nothing on Coze (adopt, forget) is not counted."""


def plan_gitlab(plan: Plan) -> str:
    """The numbers as JSON; publishing is an update, replacing a delete and a create."""
    counts = {"create": 0, "update": 0, "delete": 0}
    for change in plan.changes:
        for column in _COUNTED.get(change.action, ()):
            counts[column] += 1
    return json.dumps(counts) + "\n"
