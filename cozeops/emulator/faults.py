"""Faults on demand: what goes wrong, for which operations, how often; and the limits per second.

Everything random comes from one seeded source, so a run can be repeated.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from .fields import At, Fields, check, choice, integer, number, text
from .options import Options
from .routing import Route
from .wire import BUSY, CozeError, Row

KINDS = {
    "latency": "wait `seconds`, give or take `jitter`, before the call",
    "throttle": "answer code 4009 on HTTP `status` (429, or 200), with Retry-After if `retry_after` is given",
    "error": "answer HTTP `status` with `code`; `phase` says whether the effect has happened",
    "drop": "close the connection; `phase` says whether the effect has happened",
    "truncate": "send half of the body, then close the connection",
    "garbage": "send a body that is no JSON",
    "slow": "send the body in pieces over `seconds`",
    "lag": "let lists show the state of `seconds` ago",
}

FIELDS: Fields = {
    "kind*": choice(*KINDS),
    "operation": text(),
    "method": text(),
    "phase": choice("before", "after"),
    "seconds": number(),
    "jitter": number(),
    "status": integer(200, 599),
    "code": integer(),
    "retry_after": number(),
    "probability": number(),
    "times": integer(1),
    "skip": integer(0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong.

    `operation` is a pattern (as in a shell) of operation ids, `method` one HTTP method. The first `skip`
    matching calls pass; then it strikes with `probability`, at most `times` times.
    """

    kind: str
    operation: str = "*"
    method: str = "*"
    phase: str = "before"
    seconds: float = 0.0
    jitter: float = 0.0
    status: int = 503
    code: int = 5000
    retry_after: float | None = None
    probability: float = 1.0
    times: int | None = None
    skip: int = 0

    def concerns(self, route: Route) -> bool:
        """Whether the fault is about this operation."""
        return fnmatchcase(route.operation, self.operation) and self.method in ("*", route.method)


@dataclass(slots=True)
class Trouble:
    """What strikes one call, drawn before it runs."""

    wait: float = 0.0
    lag: float = 0.0
    before: Fault | None = None
    after: Fault | None = None
    body: Fault | None = None


@dataclass(slots=True)
class _Active:
    fault: Fault
    seen: int = 0
    struck: int = 0


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


def parse(text: str) -> Row:
    """Read a fault from text such as `error,operation=createBot,phase=after,times=1`, for `Faults.add`."""
    kind, *settings = text.split(",")
    how: Row = {"kind": kind}
    for setting in settings:
        name, equals, value = setting.partition("=")
        rule = FIELDS.get(name)
        if not equals or rule is None:
            raise ValueError(f"unknown setting {setting!r} of a fault; known are {', '.join(FIELDS)}")
        how[name] = rule.read(value)
    return how


class Faults:
    """The faults in force and the token buckets of the limits; safe to use from any thread."""

    def __init__(self, *, clock: Callable[[], float], seed: int = 0) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._active: list[_Active] = []
        self._limits: dict[str, float] = {}
        self._buckets: dict[str, _Bucket] = {}
        self._running: set[str] = set()

    def add(self, kind: str, **how: Any) -> Fault:
        """Put a fault in force; ValueError says what is wrong with it."""
        try:
            fault = Fault(**check(FIELDS, {"kind": kind, **how}, At()))
        except CozeError as error:
            raise ValueError(error.msg) from None
        if kind == "throttle" and "status" not in how:
            fault = replace(fault, status=429)
        with self._lock:
            self._active.append(_Active(fault))
        return fault

    def limit(self, operation: str, qps: float) -> None:
        """Limit an operation (a pattern of ids) to so many calls per second; 0 lifts the limit."""
        with self._lock:
            self._limits.pop(operation, None)
            if qps:
                self._limits[operation] = qps
            self._buckets.clear()

    def clear(self) -> None:
        """Let everything work again."""
        with self._lock:
            self._active.clear()
            self._limits.clear()
            self._buckets.clear()

    def reseed(self, seed: int) -> None:
        """Start the random source anew."""
        with self._lock:
            self._random.seed(seed)

    def listing(self) -> list[Row]:
        """Return the faults in force with how often they struck."""
        with self._lock:
            return [{**asdict(active.fault), "struck": active.struck} for active in self._active]

    def draw(self, route: Route) -> Trouble:
        """Decide what strikes this call."""
        trouble = Trouble()
        with self._lock:
            for active in self._active:
                if active.fault.concerns(route) and self._strikes(active):
                    self._add(trouble, active.fault)
        return trouble

    @contextmanager
    def admit(self, route: Route, options: Options) -> Iterator[None]:
        """Let a call in for as long as it takes, or refuse it because it is over a limit."""
        serial = route.limit.bucket if route.limit and route.limit.serial and options.qps_limits else None
        with self._lock:
            over = [qps for bucket, qps in self._limits_of(route, options) if not self._take(bucket, qps)]
            if over:
                raise throttled(f"Limited to {over[0]:g} requests per second", options)
            if serial in self._running:
                raise throttled("Limited to one request at a time", options)
            if serial is not None:
                self._running.add(serial)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(serial or "")

    def _strikes(self, active: _Active) -> bool:
        fault = active.fault
        active.seen += 1
        if active.seen <= fault.skip or (fault.times is not None and active.struck >= fault.times):
            return False
        if fault.probability < 1 and self._random.random() >= fault.probability:
            return False
        active.struck += 1
        return True

    def _add(self, trouble: Trouble, fault: Fault) -> None:
        if fault.kind == "latency":
            trouble.wait += max(0.0, fault.seconds + fault.jitter * self._random.uniform(-1, 1))
        elif fault.kind == "lag":
            trouble.lag = max(trouble.lag, fault.seconds)
        elif fault.kind in ("truncate", "garbage", "slow"):
            trouble.body = trouble.body or fault
        elif fault.kind == "throttle" or fault.phase == "before":
            trouble.before = trouble.before or fault
        else:
            trouble.after = trouble.after or fault

    def _limits_of(self, route: Route, options: Options) -> list[tuple[str, float]]:
        limits = [
            (f"{pattern} {route.operation}", qps)
            for pattern, qps in self._limits.items()
            if fnmatchcase(route.operation, pattern)
        ]
        if route.limit and route.limit.qps and options.qps_limits:
            limits.append((route.limit.bucket, route.limit.qps))
        return limits

    def _take(self, name: str, qps: float) -> bool:
        now = self._clock()
        bucket = self._buckets.setdefault(name, _Bucket(max(1.0, qps), now))
        bucket.tokens = min(max(1.0, qps), bucket.tokens + (now - bucket.at) * qps)
        bucket.at = now
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True


def throttled(msg: str, options: Options) -> CozeError:
    """Build the refusal of a call over a limit, as the options spell it."""
    if options.throttle_reply == "200":
        return CozeError(BUSY, msg, status=200)
    return CozeError(BUSY, msg, status=429, retry_after=options.retry_after or None)


def struck(fault: Fault) -> CozeError:
    """Build the reply of a throttle or error fault."""
    if fault.kind == "throttle":
        return CozeError(BUSY, "The system is busy", status=fault.status, retry_after=fault.retry_after)
    return CozeError(fault.code, "Injected fault", status=fault.status)
