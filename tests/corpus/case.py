"""One broken project: its files, and what must be said about it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Files = Mapping[str, str | bytes]
HOME = "kind: Workspace\nmetadata: {name: home}\nspec: {name: 家}\n---\n"
BOT = "kind: Bot\nmetadata: {name: chef, workspace: home}\nspec:\n"


@dataclass(frozen=True)
class Bad:
    """A broken project. `where` is `file:line:column`; empty parts are not demanded."""

    files: Files
    code: str
    where: str
    says: str = ""
    hint: str = ""
    arrange: Callable[[Path], None] | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    environment: str = ""

    def write(self, root: Path) -> None:
        """Make the project in an empty folder."""
        for name, content in self.files.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        if self.arrange:
            self.arrange(root)


def bot(spec: str) -> dict[str, str]:
    """A workspace and a bot in `m.yaml`; its spec begins in line 8."""
    return {"m.yaml": HOME + BOT + spec}


def in_bytes(name: bytes) -> str:
    """A file's name from its bytes, whatever they are."""
    return os.fsdecode(name)
