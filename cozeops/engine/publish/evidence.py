"""Evidence that content passed its checks: left in the state of one environment, asked for by another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.declare.resource import Resource, references
from cozeops.declare.rows import publication_of
from cozeops.declare.verbs import Verb
from cozeops.engine.check.selection import checks_about
from cozeops.engine.model.findings import finding
from cozeops.engine.model.outcome import Outcome, Status
from cozeops.engine.model.plan import Finding, Plan
from cozeops.engine.run.context import ApplyContext
from cozeops.state.model import Record
from cozeops.values import digest


def content(address: Address, known: Mapping[Address, Resource]) -> str:
    """A digest of what is written for a bot and for everything that it is made of."""
    found: dict[str, str] = {}
    waiting = [address]
    while waiting:
        one = known.get(waiting.pop())
        if one is not None and str(one.address) not in found:
            found[str(one.address)] = one.content()
            waiting += [*one.prompts, *_made_of(one)]
    return digest(found)


def _made_of(resource: Resource) -> Iterator[Address]:
    """What a resource refers to; where it is published is another question."""
    publication = publication_of(resource.kind)
    where = publication.row.path[0] if publication else ""
    values = {name: value for name, value in resource.values.items() if name != where}
    return (ref.address for ref in references(values) if ref.address)


def leave_evidence(outcomes: Mapping[Address, Outcome], run: ApplyContext) -> None:
    """Remember what passed its checks and is published now."""
    proven = run.gate.proven if run.gate else {}
    for address, checks in proven.items():
        if outcomes[address].status is not Status.DONE:
            continue
        passed = {
            "content": content(address, run.resources),
            "checks": [str(one) for one in checks],
            "at": int(run.remote.now() or 0),
        }
        run.amend(address, passed=passed)


def unproven(
    plan: Plan, resources: Iterable[Resource], environment: str, records: Mapping[Address, Record]
) -> Iterator[Finding]:
    """What would be published although its content has not passed the checks of another environment."""
    known = {one.address: one for one in resources}
    for change in plan.pending:
        checks = checks_about([change.address], known.values())
        if change.owed or not checks or not change.does(Verb.PUBLISH):
            continue
        record = records.get(change.address)
        then = record.passed.get("content") if record else None
        if then != content(change.address, known):
            what = "other content of it has" if then else "nothing of it has"
            message = f"this content has not passed the checks of {environment}: {what}"
            hint = f"apply it to {environment} with a gate first"
            yield finding(Code.NOT_PROVEN, change.address, message, hint)
