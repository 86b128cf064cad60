"""Infrastructure as code for Coze (扣子), as a library. Its names are imported when they are asked for.

with cozeops.open("bots", environment="prod") as session:
    plan = session.plan()
    if plan.has_changes and not plan.blocked:
        run = session.apply(plan, listen=print)
"""

from typing import TYPE_CHECKING

from cozeops.lazy_exports import exports
from cozeops.version import __version__ as __version__

if TYPE_CHECKING:
    from cozeops.address import Address as Address
    from cozeops.engine.check.runner import Checked as Checked
    from cozeops.engine.model.outcome import Event as Event
    from cozeops.engine.model.outcome import Outcome as Outcome
    from cozeops.engine.model.outcome import Status as Status
    from cozeops.engine.model.plan import Action as Action
    from cozeops.engine.model.plan import Change as Change
    from cozeops.engine.model.plan import FieldChange as FieldChange
    from cozeops.engine.model.plan import Finding as Finding
    from cozeops.engine.model.plan import Plan as Plan
    from cozeops.engine.model.plan import Severity as Severity
    from cozeops.errors import AccessError as AccessError
    from cozeops.errors import ApiError as ApiError
    from cozeops.errors import BlockedError as BlockedError
    from cozeops.errors import CozeopsError as CozeopsError
    from cozeops.errors import DeniedError as DeniedError
    from cozeops.errors import ExitCode as ExitCode
    from cozeops.errors import IncompleteError as IncompleteError
    from cozeops.errors import InvalidProject as InvalidProject
    from cozeops.errors import LostReplyError as LostReplyError
    from cozeops.errors import NotFoundError as NotFoundError
    from cozeops.errors import OddReplyError as OddReplyError
    from cozeops.errors import Position as Position
    from cozeops.errors import Problem as Problem
    from cozeops.errors import StalePlanError as StalePlanError
    from cozeops.errors import UsageError as UsageError
    from cozeops.operations.apply import ApplyOptions as ApplyOptions
    from cozeops.operations.apply import Run as Run
    from cozeops.operations.check import CheckRequest as CheckRequest
    from cozeops.operations.drift import Drift as Drift
    from cozeops.operations.pull import Pull as Pull
    from cozeops.operations.selection import Selection as Selection
    from cozeops.operations.session import Session as Session
    from cozeops.operations.session import open as open
    from cozeops.state.errors import LockedError as LockedError
    from cozeops.state.errors import StateError as StateError

_HOMES = {
    "address": "Address",
    "engine.check.runner": "Checked",
    "engine.model.outcome": "Event Outcome Status",
    "engine.model.plan": "Action Change FieldChange Finding Plan Severity",
    "errors": "AccessError ApiError BlockedError CozeopsError DeniedError ExitCode IncompleteError"
    " InvalidProject LostReplyError NotFoundError OddReplyError Position Problem StalePlanError UsageError",
    "operations.apply": "ApplyOptions Run",
    "operations.check": "CheckRequest",
    "operations.drift": "Drift",
    "operations.pull": "Pull",
    "operations.selection": "Selection",
    "operations.session": "Session open",
    "state.errors": "LockedError StateError",
}

__getattr__, __dir__, __all__ = exports(__name__, _HOMES)
