"""What a manifest becomes: texts, files, references, patterns; nothing that is not written."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from cozeops.address import Address
from cozeops.declare.resource import Lifecycle
from cozeops.manifests.load import load_project
from cozeops.values import FileContent, Reference
from tests.manifests.projects import BASE, BOT, WORKSPACE, Loader, bot, prompt

QUICKSTART = Path(__file__).parents[2] / "examples" / "quickstart"


def text_of(project: Loader, manifests: str, **files: str) -> object:
    """The prompt of Bot/chef."""
    named = {name.replace("_", "."): content for name, content in files.items()}
    return project.resource({"m.yaml": manifests, **named}, "Bot/chef").values["prompt"]


def test_only_what_is_written(project: Loader) -> None:
    made = project.resource({"m.yaml": bot("  model: {id: '1', temperature: 1}\n")}, "Bot/chef")
    assert made.values == {"model": {"id": "1", "temperature": 1}}
    assert (made.name, made.id, made.scope) == ("chef", None, Address("Workspace", "kitchen"))
    assert (made.labels, made.lifecycle, made.moved_from) == ({}, Lifecycle(), None)


def test_metadata_and_id_leave_the_values(project: Loader) -> None:
    lifecycle = "{protect: [rename], ignore: [spec.model]}"
    more = f"labels: {{team: food}}, moved_from: cook, lifecycle: {lifecycle}"
    metadata = f"{{name: chef, workspace: kitchen, {more}}}"
    text = WORKSPACE + f"kind: Bot\nmetadata: {metadata}\nspec: {{id: '73', name: 每日学一菜}}\n"
    made = project.resource({"m.yaml": text}, "Bot/chef")
    assert made.values == {"name": "每日学一菜"}
    assert (made.name, made.id, made.moved_from) == ("每日学一菜", "73", "cook")
    assert made.labels == {"team": "food"}
    assert made.lifecycle == Lifecycle(frozenset({"rename"}), frozenset({"spec.model"}))


TEXTS = {
    "in place": ("'a {{name}} $5 $$ b'", "a {{name}} $5 $$ b"),
    "escape": ("'$${a} and $$${b}'", "${a} and $${b}"),
    "block": ("|\n    # Role\n\n      x\n", "# Role\n\n  x\n"),
    "file": ("{file: p.md}", "one {{name}} ${vars.x} $${y}\ntwo"),
    "two parts": ("{prefix: {file: p.md}, dynamic: b}", None),
    "one part": ("{prefix: a}", {"prefix": "a", "dynamic": ""}),
}


@pytest.mark.parametrize(("written", "expected"), TEXTS.values(), ids=TEXTS.keys())
def test_text(project: Loader, written: str, expected: object) -> None:
    file = "\ufeffone {{name}} ${vars.x} $${y}\r\ntwo"
    if expected is None:
        expected = {"prefix": "one {{name}} ${vars.x} $${y}\ntwo", "dynamic": "b"}
    assert text_of(project, bot(f"  prompt: {written}\n"), p_md=file) == expected


USES = {
    "defaults": ('{text: "做${vars.dish}", vars: {dish: 家常菜}}', "{ref: p}", "做家常菜"),
    "given": ('{text: "做${vars.dish}", vars: {dish: 家常菜}}', "{ref: p, vars: {dish: 川菜}}", "做川菜"),
    "required": ('{text: "${vars.a}"}', "{ref: p, vars: {a: true}}", "true"),
    "numbers": ('{text: "${vars.a}/${vars.b}"}', "{ref: p, vars: {a: 1.5, b: 2}}", "1.5/2"),
    "values are not filled again": ('{text: "${vars.a}"}', "{ref: p, vars: {a: '$${vars.a}'}}", "${vars.a}"),
    "file without vars": ("{text: {file: p.md}}", "{ref: p}", "one ${vars.x} $${y}\n"),
    "file with own vars": ("{text: {file: p.md}, vars: {x: 1}}", "{ref: p}", "one 1 ${y}\n"),
    "file with given vars": ("{text: {file: p.md}}", "{ref: p, vars: {x: 2}}", "one 2 ${y}\n"),
    "parts": (
        '{parts: [{file: p.md}, {text: "\\nb\\n\\n"}, {text: c}]}',
        "{ref: p}",
        "one ${vars.x} $${y}\n\nb\n\nc",
    ),
    "inner prompt": (
        '{parts: [{ref: q, vars: {z: "${vars.a}!"}}, {ref: r}], vars: {a: b}}',
        "{ref: p}",
        "[b!]\n\none ${vars.x} $${y}\n",
    ),
}


@pytest.mark.parametrize(("spec", "use", "expected"), USES.values(), ids=USES.keys())
def test_prompts(project: Loader, spec: str, use: str, expected: str) -> None:
    inner = prompt("q", '{text: "[${vars.z}]"}') + prompt("r", "{text: {file: p.md}}")
    manifests = inner + prompt("p", spec) + bot(f"  prompt: {use}\n")
    assert text_of(project, manifests, p_md="one ${vars.x} $${y}\n") == expected


def test_a_prompt_alone_keeps_what_its_users_give(project: Loader) -> None:
    text = prompt("p", '{parts: [{text: "${vars.a}"}, {text: "${vars.b}"}], vars: {a: 1}}')
    made = project.resource({"m.yaml": text}, "Prompt/p")
    assert made.values == {"text": "1\n\n${vars.b}", "vars": {"a": 1}}


def test_suggest_reply_is_a_text_too(project: Loader) -> None:
    spec = "  suggest_reply: {mode: customized, prompt: {file: p.md}}\n"
    made = project.resource({"m.yaml": bot(spec), "p.md": "ask"}, "Bot/chef")
    assert made.values["suggest_reply"] == {"mode": "customized", "prompt": "ask"}


def test_references(project: Loader) -> None:
    spec = (
        "  knowledge: {datasets: [recipes, {id: '5'}, {name: 菜}]}\n"
        "  plugins: [{plugin: news, tools: [a, b]}, {plugin: {id: '9'}, tools: [c]}]\n"
        "  workflows: [{id: '3'}]\n"
        "  publish: {connectors: [api, {connector: kiosk, params: {device_id: ['1']}}]}\n"
    )
    others = (
        "---\n" + BASE + "  name: 菜谱\n---\nkind: Plugin\nmetadata: {name: news}\nspec: {id: '7'}\n"
        "---\nkind: Connector\nmetadata: {name: kiosk}\nspec: {id: '8'}\n"
    )
    made = project.resource({"m.yaml": bot(spec) + others}, "Bot/chef")
    recipes = Address("KnowledgeBase", "recipes")
    assert made.values["knowledge"]["datasets"] == [
        Reference("KnowledgeBase", address=recipes),
        Reference("KnowledgeBase", id="5"),
        Reference("KnowledgeBase", name="菜"),
    ]
    news = Address("Plugin", "news")
    assert [use["plugin"].address for use in made.values["plugins"]] == [news, news, None]
    assert [str(use["tool"]) for use in made.values["plugins"]] == ["a", "b", "c"]
    assert made.values["workflows"] == [Reference("Workflow", id="3")]
    api, kiosk = (one["connector"] for one in made.values["publish"]["connectors"])
    assert (api.id, kiosk.address) == ("1024", Address("Connector", "kiosk"))
    assert made.needs == {recipes, news, kiosk.address, made.scope}


def test_files(project: Loader) -> None:
    made = project.resource(
        {"bots/m.yaml": bot("  icon: ../icons/chef.png\n"), "icons/chef.png": b"\0png"}, "Bot/chef"
    )
    icon = made.values["icon"]
    assert icon == FileContent(
        path="icons/chef.png",
        sha256=hashlib.sha256(b"\0png").hexdigest(),
        size=4,
        location=project.root.resolve() / "icons/chef.png",
    )
    assert icon.read() == b"\0png"


def test_patterns(project: Loader) -> None:
    page = '{url: "https://a.b", name: 菜单}'
    entries = f'  documents:\n    - {page}\n    - files: "docs/**/*.md"\n    - {{file: c.txt, name: C}}\n'
    files = {"docs/b.md": "b", "docs/a/z.md": "z", "docs/.hidden.md": "h", "docs/x.pdf": "x", "c.txt": "c"}
    made = project.resource({"m.yaml": WORKSPACE + BASE + entries, **files}, "KnowledgeBase/recipes")
    found = [(one["name"], getattr(one.get("file"), "path", None)) for one in made.values["documents"]]
    assert found == [("菜单", None), ("z.md", "docs/a/z.md"), ("b.md", "docs/b.md"), ("C", "c.txt")]
    # Both files of the pattern were written in one place.
    lines = [made.locate(("documents", index, "file")).line for index in range(4)]  # type: ignore[union-attr]
    assert lines == [9, 10, 10, 11]


def test_a_pattern_with_one_match_may_have_a_name(project: Loader) -> None:
    entries = '  documents:\n    - {files: "*.md", name: 菜}\n'
    made = project.resource({"m.yaml": WORKSPACE + BASE + entries, "a.md": "a"}, "KnowledgeBase/recipes")
    assert [one["name"] for one in made.values["documents"]] == ["菜"]


def test_yaml_as_people_write_it(project: Loader) -> None:
    text = f"""\
# comment
{WORKSPACE}---
{BOT}\
  name: no
  description: 1:30
  model: &m
    id: '012'
    top_k: 12
    parameters: {{a: &l [1, 0x1F, 1e3], b: *l}}
  onboarding:
    prologue: "\\ud83d\\ude80 = \\u4f60"
    suggested_questions: [=, 'a: b']
...
"""
    values = project.resource({"m.yml": "\ufeff" + text.replace("\n", "\r\n")}, "Bot/chef").values
    assert values["name"] == "no"
    assert values["description"] == "1:30"
    assert values["model"] == {
        "id": "012",
        "top_k": 12,
        "parameters": {"a": [1, 31, 1000.0], "b": [1, 31, 1000.0]},
    }
    assert values["onboarding"] == {"prologue": "🚀 = 你", "suggested_questions": ["=", "a: b"]}


def test_merge_keys(project: Loader) -> None:
    spec = "  model: {id: '1', parameters: {a: &a {x: 1, y: 2}, b: {<<: *a, y: 3}, c: {<<: [*a, {z: 4}]}}}\n"
    values = project.resource({"m.yaml": bot(spec)}, "Bot/chef").values
    assert values["model"]["parameters"] == {
        "a": {"x": 1, "y": 2},
        "b": {"x": 1, "y": 3},
        "c": {"x": 1, "y": 2, "z": 4},
    }


def test_equal_names_with_ids_are_two_bots(project: Loader) -> None:
    text = bot("  id: '1'\n  name: a\n---\n") + BOT.replace("chef", "cook") + "  id: '2'\n  name: a\n"
    assert len(project.load({"m.yaml": text}).resources) == 3


def test_hidden_files_are_not_read(project: Loader) -> None:
    files = {"m.yaml": WORKSPACE, ".git/a.yaml": "[", ".b.yaml": "[", "a/.c/d.yaml": "["}
    assert project.load(files).files == ("m.yaml",)


def test_resources_are_sorted_and_files_are_told(project: Loader) -> None:
    files = {"z.yaml": WORKSPACE, "a.yaml": BOT + "  prompt: {file: p.md}\n", "p.md": "x", "other.md": "y"}
    loaded = project.load(files)
    assert [str(one.address) for one in loaded.resources] == ["Bot/chef", "Workspace/kitchen"]
    assert loaded.files == ("a.yaml", "p.md", "z.yaml")
    assert (loaded.name, loaded.environment) == (project.root.name, "default")


def test_positions_of_fields(project: Loader) -> None:
    made = project.resource({"m.yaml": bot("  name: a\n  model:\n    id: '1'\n")}, "Bot/chef")
    assert str(made.locate(("model", "id"))) == "m.yaml:10:9"
    assert str(made.locate(("model", "temperature"))) == "m.yaml:9:3"
    assert str(made.locate(("nothing",))) == "m.yaml:7:1"
    assert str(made.locate(())) == "m.yaml:7:1"


@pytest.mark.skipif(not QUICKSTART.is_dir(), reason="the example is not here")
def test_quickstart() -> None:
    loaded = load_project(QUICKSTART, environment=None, environ={})
    assert len([one for one in loaded.resources if one.address.kind == "Bot"]) >= 4
    assert all(one.inputs for one in loaded.resources)
