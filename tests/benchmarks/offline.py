"""What planning costs without a network: time and memory, by the number of objects.

Each size runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cozeops.cli import collect_seldom
from tests.benchmarks.fleet import CHANNEL, OWNER, Fleet
from tests.benchmarks.measure import row, run, timed, title

_EDITED, _PUBLISHED, _NOW = 1_760_000_000, 1_760_000_100, 1_760_100_000.0


def main(sizes: list[int], folder: Path) -> None:
    """Measure each size."""
    title("CPU-only plan: files in, plan out, no network")
    for size in sizes:
        project = folder / str(size)
        Fleet(size, _homes(size)).write(project)
        ran = run([sys.executable, "-m", "tests.benchmarks.offline", str(project), str(size)])
        if ran.code:
            raise SystemExit(ran.err[-2000:])
        load, plan = (float(one) for one in ran.out.split())
        row(
            f"{size} bots",
            ran.seconds,
            f"load {load:.2f} s",
            f"plan {plan:.2f} s",
            f"{ran.seconds / size * 1e6:.0f} µs per bot",
            f"peak {ran.memory:.0f} MiB",
        )


def _homes(size: int) -> int:
    return max(1, size // 50)


class _Reply:
    def __init__(self, payload: Any) -> None:
        self.payload, self.log_id = payload, ""


class _Listing:
    def __init__(self, items: list[dict[str, Any]]) -> None:
        self.items, self.complete, self.log_id = tuple(items), True, ""


class Here:
    """The live side of a fleet in this process: made when it is asked for, so it costs no memory."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def send(self, call: Any, params: Mapping[str, Any], *, upload: Any = None) -> _Reply:  # noqa: ARG002
        """Answer one call."""
        if call.operation == "getCurrentUser":
            return _Reply({"user_id": OWNER})
        number = int(params["bot_id"]) - int(self._fleet.bot_id(0))
        draft = self._fleet.draft(number)
        draft["model_info"] = draft.pop("model_info_config")
        return _Reply(draft | {"bot_id": params["bot_id"], "owner_user_id": OWNER, "update_time": _EDITED})

    def listing(self, page: Any, params: Mapping[str, Any], *, likely: int = 0) -> _Listing:  # noqa: ARG002
        """Answer a list."""
        fleet = self._fleet
        if page.call.operation == "listWorkspaces":
            return _Listing(
                [{"id": fleet.home_id(home), "name": f"团队{home:04}"} for home in range(fleet.workspaces)]
            )
        if params.get("connector_id", CHANNEL) != CHANNEL:
            return _Listing([])
        first = int(params["workspace_id"]) - int(fleet.home_id(0))
        return _Listing(
            [
                {
                    "id": fleet.bot_id(number),
                    "name": f"助手{number:05}",
                    "updated_at": _EDITED,
                    "published_at": _PUBLISHED,
                    "is_published": True,
                }
                for number in range(first, fleet.bots, fleet.workspaces)
            ]
        )

    def now(self) -> float:
        """Some time later."""
        return _NOW

    def latest(self) -> float:
        """The same."""
        return _NOW


def _plan(folder: Path, size: int) -> None:
    """Plan in this process, and print the seconds of loading and of planning."""
    began = time.perf_counter()
    collect_seldom()
    from cozeops.engine.observe.snapshot import observe
    from cozeops.engine.plan.build import build_plan
    from cozeops.engine.plan.file import plan_digest
    from cozeops.manifests.load import load_project

    project = load_project(folder, environment=None, environ={})
    loaded = time.perf_counter()

    def plan() -> None:
        snapshot = observe(project.resources, Here(Fleet(size, _homes(size))))
        made = build_plan(project.resources, snapshot, environment="default", base_url="http://127.0.0.1")
        plan_digest(made)
        if made.has_changes or len(made.changes) != size + _homes(size):
            raise SystemExit("the plan should be empty")

    seconds = timed(plan)
    sys.stdout.write(f"{loaded - began} {seconds}\n")


if __name__ == "__main__":
    _plan(Path(sys.argv[1]), int(sys.argv[2]))
