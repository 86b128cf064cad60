"""The gate before users: a bot is published only once its checks have passed with its draft."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.declare.resource import Resource
from cozeops.declare.verbs import Verb
from cozeops.engine.check.conversation import BotCopy
from cozeops.engine.check.runner import Result, Verdict, run_checks
from cozeops.engine.check.selection import checks_about
from cozeops.engine.model.findings import finding
from cozeops.engine.model.outcome import Event
from cozeops.engine.model.plan import Finding, Plan
from cozeops.engine.run.context import ApplyContext, ChangeInProgress, Gate
from cozeops.errors import NotFoundError
from cozeops.values import Json


def hold(gate: Gate, run: ApplyContext, address: Address, copy: BotCopy) -> list[Result]:
    """Talk to a copy of a bot as its checks say."""
    checks = checks_about([address], run.resources.values())
    if checks:
        run.listen(Event("waiting", address, f"{_checks(checks)} with the {copy.name} copy"))
    ids = {known: live.id for known, live in list(run.snapshot.live.items())}
    results = run_checks(checks, [copy], ids, gate.talking)
    gate.results += results
    gate.proven.pop(address, None)
    if checks and not complaint(results):
        gate.proven[address] = [one.address for one in checks]
    return results


def complaint(results: Iterable[Result]) -> str:
    """Which checks did not pass, and why; empty where all did."""
    return "; ".join(
        f"{one.check} {'failed' if one.verdict is Verdict.FAILED else 'has no result'}: {one.why}"
        for one in results
        if one.verdict is not Verdict.PASSED
    )


def moved_meanwhile(making: ChangeInProgress) -> bool:
    """Whether the draft was edited while it was talked to: what was judged is not what would be published."""
    run, address = making.run, making.change.address
    before = run.snapshot.live[address].fields
    try:
        now = run.after().read(making.resource, making.scope(), making.task().id, channels=False)
    except NotFoundError:
        return True
    return now.fields != before


def foreseen(plan: Plan, resources: Iterable[Resource], mode: str) -> Iterator[Finding]:
    """What a gate will do to a plan, and what passes it unseen; `mode` is `before` or `after`."""
    known = {one.address: one for one in resources}
    for change in plan.pending:
        if change.owed or not change.does(Verb.PUBLISH):
            continue
        checks = checks_about([change.address], known.values())
        if checks:
            yield finding(Code.GATED, change.address, _promise(checks, mode))
        else:
            hint = "write a Check about it, if what it says matters"
            yield finding(
                Code.UNCHECKED, change.address, "it will be published, and no Check talks to it", hint
            )


def promised(plan: Plan, resources: Iterable[Resource], gate: Mapping[str, Any]) -> Json:
    """What a plan under these settings of a gate promises: its mode, and each Check with a digest.

    Empty where nothing is published or owed, or nothing is asked for: the plan is what it is without a gate.
    """
    modes = {name: gate[name] for name in ("checks", "passed_in") if gate.get(name)}
    published = [one.address for one in plan.pending if modes and not one.owed and one.does(Verb.PUBLISH)]
    owed = [one.address for one in plan.pending if "checks" in one.owed]
    if not published and not owed:
        return {}
    known = {one.address: one for one in resources}
    held = {str(one.address): one.inputs for one in checks_about((*published, *owed), known.values())}
    return {**modes, "held": held}


def _promise(checks: Sequence[Resource], mode: str) -> str:
    names = ", ".join(str(one.address) for one in checks)
    told = f"it is published only if its draft passes {names}"
    return f"{told}; if the published copy then fails one, it goes back" if mode == "after" else told


def _checks(checks: Collection[Resource]) -> str:
    return "1 check" if len(checks) == 1 else f"{len(checks)} checks"
