"""Files: opened without links where they are ours, written whole where somebody named them."""

from __future__ import annotations

import os
import re
import stat
import threading
from pathlib import Path

import pytest

from cozeops.errors import UsageError
from cozeops.system import files
from cozeops.system.files import (
    UnsafeFile,
    create_file,
    open_output,
    open_plain,
    read_plain,
    replace_plain,
    write_whole,
)

PACKAGE = Path(__file__).resolve().parents[2] / "cozeops"
pytestmark = pytest.mark.skipif(os.name != "posix", reason="links, modes and pipes of POSIX")


def test_files_are_written_in_one_place() -> None:
    """No other module replaces, renames or makes temporary files, nor writes to a path by itself."""
    writes = re.compile(
        r"mkstemp|NamedTemporaryFile|[^r]\.write_(text|bytes)\(|\.open\(\"[wax]|os\.(replace|rename|open)\((?!os\.devnull)"
        r"|\.replace\((path|target|file)\)"
    )
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] != "emulator"
        for line in path.read_text(encoding="utf-8").splitlines()
        if writes.search(line.partition("# ")[0])
    }
    # The demo edits the copy of the example that it made.
    assert found == {"system/files.py", "cli/commands/demo.py"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in a checkout."""
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    (root / "cozeops.yaml").write_text("")
    return root


def _write(path: Path) -> None:
    write_whole(path, b"new")


def _stream(path: Path) -> None:
    with os.fdopen(open_output(path, 0o666), "wb") as stream:
        stream.write(b"new")


WRITERS = pytest.mark.parametrize("write", [_write, _stream])


@WRITERS
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o755])
def test_a_file_keeps_its_mode(project: Path, write: object, mode: int) -> None:
    """Nothing else is left beside it."""
    path = project / "plan.json"
    path.write_text("something longer that was there before")
    path.chmod(mode)
    assert callable(write)
    write(path)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert sorted(one.name for one in project.iterdir()) == [".git", "cozeops.yaml", "plan.json"]


@WRITERS
def test_links_inside_are_followed(project: Path, write: object) -> None:
    """And stay links; so does one outside of every checkout."""
    assert callable(write)
    for folder in (project, project.parent):
        (folder / "real").write_text("old")
        (folder / "link").symlink_to("real")
        write(folder / "link")
        assert (folder / "link").is_symlink()
        assert (folder / "real").read_bytes() == b"new"


@WRITERS
@pytest.mark.parametrize("through", ["file", "folder", "chain", "nothing", "circle"])
def test_links_of_a_checkout_lead_nowhere_else(project: Path, write: object, through: str) -> None:
    """Not to a file outside, not through a folder, not to what is not there."""
    assert callable(write)
    outside = project.parent / "outside"
    outside.mkdir()
    (outside / "precious").write_text("precious")
    (project / "file").symlink_to(outside / "precious")
    (project / "chain").symlink_to("file")
    (project / "nothing").symlink_to("absent")
    (project / "circle").symlink_to("circle")
    (project / "link").symlink_to(outside)
    path = project / "link" / "new" if through == "folder" else project / through
    with pytest.raises((UnsafeFile, OSError)):
        write(path)
    assert [one.name for one in outside.iterdir()] == ["precious"]
    assert (outside / "precious").read_text() == "precious"


@WRITERS
def test_a_pipe_is_written_to(project: Path, write: object) -> None:
    """As `>` does; one that nobody reads is an error and no wait."""
    assert callable(write)
    pipe = project.parent / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="No such device"):
        write(pipe)
    heard: list[bytes] = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_bytes()))
    reader.start()
    while not heard:
        try:
            write(pipe)
        except OSError:
            continue
        break
    reader.join()
    assert heard == [b"new"]
    assert stat.S_ISFIFO(pipe.lstat().st_mode)


@WRITERS
def test_a_device_is_not_replaced(project: Path, write: object) -> None:
    """A null device of our own making stays one."""
    assert callable(write)
    device = project.parent / "null"
    try:
        os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        device.write_bytes(b"")
    except OSError:
        pytest.skip("no devices can be made here")
    write(device)
    assert stat.S_ISCHR(device.lstat().st_mode)
    assert stat.S_IMODE(device.lstat().st_mode) & 0o600 == 0o600


def test_a_folder_or_a_socket_is_no_file(project: Path) -> None:
    """Told, and it stays."""
    (project / "folder").mkdir()
    with pytest.raises(UsageError, match="is not a file"):
        write_whole(project / "folder", b"")


def test_a_write_that_fails_leaves_the_old_content(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no temporary file."""
    path = project / "plan.json"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"new")
    assert path.read_text() == "old"
    with pytest.raises(OSError, match="No space left"):
        create_file(project / "new", b"new")
    assert sorted(one.name for one in project.iterdir()) == [".git", "cozeops.yaml", "plan.json"]


def test_file_and_folder_are_synced(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First what is in the file, then the name that it has."""
    synced: list[bool] = []
    found = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        found(descriptor)

    monkeypatch.setattr(files.os, "fsync", fsync)
    write_whole(project / "a", b"")
    create_file(project / "b", b"")
    assert synced == [False, True] * 2


def test_our_own_files_have_no_link_on_the_way(tmp_path: Path) -> None:
    """Neither the file nor any folder above it; and a largest size."""
    base = tmp_path.resolve()
    (base / "real").mkdir()
    (base / "real/file").write_bytes(b"12345")
    (base / "link").symlink_to("real")
    (base / "real/to").symlink_to("file")
    for path in (base / "link/file", base / "real/to"):
        for use in (lambda path: read_plain(path, 9), lambda path: open_plain(path, os.O_RDWR | os.O_CREAT)):
            with pytest.raises(UnsafeFile, match="is a link"):
                use(path)
        with pytest.raises(UnsafeFile, match="is a link"):
            replace_plain(path, b"")
    with pytest.raises(UnsafeFile, match="has more than"):
        read_plain(base / "real/file", 4)
    assert read_plain(base / "real/file", 5) == b"12345"
    assert read_plain(base / "real/absent", 5) is None
