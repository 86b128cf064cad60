"""An address that is renamed may belong to another shard: its record goes there, and departs nowhere."""

from __future__ import annotations

from cozeops.address import Address
from cozeops.engine.plan.shards import Shard, homes_of
from cozeops.engine.prior.claims import claimed
from cozeops.engine.prior.state import PriorState
from cozeops.operations.shard_states import Neighbours
from cozeops.state import State
from tests.engine.made import KITCHEN, record, resource


def test_a_renamed_workspace_that_changes_its_shard_departs_from_neither() -> None:
    names = (Address("Workspace", f"w{number}") for number in range(99))
    before = homes_of([resource(KITCHEN)], 2)[KITCHEN]
    after = next(one for one in names if homes_of([resource(one)], 2)[one] != before)
    project = [resource(after, name="厨房")]
    states = {before: State("dev", "x", "y", resources={KITCHEN: record("75", name="厨房")})}

    def prior(number: int) -> PriorState:
        own = states.get(number)
        memory = PriorState(own.resources if own else {})
        return claimed(Neighbours(Shard(number, 2), project, states.get).share(memory), project)

    known = {one.address: one for one in project}
    taken = prior(3 - before)
    assert taken.of(project[0]) == record("75", name="厨房")
    assert [list(prior(number).departed(known)) for number in (1, 2)] == [[], []]
    states[3 - before] = State("dev", "x", "y", resources={after: record("75", name="厨房")})
    assert [list(prior(number).departed(known)) for number in (1, 2)] == [[], []]
    assert KITCHEN not in prior(before).records
