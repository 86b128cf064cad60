"""Values changed in the text of a manifest: what comes out says that, and all else stays byte by byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cozeops.manifests.fmt.comments import comments_of
from cozeops.manifests.fmt.compose import Composed, compose
from cozeops.manifests.fmt.edit import Uneditable, edited
from cozeops.manifests.yaml.parse import parse
from cozeops.manifests.yaml.source import Problems, Source

_CHARS = st.sampled_from([*"ab 1:#-'\"{}[],&*!|>%@`\\~=", "厨", "\n", "\t", "é", "$", "."])
TEXTS = st.one_of(
    st.text(_CHARS, max_size=12),
    st.sampled_from(
        ["", "yes", "012", "1:30", "a\n\nb\n", "  a\nb", "a\n\n", "\n", "- a", "k: v", "第一步\n第二步"]
    ),
)
SCALARS = st.one_of(TEXTS, st.integers(-9, 99), st.booleans(), st.sampled_from([0.5, 1.25]))
KEYS = st.sampled_from(["a", "b", "c", "name", "k-1", "厨", "on"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)
SPECS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=5)


def source(text: str) -> Source:
    """A text as a file of a project."""
    return Source("a.yaml", Path("a.yaml"), text)


def values_of(text: str) -> list[Any]:
    """What the documents of a text say."""
    problems = Problems()
    found = [one.data for one in parse(source(text), problems)]
    assert not len(problems), list(problems)
    return found


def document(spec: Any) -> dict[str, Any]:
    """A manifest with this spec."""
    return {"kind": "Bot", "metadata": {"name": "x"}, "spec": spec}


def styles(spec: Any) -> list[str]:
    """A document among others, as several people would write it."""
    ours = compose([Composed(document(spec), ["about it"]), Composed(document({"z": 1}))])
    commented = "\n".join(
        f"{line}   # {number}" if line.startswith("kind") else line
        for number, line in enumerate(ours.split("\n"))
    )
    as_json = json.dumps(document(spec), ensure_ascii=False, indent=1)
    return [ours, commented, ours.replace("\n", "\r\n"), as_json, f"{as_json}\n---\nkind: x\n"]


@settings(max_examples=60, deadline=None)
@given(before=SPECS, after=SPECS, style=st.integers(0, 4), mixed=st.booleans())
def test_any_values_become_any_others(before: Any, after: Any, style: int, mixed: bool) -> None:
    """Comments of other places stay, the other documents too; and the same values change nothing."""
    text = styles(before)[style]
    wanted = {**before, **after} if mixed else after
    made = edited(source(text), 0, document(wanted))
    assert values_of(made) == [document(wanted), *values_of(text)[1:]]
    assert edited(source(made), 0, document(wanted)) == made
    if style in (0, 1, 2):
        assert set(comments_of(text)) <= set(comments_of(made))


BLOCK = """\
spec:
  # above
  a: 'old'   # beside a
  list:
    - one    # beside one
    # above two
    - two
    -   k: 1   # beside k
        l: 2
  flow: [a,  "b", {k: v}]
  text: |  # sign
    x
    y
  last: 1
"""


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (["a"], "it's", "'old'", "'it''s'"),
        (["a"], "two\nlines", "'old'   # beside a\n", "|-   # beside a\n    two\n    lines\n"),
        (["a"], ["x", "z"], "a: 'old' ", "a: [x, z] "),
        (["list", 0], "eins", "- one ", "- eins "),
        (["list", 2, "l"], 3, "l: 2", "l: 3"),
        (["list"], ["one", "two", {"k": 1, "l": 2}, "new"], "        l: 2\n", "        l: 2\n    - new\n"),
        (["list"], ["one", {"k": 1, "l": 2}], "    - two\n", ""),
        (["list"], ["0", "one", "two", {"k": 1, "l": 2}], "    - one", '    - "0"\n    - one'),
        (["flow"], ["a", "b", {"k": "v"}, "c, d"], "{k: v}]", '{k: v},  "c, d"]'),
        (["flow", 1], "c", '"b"', '"c"'),
        (["flow"], ["b", {"k": "v"}], 'a,  "b"', '"b"'),
        (["text"], "x\nz\ny\n", "    x\n", "    x\n    z\n"),
        (["last"], {"m": 1, "k": [1, 2]}, "last: 1", "last:\n    m: 1\n    k: [1, 2]"),
    ],
)
def test_only_what_differs_is_written(path: list[Any], value: Any, old: str, new: str) -> None:
    (data,) = values_of(BLOCK)
    target = data["spec"]
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    assert edited(source(BLOCK), 0, data) == BLOCK.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "change", "why"),
    [
        ("spec:\n  a: &x 1\n  b: *x\n", {"a": 1, "b": 2}, "alias"),
        ("spec:\n  a: &x 1\n  b: *x\n", {"a": 2, "b": 1}, "anchor"),
        ("base: &b {k: 1}\nspec:\n  <<: *b\n  l: 1\n", {"k": 2, "l": 1}, "<<"),
        ("spec:\n  a: [1, # one\n    2]\n", {"a": [1]}, "comments"),
        ("spec:\n  a: !!int 1\n", {"a": 2}, "tag"),
    ],
)
def test_what_would_move_something_else_is_refused(text: str, change: Any, why: str) -> None:
    (data,) = values_of(text)
    with pytest.raises(Uneditable, match=why):
        edited(source(text), 0, {**data, "spec": change})
