"""The journal as the write-ahead log of a local state: what was put is on the disk, and written once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from cozeops.address import Address
from cozeops.state import Backend, Journal, Record, Saver, State, StateError, open_backend
from cozeops.state import files as state_files
from cozeops.state import saver as saver_module
from cozeops.state.model import ItemRecord
from tests.state.given import CHEF, a_run, a_state, record


def _backend(root: Path) -> Backend:
    found = open_backend({"backend": "local"}, root=root, environment="dev", environ={})
    assert found is not None
    return found


def _known(root: Path) -> dict[Address, Record]:
    state = _backend(root).load()
    return dict(state.resources) if state else {}


@dataclass
class Going:
    """A run that goes on: what it has is closed at the end of the test, as nothing of a killed one is."""

    root: Path
    saver: Saver
    journal: Journal
    stack: ExitStack

    @property
    def now(self) -> dict[Address, Record]:
        """What it remembers."""
        return dict(self.saver.state.resources)

    def killed(self, to: Path) -> Path:
        """The disk as it would be if it were killed now."""
        shutil.copytree(self.root, to)
        return to

    def end(self) -> None:
        """As a run ends."""
        with self.stack:
            self.saver.__exit__(None, None, None)
            self.journal.finish(keep=not self.saver.whole)


def _begun(root: Path, run: str = "run-1", state: State | None = None) -> Going:
    root.mkdir(exist_ok=True)
    backend, info, stack = _backend(root), a_run(run), ExitStack()
    held = stack.enter_context(backend.lock(info, 0))
    saver = Saver(backend, held, state or backend.load() or a_state(old="0"))
    journal = Journal.begin(info, root=root)
    saver.log_to(journal)
    return Going(root, saver, journal, stack)


@pytest.fixture
def going(tmp_path: Path) -> Iterator[Going]:
    """A run in a project without a state."""
    run = _begun(tmp_path / "project")
    with run.stack:
        yield run


def _bot(number: int) -> Address:
    return Address("Bot", f"bot-{number}")


def _steps(run: Going) -> Iterator[None]:
    """What an apply does with its state, a write at a time."""
    for number in range(6):
        run.saver.put(_bot(number), record(str(number)))
        yield
    items = {"spec.documents": {"菜谱": ItemRecord("9", {"sha256": "x"}, older=("7",))}}
    run.saver.put(_bot(3), replace(record("3"), items=items, values={"spec.icon": {"id": "f"}}))
    yield
    run.saver.forget(_bot(0))
    yield
    run.saver.forget(Address("Bot", "old"))
    yield
    run.saver.put(_bot(0), record("again"))
    yield
    run.saver.put(_bot(7), record("7"), wrote=False)
    yield
    run.saver.flush()
    yield
    run.saver.put(_bot(8), record("8"))
    yield


@pytest.mark.parametrize("log", [1 << 20, 1])
def test_killed_after_every_write(
    going: Going, tmp_path: Path, log: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever a run is killed, the next reads all that it had put; also where it saves the whole often."""
    monkeypatch.setattr(saver_module, "_LOG", log)
    for number, _ in enumerate(_steps(going)):
        assert _known(going.killed(tmp_path / str(number))) == going.now
        assert _known(going.root) == going.now  # who plans meanwhile sees it, too
    before = going.now
    going.end()
    assert _known(going.root) == before
    assert list((going.root / ".cozeops" / "journal").iterdir()) == []
    assert b'"journal"' not in (going.root / ".cozeops/state/dev.json").read_bytes()


def test_torn_anywhere_in_its_last_line(going: Going, tmp_path: Path) -> None:
    """A power cut in the middle of a line loses that line, and is no damage."""
    going.saver.put(_bot(0), record("0"))
    going.saver.put(_bot(1), record("1"))
    before = going.now
    size = going.journal.path.stat().st_size
    going.saver.put(_bot(2), record("2"))
    for left in range(size, going.journal.path.stat().st_size, 7):
        root = going.killed(tmp_path / str(left))
        os.truncate(root / going.journal.path.relative_to(going.root), left)
        assert _known(root) == before


def test_killed_again_and_again(tmp_path: Path) -> None:
    """A run that goes on after a killed one, and is killed, loses nothing of either."""
    root = tmp_path / "0"
    for turn in range(4):
        run = _begun(root, f"run-{turn}")
        with run.stack:
            for number in range(turn * 3, turn * 3 + 3):
                run.saver.put(_bot(number), record(str(number)))
            root = run.killed(tmp_path / str(turn + 1))
    assert {address for address in _known(root) if address.name != "old"} == {_bot(one) for one in range(12)}


def test_what_others_saved_after_a_kill_stands(going: Going, tmp_path: Path) -> None:
    """`state rm` after a kill: the journal that is still there does not bring it back."""
    going.saver.put(CHEF, record("1"))
    going.saver.put(_bot(1), record("2"))
    root = going.killed(tmp_path / "killed")
    backend = _backend(root)
    with backend.lock(a_run("run-2"), 0) as held:
        state = backend.load()
        assert state is not None
        backend.save(state.without(_bot(1)), held)
    assert CHEF in _known(root)
    assert _bot(1) not in _known(root)
    kept = sorted((root / ".cozeops/state/backups/dev").iterdir())
    assert b"bot-1" in kept[-1].read_bytes()  # what it replaced, the journal's part included


def test_a_save_that_fails_at_the_end_loses_nothing(going: Going, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal stays, and the next run reads it."""
    going.saver.put(CHEF, record("1"))
    going.saver.put(_bot(1), record("2"))

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = going.now
    with monkeypatch.context() as full:
        full.setattr("cozeops.state.local.write_atomically", fail)
        with pytest.raises(StateError, match="No space left"):
            going.saver.__exit__(None, None, None)
        assert not going.journal.finish(keep=not going.saver.whole)
    assert _known(going.root) == before


def test_where_the_journal_cannot_be_written_the_whole_is(
    going: Going, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what stands in the journal by then does not undo what came after it."""
    going.saver.put(CHEF, record("1"))
    going.saver.put(CHEF, record("2"))

    def fail(*_: object, **__: object) -> int:
        raise StateError("cannot write the journal")

    monkeypatch.setattr(going.journal, "log", fail)
    for id in ("3", "4"):
        going.saver.put(CHEF, record(id))
        assert _known(going.killed(tmp_path / id)) == going.now


def test_a_journal_of_that_name_that_is_none_is_refused(going: Going, tmp_path: Path) -> None:
    """Damaged records are told, not dropped."""
    going.saver.put(CHEF, record("1"))
    going.saver.put(CHEF, record("2"))
    root = going.killed(tmp_path / "killed")
    path = root / going.journal.path.relative_to(going.root)
    path.write_text(path.read_text().replace('"ownership":"created"', '"ownership":"stolen"'))
    with pytest.raises(Exception, match=r"the journal of .* is damaged"):
        _known(root)


@dataclass
class Disk:
    """How often whole files are written, and how many bytes in all."""

    wholes: int = 0
    bytes: int = 0
    written: list[int] = field(default_factory=list)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """Counts what is written to the state and to journals."""
    found, whole, line = Disk(), state_files.write_atomically, Journal.log

    def replaced(path: Path, content: bytes) -> None:
        found.wholes += 1
        found.bytes += len(content)
        whole(path, content)

    def added(journal: Journal, change: dict[str, object], *, sync: bool) -> int:
        size = line(journal, change, sync=sync)
        found.bytes += size
        return size

    monkeypatch.setattr("cozeops.state.local.write_atomically", replaced)
    monkeypatch.setattr(Journal, "log", added)
    monkeypatch.setattr("cozeops.state.journal.os.fsync", lambda _: None)
    return found


def _cost(root: Path, disk: Disk, records: int) -> tuple[int, int]:
    before = disk.wholes, disk.bytes
    run = _begun(root)
    for number in range(records):
        run.saver.put(_bot(number), replace(record(str(number)), applied={"spec.prompt": "0" * 16}))
    run.end()
    return disk.wholes - before[0], disk.bytes - before[1]


def test_what_a_run_writes_grows_with_what_it_makes(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes are linear in the records, saves of the whole are few: each doubles what it has."""
    monkeypatch.setattr(saver_module, "_LOG", 1 << 12)
    cost = {records: _cost(tmp_path / str(records), disk, records) for records in (500, 1000, 2000, 4000)}
    assert all(cost[twice][1] < 2.5 * cost[twice // 2][1] for twice in (1000, 2000, 4000))
    assert max(wholes for wholes, _ in cost.values()) < 15


def test_a_small_run_saves_the_whole_twice(tmp_path: Path, disk: Disk) -> None:
    """At first, so that the journal is found, and at the end."""
    assert _cost(tmp_path / "project", disk, 100)[0] == 3  # and who holds the lock
