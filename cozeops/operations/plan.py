"""From what was read to the plan that people see: the changes, and all that should be known of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cozeops.engine.actions.whoami import edition_of
from cozeops.engine.model.findings import LOCAL_STATE_IN_CI
from cozeops.engine.observe.snapshot import channels_of
from cozeops.engine.plan.build import build_plan, channel_names
from cozeops.engine.plan.expected_account import expectations
from cozeops.engine.plan.permissions import permits
from cozeops.engine.plan.removed import Departed, departed, look_up, with_departed
from cozeops.engine.plan.thresholds import exceeded
from cozeops.engine.policy.builtin import check
from cozeops.engine.promote.promotion import unpublished, wait_for, without
from cozeops.operations.finish_revert import unfinished_returns

if TYPE_CHECKING:
    from cozeops.address import Address
    from cozeops.api.client import Client
    from cozeops.declare.resource import Resource
    from cozeops.engine.model.live import Snapshot
    from cozeops.engine.model.plan import Finding, Plan
    from cozeops.engine.prior.state import PriorState
    from cozeops.engine.promote.promotion import Promotion
    from cozeops.manifests.load import Project
    from cozeops.operations.project import Selection


def planned(
    project: Project,
    resources: Sequence[Resource],
    choice: Selection,
    client: Client,
    memory: PriorState | None,
    snapshot: Snapshot,
    *,
    rewrite: Sequence[Address],
    promotion: Promotion | None,
) -> tuple[Plan, Snapshot]:
    """The plan for these resources, and the snapshot that it was made from. Raises InvalidProject."""
    if promotion:
        snapshot = without(snapshot, promotion.again)
    plan = build_plan(
        resources,
        snapshot,
        environment=project.environment,
        base_url=client.base_url,
        rewrite=rewrite,
        memory=memory,
        project=project.resources,
        sources=promotion.sources if promotion else {},
    )
    if promotion:
        plan = promotion.settle(plan, snapshot)
    if memory and not choice.selects:
        plan = _with_departed(plan, project, snapshot, memory, client, prune=choice.prune)
    found = _findings(plan, project, resources, snapshot, memory, client)
    return replace(plan, findings=(*found, *plan.findings)), snapshot


def with_own_checks(plan: Plan, project: Project, choice: Selection) -> Plan:
    """The plan with what the project's own programs say about it; they get all of it."""
    if not project.settings.checks.get("commands"):
        return plan
    from cozeops.engine.policy.external import commands_of, own_checked

    commands, search = commands_of(project.settings.checks), os.environ.get("PATH", os.defpath)
    return own_checked(plan, commands, root=project.root, search=search, allowed=choice.run_checks)


def _findings(
    plan: Plan,
    project: Project,
    resources: Sequence[Resource],
    snapshot: Snapshot,
    memory: PriorState | None,
    client: Client,
) -> tuple[Finding, ...]:
    settings, known = project.settings, {one.address: one for one in resources}
    return (
        *expectations(settings.expect, resources, snapshot),
        *exceeded(plan, settings.thresholds),
        *_local_in_ci(project),
        *unfinished_returns(project),
        *_gated(plan, project),
        *wait_for(unpublished(plan, known, snapshot, memory, client)),
        *_unproven(plan, project),
        *permits(
            plan,
            known,
            snapshot,
            edition=lambda: edition_of(client),
            enterprise_token=client.serves_enterprises,
        ),
        *check(
            resources,
            settings.checks,
            everything=project.resources,
            snapshot=snapshot,
            pending={change.address for change in plan.pending},
        ),
    )


def departed_of(project: Project, memory: PriorState | None) -> list[Departed]:
    """What the state remembers and the project does not name."""
    return departed(memory, {one.address: one for one in project.resources}) if memory else []


def _with_departed(
    plan: Plan, project: Project, snapshot: Snapshot, memory: PriorState, client: Client, *, prune: bool
) -> Plan:
    known = {one.address: one for one in project.resources}
    gone = departed_of(project, memory)
    if prune:
        gone = look_up(gone, client, channels_of(project.resources))
    homes = {
        address: snapshot.live[one.scope].id
        for address, one in known.items()
        if one.scope and one.scope in snapshot.live
    }
    return with_departed(plan, gone, homes, channel_names(known), prune=prune)


def _local_in_ci(project: Project) -> list[Finding]:
    state = project.settings.state
    if state and state.get("backend") == "local" and os.environ.get("CI"):
        message = "the state is a file of this machine, and a CI runner forgets its files"
        return [LOCAL_STATE_IN_CI.found(None, message, "use the backend git or s3")]
    return []


def _gated(plan: Plan, project: Project) -> Iterator[Finding]:
    """What the gate before users will do to the plan, where there is one."""
    if project.settings.gate.get("checks"):
        from cozeops.engine.publish.gate import foreseen

        yield from foreseen(plan, project.resources, project.settings.gate["checks"])


def _unproven(plan: Plan, project: Project) -> Iterator[Finding]:
    """What the state of another environment does not vouch for, where this one asks for that."""
    gate = project.settings.gate
    if not gate.get("passed_in"):
        return
    from cozeops.engine.publish.evidence import unproven
    from cozeops.state import open_backend

    other = gate["passed_in"]
    backend = open_backend(gate["evidence"], root=project.root, environment=other, environ=os.environ)
    state = backend.load() if backend else None
    yield from unproven(plan, project.resources, other, state.resources if state else {})
