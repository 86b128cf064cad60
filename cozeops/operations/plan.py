"""Read the live side and plan: the changes, and all that should be known of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from cozeops.errors import InvalidProject
from cozeops.frozen import frozen
from cozeops.operations.handles import named
from cozeops.operations.live_project import stats_of
from cozeops.operations.project import with_excerpts

if TYPE_CHECKING:
    from cozeops.address import Address
    from cozeops.declare.resource import Resource
    from cozeops.engine.model.live import Snapshot
    from cozeops.engine.model.plan import Finding, Plan
    from cozeops.engine.plan.removed import Departed
    from cozeops.engine.prior.state import PriorState
    from cozeops.engine.promote.promotion import Promotion
    from cozeops.manifests.load import Project
    from cozeops.operations.live_project import LiveProject
    from cozeops.operations.selection import Selection
    from cozeops.values import Json


def plan_live(
    live: LiveProject,
    selection: Selection,
    prior: PriorState | None,
    promotion: Promotion | None = None,
    *,
    owed: bool = True,
) -> tuple[Plan, Snapshot]:
    """Read the live side and plan; `owed`: with what runs that ended still owe.

    Raises InvalidProject, UsageError, ApiError, InvalidJournal.
    """
    from cozeops.engine.observe.snapshot import Remembered, observe
    from cozeops.engine.prior.claims import claimed
    from cozeops.operations.state import journals_of, traces_in

    project, client, clock = live.project, live.client, live.host.clock
    began, resources = clock(), selection.resources(project, live.shard)
    rewrite = named(selection.rewrite, resources)
    trusted: set[Address] = set()
    if prior and selection.refresh != "full":
        trusted = prior.trusted(resources) - set(rewrite)
    try:
        snapshot = observe(
            resources,
            client,
            Remembered(
                prior.known(project.resources) if prior else {}, traces_in(journals_of(live)), trusted
            ),
            project=project.resources,
            meanwhile=_import_the_rest,
        )
        if prior:
            prior = claimed(prior, project.resources, snapshot.live)
        planning = _Planning(live, selection, tuple(resources), prior, promotion, owed=owed)
        plan, snapshot = planning.plan(snapshot, rewrite)
    except InvalidProject as error:
        raise with_excerpts(error, project.root) from None
    plan = replace(
        plan, project=project.name, shard=str(live.shard or ""), stats=stats_of(client, clock() - began)
    )
    return _with_external_checks(plan, live, selection), snapshot


def departed_of(project: Project, prior: PriorState | None) -> list[Departed]:
    """What the state remembers and the project does not name."""
    from cozeops.engine.plan.removed import departed

    return departed(prior, {resource.address: resource for resource in project.resources}) if prior else []


LATER = (
    "cozeops.engine.actions.whoami",
    "cozeops.engine.plan.build",
    "cozeops.engine.plan.expected_account",
    "cozeops.engine.plan.permissions",
    "cozeops.engine.plan.removed",
    "cozeops.engine.plan.thresholds",
    "cozeops.engine.policy.builtin",
    "cozeops.engine.promote.promotion",
    "cozeops.operations.owed",
)
"""What a plan needs once the replies are there."""


def _import_the_rest() -> None:
    """To import it takes as long as the first replies."""
    for module in LATER:
        import_module(module)


@frozen
class _Planning:
    """One plan on its way: what it is about, and from what."""

    live: LiveProject
    selection: Selection
    resources: tuple[Resource, ...]
    prior: PriorState | None
    promotion: Promotion | None
    owed: bool

    def plan(self, snapshot: Snapshot, rewrite: Sequence[Address]) -> tuple[Plan, Snapshot]:
        """The plan for these resources, and the snapshot that it was made from. Raises InvalidProject."""
        from cozeops.engine.plan.build import Grounds, build_plan
        from cozeops.engine.promote.promotion import without

        promotion, project = self.promotion, self.live.project
        if promotion:
            snapshot = without(snapshot, promotion.again)
        plan = build_plan(
            self.resources,
            snapshot,
            Grounds(self.prior, rewrite, project.resources, promotion.sources if promotion else {}),
            environment=project.environment,
            base_url=self.live.client.base_url,
        )
        if promotion:
            plan = promotion.settle(plan, snapshot)
        if self.prior and not self.selection.selects:
            plan = self._with_departed(plan, snapshot, self.prior)
        if self.owed:
            plan = self._with_owed(plan, snapshot)
        findings = (*self._findings(plan, snapshot), *plan.findings)
        return replace(plan, findings=findings, gate=self._promised(plan)), snapshot

    def _promised(self, plan: Plan) -> Json:
        """What the gate before users holds it to, where there is one."""
        project = self.live.project
        if not project.settings.gate:
            return {}
        from cozeops.engine.publish.gate import promised

        return promised(plan, project.resources, project.settings.gate)

    def _findings(self, plan: Plan, snapshot: Snapshot) -> tuple[Finding, ...]:
        from cozeops.engine.actions.whoami import edition_of
        from cozeops.engine.plan.expected_account import expectations
        from cozeops.engine.plan.permissions import permits
        from cozeops.engine.plan.thresholds import exceeded
        from cozeops.engine.policy.builtin import check
        from cozeops.engine.promote.promotion import unpublished, wait_for

        project, client = self.live.project, self.live.client
        settings, known = project.settings, {resource.address: resource for resource in self.resources}
        return (
            *expectations(settings.expect, self.resources, snapshot),
            *exceeded(plan, settings.thresholds),
            *self._local_in_ci(),
            *self._left_behind(),
            *self._gated(plan),
            *wait_for(unpublished(plan, known, snapshot, self.prior, client)),
            *self._unproven(plan),
            *permits(
                plan,
                known,
                snapshot,
                edition=lambda: edition_of(client),
                enterprise_token=client.serves_enterprises,
            ),
            *check(
                self.resources,
                settings.checks,
                everything=project.resources,
                snapshot=snapshot,
                pending={change.address: change for change in plan.pending},
            ),
        )

    def _with_departed(self, plan: Plan, snapshot: Snapshot, prior: PriorState) -> Plan:
        from cozeops.engine.observe.snapshot import channels_of
        from cozeops.engine.plan.build import channel_names
        from cozeops.engine.plan.removed import look_up, with_departed

        project, prune = self.live.project, self.selection.prune
        known = {resource.address: resource for resource in project.resources}
        departed = departed_of(project, prior)
        if prune:
            departed = look_up(departed, self.live.client, channels_of(project.resources))
        homes = {
            address: snapshot.live[resource.scope].id
            for address, resource in known.items()
            if resource.scope and resource.scope in snapshot.live
        }
        return with_departed(plan, departed, homes, channel_names(known), prune=prune)

    def _with_owed(self, plan: Plan, snapshot: Snapshot) -> Plan:
        from cozeops.operations.owed import owed_by_runs

        owed = owed_by_runs(self.live)
        if not owed:
            return plan
        from cozeops.engine.plan.build import channel_names
        from cozeops.engine.publish.owed import with_owed

        project = self.live.project
        ids = {address: live.id for address, live in snapshot.live.items()}
        chosen = {resource.address for resource in self.resources}
        for one in departed_of(project, self.prior):
            ids[one.resource.address] = one.record.id
            chosen |= set() if self.selection.selects else {one.resource.address}
        names = channel_names({resource.address: resource for resource in project.resources})
        return with_owed(plan, owed.values(), ids, chosen, names, self.live.client)

    def _local_in_ci(self) -> Iterator[Finding]:
        from cozeops.codes import Code
        from cozeops.engine.model.findings import finding

        state = self.live.project.settings.state
        if state and state.get("backend") == "local" and self.live.host.environ.get("CI"):
            message = "the state is a file of this machine, and a CI runner forgets its files"
            yield finding(Code.LOCAL_STATE_IN_CI, None, message, "use the backend git or s3")

    def _left_behind(self) -> Iterator[Finding]:
        """The state that the project had elsewhere, where nothing is remembered here."""
        if self.prior is None or self.prior.records:
            return
        from cozeops.codes import Code
        from cozeops.engine.model.findings import finding
        from cozeops.operations.migrate_state import left_behind
        from cozeops.operations.state import place_of

        for old in left_behind(place_of(self.live)):
            message = f"nothing is remembered here, and {old.name} remembers {old.resources} resources"
            hint = f"if it is that of this environment: {old.command}"
            yield finding(Code.STATE_LEFT_BEHIND, None, message, hint)

    def _gated(self, plan: Plan) -> Iterator[Finding]:
        """What the gate before users will do to the plan, where there is one."""
        project = self.live.project
        if project.settings.gate.get("checks"):
            from cozeops.engine.publish.gate import foreseen

            yield from foreseen(plan, project.resources, project.settings.gate["checks"])

    def _unproven(self, plan: Plan) -> Iterator[Finding]:
        """What the state of another environment does not vouch for, where this one asks for that."""
        project = self.live.project
        gate = project.settings.gate
        if not gate.get("passed_in"):
            return
        from cozeops.engine.publish.evidence import unproven
        from cozeops.state import open_backend

        other, environ = gate["passed_in"], self.live.host.environ
        backend = open_backend(gate["evidence"], root=project.root, environment=other, environ=environ)
        state = backend.load() if backend else None
        yield from unproven(plan, project.resources, other, state.resources if state else {})


def _with_external_checks(plan: Plan, live: LiveProject, selection: Selection) -> Plan:
    """The plan with what the project's own programs say about it; they get all of it."""
    settings = live.project.settings
    if not settings.checks.get("commands"):
        return plan
    from cozeops.engine.policy.external import commands_of, own_checked

    commands, search = commands_of(settings.checks), live.host.environ.get("PATH", os.defpath)
    return own_checked(plan, commands, root=live.project.root, search=search, allowed=selection.run_checks)
