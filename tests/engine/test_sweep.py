"""Each operation, each fault, at its first, a middle and its last call: one apply, then another without it.

The first says what it could not do, with the exit code for that; the second finishes it, and nothing is there
twice. The table of all cases is printed by the long run (`-m long -s`).
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx
import pytest

from cozeops.api import Client, connect
from cozeops.emulator.wire import FORBIDDEN
from cozeops.engine.events import Status, exit_code
from cozeops.errors import ApiError, ExitCode
from cozeops.manifests import Project
from tests.engine.full import PROJECT, write
from tests.kit import Bench, KeptBench

FAULTS: dict[str, dict[str, Any]] = {
    "latency": {"kind": "latency", "seconds": 5.0},
    "slow": {"kind": "slow", "seconds": 5.0},
    "lag": {"kind": "lag", "seconds": 5.0},
    "throttled": {"kind": "throttle"},
    "throttled on 200": {"kind": "throttle", "status": 200},
    "busy before": {"kind": "error", "phase": "before"},
    "busy after": {"kind": "error", "phase": "after"},
    "dropped before": {"kind": "drop", "phase": "before"},
    "dropped after": {"kind": "drop", "phase": "after"},
    "cut off": {"kind": "truncate"},
    "garbage": {"kind": "garbage"},
    "refused": {"kind": "error", "status": 400, "code": 4000},
    "denied": {"kind": "error", "status": 403, "code": FORBIDDEN},
}
HARMLESS = ("latency", "slow", "throttled", "throttled on 200")
"""What nobody notices but the clock."""
PASSING = ("files", "bot_versions", "event_pushes")
"""Tables of what was, and is no object."""
ANSWERED = ("refused", "denied")
"""What has a log id."""


class Quiet(KeptBench):
    """A bench that loads its project once, and leaves the contract to other tests."""

    _loaded: Project | None = None

    def client_as(self, token: str) -> Client:
        """A client without a socket that only waits in the emulator's time."""
        environ = {"COZE_API_TOKEN": token, "COZE_API_BASE": "http://127.0.0.1"}
        connection = connect(environ, base_url=None, token=None)
        transport = httpx.WSGITransport(app=self.emulator)
        self.emulator.sleep = self.emulator.advance
        return Client(
            connection,
            transport=transport,
            clock=self.emulator.now,
            sleep=self.emulator.advance,
            concurrency=4,
        )

    def project(self, environment: str | None = None) -> Project:
        """The project, which nobody changes."""
        self._loaded = self._loaded or super().project(environment)
        return self._loaded


def _quickstart(folder: Path) -> Bench:
    return Quiet(folder)


def _full(folder: Path) -> Bench:
    write(folder, PROJECT)
    return Quiet(folder, source=None)


BENCHES: dict[str, Callable[[Path], Bench]] = {"quickstart": _quickstart, "full": _full}


@dataclass(frozen=True)
class Undisturbed:
    """An apply without any fault: how often each operation was called, and what is live in the end."""

    calls: Counter[str]
    shape: Counter[str]


@cache
def undisturbed(name: str) -> Undisturbed:
    """What there is to be disturbed."""
    bench = BENCHES[name](Path(mkdtemp()) / "project")
    bench.seed()
    bench.settle()
    calls = Counter(one.operation for one in bench.emulator.requests)
    assert bench.plan().pending == ()
    return Undisturbed(calls, _shape(bench))


def _shape(bench: Bench) -> Counter[str]:
    """What is live, without ids and times: the names of all rows, by table."""
    found: Counter[str] = Counter()
    for table, rows in bench.emulator.dump()["tables"].items():
        for row in rows.values():
            if table not in PASSING:
                named = row.get("draft", row)
                name = next((str(named[key]) for key in ("name", "document_name") if key in named), "")
                found[f"{table} {name} {sorted(row.get('online', ()))}"] += 1
    return found


def positions(name: str, operation: str) -> list[int]:
    """How many calls pass before the fault: none, half of them, all but the last."""
    count = undisturbed(name).calls[operation]
    return sorted({0, count // 2, count - 1})


def cases(name: str) -> Iterator[tuple[str, str, int]]:
    """Every operation with every fault, at every position."""
    for operation in sorted(undisturbed(name).calls):
        for fault in FAULTS:
            for skip in positions(name, operation):
                yield operation, fault, skip


def disturb(name: str, folder: Path, operation: str, fault: str, skip: int) -> ExitCode:
    """One case; what the first apply told its caller."""
    bench = BENCHES[name](folder)
    bench.seed()
    bench.emulator.faults.add(operation=operation, skip=skip, times=1, **FAULTS[fault])
    code = _first(bench, operation, fault)
    bench.emulator.faults.clear()
    bench.settle()
    assert bench.plan().pending == ()
    assert _shape(bench) == undisturbed(name).shape
    return code


def _first(bench: Bench, operation: str, fault: str) -> ExitCode:
    try:
        outcomes = bench.apply()
    except ApiError as stopped:
        return _stopped(bench, stopped, operation, fault)
    bad = [one for one in outcomes if one.status not in (Status.DONE, Status.SKIPPED)]
    for one in bad:
        assert one.message, one
        if one.status is Status.FAILED:
            _demand_words(one.message, one.log_id, operation, fault)
    assert not (bad and fault in HARMLESS), bad
    return exit_code(outcomes, cancelled=False)


def _stopped(bench: Bench, stopped: ApiError, operation: str, fault: str) -> ExitCode:
    assert bench.writes() == [], stopped
    _demand_words(stopped.message, stopped.log_id, operation, fault)
    return stopped.exit_code


def _demand_words(message: str, log_id: str, operation: str, fault: str) -> None:
    """Who is told of a failure learns which call it was, and what Coze's support asks for."""
    if fault in ANSWERED:
        assert operation in message, message
        assert log_id, message


def sweep(chosen: Iterable[tuple[str, str, str, int]], home: Path) -> dict[tuple[str, str], dict[str, str]]:
    """(bench, operation) -> fault -> the codes of its cases; a case that broke a promise has its words."""
    table: dict[tuple[str, str], dict[str, str]] = {}
    for number, (name, operation, fault, skip) in enumerate(chosen):
        folder = home / str(number)
        try:
            told = str(int(disturb(name, folder, operation, fault, skip)))
        except Exception as error:  # one bad case must not hide the others
            told = f" [{type(error).__name__} at call {skip + 1}: {error}] "
        row = table.setdefault((name, operation), {})
        row[fault] = row.get(fault, "") + told
        shutil.rmtree(folder, ignore_errors=True)
    return table


def printed(table: dict[tuple[str, str], dict[str, str]]) -> str:
    """A line per operation, a column per fault, a digit per call: the exit code of the disturbed apply."""
    head = f"{'':36}" + "".join(f"{fault.replace(' ', '-'):>17}" for fault in FAULTS)
    lines = [
        f"{f'{name} {operation}':36}" + "".join(f"{row.get(fault, ''):>17}" for fault in FAULTS)
        for (name, operation), row in table.items()
    ]
    return "\n".join([head, *lines])


def demand_kept(table: dict[tuple[str, str], dict[str, str]]) -> None:
    """No case broke a promise."""
    broken = [(*key, fault, told) for key, row in table.items() for fault, told in row.items() if "[" in told]
    assert not broken, "\n".join(map(str, broken))


def _sample() -> Iterator[tuple[str, str, str, int]]:
    faults = list(FAULTS)
    known: set[str] = set()
    for name in BENCHES:
        for operation in sorted(undisturbed(name).calls.keys() - known):
            yield name, operation, faults[len(known) % len(faults)], 0
            known.add(operation)


def test_each_operation_with_one_fault(tmp_path: Path) -> None:
    """Every operation of both projects once; all faults have their turn."""
    demand_kept(sweep(_sample(), tmp_path))


@pytest.mark.parametrize("fault", ["refused", "denied"])
def test_a_last_look_that_fails_loses_no_outcome(fault: str, tmp_path: Path) -> None:
    """All is written by then: whoever asks is told, change by change."""
    last = undisturbed("quickstart").calls["listBots"] - 1
    for skip in (last // 2 + 1, last):
        code = disturb("quickstart", tmp_path / str(skip), "listBots", fault, skip)
        assert code in (ExitCode.OK, ExitCode.PARTIAL)


@pytest.mark.long
@pytest.mark.parametrize("name", BENCHES)
def test_each_operation_with_each_fault(name: str, tmp_path: Path) -> None:
    """Everything: each operation, each fault, three calls."""
    table = sweep(((name, *case) for case in cases(name)), tmp_path)
    print(f"\n{printed(table)}")  # noqa: T201
    demand_kept(table)
