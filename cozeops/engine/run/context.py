"""One apply: what its changes share, and what one change carries with it on its way."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Event as Flag
from threading import Lock
from typing import Any

from cozeops.address import Address
from cozeops.declare.collections import Collection
from cozeops.declare.resource import Resource
from cozeops.declare.verbs import Verb
from cozeops.engine.check.runner import Result, Talking
from cozeops.engine.model.live import Live, Remote, Snapshot
from cozeops.engine.model.outcome import Listener
from cozeops.engine.model.plan import Change, Step
from cozeops.engine.model.recorder import Ledger, NoLedger
from cozeops.engine.observe.cache import Reader
from cozeops.engine.observe.lookup import Observer
from cozeops.engine.prior.state import PriorState
from cozeops.engine.run.create_lock import Turns
from cozeops.engine.run.owed import Owed
from cozeops.engine.run.precheck_reads import Shared
from cozeops.engine.run.previous import Previous
from cozeops.engine.run.requests import Task
from cozeops.frozen import frozen
from cozeops.state.model import CopyTask, ItemRecord, Record
from cozeops.values import FileContent


class Cancelled(Exception):
    """The run is being stopped: nothing more is written."""


class Unfinished(Exception):
    """Everything was sent, and Coze takes longer than the run waits."""


@frozen
class Timeouts:
    """How long to wait, in seconds."""

    processing: float = 600.0
    """For documents to be processed."""
    lost: float = 30.0
    """For a create whose reply was lost to show up."""
    publication: float = 0.0
    """For channels to show what was published, beyond a few seconds."""


@dataclass(slots=True)
class Gate:
    """How the bots of a run are talked to, and what came of it."""

    talking: Talking
    before: bool = True
    """Whether the draft is talked to before it is published; else only what earlier runs owe is."""
    after: bool = False
    """Whether the published copy is talked to as well; where it fails, the bot goes back."""
    results: list[Result] = field(default_factory=list)
    """What came of every check, in the order in which they ended."""
    proven: dict[Address, list[Address]] = field(default_factory=dict)
    """Bots with the checks that they passed."""


@dataclass(slots=True)
class ApplyContext:
    """What the changes of one apply share, from all threads."""

    remote: Remote
    resources: Mapping[Address, Resource]
    channels: Mapping[Address, str]
    snapshot: Snapshot
    listen: Listener
    patience: Timeouts = field(default_factory=Timeouts)
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    stop: Flag = field(default_factory=Flag)
    memory: PriorState | None = None
    """None: there is no state."""
    ledger: Ledger = field(default_factory=NoLedger)
    homes: Mapping[Address, str] = field(default_factory=dict)
    """Workspace ids of what left the manifests."""
    gate: Gate | None = None
    """None: nobody talks to a bot before it is published."""
    previous: dict[Address, Previous] = field(default_factory=dict)
    """What users had before this run published something else."""
    owing: dict[Address, tuple[int, Owed]] = field(default_factory=dict)
    """What this run owes to what it publishes, with its number in the journal."""
    owed: Mapping[Address, Owed] = field(default_factory=dict)
    """What earlier runs owe."""
    traces: Mapping[Address, Record] = field(default_factory=dict)
    """What earlier runs made, or may have, as the journal knows it."""
    kept: dict[Address, Record] = field(default_factory=dict)
    """Records that this run made."""
    kept_at: dict[Address, float] = field(default_factory=dict)
    """The server's time, at the latest, when they were made: they were as applied then."""
    wrote_at: float = 0.0
    """The server's time of the last write: it was not later."""
    _files: dict[str, str] = field(default_factory=dict)
    turns: Turns = field(default_factory=Turns)
    _lock: Lock = field(default_factory=Lock)
    _uploading: dict[str, Lock] = field(default_factory=dict)
    """By content."""
    _shared: Shared = field(init=False)
    _live: dict[Address, Live] = field(init=False)
    """That of the snapshot, which grows: who goes through all of it takes a list first."""

    def __post_init__(self) -> None:
        self._shared = Shared(self.remote, self.clock)
        self._live = dict(self.snapshot.live)
        self.snapshot = replace(self.snapshot, live=self._live)

    def afresh(self, snapshot: Snapshot) -> ApplyContext:
        """The same run, with what is live read again."""
        return replace(self, snapshot=snapshot)

    def before(self, *, alone: bool = False) -> Observer:
        """Reads for preconditions; `alone`: of an object that is there and is read by itself."""
        reader = self._shared.reader(alone=alone)
        return Observer(reader, self.channels, snapshot=self.snapshot, traces=self.traces)

    def in_peace(self, disturbed: Observer) -> Observer:
        """Reads in the place of those that our own creates disturbed; only within `turns.listing()`."""
        reader = self._shared.in_peace(disturbed.reader)
        return Observer(reader, self.channels, snapshot=self.snapshot, traces=self.traces)

    def after(self) -> Observer:
        """Reads that see what was just written."""
        return Observer(Reader(self.remote), self.channels, snapshot=self.snapshot)

    def found_before(self, address: Address) -> str:
        """Why something is not to be created: it was looked up by what is remembered (empty: create it)."""
        if known := self.snapshot.live.get(address):
            return f"it exists by now ({known.id}): plan again"
        unsure = self.snapshot.unsure.get(address, "") if address not in self.snapshot.gone else ""
        return f"cannot tell whether it exists: {unsure}" if unsure else ""

    def written(self) -> None:
        """Something was written to Coze just now."""
        with self._lock:
            self.wrote_at = max(self.wrote_at, self.remote.latest() or 0.0)

    def keep(self, address: Address, record: Record, *, wrote: bool) -> None:
        """Remember what a change made, which has just come to its end."""
        self.kept[address], self.kept_at[address] = record, self.remote.latest() or 0.0
        self.ledger.remember(address, record, wrote=wrote)

    def amend(self, address: Address, **known: Any) -> None:
        """Remember more of what a change made; nothing where it made no record."""
        if record := self.kept.get(address):
            self.kept[address] = replace(record, **known)
            self.ledger.remember(address, self.kept[address])

    def note(self, address: Address, record: Record) -> None:
        """Remember at once what a change has done by now: what is lost here is never found again."""
        self.ledger.remember(address, record)

    def now(self) -> int:
        """The time on the server, in Unix seconds; 0 before its first reply."""
        return int(self.remote.now() or 0)

    def learn(self, address: Address, live: Live) -> None:
        """An object exists now: others may refer to it."""
        with self._lock:
            self._live[address] = (
                live  # a copy for each would make a run as long as the square of its changes
            )

    def file_id(self, file: FileContent) -> str | None:
        """The id of a file that this run uploaded."""
        return self._files.get(file.sha256)

    def file_ids(self) -> dict[str, str]:
        """Uploads by content."""
        return dict(self._files)

    def upload_once(self, file: FileContent, upload: Callable[[], str]) -> None:
        """Upload a file unless this run already did; no content goes twice, also at the same time."""
        with self._lock:
            uploading = self._uploading.setdefault(file.sha256, Lock())
        with uploading:
            if file.sha256 not in self._files:
                self._files[file.sha256] = upload()


@dataclass(slots=True)
class ChangeInProgress:
    """One change on its way."""

    run: ApplyContext
    change: Change
    resource: Resource
    live: Live | None = None
    wrote: bool = False
    version: str = ""
    waiting: list[tuple[Collection, str]] = field(default_factory=list)
    """Items that were added and are not ready: (collection, item id)."""
    copy: CopyTask | None = None
    """The copy that it asks for."""
    invited: set[str] = field(default_factory=set)
    """Keys of items that are there once somebody accepts."""
    made: list[Step] = field(default_factory=list)
    """What was sent of items beside the object, a step for each request that went well."""
    joined: set[tuple[str, str]] = field(default_factory=set)
    """(label, key) of items that were not there before this run added them."""
    noted: dict[tuple[str, str], ItemRecord] = field(default_factory=dict)
    """(label, key) -> what is known of items that this run added or may have added: a list may lag behind."""
    remembered: bool = False
    """Whether the state was told of them before the change came to its end."""

    def task(self) -> Task:
        """The change as its requests are made from it, with the ids known by now."""
        return Task(self.change, self.resource, self.run.snapshot, self.live, self.run.file_id, self.record())

    def record(self) -> Record | None:
        """What the state remembers."""
        if kept := self.run.kept.get(self.resource.address):
            return kept
        known = self.run.memory.of(self.resource) if self.run.memory else None
        # What is made anew is another object than the one that is remembered and gone.
        return None if known and known.id and self.change.does(Verb.CREATE) else known

    def scope(self) -> str | None:
        """The id of the workspace, once it exists."""
        return self.run.snapshot.home_id(self.resource) or self.run.homes.get(self.resource.address)
