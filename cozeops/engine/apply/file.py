"""What an apply did, as a file: `cozeops-run/1`. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from cozeops.engine.check.file import result_json
from cozeops.engine.check.runner import Result
from cozeops.engine.model.outcome import Outcome
from cozeops.engine.model.plan import Plan
from cozeops.engine.plan.file import plan_digest
from cozeops.values import Json
from cozeops.version import __version__

FORMAT = "cozeops-run/1"


def run_json(
    plan: Plan, outcomes: Sequence[Outcome], *, exit_code: int, stats: Json, checks: Sequence[Result] = ()
) -> Json:
    """Outcome, id, version and log id of each change; what came of the checks of a gate."""
    return {
        "format": FORMAT,
        "tool": __version__,
        "env": plan.environment,
        "base_url": plan.base_url,
        "plan": plan_digest(plan),
        "exit_code": exit_code,
        "outcomes": [
            {
                "address": str(outcome.address),
                "status": str(outcome.status),
                "id": outcome.id,
                "version": outcome.version or None,
                "message": outcome.message,
                "log_id": outcome.log_id or None,
                "seconds": round(outcome.seconds, 3),
            }
            for outcome in outcomes
        ],
        "checks": [result_json(one) for one in checks],
        "stats": stats,
    }
