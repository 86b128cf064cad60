"""Which files of the folder are manifests, and which are patches."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path as FilePath

from cozeops.codes import Code
from cozeops.frozen import frozen
from cozeops.manifests.project.paths import Root
from cozeops.manifests.project.spec import Setup
from cozeops.manifests.yaml.document import Path
from cozeops.manifests.yaml.source import Problems, Refused

PROJECT_FILE = "cozeops.yaml"
_SUFFIXES = (".yaml", ".yml")


@frozen
class Listing:
    """The files to read, in order."""

    manifests: tuple[FilePath, ...]
    patches: tuple[FilePath, ...]


def discover(root: Root, setup: Setup, problems: Problems) -> Listing:
    """The files that belong to the project in its environment."""
    found = _Discovery(root, setup, problems)
    apart = frozenset(path for entry in setup.set_apart if (path := found.silently(entry)))
    bases = [root.path] if setup.manifests is None else found.resolve(setup.manifests)
    manifests = _below(bases, apart - set(bases))
    manifests |= _below(found.resolve(setup.own_manifests), frozenset())
    patches = {
        file: None
        for one in found.resolve(setup.patches)
        for file in sorted(_below([one], frozenset()), key=str)
    }
    manifests -= {root.path / PROJECT_FILE}
    return Listing(tuple(sorted(manifests, key=lambda path: path.as_posix())), tuple(patches))


class _Discovery:
    """Reads the paths that the Project document lists."""

    def __init__(self, root: Root, setup: Setup, problems: Problems) -> None:
        self._root = root
        self._setup = setup
        self._problems = problems

    def resolve(self, entries: tuple[Path, ...]) -> list[FilePath]:
        """The folders and files that exist; problems for those that do not."""
        found = []
        for entry in entries:
            try:
                found.append(self._path(entry))
            except Refused as refused:
                assert self._setup.document is not None
                self._problems.drop(refused, self._setup.document.place(entry))
        return found

    def silently(self, entry: Path) -> FilePath | None:
        """The same for another environment: what is wrong with it is not told now."""
        try:
            return self._path(entry)
        except Refused:
            return None

    def _path(self, entry: Path) -> FilePath:
        assert self._setup.document is not None
        value = self._setup.document.data
        for step in entry:
            value = value[step]  # type: ignore[index]
        path = self._root.locate(self._root.path, str(value))
        if not path.exists():
            raise self._root.missing(path, "file or folder")
        return path


def _below(bases: list[FilePath], apart: frozenset[FilePath]) -> set[FilePath]:
    found: set[FilePath] = set()
    for base in bases:
        found.update(_yaml_files(base, apart) if base.is_dir() else [base])
    return found


def _yaml_files(folder: FilePath, apart: frozenset[FilePath]) -> Iterator[FilePath]:
    for where, folders, files in os.walk(folder, onerror=_unreadable):
        here = FilePath(where)
        folders[:] = [name for name in folders if not name.startswith(".") and here / name not in apart]
        named = (here / name for name in files if name.endswith(_SUFFIXES) and not name.startswith("."))
        yield from (file for file in named if file not in apart)


def _unreadable(error: OSError) -> None:
    # A folder that is skipped in silence would look like a folder of resources that were removed.
    message = f"cannot read the folder {error.filename}: {error.strerror}"
    raise Refused(Code.UNREADABLE, message, "check its permissions") from error


def check_link(file: FilePath, root: Root) -> None:
    """Raise Refused for a link to nothing or out of the project: what it shows would be told in messages."""
    if not file.is_symlink():
        return
    name = root.name_of(file)
    try:
        real = file.resolve(strict=True)
    except (OSError, RuntimeError):  # nothing there, or links in a circle
        raise Refused(
            Code.MISSING_FILE, f"{name} is a link to nothing", "repair or remove the link"
        ) from None
    if not root.contains(real):
        raise Refused(Code.OUTSIDE, f"{name} is a link out of the project", "copy the file into it")
