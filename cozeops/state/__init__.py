"""What cozeops remembers between runs, where it is kept, and how it survives a crash."""

from __future__ import annotations

from cozeops.state.backend import Backend, Held, RetryPolicy
from cozeops.state.errors import LockedError, StateError, StateMovedError
from cozeops.state.history import append_run, read_runs
from cozeops.state.journal import Entry, InvalidJournal, Journal, UnfinishedJournal, open_journals
from cozeops.state.model import (
    CopyTask,
    InvalidState,
    ItemRecord,
    Ownership,
    Record,
    State,
    leaf_hash,
    read_state,
    secret_digest,
    write_state,
)
from cozeops.state.run import FinishedRun, RunInfo, new_run_id
from cozeops.state.saver import Saver
from cozeops.state.settings import open_backend, slot_of

# A lock tells which run holds it, and nothing else.
LockInfo = RunInfo

__all__ = [
    "Backend",
    "CopyTask",
    "Entry",
    "FinishedRun",
    "Held",
    "InvalidJournal",
    "InvalidState",
    "ItemRecord",
    "Journal",
    "LockInfo",
    "LockedError",
    "Ownership",
    "Record",
    "RetryPolicy",
    "RunInfo",
    "Saver",
    "State",
    "StateError",
    "StateMovedError",
    "UnfinishedJournal",
    "append_run",
    "leaf_hash",
    "new_run_id",
    "open_backend",
    "open_journals",
    "read_runs",
    "read_state",
    "secret_digest",
    "slot_of",
    "write_state",
]
