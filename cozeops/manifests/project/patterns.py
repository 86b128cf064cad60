"""Patterns for files: `*`, `?`, `[...]`, and `**` for any folders. Hidden files and folders match none.

No wildcard enters a link, unlike those of the standard library: two links to the folder they are in would
be an endless tree. No folder is looked at twice for the same rest of a pattern.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

WILD = "*?["
_ANY = "**"


def matches(folder: Path, steps: Sequence[str]) -> list[str]:
    """The paths below `folder`, written with `/`, that match the steps of a pattern."""
    found: dict[str, None] = {}
    waiting = [("", 0)]
    seen = set(waiting)
    while waiting:
        at, depth = waiting.pop()
        if depth == len(steps):
            found[at] = None
            continue
        new = [one for one in _onwards(folder, at, steps, depth) if one not in seen]
        seen.update(new)
        waiting += new
    return list(found)


def _onwards(folder: Path, at: str, steps: Sequence[str], depth: int) -> Iterator[tuple[str, int]]:
    """The paths one step further, each with how many steps of the pattern it has used up."""
    step = steps[depth]
    if step == _ANY:
        yield at, depth + 1
        for entry in _entries(folder / at):
            inside = _joined(at, entry.name)
            if entry.is_dir(follow_symlinks=False):
                yield inside, depth
            elif depth + 1 == len(steps):
                yield inside, depth + 1
    elif set(step) & set(WILD):
        for entry in _entries(folder / at):
            last = depth + 1 == len(steps)
            if fnmatchcase(entry.name, step) and (last or entry.is_dir(follow_symlinks=False)):
                yield _joined(at, entry.name), depth + 1
    elif (folder / at / step).exists():
        yield _joined(at, step), depth + 1


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if not entry.name.startswith(".")]
    except OSError:  # no folder, or a closed one: nothing in it matches
        return []


def _joined(at: str, name: str) -> str:
    return f"{at}/{name}" if at else name
