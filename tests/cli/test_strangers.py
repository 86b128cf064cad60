"""What no manifest names: listed when asked for, and never doubled by a name that looks the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.owned import Owned, actions, findings, owned


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Owned]:
    """The project, applied."""
    for one in owned(tmp_path / "project", capsys, monkeypatch):
        one.apply()
        yield one


def _unmanaged(shell: Owned) -> list[tuple[str, str]]:
    ran = shell("drift", "--unmanaged", "--format", "json")
    assert ran.code == 0
    return [(one["kind"], one["name"]) for one in json.loads(ran.out)["unmanaged"]]


def test_unmanaged_objects_are_listed_where_manifests_carry_ids(shell: Owned) -> None:
    """As `export` writes them: all kinds of the workspace, also those of which no manifest has any."""
    for file, table, name in (
        ("kitchen", "workspaces", "厨房"),
        ("chef", "bots", "每日学一菜"),
        ("waiter", "bots", "服务员"),
    ):
        path = shell.bench.folder / f"manifests/{file}.yaml"
        text = path.read_text(encoding="utf-8")
        written = f'name: {name}, id: "{shell.id_of(table, name)}",'
        line = f'  name: {name}\n  id: "{shell.id_of(table, name)}"\n'
        text = text.replace(f"name: {name},", written).replace(f"  name: {name}\n", line)
        path.write_text(text, encoding="utf-8")
    shell.apply()
    shell.drop("manifests/recipes.yaml")
    shell("state", "rm", "KnowledgeBase/recipes")
    assert _unmanaged(shell) == [("KnowledgeBase", "菜谱")]
    shell.stranger("路人")
    assert sorted(_unmanaged(shell)) == [("Bot", "路人"), ("KnowledgeBase", "菜谱")]


def test_a_name_in_another_encoding_makes_no_second_bot(shell: Owned) -> None:
    id = shell.stranger("Cafe\u0301")
    shell.write(
        "manifests/cafe.yaml",
        "kind: Bot\nmetadata: {name: cafe, workspace: kitchen}\nspec: {name: Caf\u00e9}\n",
    )
    assert ("twin", "Bot/cafe") in findings(shell.plan())
    assert shell("apply", "--yes").code == 5
    assert shell.bench.writes() == []
    shell.edit("manifests/cafe.yaml", "spec: {", f'spec: {{id: "{id}", ')
    assert "create" not in actions(shell.plan()).values()
    shell.apply()
    assert shell.bench.bot("Caf\u00e9")[0] == id
    assert actions(shell.plan()) == {}
