"""Files, opened and written in one way: no link is followed by surprise, no device is replaced.

`open_plain` and what stands on it are for files of our own: nothing on their way may be a link. `write_whole`
and `open_output` are for files that people name: links lead where they lead, but not out of a checkout.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cozeops.errors import UsageError

_CLOEXEC = getattr(os, "O_CLOEXEC", 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | _NOFOLLOW | _CLOEXEC
_BESIDE = os.open in os.supports_dir_fd and os.rename in os.supports_dir_fd and bool(_NOFOLLOW)
"""Whether a file can be opened by the folder that was opened before it; Windows has paths alone."""


class UnsafeFile(UsageError):
    """A file that is not what it should be: a link, a device, a pipe, too large."""


def checkout_of(path: Path) -> Path | None:
    """The innermost folder at or above `path` that is a checkout or a project; None where there is none."""
    for folder in (path, *path.parents):
        if any(os.path.lexists(folder / name) for name in (".git", "cozeops.yaml")):
            return folder
    return None


def resolved(path: Path) -> Path:
    """Where a path leads. Raises UnsafeFile for links in a circle."""
    try:
        return path.resolve()
    except (RuntimeError, OSError):
        raise UnsafeFile(f"{path} is a link that leads nowhere", hint="remove the link") from None


def demand_no_links(base: Path, path: Path) -> None:
    """Raise UnsafeFile where `path`, or a folder between `base` and it, is a link."""
    for part in (*reversed(path.relative_to(base).parents), path.relative_to(base)):
        if (base / part).is_symlink() and part != Path():
            raise _link(base / part)


def open_plain(path: Path, flags: int, mode: int = 0o600) -> int:
    """Open a regular file whose absolute path has no link in it; the descriptor.

    Each folder is opened by the one above, so nothing can be put in the way in between.
    Raises UnsafeFile, OSError.
    """
    with _opened_folder(path.parent) as folder:
        name: str | Path = path.name if folder is not None else path
        with suppress(FileNotFoundError):
            _demand_regular(os.stat(name, dir_fd=folder, follow_symlinks=False), path)
        safe = (flags & ~os.O_TRUNC) | _NOFOLLOW | _NONBLOCK | _CLOEXEC | _BINARY
        try:
            descriptor = os.open(name, safe, mode, dir_fd=folder)
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise _link(path) from None
            error.filename = str(path)
            raise
    try:
        _demand_regular(os.fstat(descriptor), path)
        if flags & os.O_TRUNC:
            os.ftruncate(descriptor, 0)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def read_plain(path: Path, limit: int) -> bytes | None:
    """The bytes of such a file, None where there is none. Raises UnsafeFile, also over `limit`; OSError."""
    try:
        descriptor = open_plain(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise UnsafeFile(
            f"{path} has more than {limit / 2**20:,.0f} MiB", hint="cozeops writes none so large: remove it"
        )
    return content


def replace_plain(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Put a file in the place of `path`, whole: after a crash there is the old content or the new.

    Its absolute path has no link in it. Raises UnsafeFile, OSError; the file is then as it was.
    """
    with _opened_folder(path.parent) as folder:
        base = path.parent if folder is None else None
        with suppress(FileNotFoundError):
            at = path if base else path.name
            _demand_regular(os.stat(at, dir_fd=folder, follow_symlinks=False), path)
        name = f".{path.name}.{os.urandom(6).hex()}.tmp"
        temporary = base / name if base else Path(name)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW | _CLOEXEC | _BINARY
        try:
            with os.fdopen(os.open(temporary, flags, mode, dir_fd=folder), "wb") as stream:
                stream.write(content)
                stream.flush()
                if hasattr(os, "fchmod"):
                    os.fchmod(stream.fileno(), mode)  # whatever the umask says
                os.fsync(stream.fileno())
            if base:
                (base / name).replace(path)
            else:
                os.rename(name, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException as error:
            with suppress(OSError):
                os.unlink(temporary, dir_fd=folder)
            if isinstance(error, OSError):
                error.filename = str(path)
            raise
    sync_folder(path.parent)


def make_folders(folder: Path, *, mode: int = 0o777) -> None:
    """Make a folder and its missing parents, so that they are there after a power cut. Raises OSError."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode=mode, exist_ok=True)
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename or a new name in a folder survive a power cut. Raises OSError."""
    if os.name != "posix":  # Windows opens no folders, and has no such call
        return
    descriptor = os.open(folder, os.O_RDONLY | _CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def create_file(path: Path, content: bytes) -> None:
    """Write a file that is not there yet. Raises UnsafeFile, OSError; what was there before stays."""
    demand_in_checkout(path)
    # It fails where somebody was faster, or left a link: nothing is ever overwritten.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW | _CLOEXEC | _BINARY, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise
    sync_folder(path.parent)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that somebody named, whole or not at all.

    What it replaces gives it its mode; a new one is closed to others. A device or a pipe is written to.
    A link leads to a regular file that is there; none that lies in a checkout leads out of it.
    Raises UnsafeFile, OSError.
    """
    target, found = _named(path)
    if found and not stat.S_ISREG(found.st_mode):
        with os.fdopen(_into(target), "wb") as stream:
            stream.write(content)
        return
    replace_plain(target, content, mode=stat.S_IMODE(found.st_mode) if found else 0o600)


def open_output(path: Path, mode: int) -> int:
    """Open a file that somebody named, to write it from its beginning while others read it.

    `mode` is that of a new one; for links, devices and pipes as `write_whole`. Raises UnsafeFile, OSError.
    """
    target, found = _named(path)
    if found and not stat.S_ISREG(found.st_mode):
        return _into(target)
    return open_plain(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)


def demand_in_checkout(path: Path) -> None:
    """Raise UnsafeFile where a path that begins in a checkout leads out of it, through a link."""
    written = Path(os.path.abspath(path))  # noqa: PTH100 - without following links
    box, target = checkout_of(written.parent), resolved(written)
    if box and not target.is_relative_to(box.resolve()) and not _is_stream(written):
        raise UnsafeFile(
            f"{path} leads out of the project, to {target}", hint="remove the link, or name that place itself"
        )


def _named(path: Path) -> tuple[Path, os.stat_result | None]:
    """Where a path that somebody wrote leads, and what is there."""
    written = Path(os.path.abspath(path))  # noqa: PTH100 - without following links
    target = resolved(written)
    try:
        found = target.stat()
    except FileNotFoundError:
        found = None
        if written.is_symlink():
            raise UnsafeFile(f"{path} is a link to nothing", hint="remove it, or name a file") from None
    demand_in_checkout(path)
    if found and (stat.S_ISDIR(found.st_mode) or stat.S_ISBLK(found.st_mode) or stat.S_ISSOCK(found.st_mode)):
        raise UnsafeFile(f"{path} is not a file", hint="name a file")
    return target, found


def _is_stream(written: Path) -> bool:
    """Links that the system makes: `/dev/stdout`, `/dev/fd/63`."""
    return written.parts[:2] in ((os.sep, "dev"), (os.sep, "proc"))


def _into(path: Path) -> int:
    """Open a device or a pipe to write to. A pipe that nobody reads is an error, not a wait."""
    descriptor = os.open(path, os.O_WRONLY | _NONBLOCK | _CLOEXEC | getattr(os, "O_NOCTTY", 0))
    os.set_blocking(descriptor, True)
    return descriptor


@contextmanager
def _opened_folder(folder: Path) -> Iterator[int | None]:
    """A folder, opened step by step from the root; None where the system cannot do that."""
    if not folder.is_absolute():
        raise ValueError(f"not an absolute path: {folder}")
    if not _BESIDE:
        demand_no_links(Path(folder.anchor), folder)
        yield None
        return
    descriptor = os.open(folder.anchor, _FOLDER)
    try:
        for depth, name in enumerate(folder.parts[1:], 2):
            try:
                below = os.open(name, _FOLDER, dir_fd=descriptor)
            except OSError as error:
                here = Path(*folder.parts[:depth])
                if here.is_symlink():
                    raise _link(here) from None
                error.filename = str(here)
                raise
            os.close(descriptor)
            descriptor = below
        yield descriptor
    finally:
        os.close(descriptor)


def _demand_regular(found: os.stat_result, path: Path) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise _link(path)
    if not stat.S_ISREG(found.st_mode):
        what = "a folder" if stat.S_ISDIR(found.st_mode) else "not a regular file"
        raise UnsafeFile(f"{path} is {what}", hint="remove it: cozeops makes its own files")


def _link(path: Path) -> UnsafeFile:
    return UnsafeFile(f"{path} is a link", hint="remove it: cozeops follows no links to its own files")
