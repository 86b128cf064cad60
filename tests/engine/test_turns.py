"""Many creates in one workspace: lists that our own creates disturb stop none of them."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

from cozeops.engine.model.live import Listing, Reply
from cozeops.engine.model.outcome import Status
from tests.kit import Bench

BOTS = 12
HOME = "kind: Workspace\nmetadata: {name: w}\nspec: {name: W, description: d}\n"


class Restless:
    """Coze, whose lists of bots prove nothing while a bot is being made."""

    def __init__(self, remote: Any) -> None:
        self._remote, self._lock = remote, Lock()
        self._creating = 0
        self._made = 0
        self.disturbed = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._remote, name)

    def send(self, call: Any, params: Any, **more: Any) -> Reply:
        """A create takes its time."""
        if call.operation != "createBot":
            return self._remote.send(call, params, **more)
        with self._lock:
            self._creating += 1
        time.sleep(0.01)
        try:
            return self._remote.send(call, params, **more)
        finally:
            with self._lock:
                self._creating -= 1
                self._made += 1

    def listing(self, page: Any, params: Any, **more: Any) -> Listing:
        """Complete only if nothing was made meanwhile."""
        with self._lock:
            before = (self._creating, self._made)
        time.sleep(0.02)
        found: Listing = self._remote.listing(page, params, **more)
        with self._lock:
            after = (self._creating, self._made)
        if page.call.operation == "listBots" and (before != after or before[0]):
            self.disturbed += 1
            return replace(found, complete=False)
        return found


def test_creates_side_by_side_disturb_each_other_and_all_are_made(tmp_path: Path, monkeypatch: Any) -> None:
    """Each name once, none refused because a list could not prove that it is free."""
    monkeypatch.setattr("cozeops.engine.run.precheck_reads._MOMENT", 0.0)  # every change reads its own list
    bench = Bench(tmp_path, source=None)
    bots = [
        f"kind: Bot\nmetadata: {{name: b{n}, workspace: w}}\nspec: {{description: d}}\n" for n in range(BOTS)
    ]
    bench.write("project.yaml", "---\n".join((HOME, *bots)))
    bench.seed()
    plan, snapshot = bench.look()
    remote = Restless(bench.client)
    run = replace(bench.run(snapshot), remote=remote)
    outcomes = bench.carry_out(plan, run, parallelism=6)
    assert [one for one in outcomes if one.status is not Status.DONE] == []
    assert remote.disturbed
    names = Counter(row["draft"]["name"] for row in bench.table("bots").values())
    assert names == Counter({f"b{n}": 1 for n in range(BOTS)})
