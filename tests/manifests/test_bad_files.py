"""Bad files and envelopes: YAML that is none, limits, addresses, the same with either parser."""

from __future__ import annotations

from pathlib import Path

import pytest
import ruamel.yaml

from cozeops.codes import Code
from cozeops.errors import InvalidProject
from cozeops.manifests.load import load_project
from cozeops.manifests.yaml import parse
from tests.manifests.projects import BOT, WORKSPACE, Loader, bot

# Each level holds the one below ten times: 10^8 values.
BOMB = "a: &a [x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(8)
)

# name: (the file, code, line:column, part of the message, part of the hint)
YAML_CASES: dict[str, tuple[str | bytes, Code, str, str, str]] = {
    "duplicate key": (
        bot("  name: a\n  name: b\n"),
        Code.DUPLICATE_KEY,
        "9:3",
        '"name" is written twice',
        "line 8",
    ),
    "tab": (bot("  name: a\n\ticon: b\n"), Code.SYNTAX, "9:1", "a tab", "spaces"),
    "tab after a quoted text": ('kind: "Bot"\t\n', Code.SYNTAX, "1:12", "a tab", "spaces"),
    "unclosed bracket": ("kind: [a\n", Code.SYNTAX, "2:1", "bracket", "close [ with ]"),
    "unclosed quote": ('kind: "a\nmore: b\n', Code.SYNTAX, "1:7", "ends inside quotes", "close the quotes"),
    "colon in text": ("kind: a: b\n", Code.SYNTAX, "1:8", "a colon", "quote text"),
    "indentation": ("a:\n  b: 1\n c: 2\n", Code.SYNTAX, "3:2", "indentation", "siblings"),
    "at sign": ("kind: @a\n", Code.SYNTAX, "1:7", "cannot begin", "quote"),
    "no anchor": ("kind: *a\n", Code.SYNTAX, "1:7", "an alias without its anchor", "quote"),
    "directive": ("%YAML 1.1\n---\nkind: Bot\n", Code.SYNTAX, "1:1", "directives", "remove"),
    "alias bomb": (BOMB, Code.TOO_COMPLEX, "1:4", "more than 250,000 values", "fewer aliases"),
    "alias of itself": (
        "kind: &a [*a]\n",
        Code.TOO_COMPLEX,
        "1:7",
        "nested deeper",
        "must not contain itself",
    ),
    "deep": ("a: " + "[" * 100 + "]" * 100, Code.TOO_COMPLEX, "1:67", "deeper than 64", "flatter"),
    "very deep": ("a: " + "[" * 50_000, Code.TOO_COMPLEX, "1:67", "deeper than 64", "flatter"),
    "deep by dashes": ("- " * 20_000 + "a", Code.TOO_COMPLEX, "1:129", "deeper than 64", "flatter"),
    "zero byte": (b"kind: a\nb: \0", Code.UNREADABLE, "2:4", "binary", "UTF-8"),
    "GBK": (
        "kind: a\nb: 中".encode("gbk"),
        Code.UNREADABLE,
        "2:4",
        "not UTF-8: byte 0xd6",
        "save it as UTF-8",
    ),
    "UTF-8 after a BOM": (b"\xef\xbb\xbfa: \xff", Code.UNREADABLE, "1:4", "byte 0xff", "save it as UTF-8"),
    "UTF-16": ("kind: Bot".encode("utf-16"), Code.UNREADABLE, "1:4", "binary", "save it as UTF-8"),
    "control character": ("kind: a\x07\n", Code.UNREADABLE, "1:8", "U+0007", "delete"),
    "invisible line end": ("kind: a\u2028\n", Code.UNREADABLE, "1:8", "U+2028", "invisible"),
    "huge": (b"a: " + b"x" * 5 * 2**20, Code.UNREADABLE, "1:1", "5.0 MiB", "split"),
    "half a character": (bot('  name: "\\ud83d"\n'), Code.FOREIGN_VALUE, "8:9", "surrogate", "itself"),
    "null": (bot("  name:\n"), Code.FOREIGN_VALUE, "8:3", "null is not a value", '[] or ""'),
    "null in a list": (bot("  workflows: [~]\n"), Code.FOREIGN_VALUE, "8:15", "null", "leave"),
    "date": (
        bot("  description: 2024-01-02\n"),
        Code.FOREIGN_VALUE,
        "8:16",
        "a date",
        'quote it: "2024-01-02"',
    ),
    "tag": (bot("  name: !secret x\n"), Code.FOREIGN_VALUE, "8:9", '"!secret"', "without a tag"),
    "binary tag": (bot("  name: !!binary eA==\n"), Code.FOREIGN_VALUE, "8:9", '"!!binary"', "without a tag"),
    "not a number": (bot("  model: {id: '1', top_p: .nan}\n"), Code.FOREIGN_VALUE, "8:27", ".nan", "finite"),
    "infinite": (bot("  model: {id: '1', top_p: -.inf}\n"), Code.FOREIGN_VALUE, "8:27", "-.inf", "finite"),
    "key that is a number": (
        bot("  1: x\n"),
        Code.FOREIGN_VALUE,
        "8:3",
        "the key 1 is not text",
        'quote it: "1"',
    ),
    "key that is a list": (bot("  [a]: x\n"), Code.FOREIGN_VALUE, "8:3", "a list or a map", "quote"),
    "merge of a text": (bot("  <<: x\n"), Code.FOREIGN_VALUE, "8:7", "takes in a map", "<<: *name"),
    "list": ("- a\n", Code.ENVELOPE, "1:1", "this is a list", "kind, metadata and spec"),
    "text": ("hello\n", Code.ENVELOPE, "1:1", 'the text "hello"', "kind, metadata and spec"),
    "no kind": ("a: 1\n", Code.ENVELOPE, "1:1", "no kind", "write kind: one of App"),
    "unknown kind": ("kind: Bott\n", Code.UNKNOWN_KIND, "1:7", 'no kind "Bott"', "did you mean Bot?"),
    "kind in small letters": ("kind: bot\n", Code.UNKNOWN_KIND, "1:7", 'no kind "bot"', "did you mean Bot?"),
    "version": (f"apiVersion: v2\n{WORKSPACE}", Code.ENVELOPE, "1:13", '"v2"', "apiVersion: cozeops/v1"),
    "envelope key": (f"meta: 1\n{WORKSPACE}", Code.UNKNOWN_FIELD, "1:1", '"meta"', "did you mean metadata?"),
    "no metadata": ("kind: Prompt\nspec: {text: a}\n", Code.ENVELOPE, "1:1", "no metadata", "{name: ...}"),
    "no name": ("kind: Prompt\nmetadata: {}\n", Code.ENVELOPE, "2:1", "no name", "add name"),
    "no spec": ("kind: Prompt\nmetadata: {name: a}\n", Code.ENVELOPE, "1:1", "no spec", "write spec"),
    "bad name": (
        "kind: Prompt\nmetadata: {name: a b}\n",
        Code.BAD_NAME,
        "2:18",
        '"a b"',
        "letters and digits",
    ),
    "long name": (
        f"kind: Prompt\nmetadata: {{name: {'a' * 65}}}\n",
        Code.BAD_NAME,
        "2:18",
        "not a name",
        "64",
    ),
    "number as name": (
        "kind: Prompt\nmetadata: {name: 12}\n",
        Code.BAD_NAME,
        "2:18",
        "12",
        'quote it: "12"',
    ),
    "metadata key": (
        "kind: Prompt\nmetadata: {name: a, lables: {}}\nspec: {text: a}\n",
        Code.UNKNOWN_FIELD,
        "2:21",
        '"lables" in metadata',
        "did you mean labels?",
    ),
    "label": (
        "kind: Prompt\nmetadata: {name: a, labels: {b: 1}}\nspec: {text: a}\n",
        Code.WRONG_TYPE,
        "2:33",
        "metadata.labels.b wants text",
        'quote it: "1"',
    ),
    "protection": (
        "kind: Prompt\nmetadata: {name: a, lifecycle: {protect: [renam]}}\nspec: {text: a}\n",
        Code.BAD_VALUE,
        "2:43",
        '"renam"',
        "did you mean rename?",
    ),
    "ignored field": (
        WORKSPACE
        + "kind: Bot\nmetadata: {name: a, workspace: kitchen, lifecycle: {ignore: [spec.promt]}}\nspec: {}\n",
        Code.UNKNOWN_FIELD,
        "6:62",
        'no field "spec.promt"',
        "did you mean spec.prompt?",
    ),
    "no workspace": (
        WORKSPACE + "kind: Bot\nmetadata: {name: a}\nspec: {}\n",
        Code.WORKSPACE,
        "6:1",
        "needs metadata.workspace",
        "add workspace: kitchen",
    ),
    "unknown workspace": (
        WORKSPACE + "kind: Bot\nmetadata: {name: a, workspace: kitchn}\nspec: {}\n",
        Code.DANGLING,
        "6:32",
        'no Workspace "kitchn"',
        "did you mean kitchen?",
    ),
    "workspace out of place": (
        WORKSPACE + "kind: Prompt\nmetadata: {name: a, workspace: kitchen}\nspec: {text: a}\n",
        Code.WORKSPACE,
        "6:32",
        "lives in no workspace",
        "remove",
    ),
    "moved from what is there": (
        WORKSPACE + "kind: Workspace\nmetadata: {name: a, moved_from: kitchen}\nspec: {name: b}\n",
        Code.DUPLICATE_IDENTITY,
        "6:33",
        "still declared",
        "remove moved_from",
    ),
    "duplicate address": (
        WORKSPACE + WORKSPACE,
        Code.DUPLICATE_ADDRESS,
        "6:18",
        "Workspace/kitchen is declared twice",
        "the first is at m.yaml:2:18",
    ),
    "same name on Coze": (
        bot("  name: a\n---\n") + BOT.replace("chef", "cook") + "  name: a\n",
        Code.DUPLICATE_IDENTITY,
        "13:9",
        'Bot/cook and Bot/chef both have the name "a" on Coze',
        "the first is at m.yaml:8:9",
    ),
    "same name by default": (
        bot("  name: cook\n---\n") + BOT.replace("chef", "cook") + "  description: a\n",
        Code.DUPLICATE_IDENTITY,
        "11:18",
        'the name "cook"',
        "the first is at",
    ),
    "same id": (
        bot("  id: '1'\n---\n") + BOT.replace("chef", "cook") + "  id: '1'\n",
        Code.DUPLICATE_IDENTITY,
        "13:7",
        "both have the id 1",
        "one live object has one manifest",
    ),
    "name of a built-in channel": (
        "kind: Connector\nmetadata: {name: api}\nspec: {id: '7'}\n",
        Code.BAD_NAME,
        "2:18",
        "a channel of Coze's own",
        "remove this document",
    ),
    "project in another file": (
        "kind: Project\nmetadata: {name: a}\nspec: {}\n",
        Code.PROJECT,
        "1:7",
        "in cozeops.yaml at the root",
        "move it there",
    ),
}


@pytest.mark.parametrize("case", YAML_CASES.values(), ids=YAML_CASES.keys())
def test_bad_file(project: Loader, case: tuple[str | bytes, Code, str, str, str]) -> None:
    text, code, where, message, hint = case
    problem = project.problems({"m.yaml": text})[0]
    assert problem.code == code
    assert message in problem.message
    assert hint in problem.hint
    assert str(problem.position) == f"m.yaml:{where}"


C_PARSER = getattr(ruamel.yaml.YAML(typ="safe").Parser, "__name__", "") == "CParser"


@pytest.mark.skipif(not C_PARSER, reason="the C parser is not installed (extra: fast)")
@pytest.mark.parametrize("text", [case[0] for case in YAML_CASES.values()], ids=YAML_CASES.keys())
def test_both_parsers_say_the_same(
    project: Loader, monkeypatch: pytest.MonkeyPatch, text: str | bytes
) -> None:
    fast = project.problems({"m.yaml": text})
    monkeypatch.setattr(parse, "_needs_pure", lambda _: True)
    assert project.problems({}) == fast


def test_empty_folder(project: Loader) -> None:
    [problem] = project.problems({"notes.txt": "x", ".hidden/a.yaml": "a: ["})
    assert problem.code == Code.EMPTY
    assert str(project.root) in problem.message
    assert "cozeops init" in problem.hint


def test_project_without_manifests(project: Loader) -> None:
    [problem] = project.problems({"cozeops.yaml": "kind: Project\nmetadata: {name: a}\n", "m.yaml": "---\n"})
    assert (problem.code, str(problem.position)) == (Code.EMPTY, "cozeops.yaml:1:1")


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(InvalidProject) as caught:
        load_project(tmp_path / "nope", environment=None, environ={})
    assert caught.value.problems[0].code == Code.EMPTY


def test_links_out_of_the_project(project: Loader, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "a.yaml").write_text(WORKSPACE)
    (outside / "secret.md").write_text("secret")
    (project.root / "link.yaml").symlink_to(outside / "a.yaml")
    (project.root / "gone.yaml").symlink_to(outside / "nothing.yaml")
    (project.root / "secret.md").symlink_to(outside / "secret.md")
    (project.root / "folder").symlink_to(outside)
    (project.root / "round").symlink_to("round")
    spec = "  prompt: {file: secret.md}\n  icon: folder/secret.md\n"
    problems = project.problems({"m.yaml": bot(spec), "n.yaml": WORKSPACE + BASE_WITH_LINKS})
    found = {(str(one.position), one.code) for one in problems}
    assert found >= {
        ("gone.yaml:1:1", Code.MISSING_FILE),
        ("link.yaml:1:1", Code.OUTSIDE),
        ("m.yaml:8:18", Code.OUTSIDE),
        ("m.yaml:9:9", Code.OUTSIDE),
        ("n.yaml:9:15", Code.OUTSIDE),
    }


BASE_WITH_LINKS = (
    "kind: KnowledgeBase\nmetadata: {name: k, workspace: kitchen}\nspec:\n"
    '  documents:\n    - {files: "*.md"}\n'
)


def test_link_in_a_circle(project: Loader) -> None:
    (project.root / "round").symlink_to("round")
    [problem] = project.problems({"m.yaml": bot("  icon: round\n")})
    assert problem.code in (Code.UNUSABLE_FILE, Code.MISSING_FILE)
