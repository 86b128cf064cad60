"""A project on disk and an emulator without a socket: what tests of the whole way stand on.

Every request and every answer is held to the contract.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from typing import Any

import httpx

from cozeops.address import Address
from cozeops.api.client import Client
from cozeops.api.connection import connect
from cozeops.cli.seed import seed_of
from cozeops.emulator import Emulator, Options
from cozeops.engine.apply.scheduler import apply_plan
from cozeops.engine.model.live import Snapshot
from cozeops.engine.model.outcome import Event, Outcome, Status
from cozeops.engine.model.plan import Change, Plan
from cozeops.engine.model.recorder import NoLedger
from cozeops.engine.observe.snapshot import Remembered, channels_of, observe
from cozeops.engine.plan.build import Grounds, build_plan
from cozeops.engine.prior.claims import claimed
from cozeops.engine.prior.state import PriorState
from cozeops.engine.run.context import ApplyContext, Timeouts
from cozeops.manifests.load import Project, load_project
from cozeops.state.model import Record
from tests.contract import Checked

ROOT = Path(__file__).resolve().parent.parent
QUICKSTART = ROOT / "examples" / "quickstart"
OPTIONS = Options(processing_seconds=0.0, qps_limits=False, foreign_callbacks="accept")


STATE_KEY = "00" * 32


class Clock:
    """The emulator's time: each look at it is a moment later, so that edits come after each other."""

    def __init__(self) -> None:
        self.time = 1_760_000_000.0

    def __call__(self) -> float:
        self.time += 0.001
        return self.time


class Bench:
    """One project and one live side."""

    def __init__(
        self,
        folder: Path,
        *,
        options: Options = OPTIONS,
        source: Path | None = QUICKSTART,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.folder = folder
        if source:
            # Somebody may have applied the example where it lies.
            shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".cozeops"))
        self.clock = clock or Clock()
        self.emulator = Emulator(options=options, clock=self.clock)
        self.events: list[Event] = []
        self.environ: dict[str, str] = {}
        self.client = self.client_as("pat_emulator")

    def client_as(self, token: str) -> Client:
        """A client with this token, without a socket, held to the contract."""
        connection = connect(
            {"COZE_API_TOKEN": token, "COZE_API_BASE": "http://127.0.0.1"}, base_url=None, token=None
        )
        transport = Checked(httpx.WSGITransport(app=self.emulator), requests=True)
        return Client(connection, transport=transport, sleep=self.emulator.advance)

    def seed(self) -> None:
        """Give the live side what the project refers to and the API cannot create."""
        self.emulator.seed(seed_of(self.project().resources))

    def project(self, environment: str | None = None) -> Project:
        """The project as it is on disk now."""
        return load_project(self.folder, environment=environment, environ=self.environ)

    def plan(self, *rewrite: str) -> Plan:
        """Read the live side and plan."""
        return self.look(*rewrite)[0]

    def look(self, *rewrite: str) -> tuple[Plan, Snapshot]:
        """A plan, and what it saw."""
        resources = self.project().resources
        snapshot = observe(resources, self.client)
        again = [Address.parse(text) for text in rewrite]
        grounds = Grounds(rewrite=again)
        base = self.client.base_url
        plan = build_plan(resources, snapshot, grounds, environment="default", base_url=base)
        return plan, snapshot

    def run(self, snapshot: Snapshot, *, stop: Flag | None = None) -> ApplyContext:
        """An apply that is about to begin; it waits for nothing."""
        known = self.project().resources
        return ApplyContext(
            remote=self.client,
            resources={one.address: one for one in known},
            channels=channels_of(known),
            snapshot=snapshot,
            listen=self.events.append,
            patience=Timeouts(processing=5, lost=1),
            sleep=self.emulator.advance,
            clock=self.clock,
            stop=stop or Flag(),
        )

    def carry_out(self, plan: Plan, run: ApplyContext, *, parallelism: int = 4) -> list[Outcome]:
        """Apply a plan with this run."""
        return apply_plan(plan, run, parallelism=parallelism)

    def apply(self, plan: Plan | None = None, *, parallelism: int = 4) -> list[Outcome]:
        """Apply a plan that was made before, or one made now."""
        fresh, snapshot = self.look()
        return self.carry_out(plan or fresh, self.run(snapshot), parallelism=parallelism)

    def settle(self, *rewrite: str) -> None:
        """Apply, and expect that everything was done."""
        outcomes = self.apply(self.plan(*rewrite) if rewrite else None)
        assert [outcome for outcome in outcomes if outcome.status is not Status.DONE] == []

    def edit(self, file: str, old: str, new: str) -> None:
        """Change a file of the project; `old` must be there."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def write(self, file: str, text: str) -> None:
        """Write a file of the project."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def table(self, name: str) -> Mapping[str, Any]:
        """Live rows by id."""
        found: Mapping[str, Any] = self.emulator.dump()["tables"].get(name, {})
        return found

    def bot(self, name: str) -> tuple[str, dict[str, Any]]:
        """Id and draft of the live bot with this name."""
        return next(
            (id, row["draft"]) for id, row in self.table("bots").items() if row["draft"]["name"] == name
        )

    def by_hand(self, name: str, **changes: Any) -> None:
        """Edit the draft of a live bot as somebody in the console would; maps change key by key."""
        id, draft = self.bot(name)
        merged = {
            key: {**draft[key], **value} if isinstance(value, dict) else value
            for key, value in changes.items()
        }
        self.emulator.edit("bots", id, **merged)

    def set_options(self, **changes: Any) -> None:
        """Let this emulator, and no other, behave differently."""
        self.emulator.options = replace(self.emulator.options, **changes)

    def writes(self) -> list[str]:
        """Operations that changed something, in the order they came."""
        reads = ("get", "list", "batchGet", "search")
        return [one.operation for one in list(self.emulator.requests) if not one.operation.startswith(reads)]


class KeptBench(Bench):
    """The same with a state, in memory."""

    incremental = False
    """Whether lists speak for what did not move."""

    def __init__(self, folder: Path, **how: Any) -> None:
        super().__init__(folder, **how)
        self.records: dict[Address, Record] = {}

    def look(self, *rewrite: str) -> tuple[Plan, Snapshot]:
        """A plan that knows what was applied, and what it saw."""
        resources = self.project().resources
        memory = claimed(PriorState(self.records, key=STATE_KEY), resources)
        trusted = memory.trusted(resources) if self.incremental else ()
        snapshot = observe(resources, self.client, Remembered(memory.known(resources), trusted=trusted))
        again = [Address.parse(text) for text in rewrite]
        base, memory = self.client.base_url, claimed(memory, resources, snapshot.live)
        grounds = Grounds(memory, again)
        plan = build_plan(resources, snapshot, grounds, environment="default", base_url=base)
        return plan, snapshot

    def run(self, snapshot: Snapshot, *, stop: Flag | None = None) -> ApplyContext:
        """An apply that remembers."""
        return replace(
            super().run(snapshot, stop=stop),
            memory=claimed(
                PriorState(dict(self.records), key=STATE_KEY), self.project().resources, snapshot.live
            ),
            ledger=Keeper(self.records),
        )


class Keeper(NoLedger):
    """Keeps what is remembered, in a map."""

    def __init__(self, records: dict[Address, Record]) -> None:
        self._records = records

    def remember(self, address: Address, record: Record, *, wrote: bool = True) -> None:  # noqa: ARG002
        """Keep it."""
        self._records[address] = record

    def remember_all(self, records: Mapping[Address, Record]) -> None:
        """Keep them."""
        self._records.update(records)

    def forget(self, address: Address) -> None:
        """Drop it."""
        self._records.pop(address, None)


def change(plan: Plan, address: str) -> Change:
    """The change of one address."""
    return next(one for one in plan.changes if str(one.address) == address)


def paths(plan: Plan, address: str, *, readable: bool = True) -> list[str]:
    """The paths that a change names; without those that are only sent along."""
    return [one.path for one in change(plan, address).fields if not (readable and one.note == "write-only")]


def without_stats(plan: Plan) -> Plan:
    """The plan without what differs from run to run."""
    return replace(plan, stats={})
