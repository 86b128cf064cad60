"""The state in a file: closed to others, whole after a kill, with a past."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from cozeops.errors import UsageError
from cozeops.state import InvalidState, LockedError, StateError, read_state
from tests.state.given import CHEF, Place, a_run, a_state, git, record

posix = pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")


@posix
def test_files_are_closed_to_others(local: Place) -> None:
    """Files 0600 in folders 0700, whatever the umask says, also where the folder was open before."""
    (local.root / ".cozeops").mkdir(mode=0o777)
    before = os.umask(0)
    try:
        for run in ("run-1", "run-2"):
            backend = local.open()
            with backend.lock(a_run(run), 0) as held:
                backend.save(backend.load() or a_state(), held)
                modes = {
                    path: stat.S_IMODE(path.stat().st_mode)
                    for path in [local.root / ".cozeops", *(local.root / ".cozeops").rglob("*")]
                }
    finally:
        os.umask(before)
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}
    assert {"dev.json", "dev.lock", "dev.holder", ".gitignore"} <= {path.name for path in modes}


def test_git_sees_nothing_of_it(local: Place) -> None:
    """The folder ignores itself."""
    git(local.root, "init", "-q")
    backend = local.open()
    with backend.lock(a_run(), 0) as held:
        backend.save(a_state(), held)
        assert git(local.root, "status", "--porcelain", "--untracked-files=all") == ""


def test_each_run_leaves_a_backup(local: Place) -> None:
    """A run that saves often puts aside once what stood there before; the newest twenty are kept."""
    for number in range(25):
        backend = local.open()
        with backend.lock(a_run(f"run-{number}"), 0) as held:
            state = backend.load() or a_state()
            for _ in range(2):
                state = backend.save(state, held)
    backups = sorted((local.root / ".cozeops/state/backups/dev").iterdir())
    serials = [read_state(path.read_text(), path.name).serial for path in backups]
    assert serials == list(range(10, 49, 2))


def test_a_new_lineage_keeps_the_old_backups(local: Place) -> None:
    """A state that is begun anew counts from 1 again, beside the backups of the old one."""
    for lineage in ("old", "../../new"):
        for _ in range(2):
            backend = local.open()
            with backend.lock(a_run(), 0) as held:
                backend.save(backend.load() or replace(a_state(), lineage=lineage), held)
        (local.root / ".cozeops/state/dev.json").unlink()
    assert len(list((local.root / ".cozeops/state/backups/dev").iterdir())) == 2


@posix
def test_a_link_out_of_the_project_is_refused(local: Place, tmp_path: Path) -> None:
    """A project cannot point its state at somebody's files."""
    (tmp_path / "elsewhere").mkdir()
    (local.root / ".cozeops").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="is a link"):
        local.open()
    with pytest.raises(UsageError, match="leads outside the project"):
        replace(local, settings={"backend": "local", "path": "../up"}).open()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_folder_can_be_chosen(local: Place) -> None:
    """`path` is the folder of the states."""
    chosen = replace(local, settings={"backend": "local", "path": "memory/of bots"})
    backend = chosen.open()
    with backend.lock(a_run(), 0) as held:
        backend.save(a_state(), held)
    assert (local.root / "memory/of bots/dev.json").is_file()
    assert backend.name == "the state memory/of bots/dev.json"


def test_a_forced_out_run_saves_nothing(local: Place) -> None:
    """After `unlock --force` the old holder cannot save any more, and is told why."""
    backend = local.open()
    with backend.lock(a_run(), 0) as held:
        assert local.open().unlock(force=True) == a_run()
        with pytest.raises(StateError, match=r"lock on .* was taken away"):
            backend.save(a_state(), held)
        with local.open().lock(a_run("run-2"), 0), pytest.raises(StateError):
            backend.save(a_state(), held)
    assert local.open().load() is None


def test_a_holder_that_says_nothing(local: Place) -> None:
    """A lock whose holder cannot be read is a lock all the same."""
    with local.open().lock(a_run(), 0):
        (local.root / ".cozeops/state/dev.holder").write_text("{")
        with pytest.raises(LockedError, match="is locked by another process"):
            local.open().lock(a_run("run-2"), 0).__enter__()


def test_a_damaged_file_stops_the_run(local: Place) -> None:
    """Damage is an error with the file's name and what to do; it is not taken for "no state"."""
    backend = local.open()
    with backend.lock(a_run(), 0) as held:
        backend.save(a_state(), held)
    path = local.root / ".cozeops/state/dev.json"
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(InvalidState, match=r"\.cozeops/state/dev\.json") as caught:
        local.open().load()
    assert "backup" in caught.value.hint


@posix
def test_an_unusable_disk_is_told(local: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the system names what was being done; the old state stays."""
    backend = local.open()
    with backend.lock(a_run(), 0) as held:
        state = backend.save(a_state(chef="1"), held)

        def full(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StateError, match=r"cannot save .*dev\.json: No space left"):
            backend.save(state.with_record(CHEF, record("2")), held)
        monkeypatch.undo()
        assert [path.name for path in (local.root / ".cozeops/state").glob(".*")] == []
    assert local.open().load() == state


@posix
@pytest.mark.parametrize("kills", [4, pytest.param(40, marks=pytest.mark.long)])
def test_a_kill_leaves_a_whole_state(local: Place, kills: int) -> None:
    """Killed in the middle of saves, again and again: the file is whole and the lock is free."""
    serial = 0
    for number in range(kills):
        with local.start("save", f"bot-{number}", "100000") as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "saving\n"
            path = local.root / ".cozeops/state/dev.json"
            seen = {path.stat().st_ino for _ in range(200 + 97 * number)}
            process.kill()
        assert seen
        backend = local.open()
        state = backend.load()
        assert state is not None
        assert state.serial > serial
        serial = state.serial
        assert len(state.resources) == number + 1
        assert backend.holder() is None
    with local.open().lock(a_run(), 0):
        assert list((local.root / ".cozeops/state").glob(".*.tmp")) == []
