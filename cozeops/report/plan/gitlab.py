"""GitLab's report of a plan: three numbers beside the merge request (`artifacts:reports:terraform`). Pure."""

from __future__ import annotations

import json

from cozeops.engine.model.plan import Action, Plan
from cozeops.report import words

_COUNTED = {
    Action.CREATE: ("create",),
    Action.UPDATE: ("update",),
    Action.PUBLISH: ("update",),
    Action.UNPUBLISH: ("update",),
    Action.REPLACE: ("create", "delete"),
    Action.DELETE: ("delete",),
}
"""What changes nothing on Coze (adopt, forget) is not counted, unless something blocks it."""


def plan_gitlab(plan: Plan) -> str:
    """The numbers as JSON; publishing is an update, replacing a delete and a create.

    What is blocked counts as an update where nothing else is planned for it: the widget would say that
    nothing changes.
    """
    counts = {"create": 0, "update": 0, "delete": 0}
    stuck = words.blocked(plan)
    for change in plan.changes:
        fallback = ("update",) if change.address in stuck else ()
        for column in _COUNTED.get(change.action, fallback):
            counts[column] += 1
    if plan.blocked and not any(counts.values()):
        counts["update"] = 1  # what blocks is about no address
    return json.dumps(counts) + "\n"
