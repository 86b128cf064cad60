"""Where an apply notes what it does: before and after each write, and what is known at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from cozeops.address import Address
from cozeops.state.model import Record
from cozeops.values import Json


class Ledger(Protocol):
    """Kept by the state and the journal; safe to use from many threads."""

    def intent(self, entry: Json, *, repeatable: bool) -> int:
        """Note a write that is about to be sent; the number is for `done`."""

    def done(self, number: int, result: Json) -> None:
        """Note what came of it."""

    def settle(self, address: Address, result: Json) -> None:
        """Nothing is owed to an address any more of what earlier runs left open."""

    def remember(self, address: Address, record: Record, *, wrote: bool = True) -> None:
        """Keep what is known of an address; whether something was written to Coze for it."""

    def remember_all(self, records: Mapping[Address, Record]) -> None:
        """Keep what is known of many addresses at once."""

    def forget(self, address: Address) -> None:
        """Drop what is known of an address."""

    def save(self) -> None:
        """Return once what is remembered is kept. Raises CozeopsError where that fails."""


class NoLedger:
    """Nothing is noted: tests, and runs that have no place for it."""

    def intent(self, entry: Json, *, repeatable: bool) -> int:  # noqa: ARG002
        """Note nothing."""
        return 0

    def done(self, number: int, result: Json) -> None:
        """Note nothing."""

    def settle(self, address: Address, result: Json) -> None:
        """Settle nothing."""

    def remember(self, address: Address, record: Record, *, wrote: bool = True) -> None:
        """Keep nothing."""

    def remember_all(self, records: Mapping[Address, Record]) -> None:
        """Keep nothing."""

    def forget(self, address: Address) -> None:
        """Drop nothing."""

    def save(self) -> None:
        """Keep nothing."""
