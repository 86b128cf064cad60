"""What the tests of the state share: states, runs, clocks and timers that do not wait."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cozeops.address import Address
from cozeops.state import (
    Backend,
    Ownership,
    Record,
    RetryPolicy,
    RunInfo,
    State,
    UnfinishedJournal,
    open_backend,
    open_journals,
)

CHEF = Address("Bot", "chef")
REPOSITORY = Path(__file__).parents[2]


def record(id: str) -> Record:
    """A record of an object that a run created."""
    return Record(id, Ownership.CREATED)


def a_state(environment: str = "dev", **known: str) -> State:
    """A new state that knows the bots `name=id`."""
    state = State(environment=environment, base_url="http://127.0.0.1:1", lineage="lineage-1")
    for name, id in known.items():
        state = state.with_record(Address("Bot", name), Record(id, Ownership.CREATED))
    return state


SERVER = "https://api.coze.cn"


def a_run(id: str = "run-1", *, environment: str = "dev", time: float = 1000.0) -> RunInfo:
    """A run of alice on another machine."""
    return RunInfo(
        id,
        environment,
        "apply",
        time,
        user="alice",
        host="laptop",
        pid=4711,
        commit="c0ffee",
        server=SERVER,
        project="p",
    )


def journals(root: Path, environment: str = "dev") -> list[UnfinishedJournal]:
    """What runs of that project left on that server."""
    return open_journals(root, environment, server=SERVER, project="p")


@dataclass
class FakeTime:
    """A clock that moves only when somebody sleeps, and the timers that wait on it."""

    now: float = 100.0
    slept: list[float] = field(default_factory=list)
    timers: list[FakeTimer] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def timer(self, wait: float, call: Callable[[], None]) -> FakeTimer:
        made = FakeTimer(self.now + wait, call)
        self.timers.append(made)
        return made

    def advance(self, seconds: float) -> None:
        """Let time pass and due timers ring."""
        self.now += seconds
        for timer in [timer for timer in self.timers if timer.started and timer.due <= self.now]:
            self.timers.remove(timer)
            timer.call()


@dataclass
class FakeTimer:
    """One timer: rings when FakeTime advances."""

    due: float
    call: Callable[[], None]
    daemon: bool = False
    started: bool = False

    def start(self) -> None:
        self.started = True

    def cancel(self) -> None:
        self.started = False


@dataclass(frozen=True)
class Place:
    """A project and where it keeps its state."""

    settings: dict[str, Any]
    root: Path
    environ: dict[str, str]

    def made(self) -> Place:
        """With its folder."""
        self.root.mkdir()
        return self

    def open(self, environment: str = "dev", *, fake: FakeTime | None = None) -> Backend:
        """A backend, as each process has one of its own."""
        waiting = fake or FakeTime()
        patience = RetryPolicy(waiting.clock, waiting.sleep, waiting.clock, pause=5.0)
        found = open_backend(
            self.settings,
            root=self.root,
            environment=environment,
            environ=self.environ,
            patience=patience,
        )
        assert found is not None
        return found

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A process that works on the state: see worker.py."""
        what = json.dumps({"settings": self.settings, "root": str(self.root), "environ": self.environ})
        command = [sys.executable, "-m", "tests.state.worker", what, *arguments]
        return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)


def git(folder: Path, *arguments: str) -> str:
    """Run git as a test's own user, away from the configuration of whoever runs the tests."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-c", "user.name=Test", "-c", "user.email=test@example.com", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, env=environ).stdout
