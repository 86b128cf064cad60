"""A small project with a state, served: one workspace, two bots, a knowledge base."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cozeops.kinds import kinds
from tests.cli.conftest import Ran, Shell, served
from tests.kit import Bench

PROJECT = """\
kind: Project
metadata: {name: kitchen-bots}
spec:
  manifests: [manifests]
  state: {backend: local}
"""
KITCHEN = """\
kind: Workspace
metadata: {name: kitchen}
spec: {name: 厨房, description: 后厨团队的智能体}
"""
CHEF = """\
kind: Bot
metadata: {name: chef, workspace: kitchen}
spec:
  name: 每日学一菜
  prompt: 你是一位大厨。
  publish: {connectors: [api]}
"""
WAITER = """\
kind: Bot
metadata: {name: waiter, workspace: kitchen}
spec:
  name: 服务员
  prompt: 你是一位服务员。
"""
RECIPES = """\
kind: KnowledgeBase
metadata: {name: recipes, workspace: kitchen}
spec:
  name: 菜谱
  format: text
  documents: [{file: sichuan.md}]
"""
FILES = {
    "cozeops.yaml": PROJECT,
    "manifests/kitchen.yaml": KITCHEN,
    "manifests/chef.yaml": CHEF,
    "manifests/waiter.yaml": WAITER,
    "manifests/recipes.yaml": RECIPES,
    "manifests/sichuan.md": "麻婆豆腐\n",
}


class Owned(Shell):
    """The shell of that project."""

    def plan(self, *arguments: str) -> dict[str, Any]:
        """The plan as JSON."""
        ran = self("plan", "--format", "json", *arguments)
        assert ran.code in (0, 2), ran.err
        found: dict[str, Any] = json.loads(ran.out)
        return found

    def write(self, file: str, text: str) -> None:
        """Write a file of the project."""
        self.bench.write(file, text)

    def edit(self, file: str, old: str, new: str) -> None:
        """Change a file of the project."""
        self.bench.edit(file, old, new)

    def drop(self, file: str) -> None:
        """Take a file out of the project."""
        (self.bench.folder / file).unlink()

    def id_of(self, table: str, name: str) -> str:
        """The id of the one live object of that name."""
        ids = [id for id, row in self.bench.table(table).items() if name_of(row) == name]
        assert len(ids) == 1, (name, ids)
        return ids[0]

    def stranger(self, name: str, kind: str = "Bot") -> str:
        """Somebody makes another object in the workspace by hand; its id."""
        about = kinds()[kind]
        space = {"Bot": "space_id", "KnowledgeBase": "space_id"}[kind]
        body = {space: self.id_of("workspaces", "厨房"), "name": name}
        if kind == "KnowledgeBase":
            body["format_type"] = 0
        assert about.create is not None
        payload = self.bench.client.send(about.create, body).payload
        self.bench.emulator.requests.clear()
        return str(payload if isinstance(payload, str) else payload[about.id])

    def apply(self, *arguments: str) -> Ran:
        """Apply without a question; all of it is done."""
        ran = self("apply", "--yes", *arguments)
        assert ran.code == 0, ran.out + ran.err
        return ran


def name_of(row: dict[str, Any]) -> str:
    """What a live object is called."""
    return str(row["draft"]["name"] if "draft" in row else row.get("name"))


def owned(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, **files: str
) -> Iterator[Owned]:
    """The project, served; `files` take the place of its own."""
    bench = Bench(folder, source=None)
    for file, text in (FILES | files).items():
        bench.write(file, text)
    with served(bench, monkeypatch) as url:
        yield Owned(bench, url, capsys)


def actions(plan: dict[str, Any]) -> dict[str, str]:
    """What happens to which address."""
    return {one["address"]: one["action"] for one in plan["changes"] if one["action"] != "none"}


def findings(plan: dict[str, Any]) -> set[tuple[str, str]]:
    """Findings by name and address."""
    return {(one["name"], one["address"] or "") for one in plan["findings"]}
