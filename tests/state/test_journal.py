"""The write journal: what was noted is there after a kill, and each entry is finished once."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cozeops.state import InvalidJournal, Journal, RunInfo, StateError, open_journals
from cozeops.state import journal as journal_module
from cozeops.values import Json, Secret
from tests.state.given import SERVER, FakeTime, Place, a_run, journals


@pytest.fixture
def syncs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The descriptors that were synced, in order."""
    found: list[int] = []
    monkeypatch.setattr(os, "fsync", found.append)
    return found


def _killed(journal: Journal) -> Path:
    """End a journal as a kill does: the descriptor is closed, nothing else happens."""
    os.close(journal._descriptor)
    journal._descriptor = -1
    return journal.path


def _left(root: Path, *done: bool) -> Path:
    """The journal of a dead run with an entry each, done or not."""
    journal = Journal.begin(a_run(), root=root)
    for number, is_done in enumerate(done):
        noted = journal.intent({"write": number}, sync=True)
        if is_done:
            journal.done(noted, {"id": str(number)})
    return _killed(journal)


def test_a_run_that_ends_well_leaves_nothing(tmp_path: Path) -> None:
    """With all results known, finish removes the journal."""
    journal = Journal.begin(a_run(), root=tmp_path)
    journal.done(journal.intent({"write": 1}, sync=True), {"id": "1"})
    assert journal.path == tmp_path / ".cozeops/journal/dev-run-1.jsonl"
    assert journal.finish()
    assert journal.finish()
    assert journals(tmp_path, "dev") == []
    assert list(journal.path.parent.iterdir()) == []


def test_reading_makes_no_folders(tmp_path: Path) -> None:
    """A plan only looks."""
    assert journals(tmp_path, "dev") == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_the_journal_is_closed_to_others(tmp_path: Path) -> None:
    """0600 in a folder 0700 that Git does not see."""
    path = _left(tmp_path, False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert (tmp_path / ".cozeops/.gitignore").read_text() == "*\n"


def test_what_is_unknown_stays_for_the_next_run(tmp_path: Path) -> None:
    """A run that ends with an unknown outcome leaves its journal; the next one closes it."""
    journal = Journal.begin(a_run(), root=tmp_path)
    journal.done(journal.intent({"write": 1}, sync=True), {"id": "1"})
    journal.intent({"write": 2}, sync=True)
    assert not journal.finish()
    (left,) = journals(tmp_path, "dev")
    assert left.run == a_run()
    assert [entry.intent for entry in left.entries] == [{"write": 1}, {"write": 2}]
    assert [entry.number for entry in left.pending] == [2]
    claimed = left.claim()
    assert claimed is not None
    assert claimed.intent({"look": 2}, sync=True) == 3
    claimed.done(2, {"found": "7"})
    claimed.done(3, {})
    assert claimed.finish()
    assert journals(tmp_path, "dev") == []


def test_a_kill_while_finishing_loses_nothing(tmp_path: Path) -> None:
    """What the finishing run noted counts for the one after it."""
    _left(tmp_path, False, False, True)
    claimed = journals(tmp_path, "dev")[0].claim()
    assert claimed is not None
    claimed.done(1, {"found": "1"})
    _killed(claimed)
    assert [entry.number for entry in journals(tmp_path, "dev")[0].pending] == [2]


def test_a_living_run_is_left_alone(tmp_path: Path) -> None:
    """The journal of a run that goes on is neither listed nor claimed, nor is one twice."""
    path = _left(tmp_path, False)
    (left,) = journals(tmp_path, "dev")
    claimed = left.claim()
    assert claimed is not None
    assert left.claim() is None
    assert journals(tmp_path, "dev") == []
    claimed.done(1, {})
    claimed.finish()
    assert left.claim() is None
    assert not path.exists()


def test_what_another_finished_meanwhile_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between looking and claiming others may go on: the claim has what is open now, or nothing."""
    path = _left(tmp_path, False, False)
    (left,) = journals(tmp_path, "dev")
    other = left.claim()
    assert other is not None
    other.done(1, {})
    _killed(other)
    claimed = left.claim()
    assert claimed is not None
    assert [entry.number for entry in claimed.pending] == [2]
    _killed(claimed)
    lock = journal_module.try_lock

    def finish_first(descriptor: int) -> bool:
        path.unlink()
        return lock(descriptor)

    monkeypatch.setattr(journal_module, "try_lock", finish_first)
    assert left.claim() is None


def test_environments_and_runs_are_apart(tmp_path: Path) -> None:
    """`dev-eu` is not `dev`, though its files begin alike; older runs come first."""
    for run in (
        a_run("b", time=2.0),
        a_run("a", time=3.0),
        a_run("c", time=1.0),
        a_run("x", environment="dev-eu"),
    ):
        _killed(Journal.begin(run, root=tmp_path))
    assert [journal.run.id for journal in journals(tmp_path, "dev")] == ["c", "b", "a"]
    assert [journal.run.id for journal in journals(tmp_path, "dev-eu")] == ["x"]


def test_a_write_that_cannot_be_repeated_is_synced_first(tmp_path: Path, syncs: list[int]) -> None:
    """With `sync` the entry is on the disk when `intent` returns; others are synced in groups."""
    fake = FakeTime()
    journal = Journal.begin(a_run(), root=tmp_path, clock=fake.clock)
    syncs.clear()
    journal.intent({"create": 1}, sync=True)
    assert syncs == [journal._descriptor]
    for _ in range(31):
        journal.intent({"update": 1}, sync=False)
    assert len(syncs) == 1
    journal.intent({"update": 1}, sync=False)
    assert len(syncs) == 2
    fake.now += 1.5
    journal.intent({"update": 1}, sync=False)
    assert len(syncs) == 3
    journal.finish()
    assert len(syncs) == 4


def test_a_secret_is_refused(tmp_path: Path) -> None:
    """Nothing of an entry with a secret reaches the file, and the number is not used up."""
    journal = Journal.begin(a_run(), root=tmp_path)
    before = journal.path.read_bytes()
    with pytest.raises(TypeError):
        journal.intent({"body": {"token": Secret("canary")}}, sync=True)
    number = journal.intent({"body": {}}, sync=True)
    with pytest.raises(TypeError):
        journal.done(number, {"token": Secret("canary")})
    assert number == 1
    assert b"canary" not in journal.path.read_bytes().removeprefix(before)
    journal.done(number, {})
    assert journal.finish()


def test_results_belong_to_open_entries(tmp_path: Path) -> None:
    """A number that was never given, or that has its result, is a mistake of the caller."""
    journal = Journal.begin(a_run(), root=tmp_path)
    number = journal.intent({}, sync=False)
    journal.done(number, {})
    for wrong in (number, 99):
        with pytest.raises(ValueError, match="no open entry"):
            journal.done(wrong, {})
    journal.finish()
    with pytest.raises(StateError, match="is closed"):
        journal.intent({}, sync=False)


@pytest.mark.parametrize("id", ["", "../up", "a/b", ".", "x" * 81, "a..b", "a\n"])
def test_the_id_of_a_run_is_a_file_name(tmp_path: Path, id: str) -> None:
    """No run writes outside its folder."""
    with pytest.raises(ValueError, match="not the id of a run"):
        Journal.begin(a_run(id), root=tmp_path)


ENTRY = st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.integers() | st.none(), max_size=3)


@given(st.lists(ENTRY, min_size=1, max_size=4), st.data())
@settings(max_examples=40, derandomize=True, deadline=None)
def test_a_torn_end_loses_only_the_last_line(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Json], data: st.DataObject
) -> None:
    """Cut anywhere, the journal gives the entries whose lines are whole, and can be gone on with."""
    root = tmp_path_factory.mktemp("torn")
    journal = Journal.begin(a_run(), root=root)
    for entry in entries:
        journal.intent(entry, sync=False)
    path = _killed(journal)
    content = path.read_bytes()
    cut = data.draw(st.integers(0, len(content)))
    path.write_bytes(content[:cut])
    whole = content[:cut].count(b"\n")
    found = journals(root, "dev")
    if not whole:
        assert found == []
        return
    assert [entry.intent for entry in found[0].entries] == entries[: whole - 1]
    claimed = found[0].claim()
    assert claimed is not None
    claimed.intent({"later": True}, sync=True)
    _killed(claimed)
    assert journals(root, "dev")[0].entries[-1].intent == {"later": True}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", r":3: the journal is damaged"),
        ("[]", r":3: the journal is damaged: not an object"),
        ('{"n": 1, "intent": {}}', "neither an intent nor its result"),
        ('{"n": 9, "done": {}}', "neither an intent nor its result"),
        ('{"n": [], "done": {}}', "neither an intent nor its result"),
    ],
)
def test_damage_in_the_middle_stops_the_run(tmp_path: Path, line: str, says: str) -> None:
    """A whole line that cannot be read is not what a crash leaves: somebody must look."""
    path = _left(tmp_path, False)
    with path.open("a") as stream:
        stream.write(line + "\n")
    with pytest.raises(InvalidJournal, match=says):
        journals(tmp_path, "dev")


def test_a_newer_journal_is_refused(tmp_path: Path) -> None:
    """What a newer cozeops noted is not guessed at."""
    path = _left(tmp_path, False)
    path.write_text(path.read_text().replace("cozeops-journal/2", "cozeops-journal/3"))
    with pytest.raises(InvalidJournal, match="cozeops-journal/3"):
        journals(tmp_path, "dev")


def test_an_older_journal_is_read(tmp_path: Path) -> None:
    """What the first version left behind is finished by this one."""
    path = _left(tmp_path, False)
    now = journals(tmp_path, "dev")
    path.write_text(path.read_text().replace("cozeops-journal/2", "cozeops-journal/1"))
    assert journals(tmp_path, "dev") == now != []


def test_a_full_disk_stops_the_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the intent cannot be noted, StateError comes before the write; no half line stays."""
    journal = Journal.begin(a_run(), root=tmp_path)
    write = os.write
    calls = []

    def full(descriptor: int, content: bytes) -> int:
        if calls:
            raise OSError(28, "No space left on device")
        calls.append(1)
        return write(descriptor, content[:7])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StateError, match="No space left"):
        journal.intent({"write": 1}, sync=True)
    monkeypatch.undo()
    assert journal.intent({"write": 2}, sync=True) == 1
    _killed(journal)
    assert [entry.intent for entry in journals(tmp_path, "dev")[0].entries] == [{"write": 2}]


def test_threads_share_a_journal(tmp_path: Path) -> None:
    """Numbers are given once, and every line is whole."""
    journal = Journal.begin(a_run(), root=tmp_path)

    def work() -> None:
        for number in range(50):
            journal.done(journal.intent({"n": number}, sync=False), {"ok": True})

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = [json.loads(line) for line in _killed(journal).read_text().splitlines()]
    assert sorted(line["n"] for line in lines if "intent" in line) == list(range(1, 301))
    (left,) = journals(tmp_path, "dev")
    assert left.pending == []
    claimed = left.claim()
    assert claimed is not None
    assert claimed.finish()


@pytest.mark.skipif(os.name != "posix", reason="there is no kill elsewhere")
@pytest.mark.parametrize("kills", [3, pytest.param(30, marks=pytest.mark.long)])
def test_a_killed_process_leaves_a_readable_journal(local: Place, kills: int) -> None:
    """Killed while it notes: all but the last write have a result."""
    for number in range(kills):
        with local.start("note", f"run-{number}", "100000") as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "noting\n"
            assert journals(local.root, "dev") == []
            process.kill()
        (left,) = journals(local.root, "dev")
        assert len(left.entries) >= 1
        assert len(left.pending) <= 1
        claimed = left.claim()
        assert claimed is not None
        for entry in left.pending:
            claimed.done(entry.number, {"looked": True})
        assert claimed.finish()


def test_a_journal_is_obeyed_on_its_own_server_alone(tmp_path: Path) -> None:
    """What is owed on one stays for a run on that one."""
    _left(tmp_path)
    assert len(journals(tmp_path)) == 1
    assert open_journals(tmp_path, "dev", server="https://api.coze.com", project="p") == []
    assert len(journals(tmp_path)) == 1


def test_a_journal_of_another_project_is_refused(tmp_path: Path) -> None:
    """So is one that does not say where it wrote."""
    path = _left(tmp_path)
    with pytest.raises(InvalidJournal, match="of the project p"):
        open_journals(tmp_path, "dev", server=SERVER, project="q")
    path.write_text(path.read_text().replace('"server"', '"sever"'))
    with pytest.raises(InvalidJournal, match="to which server"):
        journals(tmp_path)


@pytest.mark.parametrize("time", ["1" + "0" * 400, "-1", "1e300", "true", "[]", '"x"', "null"])
def test_a_time_that_is_none_is_damage(tmp_path: Path, time: str) -> None:
    """In any file that others can write."""
    path = _left(tmp_path)
    path.write_text(path.read_text().replace('"time":1000.0', f'"time":{time}'))
    with pytest.raises(InvalidJournal, match="the journal is damaged"):
        journals(tmp_path)
    with pytest.raises(ValueError, match="not the record of a run"):
        RunInfo.from_json(a_run().to_json() | {"time": json.loads(time)})
