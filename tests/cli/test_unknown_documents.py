"""Documents that nobody here added guard their base; an entry without a source keeps what is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cozeops.declare.rows import collection_rows
from cozeops.kinds import kinds
from tests.cli.owned import Owned, actions, findings, owned

BASE = "KnowledgeBase/recipes"
BASES = {"text": ("菜谱", "documents", "sichuan.md"), "image": ("菜图", "images", "mapo.png")}


@pytest.fixture(params=sorted(BASES))
def base(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[tuple[Owned, str]]:
    """The project with one base, applied; somebody added another item by hand, which is called so."""
    name, field, file = BASES[request.param]
    manifest = (
        f"kind: KnowledgeBase\nmetadata: {{name: recipes, workspace: kitchen}}\n"
        f"spec: {{name: {name}, format: {request.param}, {field}: [{{file: {file}}}]}}\n"
    )
    files = {"manifests/recipes.yaml": manifest, "manifests/mapo.png": PIXEL}
    for shell in owned(tmp_path / "project", capsys, monkeypatch, **files):
        shell.apply()
        added = _added(shell, name, field)
        shell.bench.emulator.advance(3600)
        shell.bench.emulator.requests.clear()
        yield shell, added


PIXEL = "\x89PNG pixel"


def _added(shell: Owned, base: str, field: str) -> str:
    """Somebody adds a copy of its item by hand, under another name; that name."""
    about = next(row for row in collection_rows(kinds()["KnowledgeBase"]) if row.path == (field,)).collection
    assert about is not None
    dataset = shell.id_of("datasets", base)
    source: dict[str, Any] = {"document_source": 1, "web_url": "https://example.com"}
    if field == "images":
        rows = shell.bench.table("files")
        source = {"document_source": 5, "source_file_id": next(iter(rows))}
    body = {
        "dataset_id": dataset,
        "document_bases": [{"name": "by-hand", "source_info": source}],
        "chunk_strategy": {"caption_type": 0} if field == "images" else {"chunk_type": 0},
        "format_type": 2 if field == "images" else 0,
    }
    shell.bench.client.send(about.add.call, body)
    return "by-hand"


def test_a_base_with_unknown_items_is_not_deleted_unasked(base: tuple[Owned, str]) -> None:
    shell, added = base
    shell.drop("manifests/recipes.yaml")
    plan = shell.plan("--prune")
    assert actions(plan) == {BASE: "delete"}
    assert ("removes-unknown", BASE) in findings(plan)
    assert added in next(one["message"] for one in plan["findings"] if one["name"] == "removes-unknown")
    assert shell("apply", "--yes", "--prune").code == 5
    assert shell.bench.writes() == []
    assert shell("apply", "--prune", "--digest", plan["digest"], "--ack", f"removes-unknown@{BASE}").code == 0
    assert actions(shell.plan("--prune")) == {}


def test_an_item_added_after_the_review_stops_the_deletion(base: tuple[Owned, str], tmp_path: Path) -> None:
    shell, _ = base
    field = (
        "images" if "images" in (shell.bench.folder / "manifests/recipes.yaml").read_text() else "documents"
    )
    name = "菜图" if field == "images" else "菜谱"
    shell.drop("manifests/recipes.yaml")
    file = str(tmp_path / "plan.json")
    assert shell("plan", "--prune", "--out", file).code == 0
    _added(shell, name, field)
    assert shell("apply", file, "--ack", "removes-unknown").code == 6
    assert "deleteDataset" not in shell.bench.writes()


def test_listed_as_the_hint_says_it_is_kept(base: tuple[Owned, str]) -> None:
    """The plan is empty with that line. What it keeps is not ours: without it the removal blocks again."""
    shell, _ = base
    plan = shell.plan()
    assert ("removes-unknown", BASE) in findings(plan)
    hint = next(one["hint"] for one in plan["findings"] if one["name"] == "removes-unknown")
    line = re.search(r"\{name: [^}]+\}", hint)
    assert line
    shell.edit("manifests/recipes.yaml", "}]}\n", f"}}, {line[0]}]}}\n")
    assert (actions(shell.plan()), findings(shell.plan())) == ({}, set())
    shell.apply()
    assert shell.bench.writes() == []
    shell.edit("manifests/recipes.yaml", f", {line[0]}", "")
    assert ("removes-unknown", BASE) in findings(shell.plan())


def test_an_entry_that_keeps_what_is_not_there_blocks(base: tuple[Owned, str]) -> None:
    """Nothing says what to add: it is told, and no signal calls it fine."""
    shell, added = base
    shell.edit("manifests/recipes.yaml", "}]}\n", f"}}, {{name: {added}}}, {{name: lost}}]}}\n")
    ran = shell("plan", "--detailed-exitcode")
    assert ran.code == 2
    assert "keeps lost" in ran.out
    assert shell("apply", "--yes").code == 5
    assert shell.bench.writes() == []
