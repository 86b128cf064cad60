"""The files that `fmt` is about: those of every environment, patches included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cozeops.codes import Code
from cozeops.errors import InvalidProject, Problem, UsageError
from cozeops.frozen import frozen
from cozeops.manifests.envelope import PROJECT
from cozeops.manifests.fmt.format import Unformattable, formatted
from cozeops.manifests.project.discover import PROJECT_FILE
from cozeops.manifests.project.paths import Root
from cozeops.manifests.yaml.document import Document
from cozeops.manifests.yaml.files import RefusedIn, read_manifest
from cozeops.manifests.yaml.parse import parse
from cozeops.manifests.yaml.source import Place, Problems, Refused, Source
from cozeops.system.files import resolved

_NO_YAML = frozenset({Code.SYNTAX, Code.UNREADABLE, Code.TOO_COMPLEX})
"""What makes a text something else than YAML. Any other mistake is for `validate` to tell."""


@frozen
class File:
    """A file with its text in our style; `reason` says why it stays as it is (empty: it need not)."""

    path: Path
    name: str
    made: bytes
    changed: bool
    reason: str = ""


def format_files(root: Path, paths: Iterable[Path]) -> list[File]:
    """The files named by `paths`, or those of the project. Writes nothing.

    Raises UsageError for a path that is not there, InvalidProject for what is no YAML.
    """
    problems: list[Problem] = []
    found: list[File] = []
    named = list(paths)
    for path, asked in _named(named) if named else [(file, False) for file in files_of(root)]:
        name = _name(path, root)
        documents, source, wrong = _read(path, name)
        problems += wrong
        if source and not wrong and (asked or any("kind" in document.data for document in documents)):
            found.append(_formatted(path, name, source))
    if problems:
        raise InvalidProject(problems)
    return found


def _formatted(path: Path, name: str, source: Source) -> File:
    before = path.read_bytes()
    try:
        made = formatted(source.text).encode()
    except Unformattable as reason:
        return File(path, name, before, changed=False, reason=str(reason))
    return File(path, name, made, changed=made != before)


def _read(path: Path, name: str) -> tuple[list[Document], Source | None, list[Problem]]:
    problems = Problems()
    try:
        source = read_manifest(path, name)
    except RefusedIn as refused:
        problems.refuse(refused, Place(refused.source, refused.index or 0))
        return [], None, list(problems)
    except Refused as refused:
        problems.refuse(refused, Place(Source(name, path, ""), 0))
        return [], None, list(problems)
    documents = list(parse(source, problems))
    return documents, source, [one for one in problems if one.code in _NO_YAML]


def _named(paths: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    """Each file that was asked for by its name, or that is below a folder."""
    for path in paths:
        if not path.exists():
            raise UsageError(f"there is no file or folder {path}", hint="paths begin in the current folder")
        if path.is_dir():
            yield from ((file, False) for file in _below(path))
        else:
            yield path, True


def files_of(root: Path) -> list[Path]:
    """The files of a project, in all its environments; without a Project document all that are YAML.

    Never one outside of it, whatever the project names or links to.
    """
    project, walls = root / PROJECT_FILE, Root(root)
    if not project.exists():
        return _below(root, walls)
    files = {project: None} if walls.contains(resolved(project)) else {}
    for place in [one for project in files for one in _places(project)]:
        files |= dict.fromkeys(_below(root / place, walls))
    return list(files)


def _places(project: Path) -> Iterator[str]:
    """The folders and files that the Project document names, in any of its environments."""
    documents, _, _ = _read(project, PROJECT_FILE)
    spec: Any = next((one.data.get("spec") for one in documents if one.data.get("kind") == PROJECT), None)
    spec = spec if isinstance(spec, dict) else {}
    environments = spec.get("environments")
    levels = [spec, *(environments.values() if isinstance(environments, dict) else ())]
    if not isinstance(spec.get("manifests"), list):
        yield "."
    for level in levels:
        for name in ("manifests", "patches"):
            entries = level.get(name) if isinstance(level, dict) else None
            yield from (one for one in entries or () if isinstance(one, str))


def _below(base: Path, walls: Root | None = None) -> list[Path]:
    """The YAML files in a folder, or the file itself; with walls, those inside them."""
    found = sorted(base.rglob("*.y*ml")) if base.is_dir() else [base]
    return [
        path
        for path in found
        if path.suffix in (".yaml", ".yml")
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(base).parts)
        and (walls is None or walls.contains(resolved(path)))
    ]


def _name(path: Path, root: Path) -> str:
    try:
        return resolved(path).relative_to(root.resolve()).as_posix()
    except ValueError:
        return str(path)
