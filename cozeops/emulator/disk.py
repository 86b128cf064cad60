"""The SQLite file behind `data`: each call's changes in one transaction, before its reply is sent."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from pathlib import Path

from .store import Change, Store

_SCHEMA = """
create table if not exists rows (tbl text, id text, row text not null, primary key (tbl, id)) without rowid;
create table if not exists counters (name text primary key, value integer not null) without rowid;
"""


class DataFileError(ValueError):
    """A data file that is no SQLite file, or that another emulator uses."""


class Disk:
    """Keeps a store's rows in a file; a kill at any moment loses no answered write."""

    def __init__(self, path: Path) -> None:
        self._counters: dict[str, int] = {}
        # the emulator's lock keeps the threads apart
        self._db = sqlite3.connect(path, check_same_thread=False, timeout=0.1)
        try:
            # one emulator per file: each holds all of it in memory
            self._db.execute("pragma locking_mode=exclusive")
            # WAL survives a killed process without a sync per commit
            self._db.execute("pragma journal_mode=wal")
            self._db.execute("pragma synchronous=normal")
            self._db.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise DataFileError(f"{path} can not be used: {error}") from error

    def read(self, store: Store) -> bool:
        """Fill an empty store; False when the file is new."""
        counters = dict(self._db.execute("select name, value from counters"))
        for table, text in self._db.execute("select tbl, row from rows order by tbl, id"):
            row = json.loads(text)
            if table in store.tables:
                store[table].restore(row[store[table].spec.key], row)
        store.counters.update(counters)
        return bool(counters)

    def write(self, store: Store, changes: Collection[Change]) -> None:
        """Commit the rows that a call touched, and the counters."""
        if not changes and store.counters == self._counters:
            return
        touched = dict.fromkeys((change.table, change.ident) for change in changes)
        with self._db:
            for table, ident in touched:
                row = store[table].get(ident)
                if row is None:
                    self._db.execute("delete from rows where tbl = ? and id = ?", (table, ident))
                else:
                    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
                    self._db.execute("insert or replace into rows values (?, ?, ?)", (table, ident, text))
            self._db.executemany("insert or replace into counters values (?, ?)", store.counters.items())
        self._counters = dict(store.counters)

    def close(self) -> None:
        """Close the file."""
        self._db.close()
