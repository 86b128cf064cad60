"""Splitting a project over jobs: independent parts of its graph, each always in the same shard. Pure.

What is connected by references stays together. A part is known by that of its members whose digest is
least: what is added or removed elsewhere never moves it, and what is added to it moves it seldom.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping

from cozeops.address import Address
from cozeops.declare.resource import Resource
from cozeops.declare.rows import rows_of
from cozeops.engine.model.graph import closure, ordered
from cozeops.frozen import frozen
from cozeops.values import MISSING, dig

_TEXT = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})", re.ASCII)


@frozen
class Shard:
    """Part `number` (from 1) of `of`."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """`2/4`. Raises ValueError."""
        found = _TEXT.fullmatch(text)
        if not found or int(found[1]) > int(found[2]):
            raise ValueError(f"{text!r} is not a shard such as 2/4: which one, of how many")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


def sharded(resources: Iterable[Resource], shard: Shard | None) -> list[Resource]:
    """The resources of a shard (None: all), in their order.

    What is only looked up, as a plugin, is in every shard that needs it; what is nothing on Coze is in all.
    """
    known = list(resources)
    if shard is None:
        return known
    addresses = {one.address for one in known}
    needed = closure(answered(known, shard), {one.address: one.needs & addresses for one in known})
    return [one for one in known if one.address in needed or not one.kind.lives]


def answered(resources: Iterable[Resource], shard: Shard | None) -> set[Address]:
    """What a shard answers for (None: all), and no other does."""
    known = list(resources)
    if shard is None:
        return {one.address for one in known}
    return {address for address, home in homes_of(known, shard.of).items() if home == shard.number}


def homes_of(resources: Collection[Resource], count: int) -> dict[Address, int]:
    """The number of the shard that answers for each resource."""
    parts = _parts(resources)
    named: dict[Address, bytes] = {}
    for address, part in parts.items():
        named[part] = min(_digest(address), named.get(part, b"\xff" * 32))
    return {address: int.from_bytes(named[part]) % count + 1 for address, part in parts.items()}


def _digest(address: Address) -> bytes:
    return hashlib.sha256(str(address).encode("utf-8", "surrogatepass")).digest()


def _parts(resources: Collection[Resource]) -> dict[Address, Address]:
    """Each address with one that stands for its part."""
    known = {one.address: one for one in resources}
    shared = _shared(known)
    parent = {address: address for address in known}

    def root(address: Address) -> Address:
        while parent[address] != address:
            parent[address] = address = parent[parent[address]]
        return address

    for address, one in known.items():
        for need in () if address in shared else one.needs & known.keys() - shared:
            parent[root(address)] = root(need)
    return {address: root(address) for address in known}


def _shared(known: Mapping[Address, Resource]) -> set[Address]:
    """What no apply writes, and what it needs is not written either: it ties nothing together."""
    shared: set[Address] = set()
    for one in ordered(known.values()):
        if not _written(one) and one.needs & known.keys() <= shared:
            shared.add(one.address)
    return shared


def _written(resource: Resource) -> bool:
    kind = resource.kind
    beside = (row for row in rows_of(kind) if row.collection or row.setter or row.publication)
    return bool(kind.create or kind.update or kind.delete) or any(
        dig(resource.values, row.path) is not MISSING for row in beside
    )
