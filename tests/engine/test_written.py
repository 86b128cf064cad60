"""Live values in the form of a manifest."""

from __future__ import annotations

from typing import Any

import pytest

from cozeops.declare.collections import Item
from cozeops.declare.fields import UNREADABLE
from cozeops.engine.export.manifest_values import fitting, readable
from cozeops.engine.model.live import Live
from cozeops.kinds import kinds

BASE, BOT, HOME = kinds()["KnowledgeBase"], kinds()["Bot"], kinds()["Workspace"]
CUSTOM = {"mode": "custom", "separator": "#", "max_tokens": 500}


def documents(*chunking: Any) -> Live:
    """A base whose documents were cut like this."""
    items = tuple(Item(str(n), str(n), {"chunking": one}) for n, one in enumerate(chunking))
    return Live("7", fields={("format",): "text"}, items={("documents",): items})


@pytest.mark.parametrize(
    ("cut", "written"),
    [
        ((CUSTOM, CUSTOM), CUSTOM),
        ((CUSTOM,), CUSTOM),
        ((CUSTOM, CUSTOM | {"max_tokens": 600}), None),
        ((), None),
        (({"mode": "auto", "max_tokens": None, "separator": ""},), {"mode": "auto"}),
    ],
)
def test_what_all_documents_share_is_said_once(cut: Any, written: Any) -> None:
    """Where they differ, nothing can be said."""
    assert readable(BASE, documents(*cut)) == {"format": "text"} | ({"chunking": written} if written else {})


@pytest.mark.parametrize("value", ["", [], {}, UNREADABLE])
def test_what_is_unset_is_not_written(value: Any) -> None:
    live = Live("7", fields={("prompt",): value, ("description",): "d"})
    assert readable(BOT, live) == {"description": "d"}


def test_people_are_listed_but_for_the_owner() -> None:
    people = (
        Item("2", "2", {"role": "member"}),
        Item("1", "1", {"role": "admin"}),
        Item("3", "3", {"role": "owner"}, protected="the owner"),
    )
    live = Live("75", items={("members",): people})
    assert readable(HOME, live) == {
        "members": [{"user": "1", "role": "admin"}, {"user": "2", "role": "member"}]
    }


@pytest.mark.parametrize(
    ("values", "left_out", "words"),
    [
        ({"description": "d"}, [], ""),
        (
            {"description": "d" * 501, "prompt": "一"},
            ["description"],
            "501 characters; the API takes 0 to 500",
        ),
        ({"prompt": "half \ud800"}, ["prompt"], "half of a character"),
        (
            {"model": {"id": "1", "temperature": float("nan")}},
            ["model.temperature"],
            "YAML manifests do not take",
        ),
        ({"model": {"temperature": 0.5}}, ["model.temperature"], "required"),
        ({"suggest_reply": {"mode": "customized"}}, ["suggest_reply.mode"], "needs a prompt"),
    ],
)
def test_what_no_manifest_takes_is_left_out_with_the_reason(
    values: Any, left_out: list[str], words: str
) -> None:
    """And nothing else."""
    kept, misfits = fitting(BOT, values, {})
    assert [".".join(one.path) for one in misfits] == left_out
    assert all(words in one.reason for one in misfits)
    assert bool(kept) is (
        len(left_out) < sum(len(one) if isinstance(one, dict) else 1 for one in values.values())
    )
