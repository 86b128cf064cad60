"""`explain` says what the declarations say: for every kind, every field and every code."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from cozeops.codes import Code
from cozeops.errors import UsageError
from cozeops.manifests.schema import schema
from cozeops.report.explain.declared import Field, fields_below, roots
from cozeops.report.explain.example import example_of, field_example
from cozeops.report.explain.page import render_explanation
from cozeops.report.terminal.cells import width

COZEOPS = Path(__file__).parents[2] / "cozeops"
_WRITTEN = re.compile(r'"(COZE\d{3})"')


def explained(subject: str | None, *, columns: int = 80) -> str:
    """What a terminal of that width shows."""
    stream = io.StringIO()
    render_explanation(subject, stream, width=columns, color=False)
    return stream.getvalue()


def every_field() -> Iterator[Field]:
    """The fields of every kind, those inside groups too."""
    waiting = [field for root in roots().values() for field in fields_below(root, ("spec",), root.spec)]
    waiting += fields_below(roots()["Bot"], ("metadata",), roots()["Bot"].metadata)
    while waiting:
        field = waiting.pop()
        yield field
        waiting += field.fields()


schema_of = cache(schema)
FIELDS = {f"{field.root.name}.{field.label}": field for field in every_field()}


def test_alone_it_lists_everything_that_a_manifest_may_be() -> None:
    shown = explained(None)
    assert all(f"\n  {name} " in shown for name in (*roots(), "metadata"))


@pytest.mark.parametrize("name", roots())
@pytest.mark.parametrize("columns", [80, 120])
def test_a_kind(name: str, columns: int) -> None:
    """Summary, abilities, every field and an example, within the width."""
    shown = explained(name, columns=columns)
    root = roots()[name]
    assert root.summary in " ".join(shown.split())
    for field in fields_below(root, ("spec",), root.spec):
        assert re.search(rf"^  {field.path[-1]} ", shown, re.MULTILINE), field.label
    assert "Example" in shown
    assert max(map(width, shown.splitlines())) <= columns


@pytest.mark.parametrize("path", FIELDS)
def test_every_field_can_be_asked_for(path: str) -> None:
    shown = explained(path)
    assert shown.startswith(path)
    assert "type " in shown
    assert "example  " in shown
    assert max(map(width, shown.splitlines())) <= 80


def test_spec_may_be_left_out() -> None:
    assert explained("Bot.model.temperature") == explained("Bot.spec.model.temperature")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("Bot.model.temperature", ["a number", "model_info_config.temperature", "model_info.temperature"]),
        ("Bot.name", ["at least 1, at most 20 characters"]),
        ("Bot.icon", ["not read back", "the path of a file", "uploaded", "--rewrite"]),
        ("Bot.knowledge.search_strategy", ["semantic, hybrid or full_text", "not read back"]),
        ("Bot.knowledge.datasets", ["KnowledgeBase resources", "at most 150 entries", "order"]),
        ("Bot.plugins.tools", ["at least 1, at most 100 entries", "required"]),
        ("Bot.prompt", ["at most 20,000 characters", "unified diff", "prompt.prefix"]),
        ("Bot.publish", ["publishBot", "unpublishBot", "`unpublish`"]),
        ("Bot.publish.connectors", ["api and chat_sdk need none"]),
        ("Bot.collaboration.mode", ["setBotCollaborationMode", "not read back"]),
        ("Bot.workflows.id", ["digits only"]),
        ("KnowledgeBase.format", ["fixed", "needed to create", "COZE104"]),
        ("KnowledgeBase.documents", ["whole truth", "createDocuments", "content"]),
        ("KnowledgeBase.documents.refresh.every_hours", ["at least 24"]),
        ("Workspace.members", ["removeWorkspaceMembers", "COZE106"]),
        ("Workspace.members.role", ["admin or member", "default  member"]),
        ("Workspace.connectors", ["no way to remove"]),
        ("Workspace.icon", ["Only a new object takes it"]),
        ("Project.environments.patches", ["a list; each text"]),
        ("metadata.lifecycle.protect", ["unpublish, rename or delete"]),
    ],
)
def test_a_field_tells_its_consequences(path: str, words: list[str]) -> None:
    shown = " ".join(explained(path).split())
    for one in words:
        assert " ".join(one.split()) in shown


@pytest.mark.parametrize("name", roots())
def test_examples_are_manifests(name: str) -> None:
    """They fit the schema that editors use."""
    document = YAML(typ="safe").load(example_of(roots()[name]))
    assert [error.message for error in Draft7Validator(schema_of()).iter_errors(document)] == []


@pytest.mark.parametrize("path", [path for path, field in FIELDS.items() if field.row])
def test_examples_of_fields_fit(path: str) -> None:
    field = FIELDS[path]
    value = YAML(typ="safe").load(field_example(field))
    for step in reversed(field.path[1:-1]):
        value = {step: value}
    made = schema_of(field.root.name)
    # Only the field itself is checked: what is required beside it is not there.
    found = [
        error for error in Draft7Validator(made).iter_errors({"spec": value}) if error.validator != "required"
    ]
    assert found == []


def test_every_field_in_a_kind_overview_has_words() -> None:
    """A field without a docstring explains nothing; these are known to speak for themselves."""
    silent = {path for path, field in FIELDS.items() if not field.description and field.root.name == "Bot"}
    assert silent == set()


@pytest.mark.parametrize("code", Code)
def test_every_code_is_explained(code: Code) -> None:
    shown = " ".join(explained(code.lower()).split())
    assert shown.startswith(code)
    assert " ".join(code.explanation.split()) in shown


def test_codes_lists_every_code() -> None:
    """In 80 columns, with its name."""
    shown = explained("codes")
    assert re.findall(r"COZE\d{3} [a-z-]+", shown) == [f"{code} {code.slug}" for code in Code]
    assert max(map(width, shown.splitlines())) <= 80


def test_every_code_stands_once_in_the_registry_and_nowhere_else() -> None:
    """Elsewhere it is `Code.NAME`, which mypy knows: none can be used that is not there."""
    registry = COZEOPS / "codes.py"
    assert Counter(_WRITTEN.findall(registry.read_text("utf-8"))) == Counter(Code)
    elsewhere = {
        file.name: found
        for file in COZEOPS.rglob("*.py")
        if file != registry and (found := _WRITTEN.findall(file.read_text("utf-8")))
    }
    assert elsewhere == {}


def test_every_code_is_used() -> None:
    used = {
        name
        for file in COZEOPS.rglob("*.py")
        if file.name != "codes.py"
        for name in re.findall(r"\bCode\.([A-Z_]+)\b", file.read_text("utf-8"))
    }
    assert set(Code.__members__) <= used


def test_findings_answer_to_their_names() -> None:
    assert explained("removes-unknown") == explained("COZE105") == explained("coze105")
    assert "--ack COZE105" in explained("COZE105")
    assert "cannot be acknowledged" in explained("COZE104")


@pytest.mark.parametrize(
    ("subject", "message", "hint"),
    [
        ("Bto", "no kind", "did you mean Bot?"),
        ("bot", "no kind", "did you mean Bot?"),
        ("COZE0105", "no kind or code", "COZE105"),
        ("Bot.modle", "'modle'", "did you mean model?"),
        ("Bot.model.temprature", "Bot.spec.model", "did you mean temperature?"),
        ("Bot.name.x", "Bot.spec.name", "there are none"),
        ("metadata.label", "metadata", "did you mean labels?"),
    ],
)
def test_wrong_names_suggest_the_right_one(subject: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        explained(subject)
    assert raised.value.exit_code == 3
    assert message in raised.value.message
    assert hint in raised.value.hint
