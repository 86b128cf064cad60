"""The ways in which the memory between runs can fail, each with what to do next."""

from __future__ import annotations

from cozeops.errors import CozeopsError, ExitCode
from cozeops.state.run import RunInfo, age


class StateError(CozeopsError):
    """The place where the state is kept cannot be read or written."""


class StateMovedError(CozeopsError):
    """Somebody saved the state after we read it; ours was not written.

    `expected` and `found` are serials; `found` is None where no state is left.
    """

    exit_code = ExitCode.STALE

    def __init__(self, where: str, *, expected: int, found: int | None) -> None:
        there = "there is none any more" if found is None else f"it now has serial {found}"
        super().__init__(
            f"{where} moved: we read serial {expected}, {there}; ours was not saved",
            hint="another run saved it: run plan again, then apply",
        )
        self.expected = expected
        self.found = found


class LockedError(CozeopsError):
    """Another run holds the state. `holder` is None where it did not say who it is."""

    exit_code = ExitCode.LOCKED

    def __init__(self, where: str, holder: RunInfo | None, *, now: float, dies: bool = False) -> None:
        if holder is None:
            by = "another process"
        else:
            who = f"{holder.user} on {holder.host} (process {holder.pid})"
            job = f", {holder.job}" if holder.job else ""
            by = f"{who}{job}: {holder.operation} {holder.id}, begun {age(now - holder.time)} ago"
        # A lock of the operating system ends with its process: there is nothing to clean up.
        stuck = "it ends with its process" if dies else "if that run is dead: cozeops state unlock --force"
        super().__init__(f"{where} is locked by {by}", hint=f"wait for it (--lock-timeout SECONDS); {stuck}")
        self.holder = holder
