"""Which findings stop an apply, and which of them somebody may wave through."""

from __future__ import annotations

import pytest

from cozeops.codes import Code
from cozeops.engine.model.findings import blocking, demand_acknowledged, finding
from cozeops.engine.model.plan import Finding
from cozeops.errors import BlockedError, UsageError
from tests.engine.made import CHEF, GUIDE

COSTS = finding(Code.COSTS, CHEF, "it costs")
RECOPY = finding(Code.RECOPY, GUIDE, "copied again")
LIMIT = finding(Code.THRESHOLD, None, "too much")
NEVER = finding(Code.GONE_OR_INVISIBLE, CHEF, "not shown")
WARNING = finding(Code.RESETS_UNREADABLE, CHEF, "resets")


@pytest.mark.parametrize(
    ("found", "acknowledged", "stopping"),
    [
        ([WARNING], [], []),
        ([COSTS, WARNING], [], [COSTS]),
        ([COSTS], ["COZE140"], []),
        ([COSTS], ["costs"], []),
        ([COSTS], ["costs@Bot/chef"], []),
        ([COSTS], ["COZE140@Bot/guide"], [COSTS]),
        ([COSTS], ["recopy"], [COSTS]),
        ([COSTS, RECOPY], ["costs"], [RECOPY]),
        ([COSTS, RECOPY], ["costs", "recopy@Bot/guide"], []),
        ([LIMIT], ["threshold"], []),
        ([LIMIT], ["threshold@Bot/chef"], [LIMIT]),
        ([NEVER], ["gone-or-invisible"], [NEVER]),
    ],
)
def test_what_blocks(found: list[Finding], acknowledged: list[str], stopping: list[Finding]) -> None:
    """By code or name, at one address or at all; some findings nobody can wave through."""
    assert blocking(found, acknowledged) == stopping


@pytest.mark.parametrize("text", ["", "COZE999", "cost", "@Bot/chef"])
def test_an_acknowledgement_of_nothing(text: str) -> None:
    """Also where nothing blocks: it is a typing mistake."""
    with pytest.raises(UsageError, match=f"--ack {text}: there is no finding called"):
        blocking([], [text])


@pytest.mark.parametrize(
    ("found", "message", "hint"),
    [
        (
            [RECOPY, COSTS],
            "blocked by COZE155 recopy at Bot/guide; COZE140 costs at Bot/chef",
            "review the plan, then apply it with --ack COZE140 --ack COZE155",
        ),
        (
            [NEVER],
            "blocked by COZE102 gone-or-invisible at Bot/chef",
            "mend what the plan says, or leave it out: --exclude Bot/chef; this cannot be acknowledged",
        ),
        (
            [NEVER, LIMIT],
            "blocked by COZE102 gone-or-invisible at Bot/chef; COZE115 threshold",
            "mend what the plan says, or leave it out: --exclude Bot/chef; "
            "review the plan, then apply it with --ack COZE115",
        ),
    ],
)
def test_it_says_what_to_do(found: list[Finding], message: str, hint: str) -> None:
    with pytest.raises(BlockedError) as caught:
        demand_acknowledged(found, [])
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_nothing_stops_what_was_acknowledged() -> None:
    demand_acknowledged([COSTS, WARNING], ["costs"])
