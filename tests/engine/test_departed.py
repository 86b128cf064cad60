"""What the state remembers and no manifest names any more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cozeops.address import Address
from cozeops.declare.verbs import Verb
from cozeops.engine.model.live import Live
from cozeops.engine.model.plan import Action, Plan, Step
from cozeops.engine.plan.removed import Departed, departed, with_departed
from cozeops.engine.prior.state import PriorState
from cozeops.state.model import Ownership
from tests.engine.made import CHEF, GUIDE, KITCHEN, RECIPES, change, plan, record, resource, step

OTHER_HOME = Address("Bot", "elsewhere")
THERE = Live("7")
NAMES = {"1024": "api", "999": "chat_sdk"}


def gone(address: Address = RECIPES, live: Live | None = THERE, **more: Any) -> Departed:
    """Something of the workspace 75 that left the manifests."""
    return Departed(resource(address, name="每日学一菜"), record(name="每日学一菜", scope="75", **more), live)


def pruned(*left: Departed, before: Plan | None = None) -> Plan:
    """The plan with --prune."""
    first = before or plan(change(GUIDE))
    return with_departed(first, left, {GUIDE: "75", OTHER_HOME: "76"}, NAMES, prune=True)


def named(made: Plan) -> list[tuple[str, str]]:
    """Findings by name and address."""
    return [(one.name, str(one.address or "")) for one in made.findings]


def test_only_what_no_manifest_claims_departed() -> None:
    """What moved to another address did not, nor what was never made; unknown kinds are left alone."""
    memory = PriorState(
        {
            CHEF: record(name="厨师"),
            GUIDE: record("8"),
            KITCHEN: record("75"),
            RECIPES: record(""),
            Address("Robot", "r2"): record("9"),
        }
    )
    left = departed(
        memory, {KITCHEN: resource(KITCHEN), OTHER_HOME: resource(OTHER_HOME, moved_from="guide")}
    )
    assert [(one.resource.address, one.resource.id, one.resource.name) for one in left] == [
        (CHEF, "7", "厨师")
    ]


def test_without_prune_it_is_kept_and_told() -> None:
    before = plan(change(GUIDE))
    made = with_departed(before, [gone()], {}, NAMES, prune=False)
    assert made.changes == before.changes
    assert named(made) == [("left-manifests", "KnowledgeBase/recipes")]
    assert named(with_departed(plan(), [gone()], {}, NAMES, prune=False)) == named(made)


def test_what_can_be_deleted_is_deleted_last() -> None:
    """After every change of its workspace: what still used it lets go of it first."""
    before = plan(
        change(GUIDE), change(CHEF, Action.NONE), change(OTHER_HOME), change(KITCHEN)
    )  # nothing says where the kitchen is
    delete = pruned(gone(), before=before).changes[-1]
    assert (delete.action, delete.id, delete.needs) == (Action.DELETE, "7", (GUIDE,))
    assert delete.steps == (step("deleteDataset", kind="KnowledgeBase"),)
    assert [(one.path, one.before, one.after) for one in delete.fields] == [("spec.name", "每日学一菜", None)]
    assert delete.reason == "left the manifests"
    assert delete.live_fingerprint


def test_a_bot_leaves_its_channels_and_is_forgotten() -> None:
    """Coze has no call that deletes it, and the plan says so."""
    made = pruned(gone(CHEF, Live("7", channels={"999": 2, "1024": 1, "5": 3})))
    leave = made.changes[-1]
    label = "spec.publish.connectors"
    assert leave.action is Action.UNPUBLISH
    assert leave.steps == tuple(
        Step(Verb.UNPUBLISH, "unpublishBot", label, (name,), (id,))
        for id, name in (("1024", "api"), ("5", "5"), ("999", "chat_sdk"))
    )
    assert [(one.path, one.before, one.after) for one in leave.fields] == [
        (label, ["api", "5", "chat_sdk"], [])
    ]
    assert leave.needs == (GUIDE,)
    assert named(made) == [("forgets", "Bot/chef")]


@pytest.mark.parametrize(
    ("left", "reason"),
    [
        (gone(CHEF), "left the manifests"),
        (gone(KITCHEN), "left the manifests"),
        (gone(CHEF, None), "left the manifests, and is gone from Coze"),
        (gone(RECIPES, None), "left the manifests, and is gone from Coze"),
    ],
    ids=["on-no-channel", "nothing-to-leave", "bot-gone", "base-gone"],
)
def test_where_nothing_can_be_done_it_is_forgotten(left: Departed, reason: str) -> None:
    """No request is made, and it waits for nobody."""
    forget = pruned(left).changes[-1]
    assert (forget.action, forget.steps, forget.fields, forget.needs) == (Action.FORGET, (), (), ())
    assert forget.reason == reason
    assert bool(forget.live_fingerprint) is (left.live is not None)


ON_API = Live("7", channels={"1024": 1})


@pytest.mark.parametrize(
    ("left", "findings"),
    [
        (gone(), []),
        (gone(ownership=Ownership.ADOPTED), []),
        (gone(ownership=Ownership.IMPORTED), ["removes-unknown"]),
        (gone(live=None, ownership=Ownership.IMPORTED), []),
        (gone(protect=("delete",)), ["protected"]),
        (gone(protect=("delete",), ownership=Ownership.IMPORTED), ["protected", "removes-unknown"]),
        (gone(protect=("unpublish",)), []),
        (gone(live=None, protect=("delete",)), []),
        (gone(CHEF, ON_API, protect=("unpublish",)), ["protected", "forgets"]),
        (gone(CHEF, ON_API, protect=("delete",)), ["forgets"]),
        (gone(CHEF, Live("7"), protect=("unpublish",)), ["forgets"]),
        (gone(CHEF, None, protect=("unpublish",)), []),
        (gone(CHEF, ON_API, ownership=Ownership.IMPORTED), ["forgets"]),
    ],
)
def test_what_stands_in_the_way(left: Departed, findings: list[str]) -> None:
    """Protection outlives the manifest; what cozeops did not make is not deleted unasked."""
    assert [name for name, _ in named(pruned(left))] == findings


@pytest.mark.parametrize(
    ("before", "left", "words"),
    [
        (plan(), [gone()], "1 object: it would go"),
        (plan(), [gone(), gone(CHEF)], "2 objects: they all would go"),
        (plan(), [], ""),
        (plan(change(GUIDE, Action.NONE)), [gone()], ""),
    ],
)
def test_a_project_with_nothing_left_prunes_nothing(before: Plan, left: list[Departed], words: str) -> None:
    """It is rather the wrong folder."""
    found = [one for one in pruned(*left, before=before).findings if one.name == "prunes-everything"]
    assert [one.message.endswith(words) for one in found] == ([True] if words else [])
    assert replace(before, findings=()) == before
