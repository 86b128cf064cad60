"""`fmt` changes how a file looks: never what it means, never its comments, and nothing the second time."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cozeops.errors import CozeopsError
from cozeops.manifests.fmt.comments import comments_of
from cozeops.manifests.fmt.format import Unformattable, formatted
from cozeops.manifests.fmt.write import create_files, replace_file
from cozeops.manifests.load import load_project
from cozeops.manifests.yaml.parse import parse
from cozeops.manifests.yaml.source import Problems, Source
from tests.kit import QUICKSTART
from tests.manifests.test_random_damage import DAMAGE
from tests.manifests.test_random_damage import TEXT as DAMAGED

BOUNDED = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def documents(text: str) -> list[Any]:
    """The values of a text, as manifests are read."""
    return [one.data for one in parse(Source("a.yaml", Path("a.yaml"), text), Problems())]


def stable(text: str) -> str:
    """The text in our style; it means the same, says the same beside, and is done at the first time."""
    made = formatted(text)
    assert documents(made) == documents(text)
    assert sorted(comments_of(made)) == sorted(comments_of(text))
    assert formatted(made) == made
    return made


def test_keys_stand_in_the_order_of_their_declaration() -> None:
    """The envelope first, then metadata and spec as `explain` lists them, inside lists and forms too."""
    text = (
        "spec:\n"
        "  publish:\n    connectors: [{params: {}, connector: kiosk}]\n"
        "  model: {temperature: 0.5, id: '1'}\n"
        "  name: 厨师\n"
        "metadata: {labels: {b: x, a: x}, workspace: kitchen, name: chef}\n"
        "kind: Bot\n"
        "apiVersion: cozeops/v1\n"
    )
    assert stable(text) == (
        "apiVersion: cozeops/v1\n"
        "kind: Bot\n"
        "metadata: {name: chef, workspace: kitchen, labels: {b: x, a: x}}\n"
        "spec:\n"
        "  name: 厨师\n"
        '  model: {id: "1", temperature: 0.5}\n'
        "  publish:\n"
        "    connectors: [{connector: kiosk, params: {}}]\n"
    )


def test_a_project_says_where_its_files_are_first_and_its_environments_last() -> None:
    """As people read it."""
    text = (
        "kind: Project\nmetadata: {name: a}\nspec:\n"
        "  environments:\n    dev: {patches: [p], default: true}\n"
        "  values: {b: 1}\n  state: {backend: local}\n  manifests: [m]\n"
    )
    made = stable(text).splitlines()
    assert [line.split(":")[0].strip() for line in made[3:]] == [
        "manifests",
        "values",
        "state",
        "environments",
        "dev",
    ]
    assert "dev: {default: true, patches: [p]}" in made[-1]


def test_fields_that_nobody_knows_stay_behind_the_others() -> None:
    """A misspelt field is for `validate` to tell; fmt formats it all the same."""
    made = stable("kind: Bot\nmetadata: {name: a}\nspec:\n  zzz: 1\n  aaa: 2\n  name: x\n")
    assert made.endswith("spec:\n  name: x\n  zzz: 1\n  aaa: 2\n")


COMMENTED = """\
# yaml-language-server: $schema=x.json

# about the file
spec:

  # about the model
  # in two lines
  model:   # beside the model
   id: "1" # beside the id

   # below the id
  # before the name
  name: x
  plugins:
  - plugin: news  # one
    tools: # two
    - a  # three
    # below the tools
  # below the plugins
kind: Bot  # a kind
metadata:
    name: a
# the end
---
# the second
kind: Bot
"""


def test_comments_stay_with_what_they_are_about() -> None:
    """Above, beside or below: they move with their field; those of the file stay at its ends."""
    assert (
        stable(COMMENTED)
        == """\
# yaml-language-server: $schema=x.json

# about the file
kind: Bot  # a kind
metadata:
  name: a
spec:
  # before the name
  name: x
  plugins:
    - plugin: news  # one
      tools: # two
        - a  # three
        # below the tools
    # below the plugins

  # about the model
  # in two lines
  model:   # beside the model
    id: "1" # beside the id

    # below the id
# the end
---
# the second
kind: Bot
"""
    )


@pytest.mark.parametrize(
    "misread",
    ["yes", "No", "on", "OFF", "y", "n", "1:30", "1_0:30", "12:30:45", "=", "190:20:30.15"],
)
def test_what_yaml_1_1_misreads_is_quoted(misread: str) -> None:
    """Other tools read the file as we do."""
    yaml_1_1 = pytest.importorskip("yaml", reason="needs PyYAML")
    made = stable(f"kind: Bot\nmetadata: {{name: a, labels: {{x: {misread}}}}}\nspec:\n  name: {misread}\n")
    assert f'name: "{misread}"' in made
    assert yaml_1_1.safe_load(made)["spec"]["name"] == misread
    assert yaml_1_1.safe_load(made)["metadata"]["labels"]["x"] == misread


@pytest.mark.parametrize("number", ["12", "0.7", "1_000", "0x1F", "true", "-3", "1e3"])
def test_numbers_stay_numbers(number: str) -> None:
    """What is no text is never quoted."""
    assert stable(f"a: {number}\n") == f"a: {number}\n"


@pytest.mark.parametrize(
    "text",
    ["one\ntwo", "one\ntwo\n", "one\n\ntwo\n\n\n", "  one\ntwo", "\n\n one\ntwo\n", "one \n\ttwo  \n",
     "# one\n- two: x\n",
     "```\n{{name}}\n```\n", "一\n二\n"],
)  # fmt: skip
def test_text_of_many_lines_is_a_block(text: str) -> None:
    """Whatever it begins and ends with; as a value, in a list, and before another field."""
    quoted = json.dumps(text, ensure_ascii=False)
    made = stable(f"a: {quoted}\nb:\n- {quoted}\n- c: {quoted}\n  d: 1\n\n# last\ne: {quoted}\n")
    assert made.count("|") == 4
    assert "\\n" not in made


@pytest.mark.parametrize(
    "text", ["\\n\\n", "\\n", "a\\n", "a\\u0007\\nb", "\\ud7ff", " \\n ", ":\\n ", "a\\u2028b\\nc", "\\x85"]
)
def test_text_that_can_be_no_block_stays_in_quotes(text: str) -> None:
    """Separators and characters that nobody sees keep their escapes."""
    assert stable(f'a: "{text}"\n') == f'a: "{text}"\n'


def test_brackets_stay_brackets_where_they_fit() -> None:
    """Over several lines they are drawn together, else opened; a comment inside opens them."""
    made = stable(
        "a: {\n  b: 1,\n  c: [1,2] }\nd: [\n  x, # why\n  z]\ne: { }\nf: [\n"
        + '  "'
        + "x" * 100
        + '",\n  z]\n'
    )
    assert made.splitlines() == [
        "a: {b: 1, c: [1, 2]}", "d:", "  - x # why", "  - z", "e: {}", "f:",
        '  - "' + "x" * 100 + '"', "  - z",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "a: !!set {x}\n",
        "? [a]\n: b\n",
        "- a\n- b\n" * 0 + "just text\n",
        "a: &x 1\n? *x\n: 2\n",
        "a: !mine b\n",
    ],
)
def test_what_it_does_not_know_it_leaves(text: str) -> None:
    """Better not formatted than changed."""
    with pytest.raises(Unformattable):
        formatted(text)


def test_aliases_stay_below_their_anchors() -> None:
    """Then no key is moved; the rest is formatted."""
    text = "spec: &s\n    name:   &n x\nkind: Bot\nmetadata: {<<: *s,name: *n}\n"
    assert stable(text) == "spec: &s\n  name: &n x\nkind: Bot\nmetadata: {<<: *s, name: *n}\n"


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# nothing but this\n", "---\n", "--- # a\n# b\n", "# a\n---\nkind: Bot\n...\n# c\n"]
)
def test_files_without_much_in_them(text: str) -> None:
    """Comments and separators alone."""
    stable(text)


def test_line_ends_become_one_kind() -> None:
    """CRLF is a matter of the editor."""
    assert stable("a: 1\r\nb: |\r\n  x\r\n  y\r\n") == "a: 1\nb: |\n  x\n  y\n"


def test_the_example_is_formatted() -> None:
    """Every manifest of the quickstart."""
    for file in QUICKSTART.rglob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        assert stable(text) == text, file


# ------------------------------------------------------------------------------------------ properties

_WORDS = st.sampled_from(
    [
        "a",
        "b",
        "yes",
        "012",
        "1:30",
        "~x",
        "x y",
        "- z",
        "",
        "你好",
        "a: b",
        "a #b",
        "null!",
        "2024-01-02",
        "'",
        '"',
    ]
)
_TEXTS = _WORDS | st.text(alphabet="ab \n#:-'\"\t你{}[],|>\\", max_size=12)
_SCALARS = _TEXTS | st.integers(-9, 9) | st.booleans()
_TREES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=12,
)


def untidy(value: Any, depth: int, chance: random.Random) -> str:
    """A value written by somebody in a hurry: any indentation, comments and empty lines everywhere."""
    if not isinstance(value, dict | list):
        return f" {_scalar(value, depth, chance)}{_beside(chance)}"
    if not value or chance.random() < 0.2:
        return f" {json.dumps(value, ensure_ascii=False)}{_beside(chance)}"
    deeper = depth + chance.choice([1, 2, 4])
    pairs = (
        [(json.dumps(key), item) for key, item in value.items()]
        if isinstance(value, dict)
        else [("-", item) for item in value]
    )
    lines = [_beside(chance)]
    for key, item in pairs:
        lines.append(chance.choice(["", "", "\n", "\n\n", f"{' ' * deeper}# c{chance.randint(0, 99)}\n"]))
        sign = "-" if key == "-" else f"{key}:"
        lines.append(f"{' ' * deeper}{sign}{untidy(item, deeper, chance)}")
    return "".join(lines)


def _beside(chance: random.Random) -> str:
    return chance.choice(["\n", "\n", f"  # b{chance.randint(0, 99)}\n"])


def _scalar(value: Any, depth: int, chance: random.Random) -> str:
    if isinstance(value, str) and "\n" not in value and "'" not in value and chance.random() < 0.3:
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=chance.random() < 0.5)


@BOUNDED
@given(st.dictionaries(_TEXTS, _TREES, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_any_values_in_any_shape(value: dict[str, Any], chance: random.Random) -> None:
    """Values and comments survive, and the second time nothing happens."""
    text = "# head\n" + untidy(value, -1, chance).lstrip("\n")
    assume(documents(text))
    stable(text)


@BOUNDED
@given(DAMAGE)
def test_any_damage(damage: list[tuple[int, int, str]]) -> None:
    """What still is YAML is formatted without loss, or left."""
    text = DAMAGED
    for start, length, piece in damage:
        text = text[:start] + piece + text[start + length :]
    assume("\u2028" not in text)  # no manifest has it
    problems = Problems()
    list(parse(Source("a.yaml", Path("a.yaml"), text), problems))
    assume(not any(one.code in ("COZE001", "COZE002", "COZE004") for one in problems))
    try:
        stable(text)
    except Unformattable as reason:
        assert str(reason)  # noqa: PT017 (either is fine)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_project_is_the_same_project(tmp_path: Path, seed: int) -> None:
    """Everything that is planned from is equal before and after, with keys and styles mixed up.

    A project takes more chances than Hypothesis gives to one example.
    """
    chance = random.Random(seed)
    folder = tmp_path / "p"
    shutil.copytree(QUICKSTART, folder)
    for file in folder.rglob("*.yaml"):
        mixed = [_mixed(one, chance) for one in documents(file.read_text(encoding="utf-8"))]
        file.write_text("---\n".join(untidy(one, -1, chance).lstrip("\n") for one in mixed), encoding="utf-8")
    before = load_project(folder, environment=None, environ={})
    for file in folder.rglob("*.yaml"):
        file.write_text(stable(file.read_text(encoding="utf-8")), encoding="utf-8")
    after = load_project(folder, environment=None, environ={})
    assert {one.address: one.inputs for one in before.resources} == {
        one.address: one.inputs for one in after.resources
    }
    assert before.settings == after.settings


def _mixed(value: Any, chance: random.Random) -> Any:
    if isinstance(value, list):
        return [_mixed(item, chance) for item in value]
    if not isinstance(value, dict):
        return value
    keys = chance.sample(list(value), len(value))
    return {key: _mixed(value[key], chance) for key in keys}


# ----------------------------------------------------------------------------------------------- files


def test_a_file_is_replaced_whole_with_its_permissions(tmp_path: Path) -> None:
    """A link stays a link."""
    file, link = tmp_path / "a.yaml", tmp_path / "link.yaml"
    file.write_text("before")
    file.chmod(0o640)
    link.symlink_to(file)
    replace_file(link, b"after")
    assert file.read_bytes() == b"after"
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.yaml", "link.yaml"]


def test_a_file_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """And nothing is left behind."""
    with pytest.raises(CozeopsError, match="cannot be written"):
        replace_file(tmp_path / "missing" / "a.yaml", b"x")


def test_files_are_made_all_or_none(tmp_path: Path) -> None:
    """Somebody else's file is never touched."""
    (tmp_path / "b").write_text("mine")
    with pytest.raises(CozeopsError, match="b cannot be written"):
        create_files(tmp_path, {"a": "1", "b": "2"})
    assert [one.name for one in tmp_path.iterdir()] == ["b"]
    assert (tmp_path / "b").read_text() == "mine"
