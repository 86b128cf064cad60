"""The plan: what must change so that the live side is what the manifests say. Pure."""

from __future__ import annotations

from collections.abc import Collection as Many
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.declare.resource import Resource
from cozeops.declare.rows import publication_of, row_at
from cozeops.declare.verbs import Verb
from cozeops.engine.diff.fingerprint import fingerprint
from cozeops.engine.diff.references import compared, is_ignored, names
from cozeops.engine.model.graph import ordered
from cozeops.engine.model.live import Snapshot
from cozeops.engine.model.plan import Action, Change, Finding, Plan, Step
from cozeops.engine.plan.decide import decide
from cozeops.engine.plan.resource_change import PlanContext, ResourceChange, Source
from cozeops.engine.plan.twins import doubles
from cozeops.engine.prior.state import PriorState, sealed_inputs
from cozeops.errors import InvalidProject, Problem
from cozeops.frozen import frozen


@frozen
class Grounds:
    """What a plan is made from beside the resources and what is live."""

    prior: PriorState | None = None
    """None: there is no state."""
    rewrite: Many[Address] = ()
    """Addresses whose write-only fields are sent again."""
    project: Iterable[Resource] = ()
    """All resources, where these are a part."""
    sources: Mapping[Address, Source] = field(default_factory=dict)
    """What is copied where an address has nothing live."""


def build_plan(
    resources: Iterable[Resource],
    snapshot: Snapshot,
    grounds: Grounds | None = None,
    *,
    environment: str,
    base_url: str,
) -> Plan:
    """Plan these resources. Raises InvalidProject for what a create needs and no manifest has."""
    grounds = grounds or Grounds()
    known = {one.address: one for one in ordered(resources)}
    channels = channel_names({one.address: one for one in grounds.project} | known)
    world = PlanContext(
        snapshot,
        names(snapshot),
        channels,
        frozenset(grounds.rewrite),
        known,
        grounds.prior,
        grounds.sources,
    )
    planned = {address: _Planned() for address, one in known.items() if one.kind.lives}
    # Whoever lives in a workspace comes first: the workspace installs the connectors that they need.
    for address in sorted(planned, key=lambda address: not known[address].kind.scope):
        planned[address] = _planned(known[address], world)
    problems = [problem for one in planned.values() for problem in one.problems]
    changes = [one.change for one in planned.values() if one.change]
    problems += _claimed_twice(changes, known)
    if problems:
        raise InvalidProject(problems)
    findings = [finding for one in planned.values() for finding in one.findings]
    return Plan(
        environment=environment,
        base_url=base_url,
        changes=tuple(changes),
        findings=(*findings, *doubles(changes, known, snapshot)),
        inputs={str(address): sealed_inputs(known[address], grounds.prior) for address in planned},
    )


@frozen
class _Planned:
    """What stays of a case once it is decided."""

    change: Change | None = None
    findings: Sequence[Finding] = ()
    problems: Sequence[Problem] = ()


def _planned(resource: Resource, world: PlanContext) -> _Planned:
    case = _case(resource, world)
    decide(case)
    return _Planned(_change(case), tuple(case.findings), (*case.problems, *_missing_parts(case)))


def channel_names(known: Mapping[Address, Resource]) -> dict[str, str]:
    """Connector ids -> names: the project's own, and those that need no resource."""
    named = {one.id: one.address.name for one in known.values() if one.kind.name == "Connector" and one.id}
    for kind in {one.kind.name: one.kind for one in known.values()}.values():
        if published := publication_of(kind):
            official = {**published.calls.leavable, **published.calls.builtin}
            named |= {id: name for name, id in official.items()}
    return named


def _case(resource: Resource, world: PlanContext) -> ResourceChange:
    live = world.snapshot.live.get(resource.address)
    # Of what did not move nothing was read: there is nothing to compare.
    desired = {} if live and live.unmoved else compared(resource, world.snapshot)
    if live and resource.lifecycle.ignore:
        labels = {path: row_at(resource.kind, path).label for path in desired}
        desired = {path: value for path, value in desired.items() if not is_ignored(resource, labels[path])}
    record = world.memory.of(resource) if world.memory else None
    return ResourceChange(resource, world, live, desired, record)


def _change(case: ResourceChange) -> Change:
    resource, live, steps = case.resource, case.live, case.steps
    reasons = _reasons(case, steps)
    action = _action(case, steps, reasons)
    known = case.world.resources
    home = known.get(resource.scope) if resource.scope else resource
    return Change(
        address=resource.address,
        id=live.id if live else None,
        action=action,
        reason="; ".join(reasons),
        fields=tuple(case.fields),
        steps=steps,
        needs=tuple(sorted(need for need in resource.needs if need in known and known[need].kind.lives)),
        live_fingerprint=fingerprint(resource, live) if live and action is not Action.NONE else "",
        origin=_origin(case),
        uncompared=tuple(case.uncompared),
        scope=home.name if home and home.kind.name == "Workspace" else "",
    )


def _reasons(case: ResourceChange, steps: Sequence[Step]) -> list[str]:
    found = list(case.reasons) if steps else []
    if case.before:
        found.insert(0, f"moved from {case.before}")
    elif case.adopted:
        found.insert(
            0, "found by its name: from now on it is ours" if not case.resource.id else "ours from now on"
        )
    elif case.repledged:
        found.insert(0, "lifecycle.protect changes")
    elif not found and not case.fields and case.outdated:
        found.append("it is as the manifest says already: the state learns it")
    return found


def _origin(case: ResourceChange) -> str:
    """Who made the change necessary: git, the live side, or both; empty where nobody knows."""
    origins = {one.origin for one in case.fields if one.origin}
    return origins.pop() if len(origins) == 1 else "both" if origins else ""


def _action(case: ResourceChange, steps: Sequence[Step], reasons: Sequence[str]) -> Action:
    publication = case.publication
    if not steps and case.fields:
        return Action.UPDATE  # of something fixed: a finding blocks it
    if not steps:  # nothing is sent: the reason, if there is one, is what the state learns
        return Action.ADOPT if reasons else Action.NONE
    if case.live is None:
        return Action.CREATE
    if len(publication) < len(steps):
        return Action.UPDATE
    return Action.UNPUBLISH if publication[-1].verb is Verb.UNPUBLISH else Action.PUBLISH


def _claimed_twice(changes: Iterable[Change], known: Mapping[Address, Resource]) -> Iterator[Problem]:
    """Two addresses of one live object would undo each other for ever."""
    claimed: dict[tuple[str, str], Address] = {}
    for change in changes:
        resource = known[change.address]
        if change.id and resource.kind.listing:
            first = claimed.setdefault((resource.kind.name, change.id), change.address)
            if first is not change.address:
                message = f"{change.address} and {first} are the same live object, {change.id}"
                hint = "remove one of them, or give one another name or id"
                yield Problem(Code.SAME_OBJECT, message, hint, resource.locate(()))


def _missing_parts(case: ResourceChange) -> Iterator[Problem]:
    """Tools that a plugin does not have."""
    snapshot = case.world.snapshot
    for path, ref in case.resource.references:
        if ref.part and (ref.address is None or ref.address in snapshot.live):
            parts = snapshot.part_of(ref, case.scope or "")
            if ref.part not in parts:
                whole = ref.address or ref.id or ref.name
                message = f"{case.resource.address}: {whole} has no {ref.part!r}"
                hint = f"it has {', '.join(sorted(parts))}" if parts else "it has nothing that can be named"
                yield Problem(Code.NO_SUCH_PART, message, hint, case.resource.locate(path))
