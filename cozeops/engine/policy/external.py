"""The project's own checks of a plan: run where somebody allowed it, named where nobody did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cozeops.codes import Code
from cozeops.engine.model.findings import finding
from cozeops.engine.model.plan import Finding, Plan, Severity
from cozeops.engine.plan.file import write_plan
from cozeops.engine.policy.external_results import Command, verdict
from cozeops.engine.policy.process import ask


def commands_of(settings: Mapping[str, Any]) -> list[Command]:
    """The commands under `spec.checks` of an environment."""
    return [
        Command(
            name=one["name"],
            run=tuple(one["run"]),
            severity=Severity(one.get("severity", Severity.BLOCK)),
            seconds=one.get("timeout_seconds", 60),
        )
        for one in settings.get("commands") or ()
    ]


def own_checked(plan: Plan, commands: Sequence[Command], *, root: Path, search: str, allowed: bool) -> Plan:
    """The plan with what the project's own programs say about it.

    Without `allowed` nothing is run: whoever plans a stranger's branch does not mean to run its programs.
    Each gets the plan as the others got it.
    """
    if not commands:
        return plan
    if not allowed:
        return replace(plan, findings=(*plan.findings, _not_run(commands)))
    given = write_plan(plan).encode("utf-8")
    addresses = [change.address for change in plan.changes]
    found: list[Finding] = []
    for command in commands:
        answer = ask(command.run, given, root=root, search=search, seconds=command.seconds)
        found += verdict(command, answer, addresses)
    return replace(plan, findings=(*plan.findings, *found))


def _not_run(commands: Sequence[Command]) -> Finding:
    names = ", ".join(one.name for one in commands)
    message = f"the project's own checks were not run: {names}"
    hint = "read spec.checks.commands in cozeops.yaml, then plan with --run-checks"
    return finding(Code.CHECKS_NOT_RUN, None, message, hint)
