"""Whatever happens to a file, the answer is a project or problems with places: never another exception."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cozeops.errors import InvalidProject
from tests.manifests.projects import BASE, Loader, bot, prompt

BOT = """\
  name: &n 菜
  prompt: {ref: p, vars: {a: 2}}
  model: {id: '1', temperature: 0.5, parameters: {a: *n}}
  plugins: [{plugin: {id: '3'}, tools: [a]}]
  publish: {connectors: [api, {connector: api}]}
---
"""
TEXT = (
    prompt("p", '{parts: [{file: p.md}, {text: "${vars.a} ${values.b}"}], vars: {a: 1}}')
    + bot(BOT)
    + BASE
    + "  documents: [{files: '*.md'}, {url: 'https://a.b', name: c}]\n"
)
YAML = [
    "\t",
    ":",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "*n",
    "&n ",
    "~",
    "'",
    '"',
    "\n",
    "  ",
    "#",
    "<<: ",
    "|",
    ">",
    "---\n",
]
VALUES = [
    "1",
    "true",
    "null",
    "2024-01-02",
    "!!set ",
    "${",
    "\0",
    "\ud7ff",
    "\u2028",
    "../",
    "file",
    "ref",
    "%YAML",
]
PIECES = st.sampled_from([*YAML, *VALUES])
DAMAGE = st.lists(st.tuples(st.integers(0, len(TEXT)), st.integers(0, 6), PIECES), min_size=1, max_size=4)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(DAMAGE)
def test_damage(damage: list[tuple[int, int, str]]) -> None:
    text = TEXT
    for start, length, piece in damage:
        text = text[:start] + piece + text[start + length :]
    with tempfile.TemporaryDirectory() as folder:
        loader = Loader(Path(folder))
        project = "kind: Project\nmetadata: {name: a}\nspec: {values: {b: 1}}\n"
        try:
            loader.load({"m.yaml": text, "p.md": "a ${vars.a}", "cozeops.yaml": project})
        except InvalidProject as error:
            for problem in error.problems:
                loader.checked(problem)
