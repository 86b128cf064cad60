"""What apply tells while it runs, and what it has to say at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

from cozeops.address import Address
from cozeops.declare.verbs import Verb
from cozeops.errors import ExitCode
from cozeops.frozen import frozen


class Status(StrEnum):
    """How a change ended."""

    DONE = "done"
    PENDING = "pending"
    """Everything was sent, and Coze is not ready: processing, or a publication that is not shown yet."""
    STALE = "stale"
    """The live side moved since the plan: nothing was written."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """A write may or may not have happened."""
    HELD = "held"
    """A check did not pass: it was not published, or went back to what was published before."""
    SKIPPED = "skipped"
    """It needs something that did not succeed, or the run was cancelled."""


@frozen
class Event:
    """A fact about a running apply. `what` is `started`, `step`, `waiting` or `finished`.

    `detail` is the operation of a step, or words about what is waited for.
    """

    what: str
    address: Address
    detail: str = ""
    status: Status | None = None


@frozen
class Outcome:
    """How one change ended; `seconds` from its first request to its last."""

    address: Address
    status: Status
    id: str | None = None
    message: str = ""
    hint: str = ""
    log_id: str = ""
    version: str = ""
    """What `publishBot` answered."""
    seconds: float = 0.0
    wrote: bool = False
    """Whether a write happened, or may have."""
    made: frozenset[Verb] | None = None
    """What was done of its steps; None: all that was planned."""
    denied: bool = False
    """Whether it failed because the token may not do this."""


Listener = Callable[[Event], None]


def exit_code(outcomes: Sequence[Outcome], *, cancelled: bool) -> ExitCode:
    """What an apply tells its caller, once it has begun."""
    bad = {outcome.status for outcome in outcomes} - {Status.DONE}
    if cancelled:
        return ExitCode.CANCELLED
    if not any(outcome.wrote for outcome in outcomes) and any(outcome.denied for outcome in outcomes):
        return ExitCode.ACCESS
    if Status.STALE in bad:
        return ExitCode.STALE
    return ExitCode.PARTIAL if bad else ExitCode.OK
