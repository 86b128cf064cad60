"""A stale change that is planned again goes on only if it writes what somebody reviewed."""

from __future__ import annotations

from typing import Any

import pytest

from cozeops.declare.verbs import Verb
from cozeops.engine.model.plan import Action, FieldChange, Step
from cozeops.engine.plan.replan import replanned, same_writes
from tests.engine.made import CHEF, GUIDE, KITCHEN, change, plan

PROMPT = FieldChange("spec.prompt", "一", "二")
NAME = FieldChange("spec.name", "a", "b")
UPDATE = Step(Verb.UPDATE, "updateBot")
PUBLISH = Step(Verb.PUBLISH, "publishBot", "spec.publish.connectors", ("api",), ("1024",))
REVIEWED = change(fields=(PROMPT, NAME), steps=(UPDATE, PUBLISH))


@pytest.mark.parametrize(
    "now",
    [
        {},
        {"action": Action.NONE, "fields": (), "steps": ()},
        {"action": Action.NONE, "id": "8"},
        {"fields": (PROMPT,)},
        {"steps": (UPDATE,)},
        {"action": Action.PUBLISH, "fields": (), "steps": (PUBLISH,)},
        {"steps": (UPDATE, Step(Verb.PUBLISH, "publishBot", "spec.publish.connectors", ("api",), ("1025",)))},
    ],
    ids=[
        "same",
        "nothing",
        "other-id-but-nothing",
        "less",
        "a-step-less",
        "publish",
        "renamed-id",
    ],
)
def test_it_writes_what_was_reviewed_or_less(now: dict[str, Any]) -> None:
    """What somebody already set by hand need not be written again."""
    assert same_writes(REVIEWED, change(**{"fields": REVIEWED.fields, "steps": REVIEWED.steps, **now}))


@pytest.mark.parametrize(
    "now",
    [
        {"id": "8"},
        {"id": None},
        {"address": GUIDE},
        {"fields": (FieldChange("spec.prompt", "一", "三"),)},
        {"fields": (PROMPT, NAME, FieldChange("spec.icon", "a", "b"))},
        {"fields": (FieldChange("spec.icon", "a", None),)},
        {"fields": (FieldChange("spec.prompt", "by hand", "二"), NAME)},
        {"steps": (UPDATE, PUBLISH, Step(Verb.DELETE, "deleteBot"))},
        {
            "steps": (
                UPDATE,
                Step(Verb.PUBLISH, "publishBot", "spec.publish.connectors", ("chat_sdk",), ("999",)),
            )
        },
        {"steps": (UPDATE, Step(Verb.PUBLISH, "publishBot", "spec.other", ("api",), ("1024",)))},
    ],
    ids=[
        "id",
        "made-anew",
        "address",
        "other-value",
        "more",
        "cleared",
        "a-live-value-that-nobody-saw",
        "more-steps",
        "other-channel",
        "other-field",
    ],
)
def test_it_writes_something_else(now: dict[str, Any]) -> None:
    """Nobody has said yes to that."""
    assert not same_writes(REVIEWED, change(**{"fields": REVIEWED.fields, "steps": REVIEWED.steps, **now}))


def test_only_stale_changes_that_write_the_same_go_on() -> None:
    """What is left out keeps its id and its needs: others may need it."""
    other = change(GUIDE, id="8", fields=(PROMPT,), steps=(UPDATE,))
    home = change(KITCHEN, Action.NONE, id="75", reason="as declared")
    fresh_other = change(GUIDE, id="8", fields=(NAME,), steps=(UPDATE,), needs=(KITCHEN,), scope="厨房")
    reviewed, fresh = plan(REVIEWED, other, home), plan(REVIEWED, fresh_other, home, stats={"requests": 3})
    cut = replanned(reviewed, fresh, [CHEF, GUIDE])
    assert cut.stats == {"requests": 3}
    left = change(GUIDE, Action.NONE, id="8", needs=(KITCHEN,), scope="厨房")
    assert cut.changes == (REVIEWED, left, home)
    assert replanned(reviewed, fresh, []).pending == ()
