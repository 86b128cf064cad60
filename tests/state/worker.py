"""A process of a test that works on a state: `add` records in turns, or `die` in the middle.

Started as `python -m tests.state.worker PLACE MODE NAME ROUNDS`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from cozeops.address import Address
from cozeops.state import Backend, Journal, RetryPolicy, RunInfo, Saver, open_backend
from tests.state.given import SERVER, a_state, record


def add(backend: Backend, name: str, rounds: int) -> None:
    """Lock, load, add one record, save, unlock: so many times."""
    for number in range(rounds):
        info = RunInfo.here("dev", "apply", environ={})
        with backend.lock(info, 120.0) as held:
            state = backend.load() or a_state()
            backend.save(state.with_record(Address("Bot", f"{name}-{number}"), record("1")), held)


def die(backend: Backend, name: str, rounds: int) -> None:
    """Save so many records, then be killed with the lock in hand."""
    with (
        backend.lock(RunInfo.here("dev", "apply", environ={}), 0.0) as held,
        Saver(backend, held, backend.load() or a_state(), clock=iter(range(0, 10**6, 60)).__next__) as saver,
    ):
        for number in range(rounds):
            saver.put(Address("Bot", f"{name}-{number}"), record("1"))
        os.kill(os.getpid(), signal.SIGKILL)


def save(backend: Backend, name: str, rounds: int) -> None:
    """Save for ever (as far as a test is concerned), telling after the first that there is a state."""
    with backend.lock(RunInfo.here("dev", "apply", environ={}), 0.0) as held:
        state = backend.load() or a_state()
        for number in range(rounds):
            state = backend.save(
                state.with_record(Address("Bot", name), record("x" * (number % 50_000 + 1))), held
            )
            if not number:
                print("saving", flush=True)  # noqa: T201


def note(root: Path, name: str, rounds: int) -> None:
    """Note writes in a journal for ever, telling after the first."""
    journal = Journal.begin(
        replace(RunInfo.here("dev", "apply", environ={}, server=SERVER, project="p"), id=name), root=root
    )
    for number in range(rounds):
        journal.done(journal.intent({"number": number, "body": "厨" * 500}, sync=False), {"ok": True})
        if not number:
            print("noting", flush=True)  # noqa: T201


def main() -> None:
    """Do what the arguments say."""
    place, mode, name, rounds = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    root = Path(place["root"])
    if mode == "note":
        note(root, name, rounds)
        return
    backend = open_backend(
        place["settings"],
        root=root,
        environment="dev",
        environ=place["environ"],
        patience=RetryPolicy(pause=0.05),
    )
    assert backend is not None
    {"add": add, "die": die, "save": save}[mode](backend, name, rounds)


if __name__ == "__main__":
    main()
