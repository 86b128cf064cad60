"""Finishing what a run that was killed had begun to put back, before anything else is planned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from cozeops.address import Address
from cozeops.engine.model.findings import GOING_BACK
from cozeops.operations.state import RETURN, StateSession
from cozeops.report.terminal.safe import one_line
from cozeops.state import open_journals

if TYPE_CHECKING:
    from cozeops.api.client import Client
    from cozeops.engine.model.plan import Finding
    from cozeops.manifests.load import Project


def finish_returns(client: Client, kept: StateSession) -> None:
    """Go back as far as an earlier run would have. Raises ApiError; what is open then stays open."""
    from cozeops.engine.publish.revert import Revert, edited_since, go_back

    for left, entry in list(kept.returns()):
        way = Revert.from_json(entry.intent[RETURN])
        if edited_since(client, way):
            what = "was edited since a run began to take it back: it is left as it is"
            kept.settle(left, entry, {"edited": True})
        else:
            go_back(client, way)
            what = "went back to what was published before, as a run that was ended had begun to"
            kept.settle(left, entry, {"id": way.id})
        click.echo(f"{one_line(way.address)} {what}", err=True)


def unfinished_returns(project: Project) -> Iterator[Finding]:
    """What the next apply will put back before it does anything else."""
    for left in open_journals(project.root, project.environment):
        for entry in left.pending:
            if RETURN in entry.intent:
                address = Address.parse(str(entry.intent["address"]))
                message = f"run {left.run.id} was taking it back to what was published before when it ended"
                yield GOING_BACK.found(address, message, "apply finishes that first")
