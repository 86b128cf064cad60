"""The quick way to read plain documents gives what the careful way gives, or leaves the text to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cozeops.manifests.yaml.fast_path import plain_documents
from cozeops.manifests.yaml.parse import _carefully, parse
from cozeops.manifests.yaml.source import Problems, Source

pytest.importorskip("_ruamel_yaml", reason="the C parser is not installed: the extra `fast`")

EXAMPLES = Path(__file__).parents[2] / "examples"
PIECES = st.sampled_from(
    [
        "a", "b: ", ": ", "- ", "\n", "\n  ", "\n    ", "[", "]", "{", "}", ", ", '"', "'", "#", "&x ", "*x",
        "!!str ", "<<", "1", "012", "1.5", "0x1F", "1_000", "true", "~", "null", "2024-01-01", "---\n",
        "...\n", "|\n", ">-\n", "?", "厨师", "\\u0041", "\\ud83d", "=", "%", "\t",
    ]
)  # fmt: skip


def careful(text: str) -> tuple[list[Any], list[str]]:
    problems = Problems()
    found = [one.data for one in _carefully(Source("a.yaml", Path("a.yaml"), text), problems)]
    return found, [one.code for one in problems]


def same(text: str) -> bool:
    """Whether the text was read the quick way; then with the values of the other, types included."""
    made = plain_documents(text)
    if made is None:
        return False
    found, problems = careful(text)
    assert not problems
    assert repr([one for one in made if one is not None]) == repr(found)
    return True


@pytest.mark.parametrize("file", sorted(EXAMPLES.rglob("manifests/**/*.yaml")), ids=lambda file: file.name)
def test_the_examples_are_plain(file: Path) -> None:
    assert same(file.read_text("utf-8"))


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n---\n---\nb: {c: [1, -2, 0x1f, 1.5, true, yes, 'no', \"2\", 厨师]}\n",
        "a:\n- b\n- c: |\n    d\n     e\n  f: >-\n    g\n    h\n",
        "'<<': 1\n\"=\": 2\n",
        "=: 1\n",
        "# nothing\n",
        "",
    ],
)
def test_plain_texts(text: str) -> None:
    assert same(text)


@pytest.mark.parametrize(
    "text",
    [
        "a: ~", "a:", "a: null", "a: 2024-01-01", "a: 012", "a: 1_000", "a: .nan", "a: !!str 1", "a: !x {}",
        "a: &x 1\nb: *x", "&x a: 1", "<<: {a: 1}", "1: a", "a: 1\na: 2", "[a]: 1", "- a", "a", "a: [",
        'a: "\\ud83d"', 'a: "\\U0001F680"', "a: " + "[" * 70 + "]" * 70, "a: " + "{b: " * 70 + "1" + "}" * 70,
    ],
)  # fmt: skip
def test_what_is_unusual_is_left_to_the_careful_way(text: str) -> None:
    assert plain_documents(text) is None


def test_too_many_values() -> None:
    """Also where no alias multiplies them."""
    text = "a: [" + "1," * 250_000 + "]"
    assert plain_documents(text) is None


def test_places_are_found_all_the_same() -> None:
    """They are looked for in the text when somebody asks."""
    [first, second] = parse(Source("a.yaml", Path("a.yaml"), "a: 1\n---\nb:\n- c: 2\n"), Problems())
    assert str(first.place(("a",)).position) == "a.yaml:1:4"
    assert str(second.place(("b", 0, "c")).position) == "a.yaml:4:6"


@settings(deadline=None, max_examples=300, derandomize=True)
@given(st.lists(PIECES, max_size=25).map("".join))
@example("b: \ta")
@example("b: a\t")
@example("b: |\n  a\tb\n")
def test_any_text(text: str) -> None:
    same(text)
