"""Drift: what somebody changed on the live side by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cozeops.engine.model.plan import Finding, Severity
from cozeops.engine.observe.snapshot import unmanaged as unclaimed
from cozeops.engine.plan.drift import Drifted, unread
from cozeops.engine.plan.drift import drift as drifted_of
from cozeops.errors import ExitCode
from cozeops.frozen import frozen
from cozeops.operations.plan import plan_live
from cozeops.operations.selection import Selection
from cozeops.operations.state import recall

if TYPE_CHECKING:
    from cozeops.operations.live_project import LiveProject


@frozen
class Drift:
    """What moved on Coze since it was applied last; without a state, what is not as the manifests say."""

    environment: str
    against: str
    """`state` or `manifests`."""
    drifted: tuple[Drifted, ...]
    unread: tuple[Finding, ...] = ()
    """What kept it from looking: findings of which the blocking ones make the rest worth nothing."""
    unmanaged: tuple[tuple[str, str, str], ...] = ()
    """(kind, id, name) of what lives in the workspaces and no manifest names."""
    project: str = ""
    shard: str = ""

    @property
    def exit_code(self) -> ExitCode:
        """10 when something moved; 5 when nothing is known to, but it could not look."""
        if self.drifted:
            return ExitCode.DRIFT
        blocked = any(finding.severity is Severity.BLOCK for finding in self.unread)
        return ExitCode.BLOCKED if blocked else ExitCode.OK


def find_drift(live: LiveProject, *, refresh: str = "full", unmanaged: bool = False) -> Drift:
    """Compare the live side with what was applied last. Raises InvalidProject, ApiError, StateError.

    `unmanaged`: also list what lives in the workspaces and no manifest names.
    """
    project, prior = live.project, recall(live)
    plan, snapshot = plan_live(live, Selection(refresh=refresh), prior, owed=False)
    resources = {resource.address: resource for resource in project.resources}
    return Drift(
        environment=project.environment,
        against="state" if prior else "manifests",
        drifted=tuple(drifted_of(plan, prior, resources)),
        unread=tuple(unread(plan)),
        unmanaged=tuple(unclaimed(project.resources, snapshot, live.client)) if unmanaged else (),
        project=project.name,
        shard=str(live.shard or ""),
    )
