"""When to try again: what may be repeated, how long to wait, when to give up.

What decides is whether the failed attempt may have taken effect on Coze: a read is repeated after
anything that passes by itself, a write only when it is certain that nothing happened.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TypeVar

from cozeops.errors import ApiError, LostReplyError
from cozeops.frozen import frozen

log = logging.getLogger(__name__)
T = TypeVar("T")

TRIES = 5
PATIENCE = 60.0
"""Seconds after the first failure in which another attempt may begin."""
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 16.0


class Setback(Exception):
    """An attempt failed. `error` is what to raise when it is given up; `passing`: that may help."""

    def __init__(
        self,
        error: ApiError,
        *,
        may_have_happened: bool,
        passing: bool = True,
        throttled: bool = False,
        retry_after: float = 0.0,
    ) -> None:
        super().__init__(error.message)
        self.error = error
        self.may_have_happened = may_have_happened
        self.passing = passing
        self.throttled = throttled
        self.retry_after = retry_after


@frozen
class Persistence:
    """Repeats an attempt with exponential backoff and full jitter. `noted` is told each wait."""

    clock: Callable[[], float]
    sleep: Callable[[float], None]
    random: Callable[[], float]
    noted: Callable[[float], None]

    def run(self, attempt: Callable[[int], T], *, repeatable: bool) -> T:
        """The result of the first attempt that succeeds. Attempts are numbered from 1."""
        deadline = math.inf
        for number in range(1, TRIES + 1):
            try:
                return attempt(number)
            except Setback as setback:
                if setback.may_have_happened and not repeatable:
                    raise lost(setback.error) from setback
                if not setback.passing or number == TRIES:
                    raise setback.error from setback
                deadline = min(deadline, self.clock() + PATIENCE)
                wait = max(self._backoff(number), setback.retry_after)
                if self.clock() + wait > deadline:
                    raise setback.error from setback
                log.debug("%s, trying again in %.1f s", setback.error.message, wait)
                self.noted(wait)
                self.sleep(wait)
        raise AssertionError("the last try either returns or raises")

    def _backoff(self, number: int) -> float:
        return self.random() * min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (number - 1))


def lost(error: ApiError) -> LostReplyError:
    """The same failure, of a write: whether it happened is not known."""
    return LostReplyError(
        error.message,
        operation=error.operation,
        status=error.status,
        code=error.code,
        log_id=error.log_id,
        hint="the write may have happened: look at Coze before repeating it",
    )


def retry_after(value: str, date: float | None) -> float:
    """The seconds that a `Retry-After` header asks for, as a number or a date; 0 if it makes no sense."""
    try:
        seconds = float(value)
    except ValueError:
        until = http_date(value)
        seconds = until - (time.time() if date is None else date) if until is not None else 0.0
    return max(0.0, seconds) if math.isfinite(seconds) else 0.0


def http_date(value: str) -> float | None:
    """Unix seconds of a date header; None if it is none."""
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
