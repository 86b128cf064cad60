"""Private files that survive a crash: 0600 in folders 0700, replaced whole, locked by the system.

Nothing here knows what is in the files.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cozeops.errors import UsageError
from cozeops.state.errors import StateError

OWN_FOLDER = ".cozeops"
"""The folder of a project that is ours and that Git never sees."""

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
    """A path below the project's root, after links are resolved. Raises UsageError for one outside."""
    base = root.resolve()
    found = (base / relative).resolve()
    if not found.is_relative_to(base):
        raise UsageError(
            f"{relative} leads outside the project ({found})", hint="keep it below the project's root"
        )
    return found


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
    missing = [folder, *folder.parents]
    for path in reversed([path for path in missing if not path.exists()]):
        path.mkdir(mode=0o700, exist_ok=True)
    # Somebody else's folder stays as it is: the files in it are closed anyway.
    with suppress(PermissionError):
        folder.chmod(0o700)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file whole, mode 0600: after a crash there is the old content or the new. Raises OSError."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sweep(path: Path) -> None:
    """Remove what killed writers of `path` left behind. Only for who holds the lock on it."""
    prefix = f".{path.name}."
    for left in path.parent.iterdir():
        if left.name.startswith(prefix) and left.name.endswith(".tmp"):
            left.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make a rename or a new name in a folder survive a power cut. Raises OSError."""
    if os.name != "posix":  # Windows opens no folders, and has no such call
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_bytes(path: Path) -> bytes | None:
    """The content of a file, None where there is none. Raises OSError."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def identity(found: os.stat_result) -> str:
    """What makes a file this one and not another of its name."""
    return f"{found.st_dev}-{found.st_ino}"


def identity_of(path: Path) -> str:
    """The identity of the file that has this name now, "" where there is none."""
    try:
        return identity(path.stat())
    except OSError:
        return ""
