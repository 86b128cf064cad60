"""Which resources a run is about: targets with what they need, without what is excluded. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from cozeops.address import Address
from cozeops.declare.resource import Resource
from cozeops.engine.model.graph import closure


def select(
    resources: Iterable[Resource],
    *,
    targets: Collection[Address] = (),
    excluded: Collection[Address] = (),
    labels: Mapping[str, str] | None = None,
) -> list[Resource]:
    """The chosen resources. A target brings what it needs; an exclusion takes its dependents along.

    All addresses are the project's own.
    """
    known = {one.address: one for one in resources}
    needs = {address: one.needs & known.keys() for address, one in known.items()}
    chosen = set(known)
    if targets or labels:
        labelled = {
            address for address, one in known.items() if labels and labels.items() <= one.labels.items()
        }
        chosen = set(closure({*targets, *labelled}, needs))
    if excluded:
        chosen -= {address for address in known if not closure([address], needs).isdisjoint(excluded)}
    return [known[address] for address in known if address in chosen]
