"""Waiting for channels that do not show yet what an earlier run published to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cozeops.codes import Code
from cozeops.engine.run.wait import BETWEEN_LOOKS
from cozeops.operations.plan import plan_live
from cozeops.operations.selection import Selection

if TYPE_CHECKING:
    from cozeops.engine.model.plan import Finding, Plan
    from cozeops.engine.prior.state import PriorState
    from cozeops.operations.live_project import LiveProject


def await_shown(live: LiveProject, plan: Plan, prior: PriorState | None, seconds: float) -> bool | None:
    """Look until every channel shows what was published to it; whether all do after `seconds`.

    None: there is nothing to wait for, or nobody wants to (0 seconds).
    """
    waited, waiting = 0.0, _awaited(plan)
    if not waiting or not seconds:
        return None
    _tell(live, waiting, "; waiting")
    while waiting and waited < seconds:
        pause = min(BETWEEN_LOOKS, seconds - waited)
        live.host.sleep(pause)
        waited += pause
        waiting = _awaited(plan_live(live, Selection(), prior)[0])
    _tell(live, waiting, f", after {waited:.0f} s")
    return not waiting


def _tell(live: LiveProject, findings: Iterable[Finding], how: str) -> None:
    for finding in findings:
        live.host.say(f"{finding.address}: {finding.message}{how}")


def _awaited(plan: Plan) -> list[Finding]:
    return [finding for finding in plan.findings if finding.code == Code.AWAITING]
