"""The JSON Schema says what the loader says, and the committed files are current."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from cozeops.kinds import kinds
from cozeops.manifests.schema import rendered, schema

SCHEMAS = Path(__file__).parents[2] / "schemas"
METADATA = {"name": "a", "workspace": "k"}


@pytest.mark.parametrize("kind", [None, *kinds(), "Project"])
def test_it_is_a_schema(kind: str | None) -> None:
    made = schema(kind)
    Draft7Validator.check_schema(made)
    text = rendered(made)
    assert '"null"' not in text
    assert '"title"' not in text
    assert "$defs" not in text


def errors(document: dict[str, Any]) -> list[str]:
    return [error.message for error in Draft7Validator(schema()).iter_errors(document)]


GOOD = [
    {"kind": "Bot", "metadata": METADATA, "spec": {"prompt": {"file": "a.md"}, "voice_call": True}},
    {"kind": "Bot", "metadata": METADATA, "spec": {"model": {"id": "1", "top_p": "${values.p}"}}},
    {"kind": "Bot", "metadata": METADATA, "spec": {"publish": {"connectors": ["api", {"connector": "k"}]}}},
    {"kind": "Prompt", "metadata": {"name": "a"}, "spec": {"parts": [{"text": "a"}, {"ref": "b"}]}},
    {"apiVersion": "cozeops/v1", "kind": "Project", "metadata": {"name": "a"}, "spec": {"manifests": ["a"]}},
]
BAD = [
    ({"kind": "Bott", "metadata": METADATA}, "Bott"),
    ({"kind": "Bot"}, "metadata"),
    ({"kind": "Bot", "metadata": METADATA, "spec": {"promt": "a"}}, "promt"),
    ({"kind": "Bot", "metadata": METADATA, "spec": {"name": "n" * 21}}, "too long"),
    ({"kind": "Bot", "metadata": METADATA, "spec": {"onboarding": {"suggested_questions": ["q" * 51]}}}, ""),
    ({"kind": "Bot", "metadata": METADATA, "spec": {"description": None}}, "None"),
    ({"kind": "Prompt", "metadata": {"name": "a"}, "spec": {"model": {}}}, "model"),
    (
        {"kind": "Project", "metadata": {"name": "a"}, "spec": {"environments": {"dev": {"patch": []}}}},
        "patch",
    ),
]


@pytest.mark.parametrize("document", GOOD)
def test_good(document: dict[str, Any]) -> None:
    assert errors(document) == []


@pytest.mark.parametrize(("document", "part"), BAD)
def test_bad(document: dict[str, Any], part: str) -> None:
    found = errors(document)
    assert found
    assert part in found[0]


def test_fields_have_descriptions() -> None:
    properties = schema("Bot")["definitions"]["bot.BotSpec"]["properties"]
    assert properties["icon"]["description"] == "An image file; uploaded when its content changes."
    assert properties["name"]["maxLength"] == 20
