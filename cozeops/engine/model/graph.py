"""Order between resources: who needs whom. Edges are between resources, never between kinds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter

from cozeops.address import Address
from cozeops.declare.resource import Resource


def ordered(resources: Iterable[Resource]) -> list[Resource]:
    """What is needed comes first; otherwise by address, so that two runs print the same."""
    known = {one.address: one for one in resources}
    sorter = TopologicalSorter({address: one.needs & known.keys() for address, one in known.items()})
    sorter.prepare()
    found: list[Resource] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        found += [known[address] for address in ready]
        sorter.done(*ready)
    return found


def critical_paths(
    work: Mapping[Address, int], needs: Mapping[Address, Iterable[Address]]
) -> dict[Address, int]:
    """The work of each address and of the longest chain that waits for it: who has most begins first.

    `needs` are edges among the addresses of `work`.
    """
    waiting = dict.fromkeys(work, 0)
    for address in reversed(list(TopologicalSorter(needs).static_order())):
        waiting[address] += work[address]
        for need in needs[address]:
            waiting[need] = max(waiting[need], waiting[address])
    return waiting


def closure(addresses: Iterable[Address], needs: Mapping[Address, Iterable[Address]]) -> frozenset[Address]:
    """These addresses and everything that they need, directly or not."""
    found: set[Address] = set()
    waiting = list(addresses)
    while waiting:
        address = waiting.pop()
        if address not in found:
            found.add(address)
            waiting += needs.get(address, ())
    return frozenset(found)
