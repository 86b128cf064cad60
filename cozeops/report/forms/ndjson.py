"""The events of an apply for programs: `cozeops-events/1`, a JSON object per line, each flushed."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TextIO

from cozeops.engine.model.outcome import Event, Outcome
from cozeops.engine.model.plan import Plan
from cozeops.engine.plan.file import plan_digest
from cozeops.values import Json
from cozeops.version import __version__

FORMAT = "cozeops-events/1"


class EventLines:
    """Writes `begun`, then each event of the run, then `ended`. A Listener, called from many threads.

    Trouble with the stream never stops an apply: a reader that has gone misses the rest.
    """

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.time) -> None:
        self._stream, self._clock = stream, clock
        self._lock = threading.Lock()
        self._broken = False

    def begin(self, plan: Plan) -> None:
        """Say what is about to be applied."""
        pending = plan.pending
        self._write(
            "begun",
            tool=__version__,
            env=plan.environment,
            base_url=plan.base_url,
            plan=plan_digest(plan),
            total=len(pending),
        )

    def __call__(self, event: Event) -> None:
        """Write one event: `started`, `step`, `waiting` or `finished`."""
        told: Json = {"address": str(event.address)}
        if event.detail:
            told["detail"] = event.detail
        if event.status:
            told["status"] = str(event.status)
        self._write(event.what, **told)

    def end(self, outcomes: Sequence[Outcome], exit_code: int) -> None:
        """Say how it ended."""
        counts = Counter(str(outcome.status) for outcome in outcomes)
        self._write("ended", exit_code=exit_code, outcomes=dict(sorted(counts.items())))

    def _write(self, event: str, **told: object) -> None:
        with self._lock:
            if self._broken:
                return
            now = datetime.fromtimestamp(self._clock(), UTC)
            when = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            line = {"format": FORMAT, "time": when, "event": event, **told}
            try:
                # ASCII, so that no name can hold what some readers take for the end of a line.
                self._stream.write(json.dumps(line) + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                self._broken = True
