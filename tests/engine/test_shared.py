"""Lists that changes share before they write: for how long, who reads them anew, and what failed."""

from __future__ import annotations

from typing import Any, cast

import pytest

from cozeops.engine.observe.cache import Reader
from cozeops.engine.run.precheck_reads import Shared
from cozeops.errors import ApiError
from tests.kit import Clock


def _shared() -> tuple[Clock, Shared]:
    clock = Clock()
    return clock, Shared(cast("Any", None), clock)


def _read(reader: Reader, seconds: float = 1.0) -> None:
    """As if somebody had read a list with it."""
    reader.derived(("list",), list)
    reader.listed_for = seconds


def _fail(reader: Reader) -> None:
    def refuse() -> None:
        raise ApiError("refused", operation="listBots")

    with pytest.raises(ApiError):
        reader.derived(("list",), refuse)


def test_what_decides_is_never_old() -> None:
    """A list that took a second decides for two, and tells who is published for ten."""
    clock, shared = _shared()
    first = shared.reader(alone=False)
    _read(first)
    clock.time += 1.9
    assert shared.reader(alone=False) is first
    assert shared.reader(alone=True) is first
    clock.time += 0.2
    assert shared.reader(alone=True) is first
    assert shared.reader(alone=False) is not first


def test_one_reads_anew_while_the_others_go_on() -> None:
    """And all have what it read as soon as it is there, for as long as if they had waited for it."""
    clock, shared = _shared()
    first = shared.reader(alone=True)
    _read(first)
    clock.time += 5.1
    second = shared.reader(alone=True)
    assert second is not first
    assert shared.reader(alone=True) is first
    clock.time += 4
    assert shared.reader(alone=True) is first
    _read(second)
    assert shared.reader(alone=True) is second
    clock.time += 0.9  # 4.9 s after its read began
    assert shared.reader(alone=True) is second
    clock.time += 0.3
    assert shared.reader(alone=True) is not second
    assert shared.reader(alone=True) is second


def test_nobody_goes_on_with_what_is_too_old() -> None:
    """However long it takes to read it anew."""
    clock, shared = _shared()
    first = shared.reader(alone=True)
    _read(first)
    clock.time += 6
    assert shared.reader(alone=True) is not first
    clock.time += 5
    third = shared.reader(alone=True)
    assert third is not first
    assert shared.reader(alone=True) is third


def test_what_failed_serves_nobody_else() -> None:
    """Neither what serves all nor what was read ahead."""
    clock, shared = _shared()
    first = shared.reader(alone=True)
    _fail(first)
    second = shared.reader(alone=True)
    assert second is not first
    _read(second)
    clock.time += 6
    third = shared.reader(alone=True)
    _fail(third)
    fourth = shared.reader(alone=True)
    assert fourth not in (second, third)  # the next one tries
    assert shared.reader(alone=True) is second


def test_what_disturbed_reads_is_read_in_peace_once() -> None:
    """All that were disturbed share it; reads that began meanwhile were disturbed, too."""
    clock, shared = _shared()
    first = shared.reader(alone=False)
    assert shared.reader(alone=False) is first
    clock.time += 1
    second = shared.reader(alone=False)
    assert second is not first
    calm = shared.in_peace(first)
    assert calm not in (first, second)
    assert shared.in_peace(second) is calm
    assert shared.reader(alone=False) is calm
    assert shared.in_peace(calm) is not calm
    clock.time += 1
    later = shared.reader(alone=False)
    assert shared.in_peace(first) not in (calm, later)
