"""What is composed is read back as it was, and `fmt` leaves it as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cozeops.manifests.fmt.compose import Composed, compose
from cozeops.manifests.fmt.format import formatted
from cozeops.manifests.yaml.files import read_manifest
from cozeops.manifests.yaml.parse import parse
from cozeops.manifests.yaml.source import Problems
from cozeops.values import Json
from tests.engine.fleet import NAMES, PROMPTS

SHORT = [text for text in PROMPTS if len(text) < 100]


def read(text: str, folder: Path) -> list[Json]:
    """The documents of a text, which has no problems."""
    (folder / "x.yaml").write_text(text, encoding="utf-8", newline="\n")
    problems = Problems()
    documents = list(parse(read_manifest(folder / "x.yaml", "x.yaml"), problems))
    assert list(problems) == []
    return [document.data for document in documents]


@pytest.mark.parametrize("text", [*NAMES, *SHORT])
def test_any_text_comes_back(text: str, tmp_path: Path) -> None:
    """Property: a text is itself in every position: key, value, item, in brackets and in blocks."""
    values: Json = {"text": text, "vars": {"a": text, text: 1}, "list": [text, "b"], "maps": [{"a": text}]}
    data = {"kind": "Prompt", "metadata": {"name": "x"}, "spec": {**values, "nested": [{"a": values}]}}
    made = compose([Composed(data, ["a comment"])])
    assert read(made, tmp_path) == [data]
    assert formatted(made) == made or "\n" in text  # keys of several lines are left to people


@pytest.mark.parametrize("value", [0, -1, 1.5, 1e-07, 1e22, 0.1, True, False, [], {}, [[]], 10**20])
def test_other_values_come_back(value: Any, tmp_path: Path) -> None:
    data = {"kind": "Prompt", "spec": {"a": value, "b": [value], "c": {"d": value}}}
    (found,) = read(compose([Composed(data)]), tmp_path)
    assert found == data
    assert type(found["spec"]["a"]) is type(value)


def test_several_documents_share_a_file(tmp_path: Path) -> None:
    """The line for editors stands above each: they take it for one document only."""
    documents = [{"kind": "Prompt", "metadata": {"name": name}} for name in ("a", "b")]
    made = compose(map(Composed, documents), schema="../schemas/x.json")
    assert made.startswith("# yaml-language-server: $schema=../schemas/x.json\nkind: Prompt\n")
    assert made.count("# yaml-language-server: $schema=../schemas/x.json\nkind: ") == 2
    assert read(made, tmp_path) == documents
    assert formatted(made) == made
