"""What going back to earlier manifests does not bring back. Pure.

A rollback is a plan like any other: it writes what the manifests of then declare. What they do not say, and
what the API has no call for, stays as it is now; nobody should find that out afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.declare.collections import Removal
from cozeops.declare.resource import Resource
from cozeops.declare.rows import rows_of
from cozeops.declare.verbs import Verb
from cozeops.engine.model.findings import finding
from cozeops.engine.model.plan import Action, Change, Finding, Plan
from cozeops.engine.prior.state import PriorState
from cozeops.kinds import kinds

_SAID_BETTER = frozenset({Code.RELEASED, Code.LEFT_MANIFESTS})


def going_back(plan: Plan, resources: Mapping[Address, Resource], memory: PriorState | None) -> Plan:
    """`plan` with a finding for each thing that stays otherwise than it was then.

    `resources` are those of the earlier manifests.
    """
    found = [*_not_declared(plan), *_made_since(plan, resources, memory)]
    for change in plan.pending:
        if change.address in resources:
            found += _made_anew(change, resources[change.address])
    others = (one for one in plan.findings if one.code not in _SAID_BETTER)
    return replace(plan, findings=(*found, *others))


def _finding(address: Address | None, message: str, hint: str = "") -> Finding:
    return finding(Code.NOT_BROUGHT_BACK, address, message, hint)


def _not_declared(plan: Plan) -> Iterator[Finding]:
    """Fields that came under management since: what they were then stands nowhere."""
    for one in plan.findings:
        if one.code == Code.RELEASED:
            fields = one.message.partition(": ")[2]
            message = f"the manifests of then do not say what these were, so they stay as they are: {fields}"
            yield _finding(one.address, message, "compare them in the console")


def _made_since(
    plan: Plan, resources: Mapping[Address, Resource], memory: PriorState | None
) -> Iterator[Finding]:
    """Objects that the manifests of then do not have, and that do not go."""
    leaving = {change.address for change in plan.pending if change.action is Action.DELETE}
    for address, record in memory.departed(resources) if memory else ():
        kind = kinds().get(address.kind)
        if kind is None or address in leaving:
            continue
        message = f"it was made since, and stays ({record.id})"
        if kind.delete is None:
            message += f": Coze has no call that deletes a {kind.name}"
            yield _finding(address, message, "delete it in the console if it must go")
        else:
            yield _finding(address, message, "with --prune the rollback deletes it")


def _made_anew(change: Change, resource: Resource) -> Iterator[Finding]:
    """Objects and items that were removed since: what takes their place is not what they were."""
    if change.action in (Action.CREATE, Action.REPLACE):
        message = "it is made anew, with another id than it had"
        yield _finding(change.address, message, "who noted the old id elsewhere needs the new one")
        return
    for row in rows_of(resource.kind):
        about = row.collection
        lost = _lost(about.remove) if about and about.remove else ""
        if about and lost:
            operation = about.add.call.operation
            steps = (step for step in change.steps if (step.verb, step.operation) == (Verb.ADD, operation))
            if keys := [key for step in steps for key in step.items]:
                yield _finding(change.address, f"{row.label}: {', '.join(keys)}: {lost}")


def _lost(remove: Removal) -> str:
    """What an item does not have any more when it is added again."""
    heir = remove.heir or ("their receiver" if remove.receiver else "")
    if heir:
        return f"what they owned went to {heir} when they were removed, and stays there"
    return remove.loses
