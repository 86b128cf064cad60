"""Which resources a run is about: targets with what they need, without what is excluded. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from cozeops.address import Address
from cozeops.declare.resource import Resource
from cozeops.engine.model.graph import closure
from cozeops.errors import UsageError


def select(
    resources: Iterable[Resource],
    *,
    targets: Collection[Address] = (),
    excluded: Collection[Address] = (),
    labels: Mapping[str, str] | None = None,
) -> list[Resource]:
    """The chosen resources. A target brings what it needs; an exclusion takes its dependents along.

    Raises UsageError for an address that the project does not have.
    """
    known = {one.address: one for one in resources}
    for address in (*targets, *excluded):
        if address not in known:
            raise UsageError(f"{address} is not in the project", hint=_candidates(address, known))
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


def _candidates(address: Address, known: Iterable[Address]) -> str:
    same = sorted(str(one) for one in known if one.kind == address.kind or one.name == address.name)
    return (
        f"there is {', '.join(same[:8])}" if same else "cozeops validate lists no such kind in this project"
    )
