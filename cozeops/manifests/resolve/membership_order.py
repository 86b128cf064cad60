"""Who must be let in somewhere else first: an employee joins the enterprise before anything in it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cozeops.address import Address
from cozeops.declare.collections import Collection
from cozeops.declare.resource import Resource
from cozeops.declare.rows import collection_rows
from cozeops.values import dig


def in_order(resources: Iterable[Resource]) -> list[Resource]:
    """The resources, each after those that list the same people and come first."""
    known = list(resources)
    lists = {one.address: _lists(one) for one in known}
    return [_after(one, lists) for one in known]


def _lists(resource: Resource) -> list[tuple[Collection, frozenset[str]]]:
    """The collections that a resource declares, with the keys of what they list."""
    return list(_collections(resource))


def _collections(resource: Resource) -> Iterator[tuple[Collection, frozenset[str]]]:
    for row in collection_rows(resource.kind):
        items = dig(resource.values, row.path)
        if row.collection and isinstance(items, list):
            yield row.collection, frozenset(row.collection.key(item) for item in items)


def _after(resource: Resource, lists: dict[Address, list[tuple[Collection, frozenset[str]]]]) -> Resource:
    found = {
        address
        for about, keys in lists[resource.address]
        for address, theirs in lists.items()
        if address.kind == about.after and any(keys & others for _, others in theirs)
    }
    return replace(resource, after=frozenset(found)) if found else resource
