"""`apply --check=after`, ended by a signal or a kill at any step: never 0 while users have a failing copy."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.cli.conftest import Ran, Shell
from tests.cli.processes import start
from tests.cli.test_gate import PROMPT, kitchen, once
from tests.cli.test_gate_after import of_users, spoil

__all__ = ["kitchen", "once"]  # fixtures

STEPS = 66
"""Requests of an undisturbed run, from its first write to its last look."""


class Log(deque[Any]):
    """The emulator's log; something happens once it has so many entries from the first write on."""

    def __init__(self, at: int, act: Callable[[], object]) -> None:
        super().__init__()
        self._left, self._act, self._begun = at, act, False

    def append(self, exchange: Any) -> None:
        """The request is answered, and nobody has heard of it yet."""
        super().append(exchange)
        self._begun = self._begun or exchange.operation == "updateBot"
        if self._begun:
            self._left -= 1
            if self._left == 0:
                self._act()


@contextmanager
def at_step(shell: Shell, number: int, act: Callable[[], object]) -> Iterator[Log]:
    """Something happens at a step of what runs inside."""
    emulator = shell.bench.emulator
    emulator.requests, before = Log(number, act), emulator.requests
    try:
        yield emulator.requests
    finally:
        emulator.requests = before


def never_green_while_failing(shell: Shell, good: dict[str, Any], code: int) -> None:
    """Whoever applies again hears of it, and users have in the end what they had."""

    def demand(code: int) -> bool:
        failing = of_users(shell.bench) != good
        assert not (failing and code == 0), "0 while a failing copy is live"
        return failing

    if demand(code):
        assert shell("plan", "--detailed-exitcode").code == 2
        demand(shell("apply", "--yes", "--check=after").code)
    assert of_users(shell.bench) == good
    journals = shell.bench.folder / ".cozeops" / "journal"
    if [*journals.glob("*")]:  # it was about to note that it is done, or to give the draft its text again
        shell.bench.edit(PROMPT, "# 两面派", "# 人物")
        assert 0 in [shell("apply", "--yes", "--check=after").code for _ in range(2)]
    assert not [*journals.glob("*")]


def interrupted(shell: Shell, step: int, number: int) -> Ran:
    """Run, and be told to stop at a step."""
    with at_step(shell, step, lambda: os.kill(os.getpid(), number)):
        return shell("apply", "--yes", "--check=after")


SAMPLE = [(31, signal.SIGTERM), (32, signal.SIGINT), (36, signal.SIGTERM), (45, signal.SIGINT)]


@pytest.mark.parametrize(("step", "number"), [*SAMPLE, (64, signal.SIGTERM)])
def test_a_signal_at_a_step(kitchen: Shell, step: int, number: int) -> None:
    """8, and what is owed is owed."""
    good = of_users(kitchen.bench)
    spoil(kitchen)
    ran = interrupted(kitchen, step, number)
    assert ran.code == 8, ran
    never_green_while_failing(kitchen, good, ran.code)


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_signal_at_every_step(kitchen: Shell, step: int, number: int) -> None:
    good = of_users(kitchen.bench)
    spoil(kitchen)
    never_green_while_failing(kitchen, good, interrupted(kitchen, step, number).code)


def killed(shell: Shell, step: int) -> None:
    """Run in a process of its own, and kill it at a step."""
    pid: list[int] = []
    with at_step(shell, step, lambda: os.kill(pid[0], signal.SIGKILL)):
        process = start(shell.bench, shell.url, "apply", "--yes", "--check=after")
        pid.append(process.pid)
        process.end()


@pytest.mark.parametrize("step", [32, 52])
def test_killed_at_a_step(kitchen: Shell, step: int) -> None:
    """Right after the publish request, and in the middle of a conversation with what it published."""
    good = of_users(kitchen.bench)
    spoil(kitchen)
    killed(kitchen, step)
    never_green_while_failing(kitchen, good, -9)


@pytest.mark.long
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_killed_at_every_step(kitchen: Shell, step: int) -> None:
    good = of_users(kitchen.bench)
    spoil(kitchen)
    killed(kitchen, step)
    never_green_while_failing(kitchen, good, -9)


def test_as_many_steps_as_an_undisturbed_run_has(kitchen: Shell) -> None:
    spoil(kitchen)
    with at_step(kitchen, 0, bool) as log:
        assert kitchen("apply", "--yes", "--check=after").code == 7
    operations = [exchange.operation for exchange in log]
    assert len(operations) - operations.index("updateBot") == STEPS
