"""Paths that manifests name: written with `/`, inside the project, after links are resolved."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from cozeops.codes import Code
from cozeops.manifests.project.patterns import WILD, matches
from cozeops.manifests.wording import nearest, printable, quoted
from cozeops.manifests.yaml.source import Refused
from cozeops.system.files import resolved

INSIDE = "copy the file into the project"


class Root:
    """The folder of the project: nothing outside of it is read."""

    def __init__(self, path: Path, instead: Mapping[str, bytes] | None = None) -> None:
        self.path = path.resolve()
        self.instead = instead or {}
        """Names of files -> what they are to say, whatever is written in them."""
        self._below = f"{self.path}{os.sep}"
        self._straight: dict[str, bool] = {}

    def contains(self, path: Path) -> bool:
        """Whether a resolved path is inside."""
        return path == self.path or str(path).startswith(self._below) or self.path in path.parents

    def name_of(self, path: Path) -> str:
        """A path below the root as the project's people write it."""
        text = str(path)
        if text.startswith(self._below):
            return text[len(self._below) :].replace(os.sep, "/")
        return path.relative_to(self.path).as_posix()

    def locate(self, folder: Path, written: str) -> Path:
        """The path that `written` names in a manifest of `folder`; it need not exist. Raises Refused."""
        _check_form(written)
        named = Path(os.path.normpath(folder / written))
        if self._plain(str(named), written):
            return named
        try:
            real = (folder / written).resolve()
            real.exists()
        except (OSError, RuntimeError) as error:  # names too long, links in a circle
            message = f"{quoted(written)} is no usable path: {error}"
            raise Refused(Code.UNUSABLE_FILE, message, "correct the path") from error
        if not self.contains(real):
            raise Refused(Code.OUTSIDE, f"{quoted(written)} leads out of the project", INSIDE)
        # With links on the way, `x/..` is not always here: then the real path is the only true one.
        return named if self.contains(named) and named.resolve() == real else real

    def _plain(self, named: str, written: str) -> os.stat_result | None:
        """What is at a path below the root, when no link is on the way; found out once per folder."""
        if ".." in written or not named.startswith(self._below):
            return None
        folder = os.path.dirname(named)  # noqa: PTH120 - a thousand files: strings are much faster
        straight = self._straight.get(folder)
        if straight is None:
            straight = self._straight[folder] = os.path.realpath(folder) == folder
        try:
            found = os.lstat(named) if straight else None
        except (OSError, ValueError):  # not there, or a name that cannot be: told below
            return None
        return found if found and not stat.S_ISLNK(found.st_mode) else None

    def file(self, folder: Path, written: str) -> Path:
        """The same for a file that must be there. Raises Refused."""
        _check_form(written)
        named = os.path.normpath(os.path.join(folder, written))  # noqa: PTH118 - as above
        found = self._plain(named, written)
        if found and stat.S_ISREG(found.st_mode):
            return Path(named)
        path = self.locate(folder, written)
        if not path.exists():
            raise self.missing(path, "file")
        if path.is_dir():
            hint = "name a file in it; for many files, write a pattern under files"
            raise Refused(Code.UNUSABLE_FILE, f"{quoted(written)} is a folder", hint)
        return path

    def missing(self, path: Path, what: str) -> Refused:
        """Nothing is at `path`: with the sibling that was probably meant."""
        shown = self.name_of(path) if self.contains(path) else path.name
        hint = f"create {printable(shown)}, or correct the path (it is relative to the folder of this file)"
        if path.parent.is_dir():
            near = nearest(path.name, (sibling.name for sibling in path.parent.iterdir()), likeness=0.7)
            hint = f"did you mean {printable(near)}?" if near else hint
        return Refused(Code.MISSING_FILE, f"there is no {what} {quoted(shown)}", hint)

    def matching(self, folder: Path, pattern: str) -> list[Path]:
        """The files that match a pattern, sorted. Raises Refused, also when there are none."""
        _check_form(pattern)
        steps = [step for step in pattern.split("/") if step not in ("", ".")]
        fixed = next((index for index, step in enumerate(steps) if set(step) & set(WILD)), len(steps))
        if ".." in steps[fixed:]:
            raise Refused(
                Code.OUTSIDE, f"{quoted(pattern)} goes up after a wildcard", "write .. at the beginning"
            )
        if not self.contains(resolved(folder / "/".join(steps[:fixed]))):
            raise Refused(Code.OUTSIDE, f"{quoted(pattern)} leads out of the project", INSIDE)
        found = {self.locate(folder, name) for name in matches(folder, steps) if (folder / name).is_file()}
        if not found:
            message = f"no file matches {quoted(pattern)}"
            raise Refused(Code.NO_MATCH, message, "correct the pattern; [] means no files at all")
        return sorted(found, key=lambda path: path.as_posix())


def _check_form(written: str) -> None:
    if not written.strip() or "\0" in written:
        raise Refused(Code.MISSING_FILE, f"{quoted(written)} names no file", "write the path of a file")
    if "\\" in written:
        raise Refused(
            Code.OUTSIDE,
            f"{quoted(written)} has a backslash",
            f"write {quoted(written.replace(chr(92), '/'))}",
        )
    if written.startswith(("/", "~")) or (len(written) > 1 and written[1] == ":"):
        message = f"{quoted(written)} does not begin in the project"
        raise Refused(Code.OUTSIDE, message, "write it relative to the folder of this file")
