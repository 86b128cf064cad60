"""Checks that could not be carried out, or could never fail: found offline, at their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from cozeops.codes import Code
from tests.manifests.projects import Loader

HEAD = """kind: Workspace
metadata: {name: kitchen}
spec: {name: 厨房}
---
kind: Bot
metadata: {name: chef, workspace: kitchen}
spec: {prompt: a}
---
kind: Workflow
metadata: {name: menu, workspace: kitchen}
spec: {id: "1"}
---
kind: Check
metadata: {name: hello}
spec:
"""
SAID = "  bot: chef\n  turns:\n    - say: hi\n      expect:\n"
RAN = "  workflow: menu\n  expect: {contains: [a]}\n"

# What is written, the code, where it points, and words of the message.
CASES: dict[str, tuple[str, Code, str, str]] = {
    "about nothing": ("  turns: [{say: hi}]\n", Code.CHECK_SUBJECT, "15:1", "a bot or a workflow"),
    "about both": (f"{RAN}  bot: chef\n", Code.CHECK_SUBJECT, "16:13", "about both"),
    "nothing said": ("  bot: chef\n", Code.CHECK_SUBJECT, "16:8", "nothing is said"),
    "parameters of a bot": (
        f"  parameters: {{a: b}}\n{SAID}        contains: [a]\n",
        Code.CHECK_SUBJECT,
        "16:3",
        "not for a bot",
    ),
    "turns of a workflow": (
        f"{RAN}  variables: {{a: b}}\n",
        Code.CHECK_SUBJECT,
        "18:3",
        "not for a workflow",
    ),
    "tools of a workflow": (
        "  workflow: menu\n  expect: {tools: [a]}\n",
        Code.CHECK_SUBJECT,
        "17:12",
        "has no tools",
    ),
    "expects nothing": ("  bot: chef\n  turns: [{say: hi}]\n", Code.EXPECTS_NOTHING, "15:1", "never fail"),
    "expects an empty map": (f"{SAID[:-1]} {{}}\n", Code.EXPECTS_NOTHING, "15:1", "never fail"),
    "no pattern": (f"{SAID}        matches: [a, '(']\n", Code.PATTERN, "20:22", "no regular expression"),
    "no pattern of a value": (
        f"{SAID}        json_values: [{{path: a, matches: '['}}]\n",
        Code.PATTERN,
        "20:42",
        "no regular expression",
    ),
    "an expression that looks around": (
        f"{SAID}        matches: ['(?=a)b']\n",
        Code.PATTERN,
        "20:19",
        "look-around",
    ),
    "an expression that refers back": (
        f"{SAID}        matches: ['(a)\\1']\n",
        Code.PATTERN,
        "20:19",
        "back-references",
    ),
    "an expression without measure": (
        f"{SAID}        matches: ['((a{{1,99}}){{1,99}}){{1,99}}']\n",
        Code.PATTERN,
        "20:19",
        "no regular expression",
    ),
    "an expression of a schema that looks around": (
        f"{SAID}        json_schema: {{pattern: '(?<=a)b'}}\n",
        Code.JSON_SCHEMA,
        "20:9",
        "look-around",
    ),
    "no path": (f"{SAID}        json_values: [{{path: a..b}}]\n", Code.JSON_PATH, "20:30", "no path"),
    "no schema": (
        f"{SAID}        json_schema: {{type: objekt}}\n",
        Code.JSON_SCHEMA,
        "20:9",
        "no JSON Schema",
    ),
    "no schema in a file": (
        f"{SAID}        json_schema: no.json\n",
        Code.JSON_SCHEMA,
        "20:22",
        "no JSON Schema",
    ),
    "bounds": (f"{SAID}        length: {{at_least: 9, at_most: 3}}\n", Code.BOUNDS, "20:9", "is nothing"),
    "first token": (f"{SAID}        seconds: {{first: 1}}\n", Code.RULE, "20:26", "streamed"),
    "unknown bot": (
        SAID.replace("chef", "cook") + "        contains: [a]\n",
        Code.DANGLING,
        "16:8",
        "no Bot",
    ),
    "share": (f"{SAID}        contains: [a]\n  pass_share: 0%\n", Code.BAD_VALUE, "21:15", "pass_share"),
    "language": (f"{SAID}        language: klingon\n", Code.BAD_VALUE, "20:19", "language"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_bad_check(tmp_path: Path, case: tuple[str, Code, str, str]) -> None:
    text, code, where, words = case
    loader = Loader(tmp_path)
    (problem,) = loader.problems({"m.yaml": HEAD + text, "no.json": "{"})
    assert (problem.code, str(problem.position)) == (code, f"m.yaml:{where}"), problem
    assert words in problem.message


def test_a_good_one(tmp_path: Path) -> None:
    """Everything that may be written, at once."""
    spec = """  bot: chef
  variables: {user: 小王}
  stream: true
  repeat: 5
  pass_share: 80%
  timeout_seconds: 30
  turns:
    - say: {file: asked.md}
    - say: hi
      expect:
        contains: [a]
        excludes: [b]
        matches: ["^c"]
        language: zh
        length: {at_least: 1, at_most: 9}
        json_values: [{path: "a[0].b", equals: 1}, {path: c, matches: d}]
        json_schema: schema.json
        tools: [search]
        follow_ups: {at_least: 1}
        tokens: {at_most: 99}
        seconds: {first: 1, whole: 2.5}
"""
    files = {"m.yaml": HEAD + spec, "asked.md": "今天吃什么？", "schema.json": '{"type": "object"}'}
    found = Loader(tmp_path).resource(files, "Check/hello")
    assert found.values["turns"][0]["say"] == "今天吃什么？"
    assert found.scope is None
