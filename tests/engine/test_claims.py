"""Which record means which object of the manifests, whatever the addresses are called."""

from __future__ import annotations

import pytest

from cozeops.address import Address
from cozeops.engine.model.live import Live
from cozeops.engine.prior.claims import claimed
from cozeops.engine.prior.state import PriorState
from tests.engine.made import CHEF, GUIDE, KITCHEN, RECIPES, record, resource

HOME = {KITCHEN: record("75", name="厨房")}
HERE = resource(KITCHEN, name="厨房")
NEW = Address("Bot", "new")
OTHER = Address("Bot", "other")


def followed(prior: PriorState, *resources: object, live: dict[Address, Live] | None = None) -> PriorState:
    """The memory of a project with the kitchen and these resources."""
    return claimed(prior, [HERE, *resources], live)  # type: ignore[list-item]


def left(prior: PriorState, *addresses: Address) -> list[Address]:
    """What departed from a project with these addresses."""
    return [one for one, _ in prior.departed({KITCHEN: HERE} | {a: resource(a) for a in addresses})]


@pytest.mark.parametrize("by", ["id", "name", "live"])
def test_the_record_follows_by_id_by_name_and_by_what_was_found(by: str) -> None:
    prior = PriorState(HOME | {CHEF: record("7", name="大厨", scope="75")})
    name = "大厨" if by == "name" else "other"
    bot = resource(NEW, name=name, scope=KITCHEN, id="7" if by == "id" else None)
    known = followed(prior, bot, live={NEW: Live("7")} if by == "live" else None)
    assert (known.address_of(bot), known.of(bot)) == (CHEF, prior.records[CHEF])
    assert left(known, NEW) == []


@pytest.mark.parametrize(
    "records",
    [
        {CHEF: record("7", name="大厨", scope="76")},
        {CHEF: record("7", name="大厨", scope="75"), GUIDE: record("8", name="大厨", scope="75")},
        {CHEF: record("7", name="另一个", scope="75")},
        {RECIPES: record("7", name="大厨", scope="75")},
        {CHEF: record("", name="大厨", scope="75")},
    ],
    ids=["another-workspace", "two-of-the-name", "another-name", "another-kind", "no-id-yet"],
)
def test_a_name_leads_to_no_other_record(records: dict[Address, object]) -> None:
    bot = resource(NEW, name="大厨", scope=KITCHEN)
    known = followed(PriorState(HOME | records), bot)  # type: ignore[operator]
    assert known.of(bot) is None


def test_two_that_seek_one_record_by_its_name_both_go_without() -> None:
    prior = PriorState(HOME | {CHEF: record("7", name="大厨", scope="75")})
    both = [resource(one, name="大厨", scope=KITCHEN) for one in (NEW, OTHER)]
    known = followed(prior, *both)
    assert [known.of(one) for one in both] == [None, None]


def test_a_record_whose_own_resource_is_there_follows_nobody() -> None:
    """Not even one that has its name by now."""
    prior = PriorState(HOME | {CHEF: record("7", name="大厨", scope="75")})
    chef, new = resource(CHEF, name="renamed", scope=KITCHEN), resource(NEW, name="大厨", scope=KITCHEN)
    known = followed(prior, chef, new)
    assert (known.of(chef), known.of(new)) == (prior.records[CHEF], None)


def test_addresses_in_a_ring_all_keep_their_objects() -> None:
    """Each has the address that another had: the ids say which is which."""
    ring = [CHEF, GUIDE, NEW]
    prior = PriorState(HOME | {one: record(str(n), scope="75") for n, one in enumerate(ring)})
    moved = [resource(one, scope=KITCHEN, id=prior.records[ring[n - 1]].id) for n, one in enumerate(ring)]
    known = followed(prior, *moved)
    assert [known.of(one) for one in moved] == [prior.records[ring[n - 1]] for n in range(3)]
    assert left(known, *ring) == []


def test_an_object_that_is_remembered_twice_departs_once() -> None:
    prior = PriorState({CHEF: record("7"), GUIDE: record("7")})
    assert [one for one, _ in prior.departed({})] == [CHEF]


def test_what_is_claimed_by_its_id_departs_under_no_address() -> None:
    """The resource has a record of its own, and another address has one of the same object."""
    prior = PriorState(HOME | {CHEF: record("7", scope="75"), GUIDE: record("7", scope="75")})
    known = followed(prior, resource(CHEF, scope=KITCHEN))
    assert left(known, CHEF) == []
