"""What a plan needs and the token evidently lacks: an edition, a role, a token for enterprises.

Coze tells no permissions, so this is only what can be known before a write is refused. Pure, but for asking
the edition, which is done once and only where something needs one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.declare.calls import EDITIONS, Call
from cozeops.declare.kind import Kind
from cozeops.declare.kind_calls import calls_of
from cozeops.declare.resource import Resource
from cozeops.engine.model.findings import finding
from cozeops.engine.model.live import Snapshot
from cozeops.engine.model.plan import Change, Finding, Plan, Step
from cozeops.kinds import kinds

MEMBER = "member"
_Made = list[tuple[Step, Call]]


def permits(
    plan: Plan,
    resources: Mapping[Address, Resource],
    snapshot: Snapshot,
    *,
    edition: Callable[[], str],
    enterprise_token: bool,
) -> list[Finding]:
    """A finding for each change that Coze would refuse. `edition` gives "" where it is not known."""
    made = [
        (change, resources[change.address].kind, _made(change, resources[change.address].kind))
        for change in plan.pending
        if change.address in resources
    ]
    found: list[Finding] = []
    if any(_rank(call.edition) for _, _, calls in made for _, call in calls):
        has = edition()
        found += [finding for change, _, calls in made for finding in _edition(change, calls, has)]
    for change, kind, calls in made:
        found += _role(change, calls, snapshot)
        if calls and kind.plane == "enterprise" and not enterprise_token:
            message = "Coze gives most operations on an enterprise only to an enterprise-privileged OAuth app"
            hint = "set COZE_ENTERPRISE_API_TOKEN, or COZE_ENTERPRISE_JWT_OAUTH_ENTERPRISE_ID beside its app"
            found.append(finding(Code.ENTERPRISE_TOKEN, change.address, message, hint))
    return found


def lacks(call: Call, edition: str) -> bool:
    """Whether an edition is evidently less than a call needs."""
    return edition in EDITIONS and _rank(call.edition) > _rank(edition)


def _rank(edition: str) -> int:
    return EDITIONS.index(edition)


def _made(change: Change, kind: Kind) -> _Made:
    calls = _calls(kind.name)
    return [(step, calls[step.operation]) for step in change.steps if step.operation in calls]


@cache
def _calls(kind: str) -> Mapping[str, Call]:
    """The calls of a kind by their operations: walking a declaration takes as long as planning a change."""
    return {call.operation: call for call in calls_of(kinds()[kind])}


def _edition(change: Change, calls: _Made, has: str) -> Iterator[Finding]:
    missing = [(step, call) for step, call in calls if lacks(call, has)]
    if missing:
        needed = max((call.edition for _, call in missing), key=_rank)
        message = f"{_named(missing)} needs the edition {needed}, and the account has {has}"
        yield finding(Code.NEEDS_EDITION, change.address, message, "take it out, or upgrade the account")


def _role(change: Change, calls: _Made, snapshot: Snapshot) -> Iterator[Finding]:
    live = snapshot.live.get(change.address)
    missing = [(step, call) for step, call in calls if call.role]
    if missing and live and live.role == MEMBER:
        message = f"{_named(missing)} needs an admin of the workspace, and the token's user is a {MEMBER}"
        yield finding(Code.NEEDS_ROLE, change.address, message, "apply with the token of an admin")


def _named(made: _Made) -> str:
    """The fields that steps are about, or their operations."""
    return ", ".join(dict.fromkeys(step.field or step.operation for step, _ in made))
