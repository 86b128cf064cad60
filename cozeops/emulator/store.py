"""Everything the emulator remembers: tables of rows, their indexes, ids, and the undo of a refused call.

Rows are never changed in place: `put` and `change` store a new row. That gives a rollback, a list of what a
call has written (for the disk), and a past to show (for listings that lag) from one record of changes.
Listings are in the order of ids, which for generated ids is the order of creation.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

from .wire import Row

Keys = Callable[[Row], Iterable[Hashable]]
"""The keys of an index under which a row stands."""

_FIRST_ID = 7_400_000_000_000_000_000
_HISTORY = 20_000


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table: its name, the row's key, and its indexes."""

    name: str
    key: str
    indexes: Mapping[str, Keys] = field(default_factory=dict)


class Change(NamedTuple):
    """One write: what stood there before (None: nothing) tells how to take it back."""

    table: str
    ident: str
    before: Row | None


class Table:
    """Rows by id, with every index kept sorted by id so that a page is a slice."""

    def __init__(self, spec: TableSpec, note: Callable[[Change], None] | None = None) -> None:
        self.spec = spec
        self._note = note
        self._rows: dict[str, Row] = {}
        self._buckets: dict[str, dict[Hashable, list[str]]] = {name: {} for name in spec.indexes}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter([self._rows[ident] for ident in sorted(self._rows)])

    def __contains__(self, ident: object) -> bool:
        return ident in self._rows

    def get(self, ident: str) -> Row | None:
        """Return a row or None."""
        return self._rows.get(ident)

    def __getitem__(self, ident: str) -> Row:
        return self._rows[ident]

    def put(self, row: Row) -> Row:
        """Store a new row, or a new version of one."""
        ident = row[self.spec.key]
        before = self._rows.get(ident)
        self._write(ident, before, row)
        return row

    def change(self, ident: str, **fields: Any) -> Row:
        """Store a row with some fields replaced."""
        return self.put({**self._rows[ident], **fields})

    def drop(self, ident: str) -> None:
        """Remove a row."""
        self._write(ident, self._rows[ident], None)

    def restore(self, ident: str, row: Row | None) -> None:
        """Put back what stood there, without a note of it."""
        self._place(ident, self._rows.get(ident), row)

    def where(self, index: str, key: Hashable) -> Bucket:
        """Return the rows under one key of an index."""
        return Bucket(self._rows, self._buckets[index].get(key, []))

    def _write(self, ident: str, before: Row | None, after: Row | None) -> None:
        if self._note is not None:
            self._note(Change(self.spec.name, ident, before))
        self._place(ident, before, after)

    def _place(self, ident: str, before: Row | None, after: Row | None) -> None:
        for name, keys in self.spec.indexes.items():
            old = set(keys(before)) if before is not None else set()
            new = set(keys(after)) if after is not None else set()
            buckets = self._buckets[name]
            for key in old - new:
                bucket = buckets[key]
                del bucket[bisect_left(bucket, ident)]
            for key in new - old:
                insort(buckets.setdefault(key, []), ident)
        if after is None:
            self._rows.pop(ident, None)
        else:
            self._rows[ident] = after


class Bucket:
    """The rows of one index key, in order of id: counted and sliced without being copied."""

    def __init__(self, rows: Mapping[str, Row], idents: list[str]) -> None:
        self._rows, self._idents = rows, idents

    def __len__(self) -> int:
        return len(self._idents)

    def __iter__(self) -> Iterator[Row]:
        return iter([self._rows[ident] for ident in self._idents])

    def __getitem__(self, part: slice) -> list[Row]:
        return [self._rows[ident] for ident in self._idents[part]]


class Store:
    """All tables, the counters, and the changes of the call that runs."""

    def __init__(self, specs: Iterable[TableSpec]) -> None:
        self._changes: list[Change] = []
        self._open = False
        self.reads = count(1)  # not kept: makes signed URLs differ
        self._history: deque[tuple[float, Change]] = deque(maxlen=_HISTORY)
        self.tables: dict[str, Table] = {}
        self.counters: dict[str, int] = {"id": 0}
        for spec in specs:
            if spec.name in self.tables:
                raise ValueError(f"two tables are called {spec.name}")
            self.tables[spec.name] = Table(spec, self._changes.append)

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def count(self, name: str) -> int:
        """Return the next value of a counter that survives a restart."""
        self.counters[name] = self.counters.get(name, 0) + 1
        return self.counters[name]

    def new_id(self) -> str:
        """Return a new 19-digit id."""
        return str(_FIRST_ID + self.count("id") * 1_000_003)

    @contextmanager
    def transaction(self, now: float) -> Iterator[list[Change]]:
        """Collect the changes of one call; take them all back if it raises."""
        if self._open:
            raise RuntimeError("a transaction is open already")
        self._open = True
        counters = dict(self.counters)
        try:
            yield self._changes
        except BaseException:
            self._undo(self._changes)
            self.counters = counters
            raise
        else:
            self._history.extend((now, change) for change in self._changes)
        finally:
            self._changes.clear()
            self._open = False

    def _undo(self, changes: list[Change]) -> None:
        for change in reversed(changes):
            self.tables[change.table].restore(change.ident, change.before)

    def past(self, name: str, since: float) -> Table:
        """Return a table as it stood at a moment of the recent past (slow: only for lagging lists)."""
        live = self.tables[name]
        table = Table(live.spec)
        for row in live:
            table.restore(row[live.spec.key], row)
        for when, change in reversed(self._history):
            if when <= since:
                break
            if change.table == name:
                table.restore(change.ident, change.before)
        return table

    def dump(self) -> Row:
        """Return everything as canonical JSON data."""
        filled = ((name, table) for name, table in sorted(self.tables.items()) if len(table))
        tables = {name: {row[table.spec.key]: row for row in table} for name, table in filled}
        return {"counters": dict(sorted(self.counters.items())), "tables": tables}

    def load(self, state: Row) -> None:
        """Replace everything by what `dump` gave; call it inside a transaction."""
        tables = state.get("tables", {})
        if unknown := sorted(tables.keys() - self.tables.keys()):
            raise ValueError(f"no table is called {unknown[0]}")
        for table in self.tables.values():
            for row in table:
                table.drop(row[table.spec.key])
        for name, rows in tables.items():
            for row in rows.values():
                self.tables[name].put(row)
        self.counters = {"id": 0, **state.get("counters", {})}
