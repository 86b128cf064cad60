"""A pull without a socket: of what a bench has on disk and on its live side."""

from __future__ import annotations

from threading import Event
from typing import Any

import pytest

from cozeops.engine.prior.claims import claimed
from cozeops.engine.prior.state import PriorState
from cozeops.operations.host import Host, to_nobody
from cozeops.operations.live_project import LiveProject
from cozeops.operations.pull import Pull, PullRequest, pull
from tests.kit import STATE_KEY, KeptBench


def pulled(bench: KeptBench, *, state: bool = False, **request: Any) -> Pull:
    """What a pull of the project on disk does, with what the bench remembers or without."""
    host = Host(bench.environ, to_nobody, Event())
    live = LiveProject(bench.project(), bench.client, host)
    memory = claimed(PriorState(bench.records, key=STATE_KEY), live.project.resources) if state else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cozeops.operations.pull.recall", lambda _live: memory)
        return pull(live, PullRequest(**request))
