"""What should be known before copies are made, and who must wait for their publication."""

from __future__ import annotations

from typing import Any

import pytest

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.engine.model.findings import finding
from cozeops.engine.model.live import Live, Snapshot
from cozeops.engine.model.plan import Action, Severity
from cozeops.engine.plan.resource_change import Source
from cozeops.engine.prior.state import PriorState
from cozeops.engine.promote.promotion import (
    Sources,
    narrowed,
    remarks,
    under_way,
    users_of,
    wait_for,
    without,
)
from cozeops.state.model import CopyTask
from tests.engine.made import CHEF, GUIDE, KITCHEN, change, plan, record, resource, steps

MENU, ORDER = Address("Workflow", "menu"), Address("Workflow", "order")
THERE = Snapshot({MENU: Live("7")})


def told(
    edited: int = 0,
    known: Any = None,
    *,
    again: tuple[Address, ...] = (),
    planned: tuple[Address, ...] = (MENU,),
) -> list[str]:
    """The names of what is told of one source."""
    sources = Sources("dev", {MENU: Source("9", "dev", edited)}, {})
    memory = PriorState({MENU: known} if known else {})
    made = plan(*(change(one, Action.NONE) for one in planned))
    return [one.name for one in remarks(made, sources, memory, again, THERE)]


def copied(at: int = 0, id: str = "7") -> Any:
    """What the state remembers of a copy."""
    return record(id, copy=CopyTask("9", at=at))


@pytest.mark.parametrize(
    ("found", "names"),
    [
        (told(100, copied(at=50)), ["source-moved"]),
        (told(100, copied(at=100)), []),
        (told(100, copied(at=150)), []),
        (told(100, copied(at=0)), []),
        (told(0, copied(at=50)), []),
        (told(100, record()), []),
        (told(100), []),
        (told(100, copied(at=50), planned=()), []),
        (told(100, copied(at=50), again=(MENU,)), ["recopy"]),
        (told(0, record(), again=(MENU,)), ["recopy"]),
        (told(100, copied(at=50, id=""), again=(MENU,)), ["source-moved"]),
        (told(0, None, again=(MENU,)), []),
    ],
)
def test_what_is_known_of_a_copy(found: list[str], names: list[str]) -> None:
    """An edit of the source counts where both times are known; a second copy leaves the first behind."""
    assert found == names


def test_what_has_no_source_blocks_unless_it_is_there() -> None:
    sources = Sources(
        "dev", {}, {MENU: "dev does not declare it", ORDER: "dev has no Workflow called 'order'"}
    )
    (found,) = remarks(plan(), sources, PriorState(), (), THERE)
    assert (found.name, found.address, found.severity) == ("no-source", ORDER, Severity.BLOCK)
    assert found.message == "dev has no Workflow called 'order'"


def test_what_is_copied_again_is_planned_as_if_nothing_were_there() -> None:
    seen = Snapshot(
        {MENU: Live("7"), KITCHEN: Live("75")}, unsure={MENU: "x", ORDER: "y"}, absent=frozenset({CHEF})
    )
    left = without(seen, [MENU])
    assert (set(left.live), set(left.unsure), left.absent) == ({KITCHEN}, {ORDER}, {CHEF, MENU})


def test_whose_copies_are_under_way() -> None:
    memory = PriorState(
        {MENU: record(copy=CopyTask("9", task="t")), ORDER: record(copy=CopyTask("9")), CHEF: record()}
    )
    assert under_way(memory, [MENU, ORDER, CHEF, GUIDE]) == {MENU}


def test_who_uses_what_is_copied() -> None:
    project = [resource(CHEF, after=frozenset({MENU})), resource(GUIDE, after=frozenset({KITCHEN}))]
    assert users_of([MENU, ORDER], project) == [CHEF]


@pytest.mark.parametrize(
    ("drafts", "message"),
    [
        ((MENU,), "it uses Workflow/menu, a copy that is not published yet"),
        ((MENU, ORDER), "it uses Workflow/menu, Workflow/order, copies that are not published yet"),
    ],
)
def test_who_uses_a_draft_waits(drafts: tuple[Address, ...], message: str) -> None:
    (found,) = wait_for({CHEF: drafts})
    assert (found.name, found.address, found.message) == ("unpublished-copy", CHEF, message)


COPIED = change(MENU, Action.CREATE, id=None, steps=steps("copyWorkflow"))
USER = change(CHEF, needs=(MENU, KITCHEN), steps=steps("updateBot"))
HOME = change(KITCHEN, steps=steps("updateWorkspace"))
OTHER = change(GUIDE, needs=(KITCHEN,), steps=steps("updateBot"))
NO_SOURCES = Sources("dev", {}, {}, {KITCHEN: "74"})


def test_only_copies_who_uses_them_and_what_those_need_are_left() -> None:
    """The rest of the project is not promoted; others may need its ids."""
    costs = [finding(Code.COSTS, one, "x") for one in (CHEF, GUIDE, None)]
    renamed = [finding(Code.MAYBE_RENAMED, one, "x") for one in (KITCHEN, CHEF)]
    made = narrowed(plan(COPIED, USER, HOME, OTHER, findings=(*costs, *renamed)), NO_SOURCES, [MENU], [])
    assert [one.address for one in made.pending] == [MENU, CHEF, KITCHEN]
    left = made.changes[-1]
    assert (left.action, left.id, left.needs, left.steps) == (Action.NONE, "7", (KITCHEN,), ())
    assert [(one.name, one.address) for one in made.findings] == [
        ("costs", CHEF),
        ("costs", None),
        ("maybe-renamed", CHEF),
    ]


@pytest.mark.parametrize(
    ("copies", "pending", "severity"), [((COPIED,), [MENU], Severity.WARN), ((), [], Severity.BLOCK)]
)
def test_who_must_wait_is_left_out(copies: Any, pending: list[Address], severity: Severity) -> None:
    """It is a warning while something else is left to do; else it is what stops the promotion."""
    held = wait_for({CHEF: (MENU,)})
    made = narrowed(plan(*copies, USER), NO_SOURCES, [MENU], held)
    assert [one.address for one in made.pending] == pending
    assert [one.severity for one in made.findings] == [severity]
