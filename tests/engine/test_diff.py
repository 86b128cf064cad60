"""Differences as people read them."""

from __future__ import annotations

from typing import Any

import pytest

from cozeops.declare.fields import UNREADABLE
from cozeops.declare.rows import Row, row_at
from cozeops.engine.diff.fields import LATER, diff_fields, explain, field_changes
from cozeops.kinds import kinds
from cozeops.values import MISSING, Secret, Unknown
from tests.engine.made import RECIPES

BOT = kinds()["Bot"]
PROMPT, BASES, PARAMETERS = row_at(BOT, ("prompt",)), ("knowledge", "datasets"), ("model", "parameters")
TOKEN = row_at(kinds()["CallbackApp"], ("verify_token",))
PARTS = {"prefix": "一", "dynamic": "二"}


def told(row: Row, before: Any, after: Any) -> list[tuple[str, Any, Any, str]]:
    """Path, both values and the note of each difference."""
    found = field_changes(row, before, after, {"9": "KnowledgeBase/recipes"})
    return [(one.path, one.before, one.after, one.note) for one in found]


@pytest.mark.parametrize(
    ("row", "before", "after", "changes"),
    [
        (PROMPT, "一", "二", [("spec.prompt", "一", "二", "")]),
        (PROMPT, MISSING, "二", [("spec.prompt", None, "二", "")]),
        (PROMPT, UNREADABLE, "二", [("spec.prompt", None, "二", "")]),
        (PROMPT, PARTS, PARTS | {"dynamic": "三"}, [("spec.prompt.dynamic", "二", "三", "")]),
        (PROMPT, PARTS, "一", [("spec.prompt", PARTS, "一", "")]),
        (PROMPT, "一", PARTS, [("spec.prompt", "一", PARTS, "")]),
        (PROMPT, {}, PARTS, [("spec.prompt", {}, PARTS, "")]),
        (PROMPT, PARTS, {}, [("spec.prompt", PARTS, {}, "")]),
        (
            row_at(BOT, BASES),
            ["9"],
            ["9", "8"],
            [("spec.knowledge.datasets", ["KnowledgeBase/recipes"], ["KnowledgeBase/recipes", "8"], "")],
        ),
        (
            row_at(BOT, BASES),
            [],
            [Unknown(RECIPES)],
            [("spec.knowledge.datasets", [], ["KnowledgeBase/recipes"], LATER)],
        ),
        (
            row_at(BOT, PARAMETERS),
            {"store": True, "same": 1},
            {"store": False, "same": 1, "x": {"y": 2}},
            [
                ("spec.model.parameters.store", True, False, ""),
                ("spec.model.parameters.x", None, {"y": 2}, ""),
            ],
        ),
        (TOKEN, Secret("old"), Secret("new"), [("spec.verify_token", None, None, "secret")]),
    ],
)
def test_a_difference(row: Row, before: Any, after: Any, changes: list[Any]) -> None:
    """Maps are opened, ids of the project's own objects named, secrets nowhere."""
    assert told(row, before, after) == changes


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        ({"a": 1}, {"a": 2}, [("a", 1, 2)]),
        ({"a": 1, "b": 1}, {"b": 2, "c": 3}, [("a", 1, None), ("b", 1, 2), ("c", None, 3)]),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2}}}, [("a.b.c", 1, 2)]),
        ({"a": [1, 2, 3]}, {"a": [1, 3]}, [("a", [1, 2, 3], [1, 3])]),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, [("a", [{"b": 1}], [{"b": 2}])]),
        ({"a": 1}, {"a": {"b": 1}}, [("a", 1, {"b": 1})]),
        ({"x": 1}, {"y": 1}, [("x", 1, None), ("y", None, 1)]),
    ],
)
def test_maps_are_opened_and_lists_are_whole(before: Any, after: Any, paths: list[Any]) -> None:
    assert explain(before, after) == paths


@pytest.mark.parametrize(
    ("wanted", "live", "differs", "uncompared"),
    [
        ({("prompt",): "一"}, {("prompt",): "一"}, [], []),
        ({("prompt",): "一"}, {("prompt",): "二"}, ["spec.prompt"], []),
        ({("prompt",): "一"}, {}, ["spec.prompt"], []),
        ({("prompt",): ""}, {}, [], []),
        ({BASES: []}, {}, [], []),
        ({("prompt",): ""}, {("prompt",): "一"}, ["spec.prompt"], []),
        ({("prompt",): "一"}, {("prompt",): UNREADABLE}, [], ["spec.prompt"]),
        ({("icon",): "5"}, {("icon",): "5"}, [], ["spec.icon"]),
        ({("publish",): {"connectors": []}}, {}, [], []),
        ({}, {("prompt",): "二"}, [], []),
    ],
)
def test_only_what_is_declared_and_readable_is_compared(
    wanted: Any, live: Any, differs: list[str], uncompared: list[str]
) -> None:
    """Empty is as good as absent; what is published has calls of its own."""
    found = diff_fields(BOT, wanted, live)
    assert [row.label for row in found.differ] == differs
    assert [row.label for row in found.uncompared] == uncompared
