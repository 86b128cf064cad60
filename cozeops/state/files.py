"""Private files that survive a crash: 0600 in folders 0700, replaced whole, locked by the system.

A pull request can bring files of these names: what Git tracks is refused, and so is a link, or anything that
is no regular file. Nothing here knows what is in the files.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from cozeops.errors import UsageError
from cozeops.state.errors import StateError
from cozeops.state.git_program import Git
from cozeops.system.files import (
    demand_no_links,
    make_folders,
    open_plain,
    read_plain,
    replace_plain,
    sync_folder,
)

__all__ = ["open_plain", "sync_folder"]

OWN_FOLDER = ".cozeops"
"""The folder of a project that is ours and that Git never sees."""
LARGEST = 256 << 20
"""Bytes of a file of ours: a state of a hundred thousand resources has less."""

if sys.platform == "win32":
    import msvcrt

    # Locks are mandatory there: a byte far behind the end leaves the content readable.
    _LOCKED_BYTE = 1 << 30

    def try_lock(descriptor: int) -> bool:
        """Take the system's lock on an open file, without waiting."""
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def try_lock(descriptor: int) -> bool:
        """Take the system's lock on an open file, without waiting. It ends with the process."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def told(what: str) -> Iterator[None]:
    """Turn an error of the system into a StateError that says what was being done."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        name = f" ({error.filename})" if error.filename else ""
        raise StateError(
            f"cannot {what}: {reason}{name}", hint="check the disk and its permissions"
        ) from error


def inside(root: Path, relative: str | Path) -> Path:
    """A path of ours below the project's root, which need not be there.

    Raises UsageError for one outside, for one with a link in it, and for one that Git tracks.
    """
    base = root.resolve()
    found = Path(os.path.normpath(base / relative))
    if not found.is_relative_to(base):
        raise UsageError(
            f"{relative} leads outside the project ({found})", hint="keep it below the project's root"
        )
    demand_no_links(base, found)
    below = found.relative_to(base)
    demand_untracked(base, Path(OWN_FOLDER) if below.parts[:1] == (OWN_FOLDER,) else below)
    return found


def demand_untracked(root: Path, relative: Path) -> None:
    """Raise UsageError where Git tracks a file, or anything in a folder, that is to be our own.

    Raises UsageError, too, where there is a checkout and no git to ask.
    """
    top = next((one for one in (root, *root.parents) if os.path.lexists(one / ".git")), None)
    if top is None or not os.path.lexists(root / relative):
        return
    tracked = _tracked(root, relative.as_posix(), _index_version(top))
    if tracked:
        raise UsageError(
            f"Git tracks {tracked}: cozeops obeys no memory that came with a commit",
            hint=f"git rm -r --cached {relative.as_posix()}, and write {OWN_FOLDER}/ into .gitignore",
        )


def _index_version(top: Path) -> tuple[int, ...]:
    """What changes with the list of tracked files; where that is not known, nothing is the same twice."""
    try:
        found = (top / ".git" / "index").stat()
    except OSError:  # a work tree of its own, or nothing was ever added
        return tuple(os.urandom(8))
    return found.st_ino, found.st_mtime_ns, found.st_size


@lru_cache(maxsize=64)
def _tracked(root: Path, relative: str, _version: tuple[int, ...]) -> str:
    """The first file that Git tracks there; empty where there is none."""
    git = Git(root, os.environ, local=True)
    # On some disks `.CozeOps` is the same folder.
    answer = git.run("ls-files", "-z", "--cached", "--", f":(icase,literal){relative}")
    return os.fsdecode(answer.output.partition(b"\0")[0])


def own_folder(root: Path, *below: str) -> Path:
    """A folder in `.cozeops`, made where it is missing, closed to others and ignored by Git."""
    top = inside(root, OWN_FOLDER)
    folder = inside(root, Path(OWN_FOLDER, *below))
    with told(f"make {folder}"):
        make_private(folder)
        make_private(top)
        ignore = top / ".gitignore"
        if not ignore.exists():
            write_atomically(ignore, b"*\n")
    return folder


def make_private(folder: Path) -> None:
    """Make a folder and its missing parents, open to their owner alone. Raises OSError."""
    make_folders(folder, mode=0o700)
    # Somebody else's folder stays as it is: the files in it are closed anyway.
    with suppress(PermissionError):
        folder.chmod(0o700)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file whole, mode 0600: after a crash there is the old content or the new. Raises OSError."""
    replace_plain(path, content)


def sweep(path: Path) -> None:
    """Remove what killed writers of `path` left behind. Only for who holds the lock on it."""
    prefix = f".{path.name}."
    for left in path.parent.iterdir():
        if left.name.startswith(prefix) and left.name.endswith(".tmp"):
            left.unlink(missing_ok=True)


def read_bytes(path: Path, limit: int = LARGEST) -> bytes | None:
    """The content of a file of ours, None where there is none. Raises OSError, UsageError."""
    return read_plain(path, limit)


def identity(found: os.stat_result) -> str:
    """What makes a file this one and not another of its name."""
    return f"{found.st_dev}-{found.st_ino}"


def identity_of(path: Path) -> str:
    """The identity of the file that has this name now, "" where there is none."""
    try:
        return identity(path.lstat())
    except OSError:
        return ""
