"""What completion skims from the text of files: the same that reading them whole gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from cozeops.kinds import kinds
from cozeops.manifests.load import environments as environments_read
from cozeops.manifests.load import load_project
from cozeops.manifests.outline import addresses, environments

QUICKSTART = Path(__file__).parents[2] / "examples" / "quickstart"


def test_the_names_of_kinds_are_those_of_their_files() -> None:
    """They are known without importing a declaration."""
    assert list(kinds()) == sorted(kinds())
    assert all(kind.name == name for name, kind in kinds().items())


def test_addresses_of_an_example() -> None:
    project = load_project(QUICKSTART, environment=None, environ={})
    assert addresses(QUICKSTART) == sorted(str(one.address) for one in project.resources)


@pytest.mark.parametrize(
    "text",
    [
        "kind: Bot\nmetadata: {name: chef, workspace: a}\n",
        "metadata:\n  labels: {name: other}\n  name: chef  # the one\nkind: Bot # yes\n",
        'kind: "Bot"\nmetadata:\n    name: \'chef\'\nspec:\n  name: other\n',
        "{kind: Bot, metadata: {name: chef}}\n",
        "---\nkind: Bot\nmetadata: {\n  labels: {a: b},\n  name: chef\n}\n...\n",
        "apiVersion: cozeops/v1\nkind: Bot\nmetadata: {\"name\": \"chef\"}\n---\nkind: Deployment\n"
        "metadata: {name: web}\n---\nkind: [Bot]\n---\nkind: Bot\nmetadata: {name: 1}\n---\n- a\n",
        "kind: Bot\nmetadata: {name: chef}\nspec:\n  prompt: |\n    metadata: {name: other}\n    ---\n",
    ],
)  # fmt: skip
def test_ways_to_write_an_address(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(text)
    assert addresses(tmp_path) == ["Bot/chef"]


def test_chinese_names_and_hidden_places(tmp_path: Path) -> None:
    for name in ("a.yaml", ".b.yaml", ".github/c.yaml", "d/e.yaml", "f.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"kind: Prompt\nmetadata: {{name: 厨师-{name[0]}}}\n", "utf-8")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00kind: Prompt")
    assert addresses(tmp_path) == ["Prompt/厨师-a", "Prompt/厨师-d"]


@pytest.mark.parametrize(
    "text",
    [
        "environments:\n    dev: {values: {a: 1}}\n    prod:\n      values: {b: 2}\n  values: {c: 3}\n",
        "environments: {dev: {values: {a: 1}}, prod: {}}\n",
        "environments: {\n  dev: {},\n  prod: {values: {b: 2}} }\n",
    ],
)
def test_environments_as_they_are_read(text: str, tmp_path: Path) -> None:
    (tmp_path / "cozeops.yaml").write_text(f"kind: Project\nmetadata: {{name: a}}\nspec:\n  {text}")
    assert environments(tmp_path) == environments_read(tmp_path) == ["dev", "prod"]


def test_no_environments(tmp_path: Path) -> None:
    assert environments(tmp_path) == []
    (tmp_path / "cozeops.yaml").write_text("kind: Project\nmetadata: {name: a}\nspec: {}\n")
    assert environments(tmp_path) == environments_read(tmp_path) == []
