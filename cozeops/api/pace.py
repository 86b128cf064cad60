"""How many calls of one operation a second takes: kept from the start where it is known, else found out.

A server that admits r calls per second, and a second's worth of them at once, has admitted at most
r · (1 + T) in any T seconds, and refuses where that is reached. So the first refusal tells r: it lies
between N / (1 + T) and (N + 1) / (1 + T) for the T seconds in which the N calls that went well came
closest together. Limits are whole numbers as a rule, and mostly just one is in between.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable

_KEPT = 1024
"""Calls that are remembered."""
_SLACK = 2.0
"""Calls that are not sent after a refusal, so that one that is early by a little is not refused again."""
_FEW = 2
"""Calls that must have gone well of late: one that is refused by itself tells of no limit, Coze is busy."""
_RECENT = 10.0
_LEAST = 1.0
"""Calls per second: no limit that is known is lower."""
_LESS = 0.9
"""What is left of a rate that was refused although what was learned does not say why."""
_MORE = 1.5
_QUIET = 20.0
"""Seconds without a refusal after which a rate that was learned is doubted."""
_LONGER = 4.0
_LONGEST = 300.0
_NEAR = 0.03


class Pace:
    """Spaces the calls of one operation evenly, once it is known how many a second takes."""

    def __init__(self, clock: Callable[[], float], known: float = math.inf) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known = self._rate = known
        self._next = self._held = self._changed = self._met = self._refused = -math.inf
        self._quiet = _QUIET
        self._sent: deque[float] = deque(maxlen=_KEPT)
        self.cuts = 0
        """How often something was learned: places that were taken before are not worth anything."""

    @property
    def rate(self) -> float:
        """Calls per second; infinite while nobody knows a limit."""
        return self._rate

    def reserve(self) -> tuple[float, int]:
        """Take the next place; the seconds until it comes, and the number of cuts that it was given after."""
        with self._lock:
            now = self._clock()
            place = max(now, self._next, self._held)
            if place > now:
                self._doubt(now)
            self._next = place + 1.0 / self._rate
            return place - now, self.cuts

    def admitted(self, sent: float) -> None:
        """A call that was sent then went well."""
        with self._lock:
            self._sent.append(sent)
            if sent <= self._met and self._rate < self._known:  # it was under way when one was refused
                learned = min(self._known, self._learned())
                if learned > self._rate:
                    self._begin_again(learned)

    def refused(self, sent: float, retry_after: float) -> None:
        """A call that was sent then was one too many. Nobody sends another for `retry_after` seconds."""
        with self._lock:
            now = self._clock()
            if sent > self._changed and sum(sent - _RECENT < one <= sent for one in self._sent) >= _FEW:
                self._cut(now, sent)
            if retry_after and now + retry_after > max(self._next, self._held):
                self._held = now + retry_after
                self.cuts += 1

    def _cut(self, now: float, refused: float) -> None:
        self._changed = self._met = now
        self._refused = refused
        learned, before = self._learned(), self._rate
        if before < math.inf:
            self._quiet = min(_LONGEST, self._quiet * _LONGER)
        self._begin_again(learned if learned < before else before * _LESS)

    def _begin_again(self, rate: float) -> None:
        """Hand out all places anew, from when one was refused."""
        self._rate, self._next = rate, self._met + _SLACK / rate
        self.cuts += 1

    def _doubt(self, now: float) -> None:
        """Calls wait, and none was refused for long: more may be possible, as with a burst of one."""
        if self._rate < self._known and now - self._changed > self._quiet:
            self._rate, self._changed = min(self._known, self._rate * _MORE), now

    def _learned(self) -> float:
        """The rate that the calls tell of that were sent before anybody heard of the refused one.

        Of those that were sent together a server takes any first, so the refused one need not be the last.
        """
        went = sorted((sent for sent in self._sent if sent <= self._met), reverse=True)
        last = max(self._refused, *went[:1])
        spans = [(number, 1.0 + last - sent) for number, sent in enumerate(went, 1)]
        least = max(_LEAST, max(number / span for number, span in spans))
        most = max((number + 1) / span for number, span in spans)
        whole = math.ceil(least)
        return float(whole if whole < most else _rounded(least))


def _rounded(rate: float) -> float:
    return round(rate) if abs(round(rate) - rate) < _NEAR * rate else rate
