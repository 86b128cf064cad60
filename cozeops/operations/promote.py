"""What `promote` does between its options and its plan: two environments, compared and read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from cozeops.address import Address
from cozeops.api.client import Client
from cozeops.api.connection import base_of
from cozeops.declare.resource import Resource
from cozeops.engine.model.findings import blocking
from cozeops.engine.model.live import Snapshot
from cozeops.engine.model.plan import Plan
from cozeops.engine.plan.shards import Shard, answered
from cozeops.engine.prior.state import PriorState
from cozeops.engine.promote import promotion as rules
from cozeops.engine.promote.promotion import Promotion, Sources
from cozeops.errors import InvalidProject, Problem, UsageError
from cozeops.frozen import frozen
from cozeops.manifests.codes import Code
from cozeops.manifests.load import Project
from cozeops.operations.project import Selection, plan_live, with_excerpts
from cozeops.operations.state import recall
from cozeops.state import Record


def demand_alike(source: Project, aim: Project) -> None:
    """Raise UsageError, InvalidProject for two environments between which nothing can be promoted."""
    if source.environment == aim.environment:
        raise UsageError(f"--from and --to are both {aim.environment}", hint="name two environments")
    if aim.settings.state is None:
        raise UsageError(
            "promote needs a state: a copy cannot be deleted, so it must be remembered",
            hint="write `state: {backend: local}` (or git, s3) under spec in cozeops.yaml",
        )
    theirs, ours = (base_of(os.environ, one.settings.base_url) for one in (source, aim))
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
class PromotionSession:
    """One promotion: from where to where, what of it, and what was acknowledged."""

    source: Project
    aim: Project
    client: Client
    memory: PriorState
    targets: Sequence[Address]
    recopied: Sequence[Address]
    ack: Sequence[str]
    shard: Shard | None = None
    """The part of the environment that is promoted to; None: all of it."""

    def plan(self) -> tuple[Plan, Snapshot]:
        """Read both environments and plan. Raises UsageError, InvalidProject, ApiError."""
        wanted = self._wanted()
        sources = self._sources(wanted)
        again = frozenset({*self.recopied, *rules.under_way(self.memory, wanted)})
        known = {one.address: one for one in self.aim.resources}

        def settle(plan: Plan, snapshot: Snapshot) -> Plan:
            about = rules.remarks(plan, sources, self.memory, self.recopied, snapshot)
            foreign = rules.organizations(known, sources, snapshot, self.client)
            waiting = rules.wait_for(rules.unpublished(plan, known, snapshot, self.memory, self.client))
            held = [one for one in waiting if blocking([one], self.ack)]
            left = rules.narrowed(plan, sources, wanted, held)
            return replace(left, findings=(*about, *foreign, *left.findings))

        users = rules.users_of(wanted, self.aim.resources)
        # `changed`: where nothing is promoted, nothing is chosen, and not everything.
        chosen = tuple(map(str, [*wanted, *users]))
        choice = Selection(target=chosen, refresh="full", changed=(), shard=self.shard)
        promotion = Promotion(sources.found, again, settle)
        return plan_live(self.aim, choice, self.client, self.memory, promotion)

    def _wanted(self) -> list[Address]:
        """What is promoted. Raises UsageError."""
        copied = [one.address for one in rules.copied_kinds(self.aim.resources)]
        for address in (*self.targets, *self.recopied):
            if address not in copied:
                raise UsageError(
                    f"{address} is not promoted: {self.aim.environment} declares no workflow or app of that "
                    "name without an id",
                    hint=f"there is {', '.join(map(str, copied))}" if copied else "declare it",
                )
        if not copied:
            raise UsageError(
                f"{self.aim.environment} declares no workflow and no app without an id",
                hint="declare what is to be copied, without `id`",
            )
        chosen = {*self.targets, *self.recopied} if self.targets else set(copied)
        chosen &= answered(self.aim.resources, self.shard)
        return [address for address in copied if address in chosen]

    def _sources(self, wanted: Sequence[Address]) -> Sources:
        # The other environment may be split in another way: its states are read as one.
        whole = Shard(1, 1) if self.shard else None
        remembered = recall(self.source, self.client.base_url, whole)

        def records(resources: Iterable[Resource]) -> Mapping[Address, Record]:
            return remembered.known(resources) if remembered else {}

        try:
            return rules.look_up(wanted, self.source.resources, self.source.environment, self.client, records)
        except InvalidProject as error:
            raise with_excerpts(error, self.source.root) from None
