"""Each operation, each fault, at its first, a middle and its last call: one apply, then another without it.

The first says what it could not do, with the exit code for that; the second finishes it, and nothing is there
twice. The table of all cases is printed by the long run (`-m long -s`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx
import pytest

from cozeops.api.client import Client
from cozeops.api.connection import connect
from cozeops.emulator.wire import FORBIDDEN
from cozeops.engine.model.outcome import Status, exit_code
from cozeops.errors import ApiError, ExitCode
from cozeops.manifests.load import Project, load_project
from tests.engine.full import PROJECT, write
from tests.kit import QUICKSTART, ROOT, Bench, KeptBench

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


EXAMPLE = ROOT / "examples" / "full"
TOKENS = {"COZE_PROD_TOKEN": "pat_emulator", "COZE_PROD_ENTERPRISE_TOKEN": "pat_emulator"}


class Quiet(KeptBench):
    """A bench with a project that is loaded already; it leaves the contract to other tests."""

    def __init__(self, project: Project) -> None:
        self._loaded = project
        super().__init__(project.root, source=None)

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

    def project(self, environment: str | None = None) -> Project:  # noqa: ARG002
        """The project, which nobody changes."""
        return self._loaded


def _every_field() -> Project:
    folder = Path(mkdtemp())
    write(folder, PROJECT)
    return load_project(folder, environment=None, environ={})


PROJECTS: dict[str, Callable[[], Project]] = {
    "quickstart": lambda: load_project(QUICKSTART, environment=None, environ={}),
    "example": lambda: load_project(EXAMPLE, environment="prod", environ=TOKENS),
    "every field": _every_field,
}


@cache
def _project(name: str) -> Project:
    return PROJECTS[name]()


def seeded(name: str) -> Bench:
    """The project beside a live side on which nothing of it is yet but what only the console makes."""
    bench = Quiet(_project(name))
    if name == "example":
        bench.emulator.seed(json.loads((EXAMPLE / "console.json").read_text(encoding="utf-8")))
    bench.seed()
    return bench


@dataclass(frozen=True)
class Undisturbed:
    """An apply without any fault: how often each operation was called, and what is live in the end."""

    calls: Counter[str]
    shape: Counter[str]


@cache
def undisturbed(name: str) -> Undisturbed:
    """What there is to be disturbed."""
    bench = seeded(name)
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


def disturb(name: str, operation: str, fault: str, skip: int) -> ExitCode:
    """One case; what the first apply told its caller."""
    bench = seeded(name)
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


def sweep(chosen: Iterable[tuple[str, str, str, int]]) -> dict[tuple[str, str], dict[str, str]]:
    """(bench, operation) -> fault -> the codes of its cases; a case that broke a promise has its words."""
    table: dict[tuple[str, str], dict[str, str]] = {}
    for name, operation, fault, skip in chosen:
        try:
            told = str(int(disturb(name, operation, fault, skip)))
        except Exception as error:  # one bad case must not hide the others
            told = f" [{type(error).__name__} at call {skip + 1}: {error}] "
        row = table.setdefault((name, operation), {})
        row[fault] = row.get(fault, "") + told
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
    for name in PROJECTS:
        for operation in sorted(undisturbed(name).calls.keys() - known):
            yield name, operation, faults[len(known) % len(faults)], 0
            known.add(operation)


def test_each_operation_with_one_fault() -> None:
    """Every operation of all projects once; all faults have their turn."""
    demand_kept(sweep(_sample()))


@pytest.mark.parametrize("fault", ["refused", "denied"])
def test_a_last_look_that_fails_loses_no_outcome(fault: str) -> None:
    """All is written by then: whoever asks is told, change by change."""
    last = undisturbed("quickstart").calls["listBots"] - 1
    for skip in (last // 2 + 1, last):
        code = disturb("quickstart", "listBots", fault, skip)
        assert code in (ExitCode.OK, ExitCode.PARTIAL)


@pytest.mark.long
@pytest.mark.parametrize("name", PROJECTS)
def test_each_operation_with_each_fault(name: str) -> None:
    """Everything: each operation, each fault, three calls."""
    table = sweep((name, *case) for case in cases(name))
    print(f"\n{printed(table)}")  # noqa: T201
    demand_kept(table)
