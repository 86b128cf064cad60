"""Which folder is the project: the one that was named, else the nearest with a cozeops.yaml, as git looks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from cozeops.errors import UsageError

PROJECT_FILE = "cozeops.yaml"


def project_root(named: Path | None) -> Path:
    """The project's folder; `named` is what a person said (None: nothing).

    A named folder is a project of its own unless a project lies around it: then its guards (expected account,
    thresholds, environments) count there, too. Raises UsageError where nothing was named and there is no
    project, and for a file of somebody else above this folder.
    """
    if named and not named.is_dir():
        return named  # whoever reads it says that it is not there
    root = nearest_project(named or Path())
    if root is None and named is None:
        raise UsageError(
            f"there is no {PROJECT_FILE} in this folder or above it",
            hint="go into a project, or name its folder with -C DIR; cozeops init writes a new one",
        )
    return root or named or Path()


def nearest_project(start: Path) -> Path | None:
    """The nearest folder with a cozeops.yaml, from `start` upwards to the top of its repository.

    Raises UsageError for a file above `start` that belongs to another user: who can write into a folder above
    (such as /tmp) must not decide what is done with a token.
    """
    for folder in _upwards(start):
        file = folder / PROJECT_FILE
        try:
            owner = file.lstat().st_uid
        except OSError:
            continue
        if folder != start and hasattr(os, "getuid") and owner not in (os.getuid(), 0):
            raise UsageError(
                f"{file} belongs to another user", hint=f"if that is the project: -C {folder.resolve()}"
            )
        return folder
    return None


def _upwards(start: Path) -> Iterator[Path]:
    """This folder and those above it, up to the top of a repository; written as `start` is."""
    folder, seen = start, start.absolute()
    while True:
        yield folder
        if (folder / ".git").exists() or seen.parent == seen:
            return
        seen = seen.parent
        folder = seen if start.is_absolute() else Path(os.path.relpath(seen))
