"""What a project has, told quickly and without complaint: addresses for completion, environments.

It fills no reference and checks nothing; whatever cannot be read is left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cozeops.address import is_name
from cozeops.errors import CozeopsError
from cozeops.kinds import kinds
from cozeops.manifests.discover import PROJECT_FILE
from cozeops.manifests.document import Document
from cozeops.manifests.envelope import PROJECT
from cozeops.manifests.fmt_files import files_of
from cozeops.manifests.parse import parse
from cozeops.manifests.reading import read_manifest
from cozeops.manifests.source import Problems, Refused


def environments(root: Path) -> list[str]:
    """The names of the environments, as they are written."""
    documents = _documents(root / PROJECT_FILE)
    spec: Any = next((one.data.get("spec") for one in documents if one.data.get("kind") == PROJECT), None)
    found = spec.get("environments") if isinstance(spec, dict) else None
    return list(found) if isinstance(found, dict) else []


def addresses(root: Path) -> list[str]:
    """The addresses that the manifests of any environment declare."""
    found = set()
    try:
        for file in files_of(root):
            for document in _documents(file):
                kind, metadata = document.data.get("kind"), document.data.get("metadata")
                name = metadata.get("name") if isinstance(metadata, dict) else None
                if isinstance(kind, str) and kind in kinds() and isinstance(name, str) and is_name(name):
                    found.add(f"{kind}/{name}")
    except (OSError, CozeopsError):
        pass  # half of the addresses are better than an error in the middle of a line
    return sorted(found)


def _documents(file: Path) -> list[Document]:
    try:
        return list(parse(read_manifest(file, file.name), Problems()))
    except Refused:
        return []
