"""Saving during an apply: at once, then rarely, never too late; from many threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from cozeops.address import Address
from cozeops.errors import AccessError
from cozeops.state import Held, RunInfo, Saver, State, StateError, StateMovedError, read_state
from tests.state.given import CHEF, FakeTime, Place, a_run, a_state, record


@dataclass
class FakeBackend:
    """Takes states, or fails as it is told."""

    interval: float = 10.0
    name: str = "the state"
    saved: list[State] = field(default_factory=list)
    failure: Exception | None = None
    on_save: Callable[[], None] = lambda: None

    def save(self, state: State, held: Held) -> State:
        held.check()
        self.on_save()
        if self.failure:
            raise self.failure
        assert state.serial == len(self.saved)
        self.saved.append(replace(state, serial=state.serial + 1))
        return self.saved[-1]

    def load(self) -> State | None:
        raise NotImplementedError

    def lock(self, info: RunInfo, timeout: float) -> AbstractContextManager[Held]:
        raise NotImplementedError

    def holder(self) -> RunInfo | None:
        raise NotImplementedError

    def unlock(self, force: bool) -> RunInfo | None:
        raise NotImplementedError


def a_saver(backend: FakeBackend, fake: FakeTime, rescue: Path | None = None) -> Saver:
    """A saver on a new state."""
    return Saver(backend, Held(a_run()), a_state(), rescue=rescue, clock=fake.clock, timer=fake.timer)


def test_the_first_is_saved_at_once_and_the_next_in_time(fake: FakeTime) -> None:
    """A remote place is asked at once, then when ten seconds are over: by a timer if nothing comes."""
    backend = FakeBackend()
    saver = a_saver(backend, fake)
    saver.put(CHEF, record("1"))
    assert len(backend.saved) == 1
    fake.advance(3)
    for id in "234":
        saver.put(CHEF, record(id))
    assert (len(backend.saved), len(fake.timers)) == (1, 1)
    fake.advance(6.9)
    assert len(backend.saved) == 1
    fake.advance(0.2)
    assert [state.resources[CHEF].id for state in backend.saved] == ["1", "4"]
    fake.advance(60)
    assert len(backend.saved) == 2
    saver.put(CHEF, record("5"))
    assert len(backend.saved) == 3


def test_a_cheap_place_is_asked_every_time(fake: FakeTime) -> None:
    """Where saving costs nothing, what was put is saved when `put` returns."""
    backend = FakeBackend(interval=0)
    saver = a_saver(backend, fake)
    for number in range(5):
        saver.put(CHEF, record(str(number)))
        assert backend.saved[-1].resources[CHEF].id == str(number)
    saver.forget(CHEF)
    assert backend.saved[-1].resources == {}
    assert fake.timers == []


@pytest.mark.parametrize(("interval", "saved"), [(0.0, 1.0), (10.0, 10.0)])
def test_what_was_only_learned_waits_for_others(fake: FakeTime, interval: float, saved: float) -> None:
    """A thousand adoptions are not a thousand saves; a write in between takes them along."""
    backend = FakeBackend(interval=interval)
    saver = a_saver(backend, fake)
    for id in "123":
        saver.put(CHEF, record(id), wrote=False)
    fake.advance(saved - 0.1)
    assert backend.saved == []
    fake.advance(0.2)
    assert [state.resources[CHEF].id for state in backend.saved] == ["3"]
    fake.advance(60)
    saver.put(CHEF, record("4"), wrote=False)
    saver.put(CHEF, record("5"))
    assert [state.resources[CHEF].id for state in backend.saved] == ["3", "5"]


def test_flush_saves_what_waits_and_only_that(fake: FakeTime) -> None:
    """At the end everything is saved, once; the timer rings no more."""
    backend = FakeBackend()
    with a_saver(backend, fake) as saver:
        saver.flush()
        assert backend.saved == []
        saver.put(CHEF, record("1"))
        saver.put(CHEF, record("2"))
        saver.note_run({"id": "run-1"})
        saver.flush()
        saver.flush()
        assert [state.resources[CHEF].id for state in backend.saved] == ["1", "2"]
        assert backend.saved[-1].run == {"id": "run-1"}
        assert saver.state == backend.saved[-1]
    fake.advance(100)
    assert len(backend.saved) == 2


def _fail(saver: Saver, error: BaseException) -> None:
    with saver:
        saver.put(CHEF, record("1"))
        saver.put(CHEF, record("2"))
        raise error


def test_a_run_that_ends_badly_saves_too(fake: FakeTime) -> None:
    """Ctrl-C and errors save on the way out, and stay the error that is seen."""
    backend = FakeBackend()
    with pytest.raises(KeyboardInterrupt):
        _fail(a_saver(backend, fake), KeyboardInterrupt())
    assert backend.saved[-1].resources[CHEF].id == "2"


@pytest.mark.parametrize("failure", [StateError("away"), AccessError("expired")])
def test_a_place_that_is_away_is_tried_again(fake: FakeTime, failure: Exception) -> None:
    """An outage in the middle stops nothing; the next attempt saves everything."""
    backend = FakeBackend(failure=failure)
    saver = a_saver(backend, fake)
    saver.put(CHEF, record("1"))
    saver.put(CHEF, record("2"))
    assert backend.saved == []
    backend.failure = None
    fake.advance(10)
    assert backend.saved[-1].resources[CHEF].id == "2"
    saver.flush()


def test_a_place_that_stays_away_is_told_with_a_rescue(fake: FakeTime, tmp_path: Path) -> None:
    """At the end the state goes to a local file, and the error says how to bring it back."""
    rescue = tmp_path / "rescue.json"
    saver = a_saver(FakeBackend(failure=StateError("away", hint="check it")), fake, rescue)
    saver.put(CHEF, record("1"))
    with pytest.raises(StateError, match="away") as caught:
        saver.flush()
    assert f"cozeops state push {rescue}" in caught.value.hint
    assert "check it" in caught.value.hint
    assert read_state(rescue.read_text(), "it").resources[CHEF].id == "1"


def test_a_failure_on_the_way_out_does_not_hide_the_first(fake: FakeTime) -> None:
    """What ended the run is raised; that the state was not saved is a note on it."""
    with pytest.raises(ZeroDivisionError) as caught:
        _fail(a_saver(FakeBackend(failure=StateError("away")), fake), ZeroDivisionError())
    assert any("away" in note for note in caught.value.__notes__)


def test_a_state_that_moved_stops_the_run(fake: FakeTime) -> None:
    """Once somebody else saved, every put says so, and nothing is sent again."""
    backend = FakeBackend(failure=StateMovedError("the state", expected=1, found=2))
    saver = a_saver(backend, fake)
    with pytest.raises(StateMovedError):
        saver.put(CHEF, record("1"))
    backend.failure = None
    fake.advance(60)
    for call in (lambda: saver.put(CHEF, record("2")), saver.flush):
        with pytest.raises(StateMovedError):
            call()
    assert backend.saved == []


def test_a_timer_that_finds_it_moved_tells_the_next(fake: FakeTime) -> None:
    """In the timer nobody would hear the error: it is kept for whoever puts next."""
    backend = FakeBackend()
    saver = a_saver(backend, fake)
    saver.put(CHEF, record("1"))
    saver.put(CHEF, record("2"))
    backend.failure = StateMovedError("the state", expected=1, found=2)
    fake.advance(11)
    fake.advance(11)
    with pytest.raises(StateMovedError):
        saver.put(CHEF, record("3"))


def test_threads_share_a_saver(local: Place, fake: FakeTime) -> None:
    """Threads that put at once lose nothing, and what `put` returned from is on the disk."""
    backend = local.open()
    missing: list[Address] = []

    def put(saver: Saver, name: str) -> None:
        for number in range(10):
            address = Address("Bot", f"{name}-{number}")
            saver.put(address, record("1"))
            stored = local.open().load()
            if stored is None or address not in stored.resources:
                missing.append(address)

    with backend.lock(a_run(), 0) as held, Saver(backend, held, a_state()) as saver:
        threads = [threading.Thread(target=put, args=(saver, f"t{number}")) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert missing == []
    state = local.open().load()
    assert state is not None
    assert len(state.resources) == 80


def test_nobody_waits_for_a_remote_save(fake: FakeTime) -> None:
    """While one thread saves, the others note theirs and go on; the timer saves those."""
    backend = FakeBackend()
    saver = a_saver(backend, fake)
    saver.put(CHEF, record("0"))
    fake.advance(20)
    inside, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        inside.set()
        go_on.wait(30)

    backend.on_save = wait
    slow = threading.Thread(target=saver.put, args=(CHEF, record("1")))
    slow.start()
    assert inside.wait(30)
    quick = threading.Thread(target=saver.put, args=(Address("Bot", "cook"), record("2")))
    quick.start()
    quick.join(30)
    assert not quick.is_alive()
    go_on.set()
    slow.join(30)
    assert len(backend.saved) == 2
    fake.advance(10)
    assert backend.saved[-1].resources[Address("Bot", "cook")].id == "2"


def test_a_real_timer_saves() -> None:
    """With the timers of the standard library, what waits is saved without a further call."""
    stored = threading.Event()
    backend = FakeBackend(interval=0.05)
    saver = Saver(backend, Held(a_run()), a_state())
    saver.put(CHEF, record("1"))
    backend.on_save = stored.set
    saver.put(CHEF, record("2"))
    assert stored.wait(30)
    saver.flush()
    assert backend.saved[-1].resources[CHEF].id == "2"
