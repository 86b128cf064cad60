"""What a shard knows from the states of the others: resources move from one to another.

They move when the number of shards changes, when a reference ties two parts together or a tie goes. Who
answers for a resource takes its record along; who had it lets go, and prunes nothing that is another's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from cozeops.address import Address
from cozeops.engine.plan.shards import Shard, homes_of, sharded
from cozeops.engine.prior.claims import claimed
from cozeops.engine.prior.state import PriorState
from cozeops.frozen import frozen
from cozeops.state import Record, State

if TYPE_CHECKING:
    from cozeops.declare.resource import Resource


@frozen
class Neighbours:
    """The others around one shard; `load` reads the state of a number (0: of the whole)."""

    shard: Shard
    resources: Sequence[Resource]
    """The whole project."""
    load: Callable[[int], State | None]

    def key(self) -> str:
        """The key of another state (empty: there is none): digests of secrets are compared across shards."""
        return next((state.key for _, state in self._states()), "")

    def share(self, memory: PriorState) -> PriorState:
        """What this shard remembers, without what is another's and with what was."""
        left = self._left(memory)
        kept = {address: record for address, record in memory.records.items() if address not in left}
        return self._inherited(replace(memory, records=kept))

    def _inherited(self, memory: PriorState) -> PriorState:
        own = [one for one in sharded(self.resources, self.shard) if one.kind.lives]
        memory = claimed(memory, self.resources)
        for _, state in self._states():
            missing = [one for one in own if memory.of(one) is None]
            if not missing:
                break
            theirs = claimed(PriorState(state.resources), self.resources)
            memory = replace(memory, records={**memory.records, **theirs.known(missing)})
        return memory

    def _left(self, memory: PriorState) -> set[Address]:
        """Records of what another shard answers for and remembers: by its live id, for addresses change."""
        memory = claimed(memory, self.resources)
        own = {memory.address_of(one) for one in sharded(self.resources, self.shard)}
        foreign = {address: record for address, record in memory.records.items() if address not in own}
        if not foreign:
            return set()
        homes = homes_of(self.resources, self.shard.of)
        taken = {
            _object(address, record)
            for number, state in self._states()
            for address, record in state.resources.items()
            if homes.get(address) == number
        }
        return {address for address, record in foreign.items() if _object(address, record) in taken}

    def _states(self) -> Iterator[tuple[int, State]]:
        """Those of the other shards, of more than there are now too, and at last that of the whole."""
        for number in count(1):
            if number == self.shard.number:
                continue
            state = self.load(number)
            if state:
                yield number, state
            elif number > self.shard.of:
                break
        if whole := self.load(0):
            yield 0, whole


def _object(address: Address, record: Record) -> tuple[str, str]:
    return address.kind, record.id
