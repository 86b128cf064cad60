"""Projects made of inline strings, and what loading them says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from cozeops.declare.resource import Resource
from cozeops.errors import InvalidProject, Problem
from cozeops.manifests.load import Project, load_project

Files = Mapping[str, str | bytes]

WORKSPACE = "kind: Workspace\nmetadata: {name: kitchen}\nspec: {name: 厨房}\n---\n"
BOT = "kind: Bot\nmetadata: {name: chef, workspace: kitchen}\nspec:\n"
BASE = "kind: KnowledgeBase\nmetadata: {name: recipes, workspace: kitchen}\nspec:\n"


def bot(spec: str) -> str:
    """A workspace and a bot with that spec; the spec begins in line 7."""
    return WORKSPACE.replace("---\n", "---\n") + BOT + spec


def prompt(name: str, spec: str) -> str:
    """A Prompt in one document of three lines, and the separator."""
    return f"kind: Prompt\nmetadata: {{name: {name}}}\nspec: {spec}\n---\n"


@dataclass(frozen=True)
class Loader:
    """Writes files below a folder and loads it."""

    root: Path

    def write(self, files: Files) -> None:
        for name, content in files.items():
            file = self.root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def load(self, files: Files, environment: str | None = None, **environ: str) -> Project:
        self.write(files)
        return load_project(self.root, environment=environment, environ=environ)

    def resource(self, files: Files, address: str, environment: str | None = None) -> Resource:
        loaded = self.load(files, environment)
        return {str(one.address): one for one in loaded.resources}[address]

    def problems(self, files: Files, environment: str | None = None, **environ: str) -> list[Problem]:
        self.write(files)
        with pytest.raises(InvalidProject) as caught:
            load_project(self.root, environment=environment, environ=environ)
        return [*map(self.checked, caught.value.problems)]

    def checked(self, problem: Problem) -> Problem:
        """Every problem has a code, a hint, and a position inside an existing file."""
        assert problem.code.startswith("COZE")
        assert problem.message.isprintable()
        assert problem.hint.isprintable()
        assert problem.hint
        if problem.position is not None:
            file = self.root / problem.position.file
            assert file.exists() or file.is_symlink()
            lines = file.read_bytes().decode("utf-8", "replace").splitlines() if file.is_file() else [""]
            assert 1 <= problem.position.line <= max(len(lines), 1) + 1
            assert 1 <= problem.position.column <= max(len(problem.excerpt), 0) + 1
        return problem
