"""The project's files as they were at a commit: Git's objects, and nothing that Git would do to them.

No filter, no attribute (`export-ignore`, `export-subst`, encodings) and no hook of the repository takes part.
A file that Git LFS keeps is taken from where LFS keeps it, by its digest.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from cozeops.errors import CozeopsError, UsageError
from cozeops.frozen import frozen
from cozeops.state.errors import StateError
from cozeops.state.files import OWN_FOLDER, make_private, own_folder, told, try_lock
from cozeops.state.git_program import Git
from cozeops.system.files import UnsafeFile, open_plain, read_plain

_LINK = "120000"
_FILES = ("100644", "100755", "100664")
_BATCH = 32 << 20
"""Bytes of files that are asked of git at once."""
_MOST = 4 << 30
_LARGEST_LFS = 100 << 20
_POINTER = re.compile(rb"version https://git-lfs\.github\.com/spec/v1\n(?:.*\n)*?oid sha256:([0-9a-f]{64})\n")
_FOLDER = "past"


@frozen
class _Entry:
    """A file of a commit; `path` is relative to the project's folder."""

    path: PurePosixPath
    mode: str
    blob: str
    size: int


def local_git(root: Path, environ: Mapping[str, str]) -> Git:
    """Git that only reads what is in this clone."""
    return Git(root, environ, local=True)


def commit_here(root: Path, environ: Mapping[str, str]) -> str:
    """The commit that is checked out; empty outside Git, and where there is no git."""
    try:
        found = local_git(root, environ).ask("rev-parse", "--verify", "--quiet", "HEAD")
    except UsageError:
        return ""
    return "" if found.code else found.text


@contextmanager
def files_at(root: Path, environ: Mapping[str, str], commit: str) -> Iterator[Path]:
    """A folder with the files of the project at a commit, for as long as the context lasts.

    It lies in the project's own folder, where the next one removes what a killed run left; where nothing can
    be written there, in the system's. It is empty where the project was not there yet.
    Raises CozeopsError where this clone lacks the commit or a file of it.
    """
    git = local_git(root, environ)
    with _folder(root) as folder:
        _extract(git, _entries(git, commit), folder)
        yield folder


@contextmanager
def _folder(root: Path) -> Iterator[Path]:
    try:
        place = own_folder(root, _FOLDER)
    except StateError:  # a checkout that is only to be read
        with tempfile.TemporaryDirectory(prefix="cozeops-past-") as made:
            yield Path(made).resolve()
        return
    _sweep(place)
    name = os.urandom(6).hex()
    lock, folder = place / f"{name}.lock", place / name
    with told(f"make {folder}"):
        descriptor = open_plain(lock, os.O_RDWR | os.O_CREAT | os.O_EXCL)
        try_lock(descriptor)  # nobody else knows it yet
        make_private(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.unlink(missing_ok=True)
        os.close(descriptor)


def _sweep(place: Path) -> None:
    """Remove the folders of runs that were killed."""
    with told(f"clean up {place}"):
        for lock in place.glob("*.lock"):
            try:
                descriptor = open_plain(lock, os.O_RDWR)
            except FileNotFoundError:  # its run ended just now
                continue
            try:
                if try_lock(descriptor):
                    shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                    lock.unlink(missing_ok=True)
            finally:
                os.close(descriptor)


def _entries(git: Git, commit: str) -> list[_Entry]:
    prefix = git.ask("rev-parse", "--show-prefix")
    listed = git.ask("ls-tree", "-r", "-z", "-l", "--end-of-options", commit) if not prefix.code else prefix
    if listed.code:
        reason = listed.message.splitlines()[-1] if listed.message else "failed"
        raise CozeopsError(f"git ls-tree: {reason}", hint="is that commit still in this clone?")
    found = [_entry(line) for line in listed.output.split(b"\0") if line]
    entries = [one for one in found if one and one.path.parts[0] != OWN_FOLDER]
    if sum(one.size for one in entries) > _MOST:
        raise UsageError(f"the project at {commit[:12]} has more than {_MOST >> 30} GiB of files")
    return entries


def _entry(line: bytes) -> _Entry | None:
    """A line of `ls-tree -l`; None for what is no file, or has a name that no checkout may have."""
    about, _, name = line.partition(b"\t")
    mode, _, blob, size = about.decode().split()
    parts = os.fsdecode(name).split("/")
    if mode not in (*_FILES, _LINK) or any(_is_bad(part) for part in parts):
        return None
    return _Entry(PurePosixPath(*parts), mode, blob, int(size))


def _is_bad(part: str) -> bool:
    return (
        part in ("", ".", "..") or part.casefold() == ".git" or (os.name == "nt" and bool({*part} & {*"\\:"}))
    )


def _extract(git: Git, entries: Sequence[_Entry], folder: Path) -> None:
    files = [one for one in entries if one.mode != _LINK]
    lfs = None
    for batch in _batches(files):
        for entry, content in zip(batch, _contents(git, batch), strict=True):
            pointer = _POINTER.match(content) if len(content) < 1024 else None
            if pointer:
                lfs = lfs or _lfs_of(git)
                content = _kept_by_lfs(lfs, pointer[1].decode(), entry)
            _write(folder / entry.path, content)
    # Links last: no file is written through one.
    links = [one for one in entries if one.mode == _LINK]
    for entry, content in zip(links, _contents(git, links), strict=True):
        target = os.fsdecode(content)
        inside = Path(os.path.normpath(entry.path.parent / target))
        if not inside.is_absolute() and inside.parts[:1] != ("..",) and "\0" not in target:
            with told(f"write {folder / entry.path}"):
                (folder / entry.path).parent.mkdir(parents=True, exist_ok=True)
                (folder / entry.path).symlink_to(target)


def _batches(entries: Sequence[_Entry]) -> Iterator[list[_Entry]]:
    batch: list[_Entry] = []
    room = _BATCH
    for entry in entries:
        if batch and entry.size > room:
            yield batch
            batch, room = [], _BATCH
        batch.append(entry)
        room -= entry.size
    if batch:
        yield batch


def _contents(git: Git, entries: Sequence[_Entry]) -> Iterator[bytes]:
    if not entries:
        return
    asked = "".join(f"{one.blob}\n" for one in entries).encode()
    output = git.run("cat-file", "--batch", stdin=asked).output
    at = 0
    for entry in entries:
        end = output.find(b"\n", at)
        if output[at:end].split() != [entry.blob.encode(), b"blob", str(entry.size).encode()]:
            raise CozeopsError(
                f"this clone lacks the content of {entry.path} at that commit",
                hint="git fetch --refetch",
            )
        yield output[end + 1 : end + 1 + entry.size]
        at = end + 2 + entry.size


def _write(path: Path, content: bytes) -> None:
    with told(f"write {path}"):
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(open_plain(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as stream:
            stream.write(content)


def _lfs_of(git: Git) -> Path:
    return (git.root / git.run("rev-parse", "--git-common-dir").text).resolve() / "lfs" / "objects"


def _kept_by_lfs(objects: Path, oid: str, entry: _Entry) -> bytes:
    path = objects / oid[:2] / oid[2:4] / oid
    try:
        content = read_plain(path, _LARGEST_LFS)
    except (OSError, UnsafeFile):
        content = None
    if content is None or hashlib.sha256(content).hexdigest() != oid:
        raise CozeopsError(
            f"{entry.path} was kept by Git LFS, and this clone does not have it", hint="git lfs fetch --all"
        )
    return content
