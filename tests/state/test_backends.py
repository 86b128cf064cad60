"""What every backend promises: no lost update, one holder at a time, a past."""

from __future__ import annotations

import socket
import subprocess
import sys
from dataclasses import replace

import pytest

from cozeops.address import Address
from cozeops.errors import ExitCode
from cozeops.state import Held, InvalidState, LockedError, RunInfo, StateError, StateMovedError
from tests.state.given import CHEF, FakeTime, Place, a_run, a_state, record


def test_there_is_no_state_at_first(place: Place) -> None:
    """Before the first save there is nothing, and asking makes nothing."""
    backend = place.open()
    assert backend.load() is None
    assert backend.holder() is None
    assert backend.unlock(force=False) is None


def test_what_was_saved_is_loaded(place: Place) -> None:
    """Another process loads what was saved; the serial counts the saves."""
    backend = place.open()
    with backend.lock(a_run(), 0) as held:
        first = backend.save(a_state(chef="1", 厨师="2"), held)
        second = backend.save(first.with_record(CHEF, record("3")), held)
    assert (first.serial, second.serial) == (1, 2)
    assert place.open().load() == second


def test_environments_are_apart(place: Place) -> None:
    """A state and a lock belong to one environment."""
    backend, other = place.open("dev"), place.open("生产")
    with backend.lock(a_run(), 0) as held, other.lock(a_run(environment="生产"), 0) as other_held:
        backend.save(a_state("dev", chef="1"), held)
        other.save(a_state("生产", chef="2"), other_held)
        again = backend.save(replace(a_state("dev", chef="3"), serial=1), held)
    assert place.open("dev").load() == again
    assert [state.resources[CHEF].id for state in (again, other.load()) if state] == ["3", "2"]


@pytest.mark.parametrize("known", [0, 1, 7], ids=["new", "older", "newer"])
def test_a_moved_state_is_not_overwritten(place: Place, known: int) -> None:
    """A save that was not made from what is stored is refused with both serials, and changes nothing."""
    backend = place.open()
    with backend.lock(a_run(), 0) as held:
        state = backend.save(backend.save(a_state(chef="1"), held), held)
        with pytest.raises(StateMovedError, match=f"serial {known}, it now has serial 2") as caught:
            place.open().save(
                replace(a_state(chef="9"), serial=known), Held(a_run("other"), token=held.token)
            )
    assert (caught.value.expected, caught.value.found) == (known, 2)
    assert place.open().load() == state


def test_another_lineage_is_another_state(place: Place) -> None:
    """The same serial of a state that was begun anew does not count."""
    backend = place.open()
    with backend.lock(a_run(), 0) as held:
        state = backend.save(a_state(), held)
        with pytest.raises(StateMovedError):
            place.open().save(replace(state, lineage="other"), Held(a_run("other"), token=held.token))


def test_a_state_that_vanished_is_not_begun_anew(place: Place) -> None:
    """A state with a serial is not saved where there is none."""
    backend = place.open()
    with backend.lock(a_run(), 0) as held, pytest.raises(StateMovedError, match="there is none any more"):
        backend.save(replace(a_state(), serial=4), held)


def test_a_save_whose_reply_was_lost_is_ours(place: Place) -> None:
    """What is stored and what this run last tried to store are the same: then nobody else was there."""
    backend = place.open()
    with backend.lock(a_run(), 0) as held:
        before = a_state(chef="1")
        backend.save(before, held)
        # The run never heard of serial 1, and asks with a backend that knows nothing either.
        later = place.open().save(before.with_record(CHEF, record("2")), replace(held, saved=False))
    assert later.serial == 2
    assert place.open().load() == later


def test_only_one_run_holds_the_state(place: Place) -> None:
    """The second run is told who holds it, since when, and what to do."""
    fake = FakeTime(now=1000.0 + 3 * 3600)
    run = replace(a_run(), job="https://ci.example/7")
    with place.open().lock(run, 0):
        with pytest.raises(LockedError) as caught, place.open(fake=fake).lock(a_run("run-2"), 0):
            raise AssertionError("two runs hold the state")
        assert place.open().holder() == run
    assert caught.value.exit_code is ExitCode.LOCKED
    assert "is locked by alice on laptop (process 4711), https://ci.example/7: apply run-1" in str(
        caught.value
    )
    assert "begun 3 hours ago" in str(caught.value)
    assert "--lock-timeout" in caught.value.hint
    assert place.open().holder() is None


def test_the_lock_is_given_back(place: Place) -> None:
    """After a run, and after a run that failed, the next one gets the lock."""
    with pytest.raises(ZeroDivisionError), place.open().lock(a_run(), 0):
        raise ZeroDivisionError
    with place.open().lock(a_run("run-2"), 0) as held:
        assert held.info.id == "run-2"


def test_a_lock_is_waited_for(place: Place, fake: FakeTime) -> None:
    """With a timeout a run tries again until the time is up, then says who holds it."""
    holder = place.open().lock(a_run(), 0)
    holder.__enter__()
    with pytest.raises(LockedError), place.open(fake=fake).lock(a_run("run-2"), 12):
        raise AssertionError("two runs hold the state")
    assert sum(fake.slept) >= 12
    freeing = FakeTime()
    released = []

    def sleep(seconds: float) -> None:
        if seconds == 5.0 and not released:
            released.append(holder.__exit__(None, None, None))
        freeing.now += seconds

    freeing.sleep = sleep  # type: ignore[method-assign]
    with place.open(fake=freeing).lock(a_run("run-3"), 60):
        assert freeing.now < 60 + 100


def test_one_run_has_one_lock(place: Place) -> None:
    """A lock is no permission to take it again, not even for the same run."""
    with place.open().lock(a_run(), 0), pytest.raises(LockedError), place.open().lock(a_run(), 0):
        raise AssertionError("the same run holds the state twice")


def test_nothing_is_saved_without_the_lock(place: Place) -> None:
    """A save after the lock was given back is refused."""
    backend = place.open()
    with backend.lock(a_run(), 0) as held:
        pass
    with pytest.raises(StateError, match="after its lock was given back"):
        backend.save(a_state(), held)


def test_a_lock_of_another_machine_needs_force(place: Place) -> None:
    """Only `force` removes a lock whose run may live; it tells whose it was."""
    backend = place.open()
    with backend.lock(a_run(), 0):
        with pytest.raises(LockedError):
            place.open().unlock(force=False)
        assert place.open().unlock(force=True) == a_run()
        with place.open().lock(a_run("run-2"), 0):
            assert place.open().holder() == a_run("run-2")
            # The first run ends now: the lock of the second stays.
            backend_two = place.open()
            assert backend_two.holder() == a_run("run-2")


def test_a_forced_out_run_leaves_the_next_lock_alone(place: Place) -> None:
    """When a run that lost its lock ends, it does not give back the lock of another."""
    first = place.open().lock(a_run(), 0)
    first.__enter__()
    place.open().unlock(force=True)
    with place.open().lock(a_run("run-2"), 0):
        first.__exit__(None, None, None)
        assert place.open().holder() == a_run("run-2")


def test_a_killed_run_loses_nothing(place: Place) -> None:
    """What was saved before a kill is there; a lock that stayed says so and can be removed."""
    with place.start("die", "bot", "3") as process:
        assert process.wait() == -9
    backend = place.open()
    state = backend.load()
    assert state is not None
    assert sorted(state.resources) == [Address("Bot", f"bot-{number}") for number in range(3)]
    if place.settings["backend"] != "local":  # there the lock died with the process
        with pytest.raises(LockedError, match="is locked by"):
            backend.lock(a_run(), 0).__enter__()
    holder = backend.unlock(force=False)
    assert holder is None or holder.host == socket.gethostname()
    with backend.lock(a_run(), 0) as held:
        assert backend.save(state, held).serial == state.serial + 1


def test_the_state_of_another_environment_is_refused(place: Place) -> None:
    """A file that was copied to another environment's place is not taken for its state."""
    backend = place.open("dev")
    with backend.lock(a_run(), 0) as held:
        backend.save(a_state("staging"), held)
    with pytest.raises(InvalidState, match="'staging', not of 'dev'"):
        place.open("dev").load()


def _two(place: Place, rounds: int) -> None:
    workers = [place.start("add", name, str(rounds)) for name in ("left", "right")]
    codes = []
    for worker in workers:
        with worker:
            codes.append(worker.wait())
    assert codes == [0, 0]
    state = place.open().load()
    assert state is not None
    assert state.serial == 2 * rounds
    assert len(state.resources) == 2 * rounds


def test_two_processes_at_once(place: Place) -> None:
    """Two processes that wait for each other lose no record."""
    _two(place, 2)


@pytest.mark.long
def test_two_processes_at_once_often(place: Place) -> None:
    """The same, twenty times each."""
    _two(place, 20)


def test_whether_a_run_is_dead() -> None:
    """Dead is only who ran on this machine and is gone."""
    here = RunInfo.here("dev", "apply", environ={})
    assert not here.died_here()
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    assert replace(here, pid=process.pid).died_here()
    assert not replace(here, pid=process.pid, host="elsewhere").died_here()
    assert not replace(here, pid=0).died_here()
