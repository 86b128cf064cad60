"""What apply tells while it runs, and what it has to say at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from cozeops.address import Address


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
    SKIPPED = "skipped"
    """It needs something that did not succeed, or the run was cancelled."""


@dataclass(frozen=True, slots=True)
class Event:
    """A fact about a running apply. `what` is `started`, `step`, `waiting` or `finished`.

    `detail` is the operation of a step, or words about what is waited for.
    """

    what: str
    address: Address
    detail: str = ""
    status: Status | None = None


@dataclass(frozen=True, slots=True)
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
    """Whether a write was sent."""


Listener = Callable[[Event], None]
