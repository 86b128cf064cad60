"""Finishing what a run that was killed had begun to put back, before anything else is planned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.engine.model.findings import finding
from cozeops.operations.state import REVERT, StateSession
from cozeops.state import open_journals

if TYPE_CHECKING:
    from cozeops.engine.model.plan import Finding
    from cozeops.manifests.load import Project
    from cozeops.operations.live_project import LiveProject


def finish_reverts(live: LiveProject, session: StateSession) -> None:
    """Go back as far as an earlier run would have. Raises ApiError; what is open then stays open."""
    from cozeops.engine.publish.revert import Revert, edited_since, go_back

    for journal, entry in list(session.reverts()):
        revert = Revert.from_json(entry.intent[REVERT])
        if edited_since(live.client, revert):
            what = "was edited since a run began to take it back: it is left as it is"
            session.settle(journal, entry, {"edited": True})
        else:
            go_back(live.client, revert)
            what = "went back to what was published before, as a run that was ended had begun to"
            session.settle(journal, entry, {"id": revert.id})
        live.host.say(f"{revert.address} {what}")


def unfinished_reverts(project: Project) -> Iterator[Finding]:
    """What the next apply will put back before it does anything else."""
    for journal in open_journals(project.root, project.environment):
        for entry in journal.pending:
            if REVERT in entry.intent:
                address = Address.parse(str(entry.intent["address"]))
                message = (
                    f"run {journal.run.id} was taking it back to what was published before when it ended"
                )
                yield finding(Code.GOING_BACK, address, message, "apply finishes that first")
