"""States as text: nothing is lost on the way, and nothing is read that is not understood."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cozeops.address import Address
from cozeops.state import CopyTask, InvalidState, ItemRecord, Ownership, Record, State, write_state
from cozeops.state.document import based_on, load_bytes, to_bytes
from cozeops.state.model import FORMAT
from cozeops.values import Json
from tests.state.given import CHEF, Place, a_run, a_state

TEXT = st.text(st.characters(), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
MOMENTS = st.integers(0, 10**10)
IDS = st.lists(TEXT, max_size=2).map(tuple)
ITEMS = st.dictionaries(
    TEXT,
    st.builds(ItemRecord, id=TEXT, value=JSON, at=MOMENTS, older=IDS, lost=MOMENTS),
    min_size=1,
    max_size=2,
)
RECORDS = st.builds(
    Record,
    id=TEXT,
    ownership=st.sampled_from(Ownership),
    name=TEXT,
    scope=TEXT,
    applied=st.dictionaries(TEXT, TEXT, max_size=3),
    values=st.dictionaries(TEXT, JSON, max_size=3),
    secrets=st.dictionaries(TEXT, TEXT, max_size=2),
    items=st.dictionaries(TEXT, ITEMS, max_size=2),
    observed=st.dictionaries(TEXT, JSON, max_size=2),
    version=TEXT,
    copy=st.none()
    | st.builds(
        CopyTask,
        source=TEXT,
        asked=st.booleans(),
        task=TEXT,
        at=MOMENTS,
        older=IDS,
    ),
)
ADDRESSES = st.builds(
    Address, st.sampled_from(["Bot", "KnowledgeBase"]), st.sampled_from(["chef", "厨师", "a.b-c"])
)
STATES = st.builds(
    State,
    environment=st.just("dev"),
    base_url=TEXT,
    lineage=TEXT,
    serial=st.integers(0, 10**9),
    key=TEXT,
    resources=st.dictionaries(ADDRESSES, RECORDS, max_size=3),
    run=st.dictionaries(TEXT, JSON, max_size=3),
)


@given(STATES)
@settings(max_examples=40, derandomize=True, deadline=None)
def test_a_state_survives_its_bytes(state: State) -> None:
    """Every state, lone surrogates of a JSON reply included, is read as it was written."""
    content = to_bytes(state)
    assert load_bytes(content, "it", environment="dev").state == state
    assert to_bytes(load_bytes(content, "it", environment="dev").state) == content


@given(STATES, st.data())
@settings(max_examples=30, derandomize=True, deadline=None)
def test_damaged_bytes_are_refused(state: State, data: st.DataObject) -> None:
    """A state that was cut off anywhere is an InvalidState, never another error and never half a state."""
    content = to_bytes(state)
    cut = data.draw(st.integers(0, len(content) - 3))
    with pytest.raises(InvalidState):
        load_bytes(content[:cut], "it", environment="dev")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is not a state"),
        (b"[]", "the format is None"),
        (b"\xff\xfe", "is not a state"),
        (b"[" * 100_000, "is not a state"),
        (b'{"format": "terraform"}', "the format is 'terraform'"),
        (b'{"format": ["cozeops-state/1"]}', "the format is"),
        (f'{{"format": "{FORMAT}"}}'.encode(), "is damaged"),
    ],
    ids=["empty", "list", "binary", "deep", "foreign", "odd", "bare"],
)
def test_what_is_no_state_is_refused(content: bytes, says: str) -> None:
    """The message says what was found."""
    with pytest.raises(InvalidState, match=says):
        load_bytes(content, "the state x", environment="dev")


def test_a_newer_format_is_refused() -> None:
    """What a newer cozeops wrote is not guessed at."""
    content = write_state(a_state()).replace(FORMAT, "cozeops-state/2").encode()
    with pytest.raises(InvalidState, match="cozeops-state/2") as caught:
        load_bytes(content, "it", environment="dev")
    assert "newer cozeops" in caught.value.hint


def _from_zero(data: Json) -> Json:
    return {**data, "format": FORMAT, "resources": data["bots"]}


def _from_older(data: Json) -> Json:
    return {**data, "format": "cozeops-state/0"}


MIGRATIONS = {"cozeops-state/0": _from_zero, "cozeops-state/older": _from_older}


def _old(format: str) -> bytes:
    data = json.loads(write_state(a_state(chef="7")))
    data["bots"] = data.pop("resources")
    return json.dumps({**data, "format": format}).encode()


@pytest.mark.parametrize("format", ["cozeops-state/0", "cozeops-state/older"])
def test_an_older_format_is_migrated(format: str) -> None:
    """Migrations follow one another; the bytes and their format are kept for a backup."""
    loaded = load_bytes(_old(format), "it", environment="dev", migrations=MIGRATIONS)
    assert loaded.state == a_state(chef="7")
    assert (loaded.content, loaded.migrated_from) == (_old(format), format)


def test_a_migration_that_goes_in_circles_ends() -> None:
    """A mistake in a migration is an error, not a loop."""
    with pytest.raises(InvalidState):
        load_bytes(_old("a"), "it", environment="dev", migrations={"a": lambda data: data})


def test_the_old_bytes_are_kept(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a migrated state is saved for the first time, what stood there is put aside."""
    monkeypatch.setattr(load_bytes, "__kwdefaults__", {"migrations": MIGRATIONS})
    _plant(place, _old("cozeops-state/0"))
    backend = place.open()
    state = backend.load()
    assert state is not None
    with backend.lock(a_run(), 0) as held:
        backend.save(state, held)
    assert _old("cozeops-state/0") in _everything(place)
    assert place.open().load() == replace(state, serial=state.serial + 1)


def test_a_lost_reply_counts_on() -> None:
    """A save that arrived without our knowing is what the next one is based on."""
    stored = replace(a_state(chef="1"), serial=5)
    loaded = load_bytes(to_bytes(stored), "it", environment="dev")
    later = replace(a_state(chef="2"), serial=4)
    assert based_on("it", later, loaded, to_bytes(stored)).serial == 6
    assert later.resources[CHEF].id == "2"


def _plant(place: Place, content: bytes) -> None:
    """Put bytes where the backend keeps its state."""
    with place.open().lock(a_run(), 0) as held:
        place.open().save(a_state(), held)
    if place.settings["backend"] == "local":
        (place.root / ".cozeops/state/dev.json").write_bytes(content)
    elif place.settings["backend"] == "s3":
        store = place.open()._store  # type: ignore[attr-defined]
        store.put("cozeops/dev.json", content, replaces=store.get("cozeops/dev.json")[1])
    else:
        git_backend = place.open()
        git_backend.load()
        entries = [*git_backend._tip.entries, git_backend._entry("dev.json", content)]  # type: ignore[attr-defined]
        tree = git_backend._tree(entries)  # type: ignore[attr-defined]
        commit = git_backend._commit(tree, git_backend._tip.commit, b"older")  # type: ignore[attr-defined]
        git_backend._git.run("push", "origin", f"{commit}:refs/heads/cozeops-state")  # type: ignore[attr-defined]


def _everything(place: Place) -> list[bytes]:
    """All contents that the place has kept."""
    if place.settings["backend"] == "local":
        return [path.read_bytes() for path in (place.root / ".cozeops/state/backups/dev").iterdir()]
    if place.settings["backend"] == "s3":
        found = place.open()._store.get("cozeops/dev.json.cozeops-state-0")  # type: ignore[attr-defined]
        return [found[0]]
    git = place.open()._git  # type: ignore[attr-defined]
    commits = git.run("log", "--format=%H", "refs/cozeops/kept/origin/cozeops-state").text.split()
    return [git.run("cat-file", "blob", f"{commit}:dev.json").output for commit in commits]
