"""The folder `.cozeops`: what a pull request can put there is not obeyed, and leads nowhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cozeops.errors import CozeopsError, UsageError
from cozeops.state import FinishedRun, Journal, append_run, read_runs
from cozeops.state.files import LARGEST, inside, own_folder
from cozeops.system import files as system_files
from tests.state.given import Place, a_run, a_state, git, journals

posix = pytest.mark.skipif(os.name != "posix", reason="links, devices and pipes of POSIX")


def _save(place: Place) -> None:
    backend = place.open()
    with backend.lock(a_run(), 0) as held:
        backend.save(backend.load() or a_state(), held)


def _journal(place: Place) -> None:
    Journal.begin(a_run(), root=place.root).finish()


def _history(place: Place) -> None:
    append_run(place.root, FinishedRun(a_run(), 1.0))


READS: dict[str, Callable[[Place], Any]] = {
    "state": lambda place: place.open().load(),
    "holder": lambda place: place.open().holder(),
    "journals": lambda place: journals(place.root, "dev"),
    "history": lambda place: read_runs(place.root, "dev"),
}
WRITES: dict[str, Callable[[Place], Any]] = {"save": _save, "journal": _journal, "append": _history}
FOLDERS = ("", "state", "journal", "history")
FILES = (
    "state/dev.json",
    "state/dev.lock",
    "state/dev.holder",
    "journal/dev-run-x.jsonl",
    "history/dev.jsonl",
)


def _refused(place: Place, what: str) -> int:
    """How many of all uses of the folder are refused with these words; the rest works."""
    count = 0
    for use in (*READS.values(), *WRITES.values()):
        try:
            use(place)
        except UsageError as error:
            count += what in error.message
    return count


@posix
@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_that_is_a_link_is_refused(local: Place, tmp_path: Path, folder: str) -> None:
    """Inside the project or out of it: nothing behind it is read or written."""
    for target in (tmp_path / "outside", local.root / "inside"):
        target.mkdir()
        link = local.root / ".cozeops" / folder
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(target)
        assert _refused(local, "is a link")
        assert list(target.iterdir()) == []
        link.unlink()
        shutil.rmtree(local.root / ".cozeops", ignore_errors=True)


@posix
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_a_link_is_refused(local: Place, tmp_path: Path, name: str) -> None:
    """What it names is not read, appended to, made or cut."""
    victim = tmp_path / "victim"
    for content in (b"precious\n", None):
        if content is not None:
            victim.write_bytes(content)
        link = local.root / ".cozeops" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(victim)
        assert _refused(local, "is a link")
        assert (victim.read_bytes() if victim.exists() else None) == content
        victim.unlink(missing_ok=True)
        shutil.rmtree(local.root / ".cozeops")


@posix
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["pipe", "folder", "endless"])
def test_a_file_that_is_no_file_is_refused(
    local: Place, name: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe keeps nobody waiting, and what has no end is not read to its end."""
    path = local.root / ".cozeops" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.touch()
        os.truncate(path, LARGEST + 1)
        if name.endswith((".lock", ".holder")):
            pytest.skip("nobody reads it")
    assert _refused(local, "MiB" if kind == "endless" else str(path))


def test_what_git_tracks_is_refused(clone: Place) -> None:
    """The state, a journal, a history: each, before anything in the folder is read."""
    place = Place({"backend": "local"}, clone.root, {})
    _save(place)
    assert _refused(place, "Git tracks") == 0
    for name in FILES:
        path = clone.root / ".cozeops" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"not even read")
        git(clone.root, "add", "-f", str(path))
        assert _refused(place, f"Git tracks .cozeops/{name}") == len(READS) + len(WRITES)
        git(clone.root, "rm", "-q", "--cached", str(path))
        path.unlink()
    assert _refused(place, "Git tracks") == 0


def test_what_git_tracks_in_a_project_below_the_top(clone: Place) -> None:
    """A folder of a larger repository, and one that only its index still knows."""
    root = clone.root / "bots"
    path = root / ".cozeops/journal/dev-x.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    git(clone.root, "add", "-f", str(path))
    with pytest.raises(UsageError, match="Git tracks"):
        journals(root, "dev")
    path.unlink()
    with pytest.raises(UsageError, match="Git tracks"):
        own_folder(root, "journal")


def test_a_chosen_folder_for_the_state_is_guarded_too(clone: Place) -> None:
    """A manifest that names another folder brings no state along."""
    place = Place({"backend": "local", "path": "memory"}, clone.root, {})
    _save(place)
    assert place.open().load()
    git(clone.root, "add", "memory/dev.json")
    with pytest.raises(UsageError, match=r"Git tracks memory/dev\.json"):
        place.open()


def test_a_path_above_the_project_is_refused(tmp_path: Path) -> None:
    """However it is written."""
    for relative in ("..", "a/../../b", str(tmp_path.parent)):
        with pytest.raises(UsageError, match="outside the project"):
            inside(tmp_path, relative)


def test_new_folders_are_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each folder that is made is written down in the one above before anything is put in it."""
    synced: list[Path] = []
    monkeypatch.setattr(system_files, "sync_folder", synced.append)
    own_folder(tmp_path, "journal")
    base = tmp_path.resolve()
    assert synced[:2] == [base, base / ".cozeops"]


def test_without_git_a_checkout_is_not_judged(clone: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody can be asked what Git tracks, nothing in the folder is obeyed."""
    own_folder(clone.root, "journal")
    (clone.root / ".git/index").touch()
    monkeypatch.setenv("PATH", str(clone.root))
    with pytest.raises(CozeopsError, match="program git"):
        journals(clone.root, "dev")
