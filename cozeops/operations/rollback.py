"""Going back: the manifests of an earlier run, planned and applied like any others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from cozeops.engine.plan.rollback import going_back
from cozeops.errors import ExitCode, UsageError
from cozeops.operations.apply import Agreement, ApplyOptions, Audience, Run, carry_out, demand_agreement
from cozeops.operations.history import history
from cozeops.operations.plan import plan_live
from cozeops.operations.selection import Selection
from cozeops.operations.state import StatePlace, recall, writing

if TYPE_CHECKING:
    from cozeops.engine.model.live import Snapshot
    from cozeops.engine.model.plan import Plan
    from cozeops.engine.prior.state import PriorState
    from cozeops.manifests.load import Project
    from cozeops.operations.live_project import LiveProject


def plan_rollback(then: LiveProject, *, prune: bool) -> Plan:
    """What going back to earlier manifests (`manifests_at`) would do: reads only."""
    return _planned(then, recall(then), prune=prune)[0]


def rollback(then: LiveProject, commit: str, *, prune: bool, agreement: Agreement, audience: Audience) -> Run:
    """Apply the manifests of a commit (`manifests_at`). Raises as `apply` does."""
    began = then.host.clock()
    with writing(then, "rollback", commit=commit) as session:
        plan, snapshot = _planned(then, session.prior, prune=prune)
        demand_agreement(plan, agreement, audience)
        if not plan.pending:
            return Run(plan, (), ExitCode.OK).measured(then, began)
        run = carry_out(then, session, plan, snapshot, ApplyOptions(), audience.listen)
        return run.measured(then, began)


def _planned(then: LiveProject, prior: PriorState | None, *, prune: bool) -> tuple[Plan, Snapshot]:
    plan, snapshot = plan_live(then, Selection(prune=prune), prior)
    resources = {resource.address: resource for resource in then.project.resources}
    return going_back(plan, resources, prior), snapshot


def commit_before(place: StatePlace, run: str) -> str:
    """The commit whose manifests were applied before a run (its id). Raises UsageError, StateError."""
    runs = [past for past in history(place) if past.run.operation in ("apply", "rollback")]
    at = next((index for index, past in enumerate(runs) if past.run.id == run), None)
    if at is None:
        raise UsageError(f"there is no run {run}", hint="cozeops history lists them")
    earlier = next((past for past in runs[at + 1 :] if past.exit_code == ExitCode.OK), None)
    if earlier is None:
        raise UsageError(f"no run before {run} is known to have gone well", hint="cozeops history lists them")
    if not earlier.run.commit:
        raise UsageError(
            f"run {earlier.run.id} was not of a Git commit: its manifests are not kept anywhere",
            hint="keep the project in Git to be able to go back",
        )
    if earlier.run.edited:
        raise UsageError(
            f"run {earlier.run.id} applied manifests that were not committed (on top of "
            f"{earlier.run.commit[:12]}): they are not kept anywhere, and that commit is not what was live",
            hint="write by hand what should be live again, or go back further; commit before you apply",
        )
    return earlier.run.commit


@contextmanager
def manifests_at(place: StatePlace, commit: str) -> Iterator[Project]:
    """The project as it was at a commit, in a folder of its own; state and journal stay where they are."""
    from cozeops.manifests.load import load_project
    from cozeops.state.past import files_at

    project = place.project
    with files_at(project.root, place.environ, commit) as folder:
        then = load_project(folder, environment=project.environment, environ=place.environ)
        yield replace(then, root=project.root)
