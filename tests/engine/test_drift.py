"""Drift is about the live side alone."""

from __future__ import annotations

import pytest

from cozeops.engine.model.plan import Action, Change, FieldChange
from cozeops.engine.plan.drift import drift
from cozeops.engine.prior.state import PriorState
from tests.engine.made import CHEF, change, plan, record, resource, steps

KNOWN = PriorState({CHEF: record()})
CHANNELS = "spec.publish.connectors"


def field(origin: str = "", note: str = "", path: str = "spec.prompt") -> FieldChange:
    """A field that the plan would set from live to applied."""
    return FieldChange(path, "live", "applied", origin, note)


@pytest.mark.parametrize(
    ("one", "memory", "moved"),
    [
        (field("live"), KNOWN, True),
        (field("both"), KNOWN, True),
        (field("git"), KNOWN, False),
        (field(""), KNOWN, False),
        (field(""), None, True),
        (field(""), PriorState(), True),
        (field("git"), None, False),
        (field("live", "write-only"), KNOWN, False),
        (field("", "secret"), None, False),
    ],
)
def test_a_field(one: FieldChange, memory: PriorState | None, moved: bool) -> None:
    """What only Git changed is no drift; without a memory of it, every difference is; it is turned round."""
    found = drift(plan(change(fields=(one,), steps=steps("updateBot"))), memory, {CHEF: resource()})
    assert [(each.address, each.id) for each in found] == ([(CHEF, "7")] if moved else [])
    assert [(f.path, f.before, f.after) for each in found for f in each.fields] == (
        [("spec.prompt", "applied", "live")] if moved else []
    )


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (change(steps=steps("publishBot"), reason="older version"), "older version"),
        (change(steps=steps("unpublishBot"), reason="left a channel"), "left a channel"),
        (change(steps=steps("publishBot"), reason="x", fields=(field("live", path=CHANNELS),)), "x"),
        (change(steps=steps("publishBot"), reason="x", fields=(field("live"),)), ""),
        (change(steps=steps("publishBot"), reason="x", fields=(field("git", path=CHANNELS),)), None),
        (change(steps=steps("updateBot"), reason="x"), None),
        (change(action=Action.NONE, reason="x"), None),
        (change(id=None, steps=steps("publishBot"), reason="x"), None),
    ],
)
def test_published_copies(one: Change, told: str | None) -> None:
    """They moved where only they would be published again; an edited draft says it already."""
    found = drift(plan(one), KNOWN, {CHEF: resource()})
    assert [each.publication for each in found] == ([] if told is None else [told])


def test_what_left_the_project_has_no_memory_to_compare_with() -> None:
    found = drift(plan(change(fields=(field(""),))), KNOWN, {})
    assert [each.address for each in found] == [CHEF]
