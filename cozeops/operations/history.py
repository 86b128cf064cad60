"""The runs of an environment: those that ended, and those that were killed or still go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum

from cozeops.errors import ExitCode
from cozeops.frozen import frozen
from cozeops.operations.state import StatePlace
from cozeops.state import FinishedRun, RunInfo, UnfinishedJournal, read_runs
from cozeops.state.journal import left_journals
from cozeops.state.run import MOST_CHANGES, PastChange, plain
from cozeops.values import Json

FORMAT = "cozeops-history/1"


class RunStatus(StrEnum):
    """What became of a run."""

    ENDED = "ended"
    PENDING = "pending"
    """It ended, and Coze was not ready with all that it sent."""
    KILLED = "killed"
    """It left a journal on this machine: the next run looks at what it began."""
    UNKNOWN = "unknown"
    """The state says that it wrote and nothing says that it ended: it goes on elsewhere, or was killed."""


@frozen
class PastRun:
    """A run; `ended` (Unix seconds) and `exit_code` are None where nobody knows."""

    run: RunInfo
    status: RunStatus
    ended: float | None = None
    exit_code: ExitCode | None = None
    counts: dict[str, int] | None = None
    """How often each outcome came."""
    changes: tuple[PastChange, ...] = ()
    """What it changed, the first MOST_CHANGES of it."""

    @property
    def at(self) -> float:
        """When it ended, or began where it did not end."""
        return self.run.time if self.ended is None else self.ended

    def to_json(self) -> Json:
        """The plain form."""
        return {
            "id": self.run.id,
            "operation": self.run.operation,
            "status": str(self.status),
            "began": self.run.time,
            "ended": self.ended,
            "exit_code": None if self.exit_code is None else int(self.exit_code),
            "user": self.run.user,
            "host": self.run.host,
            "job": self.run.job or None,
            "commit": self.run.commit or None,
            "edited": self.run.edited,
            "counts": self.counts or {},
            "changes": [
                {"address": one.address, "action": one.action or None, "outcome": one.outcome}
                for one in self.changes
            ],
        }


def history(place: StatePlace) -> list[PastRun]:
    """The runs of the environment, or of a shard of it, newest first. Raises StateError, InvalidJournal."""
    backend = place.backend()
    state = backend.load() if backend else None
    ended = [_ended(one) for one in read_runs(place.project.root, place.slot, state)]
    known = {one.run.id for one in ended}
    killed = [
        _killed(one) for one in left_journals(place.project.root, place.slot) if one.run.id not in known
    ]
    known |= {one.run.id for one in killed}
    noted = [one for one in _noted(state.run if state else {}) if one.run.id not in known]
    return sorted((*ended, *killed, *noted), key=lambda one: one.at, reverse=True)


def history_json(place: StatePlace, runs: list[PastRun]) -> Json:
    """The runs as `cozeops-history/1`."""
    whose = {"project": place.project.name, "env": place.project.environment}
    return {"format": FORMAT, **whose, "runs": [one.to_json() for one in runs]}


def _ended(finished: FinishedRun) -> PastRun:
    pending = finished.counts.get("pending", 0)
    return PastRun(
        finished.run,
        RunStatus.PENDING if pending else RunStatus.ENDED,
        finished.ended,
        ExitCode(finished.exit_code),
        dict(finished.counts),
        finished.changes,
    )


def _killed(journal: UnfinishedJournal) -> PastRun:
    """What a journal says: of a write without a result nobody knows whether it happened."""
    outcomes: dict[str, str] = {}
    for entry in journal.entries:
        if address := plain(entry.intent.get("address")):
            unknown = entry.result is None or outcomes.get(address) == "unknown"
            outcomes[address] = "unknown" if unknown else "written"
    changes = [PastChange(address, "", outcome) for address, outcome in outcomes.items()]
    return PastRun(
        journal.run,
        RunStatus.KILLED,
        counts=dict(Counter(outcomes.values())),
        changes=tuple(changes[:MOST_CHANGES]),
    )


def _noted(note: object) -> Iterator[PastRun]:
    """The run that the state was saved by, where it is one."""
    try:
        yield PastRun(RunInfo.from_json(note), RunStatus.UNKNOWN)
    except ValueError:
        return
