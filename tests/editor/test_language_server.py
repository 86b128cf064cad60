"""With the schemas an editor completes what there is, and marks what `validate` would refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from cozeops.errors import InvalidProject
from cozeops.kinds import kinds
from cozeops.manifests.fmt.compose import Composed, compose
from cozeops.manifests.load import load_project
from cozeops.manifests.schema import rendered, schema
from tests.editor.server import Message, Server
from tests.kit import QUICKSTART, ROOT

SCHEMA = ROOT / "schemas" / "cozeops.schema.json"
BOT = "kind: Bot\nmetadata: {name: a, workspace: k}\nspec:\n"
PROJECT = "kind: Project\nmetadata: {name: p}\nspec:\n"
WORKSPACE = "---\nkind: Workspace\nmetadata: {name: k}\n"


def with_schema(text: str, file: Path = SCHEMA) -> str:
    """A manifest that names its schema as `cozeops init` does."""
    return f"# yaml-language-server: $schema={file.as_uri()}\n{text}"


def labels(server: Server, text: str) -> set[str]:
    """The words that an editor shows at the `|`. Whole snippets stand beside the fields, and are left out."""
    offered = server.completions(with_schema(text))
    assert all(item.get("insertText", "x") for item in offered)
    return {item["label"] for item in offered if "." not in item["label"] and item["label"] != "object"}


def fields(definition: str) -> set[str]:
    return set(schema()["definitions"][definition]["properties"])


def test_kinds(server: Server) -> None:
    """All of them, and nothing else."""
    assert labels(server, "kind: |") == {*kinds(), "Project"}
    assert labels(server, "kind: B|") >= {"Bot"}


@pytest.mark.parametrize(
    ("text", "definition"),
    [
        (BOT + "  |", "bot.BotSpec"),
        (BOT + "  model:\n    |", "model.Model"),
        ("kind: Workspace\nmetadata: {name: k}\nspec:\n  |", "workspace.WorkspaceSpec"),
        ("kind: KnowledgeBase\nmetadata: {name: k}\nspec:\n  |", "knowledge_base.KnowledgeBaseSpec"),
        (PROJECT + "  |", "spec.ProjectSpec"),
        (PROJECT + "  environments:\n    dev:\n      |", "spec.EnvironmentSpec"),
        (PROJECT + "  checks:\n    commands:\n      - |", "checks_spec.CheckCommandSpec"),
        ("kind: Bot\nmetadata:\n  |", "envelope.Metadata"),
    ],
)
def test_fields(server: Server, text: str, definition: str) -> None:
    """Those of the kind, and of no other."""
    assert labels(server, text) == fields(definition)


def test_a_file_of_several_documents(server: Server) -> None:
    """The server looks for the schema above each document: a file that cozeops writes has it there."""
    documents = [
        Composed({"kind": "Workspace", "metadata": {"name": "k"}, "spec": {"nmae": "a"}}),
        Composed({"kind": "Bot", "metadata": {"name": "a", "workspace": "k"}, "spec": {"promt": "a"}}),
    ]
    text = compose(documents, schema=SCHEMA.as_uri())
    assert [one["message"] for one in server.problems(text)] == [
        "Property nmae is not allowed.",
        "Property promt is not allowed.",
    ]
    offered = {item["label"] for item in server.completions(text.replace("promt: a", "mo|"))}
    assert offered == fields("bot.BotSpec")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (PROJECT + "  state:\n    backend: |", {"local", "git", "s3"}),
        (PROJECT + "  checks:\n    rules:\n      empty-knowledge: |", {"block", "warn", "info", '"off"'}),
        ("apiVersion: |", {"cozeops/v1"}),
    ],
)
def test_values(server: Server, text: str, values: set[str]) -> None:
    """What is one of a few is offered; `off` in quotes, which is right in every version of YAML."""
    assert labels(server, text) == values


def test_descriptions(server: Server) -> None:
    """Each field comes with its words."""
    offered = server.completions(with_schema(BOT + "  |"))
    icon = next(item for item in offered if item["label"] == "icon")
    assert "uploaded when its content changes" in str(icon["documentation"])


BAD = {
    "unknown field": (BOT + "  promt: a\n", 3, "promt"),
    "unknown field below": (BOT + '  model:\n    id: "1"\n    temprature: 1\n', 5, "temprature"),
    "field of another kind": ("kind: Workspace\nmetadata: {name: b}\nspec:\n  prompt: a\n", 3, "prompt"),
    "unknown field of the document": (BOT + "  name: a\nspecs: {}\n", 4, "specs"),
    "wrong type": (BOT + "  name: 3\n", 3, "string"),
    "a list for a map": (BOT + "  model: []\n", 3, "Model"),
    "a number that is text": (BOT + '  model:\n    id: "1"\n    temperature: high\n', 5, "number"),
    "missing required": (BOT + "  model:\n    temperature: 1\n", 4, '"id"'),
    "missing metadata": ("kind: Bot\nspec: {}\n", 0, '"metadata"'),
    "no such kind": ("kind: Bott\nmetadata: {name: a}\n", 0, '"Bot"'),
    "too long": (BOT + f"  name: {'a' * 21}\n", 3, "20"),
    "bad pattern": (BOT + "  id: abc\n", 3, "pattern"),
}
BAD_PROJECT = {
    "bad enum": (PROJECT + "  state: {backend: gitt}\n", 3, '"git"'),
    "shell string": (PROJECT + "  checks: {commands: [{name: a, run: b c}]}\n", 3, "array"),
    "missing command": (PROJECT + "  checks:\n    commands:\n    - name: a\n", 5, '"run"'),
}


def refused_at(folder: Path, file: str, text: str) -> set[int]:
    """The lines, from 0, that `validate` marks in this file."""
    (folder / file).write_text(text, encoding="utf-8")
    if file == "m.yaml":
        (folder / "k.yaml").write_text(WORKSPACE, encoding="utf-8")
    with pytest.raises(InvalidProject) as caught:
        load_project(folder, environment=None, environ={})
    return {one.position.line - 1 for one in caught.value.problems if one.position}


@pytest.mark.parametrize(
    ("file", "text", "line", "word"),
    [
        pytest.param(file, *case, id=name)
        for file, cases in (("m.yaml", BAD), ("cozeops.yaml", BAD_PROJECT))
        for name, case in cases.items()
    ],
)
def test_what_validate_refuses_is_marked(
    server: Server, tmp_path: Path, file: str, text: str, line: int, word: str
) -> None:
    """On the same line, in words that name it."""
    found = server.problems(with_schema(text))
    assert found
    # A missing field is marked at the map that it should be in: at its key, or at its first line.
    marked = {one["range"]["start"]["line"] - 1 for one in found}
    assert line in marked or line - 1 in marked, found
    assert any(word in one["message"] for one in found), found
    refused = refused_at(tmp_path, file, text)
    assert refused & marked, (refused, found)


def _manifests() -> list[Path]:
    return sorted(QUICKSTART.rglob("*.yaml"))


@pytest.mark.parametrize("file", _manifests(), ids=lambda file: str(file.relative_to(QUICKSTART)))
def test_valid_manifests_have_no_marks(server: Server, file: Path) -> None:
    """The quickstart, each document with the schema of all kinds."""
    text = file.read_text("utf-8").partition("\n")[2]
    for document in text.split("\n---\n"):
        assert server.problems(with_schema(document)) == []


def test_references_have_no_marks(server: Server) -> None:
    """A value that comes from elsewhere is right wherever it stands."""
    text = (
        f'{BOT}  name: "${{values.name}}"\n  voice_call: "${{values.v}}"\n'
        '  model: {id: "${values.id}", top_p: "${values.p}"}\n'
    )
    assert server.problems(with_schema(text)) == []


def test_the_schema_of_one_kind(server: Server, tmp_path: Path) -> None:
    """It does the same for files of that kind."""
    file = tmp_path / "Bot.schema.json"
    file.write_text(rendered(schema("Bot")), encoding="utf-8")
    offered: list[Message] = server.completions(with_schema(BOT + "  |", file))
    assert {"prompt", "model", "publish"} <= {item["label"] for item in offered}
    assert server.problems(with_schema(BOT + "  promt: a\n", file))
    assert server.problems(with_schema(BOT + "  description: a\n", file)) == []
