"""What `promote` does between its options and its plan: two environments, compared and read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from cozeops.address import Address
from cozeops.api.connection import base_of
from cozeops.codes import Code
from cozeops.declare.resource import Resource
from cozeops.engine.model.findings import blocking
from cozeops.engine.model.live import Snapshot
from cozeops.engine.model.plan import Plan, Severity
from cozeops.engine.plan.shards import Shard, answered
from cozeops.engine.prior.state import PriorState
from cozeops.engine.promote import promotion as rules
from cozeops.engine.promote.promotion import Promotion, Sources
from cozeops.errors import ExitCode, InvalidProject, Problem, UsageError
from cozeops.frozen import frozen
from cozeops.manifests.load import Project
from cozeops.operations.apply import Agreement, ApplyOptions, Audience, Run, carry_out, demand_agreement
from cozeops.operations.live_project import LiveProject
from cozeops.operations.plan import plan_live
from cozeops.operations.project import with_excerpts
from cozeops.operations.selection import Selection
from cozeops.operations.state import recall, writing
from cozeops.state import Record


def demand_alike(source: Project, aim: Project, environ: Mapping[str, str]) -> None:
    """Raise UsageError, InvalidProject for two environments between which nothing can be promoted."""
    if source.environment == aim.environment:
        raise UsageError(f"--from and --to are both {aim.environment}", hint="name two environments")
    if aim.settings.state is None:
        raise UsageError(
            "promote needs a state: a copy cannot be deleted, so it must be remembered",
            hint="write `state: {backend: local}` (or git, s3) under spec in cozeops.yaml",
        )
    theirs, ours = (base_of(environ, one.settings.base_url) for one in (source, aim))
    if theirs != ours:
        raise UsageError(
            f"{source.environment} is on {theirs}, {aim.environment} on {ours}",
            hint="Coze copies inside one organization only",
        )
    pinned = {one.address: one for one in source.resources if one.kind.copy and one.id}
    problems = [
        _pinned(one, source, aim)
        for one in aim.resources
        if one.kind.copy and one.id and one.address in pinned and pinned[one.address].id == one.id
    ]
    if problems:
        raise with_excerpts(InvalidProject(problems), aim.root)


def _pinned(one: Resource, source: Project, aim: Project) -> Problem:
    message = f"{one.address} is {one.id} in {source.environment} and in {aim.environment}"
    hint = f"leave the id out (it is found by its name), or move it into a patch of {source.environment}"
    return Problem(Code.PINNED, message, hint, one.locate(("id",)))


@frozen
class PromotionRequest:
    """From which environment, and what of it."""

    source: Project
    targets: tuple[Address, ...] = ()
    """Only these workflows and apps, with the bots that use them; empty: all."""
    recopied: tuple[Address, ...] = ()
    """Those of which another copy is made beside the one that is there."""


def plan_promotion(live: LiveProject, request: PromotionRequest, ack: Sequence[str]) -> Plan:
    """What a promotion would do. Raises UsageError, InvalidProject, ApiError."""
    prior = recall(live)
    assert prior is not None  # as demand_alike has seen to
    return _Promotion(live, request, prior, ack).plan()[0]


def promote(
    live: LiveProject,
    request: PromotionRequest,
    agreement: Agreement,
    options: ApplyOptions,
    audience: Audience,
) -> Run:
    """Copy workflows and apps into an environment, and wire the bots there to the copies.

    Where something waits for a person, `exit_code` says that not all is done. Raises as `apply` does.
    """
    began = live.host.clock()
    with writing(live, "promote", lock_timeout=options.lock_timeout) as session:
        assert session.prior is not None  # as demand_alike has seen to
        plan, snapshot = _Promotion(live, request, session.prior, agreement.ack).plan()
        demand_agreement(plan, agreement, audience)
        if not plan.pending:
            return Run(plan, (), ExitCode.OK).measured(live, began)
        run = carry_out(
            live, session, plan, snapshot, options, audience.listen, partly=bool(waiting_for(plan))
        )
        return run.measured(live, began)


def waiting_for(plan: Plan) -> tuple[Address, ...]:
    """What the plan leaves out until somebody has published what it uses."""
    held = (finding for finding in plan.findings if finding.code == Code.UNPUBLISHED_COPY)
    return tuple(finding.address for finding in held if finding.severity is Severity.WARN and finding.address)


@frozen
class _Promotion:
    """One promotion on its way."""

    live: LiveProject
    """The environment that gets copies."""
    request: PromotionRequest
    prior: PriorState
    ack: Sequence[str]

    def plan(self) -> tuple[Plan, Snapshot]:
        """Read both environments and plan. Raises UsageError, InvalidProject, ApiError."""
        wanted = self._wanted()
        sources = self._sources(wanted)
        again = frozenset({*self.request.recopied, *rules.under_way(self.prior, wanted)})
        known = {one.address: one for one in self.live.project.resources}

        def settle(plan: Plan, snapshot: Snapshot) -> Plan:
            about = rules.remarks(plan, sources, self.prior, self.request.recopied, snapshot)
            foreign = rules.organizations(known, sources, snapshot, self.live.client)
            waiting = rules.wait_for(rules.unpublished(plan, known, snapshot, self.prior, self.live.client))
            held = [one for one in waiting if blocking([one], self.ack)]
            left = rules.narrowed(plan, sources, wanted, held)
            return replace(left, findings=(*about, *foreign, *left.findings))

        users = rules.users_of(wanted, self.live.project.resources)
        # `changed`: where nothing is promoted, nothing is chosen, and not everything.
        chosen = tuple(map(str, [*wanted, *users]))
        selection = Selection(target=chosen, refresh="full", changed=())
        promotion = Promotion(sources.found, again, settle)
        return plan_live(self.live, selection, self.prior, promotion)

    def _wanted(self) -> list[Address]:
        """What is promoted. Raises UsageError."""
        copied = [one.address for one in rules.copied_kinds(self.live.project.resources)]
        for address in (*self.request.targets, *self.request.recopied):
            if address not in copied:
                raise UsageError(
                    f"{address} is not promoted: {self.live.project.environment} declares no workflow or app "
                    "of that name without an id",
                    hint=f"there is {', '.join(map(str, copied))}" if copied else "declare it",
                )
        if not copied:
            raise UsageError(
                f"{self.live.project.environment} declares no workflow and no app without an id",
                hint="declare what is to be copied, without `id`",
            )
        chosen = {*self.request.targets, *self.request.recopied} if self.request.targets else set(copied)
        chosen &= answered(self.live.project.resources, self.live.shard)
        return [address for address in copied if address in chosen]

    def _sources(self, wanted: Sequence[Address]) -> Sources:
        # The other environment may be split in another way: its states are read as one.
        whole, source = Shard(1, 1) if self.live.shard else None, self.request.source
        remembered = recall(replace(self.live, project=source, shard=whole))

        def records(resources: Iterable[Resource]) -> Mapping[Address, Record]:
            return remembered.known(resources) if remembered else {}

        try:
            return rules.look_up(wanted, source.resources, source.environment, self.live.client, records)
        except InvalidProject as error:
            raise with_excerpts(error, source.root) from None
