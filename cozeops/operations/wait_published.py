"""Waiting for channels that do not show yet what an earlier run published to them."""

from __future__ import annotations

from time import sleep
from typing import TYPE_CHECKING

import click

from cozeops.engine.model.findings import AWAITING
from cozeops.engine.run.wait import BETWEEN_LOOKS
from cozeops.errors import ExitCode
from cozeops.operations.project import Selection, plan_live
from cozeops.report.terminal.safe import one_line

if TYPE_CHECKING:
    from cozeops.api.client import Client
    from cozeops.engine.model.plan import Finding, Plan
    from cozeops.manifests.load import Project
    from cozeops.operations.state import StateSession


def await_shown(made: Plan, project: Project, client: Client, kept: StateSession, seconds: float) -> int:
    """Look until every channel shows what was published to it; 7 where one still does not after `seconds`."""
    waited, waiting = 0.0, _awaited(made)
    if not waiting:
        return ExitCode.OK
    for one in waiting:
        click.echo(f"{one_line(str(one.address))}: {one_line(one.message)}; waiting", err=True)
    while waiting and waited < seconds:
        pause = min(BETWEEN_LOOKS, seconds - waited)
        sleep(pause)
        waited += pause
        waiting = _awaited(plan_live(project, Selection(), client, kept.memory)[0])
    for one in waiting:
        click.echo(f"{one_line(str(one.address))}: {one_line(one.message)}, after {waited:.0f} s", err=True)
    if not waiting:
        click.echo("Every channel shows what was published to it.")
    return ExitCode.PARTIAL if waiting else ExitCode.OK


def _awaited(made: Plan) -> list[Finding]:
    return [one for one in made.findings if one.code == AWAITING.code]
