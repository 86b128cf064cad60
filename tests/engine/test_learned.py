"""What a run learns of objects that it makes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cozeops.address import Address
from cozeops.engine.model.live import Live, Snapshot
from tests.kit import Bench


def test_learning_of_an_object_copies_none_of_the_others(tmp_path: Path) -> None:
    """A thousand creates are a thousand entries; the plan's snapshot stays what was read for it."""
    read = Snapshot({Address("Bot", "old"): Live("0")})
    run = Bench(tmp_path).run(read)
    snapshot, live = run.snapshot, run.snapshot.live
    for number in range(3):
        run.learn(Address("Bot", str(number)), Live(str(number)))
    assert run.snapshot is snapshot
    assert snapshot.live is live
    assert len(live) == 4
    assert len(read.live) == 1
    assert len(run.afresh(replace(read, user="7")).snapshot.live) == 1
