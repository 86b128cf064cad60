"""A kind whose list takes a parent and a type is declared as any other: folders of a workspace, say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest

from cozeops.declare.calls import Call, Page
from cozeops.declare.fields import Is, Ref, Spec, Wire
from cozeops.declare.kind import Kind
from cozeops.kinds import kinds
from tests.kit import Bench

MANIFEST = """\
kind: Workspace
metadata: {name: home}
spec: {name: 厨房, description: 后厨}
---
kind: Folder
metadata: {name: cold, workspace: home}
spec: {name: 冷菜, parent: kitchen}
---
kind: Folder
metadata: {name: kitchen, workspace: home}
spec: {name: 厨房}
---
kind: Folder
metadata: {name: papers, workspace: home}
spec: {name: 文件}
"""
IDS = {"厨房": "71", "热菜": "72", "冷菜": "73", "文件": "74"}
TREE = [("厨房", "", "development"), ("热菜", "厨房", "development")]
TREE += [("冷菜", "厨房", "development"), ("文件", "", "library")]


class FolderSpec(Spec):
    """A folder, made in the console alone."""

    id: str | None = None
    name: Annotated[str | None, Is.OUTSIDE] = None
    parent: Annotated[str | None, Ref("Folder"), Wire("parent_folder_id"), Is.FIXED] = None


FOLDER = Kind(
    name="Folder",
    summary="a folder of a workspace",
    spec=FolderSpec,
    id="folder_id",
    scope="Workspace",
    listing=Page(
        Call("listFolders", "GET", "/v1/folders", scope="workspace_id"),
        items=("items",),
        id="id",
        total=("total_count",),
        size=50,
        each={"folder_type": ("development", "library")},
        parent="parent_folder_id",
        inside="children_count",
    ),
    uncreatable="make the folder in the console",
)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A project with folders of two types, one inside another."""
    known = vars(kinds())
    monkeypatch.setitem(known["_modules"], "Folder", "folder")
    monkeypatch.setitem(known["_found"], "Folder", FOLDER)
    bench = Bench(tmp_path / "project", source=None)
    bench.folder.mkdir()
    bench.write("cozeops.yaml", "kind: Project\nmetadata: {name: kitchen}\n")
    bench.write("home.yaml", MANIFEST.partition("---\n")[0])
    bench.settle()
    bench.write("home.yaml", MANIFEST)
    home = next(key for key, row in bench.table("workspaces").items() if row["name"] == "厨房")
    folders = [
        {"id": IDS[name], "name": name, "workspace_id": home, "folder_type": type}
        | ({"parent_folder_id": IDS[parent]} if parent else {})
        for name, parent, type in TREE
    ]
    bench.emulator.seed({"folders": folders})
    return bench


def test_each_type_and_each_level_is_one_list(bench: Bench) -> None:
    """What is two levels down, and what is of the other type, is found by its name; nothing differs."""
    snapshot = bench.look()[1]
    found = {address.name: live.id for address, live in snapshot.live.items() if address.kind == "Folder"}
    assert found == {"kitchen": IDS["厨房"], "cold": IDS["冷菜"], "papers": IDS["文件"]}
    assert bench.plan().pending == ()


def test_the_parent_of_an_item_is_a_field_of_it(bench: Bench) -> None:
    """A folder that lies elsewhere than written is a finding, as any fixed field is."""
    bench.write("home.yaml", MANIFEST.replace("parent: kitchen", "parent: papers"))
    (finding,) = bench.plan().findings
    assert (finding.code, str(finding.address)) == ("COZE104", "Folder/cold")
    assert "spec.parent" in finding.message


def test_a_folder_without_folders_is_not_asked_about(bench: Bench) -> None:
    """One request for each type, and one for the folder that has some inside."""
    before = len(bench.emulator.requests)
    bench.plan()
    made = [one.operation for one in list(bench.emulator.requests)[before:]]
    assert made.count("listFolders") == 3
