"""How many at once, how many a second, and who goes alone; on a clock that waits for nobody."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from cozeops.api.limiter import ONE_AT_A_TIME, RATES, ConcurrencyLimit
from cozeops.api.pace import Pace
from cozeops.declare.calls import Call

from .fakes import Clock, Script, client, ok, raw


def request(gate: ConcurrencyLimit, clock: Clock, seconds: float = 0.1, *, throttled: bool = False) -> None:
    """One request through the gate."""
    with gate.passage("getBot") as passage:
        clock.tick(seconds)
        passage.answered, passage.throttled = not throttled, throttled


@pytest.mark.parametrize("most", [1, 2, 16])
def test_the_gate_is_as_wide_as_told_and_never_wider(most: int) -> None:
    """One is one at a time; good replies change nothing."""
    clock = Clock()
    gate = ConcurrencyLimit(most, clock=clock)
    assert gate.limit == most
    for _ in range(5):
        request(gate, clock)
    assert gate.limit == most


def test_too_many_halves_the_gate_and_it_recovers_slowly() -> None:
    """It grows by about one per round."""
    clock = Clock()
    gate = ConcurrencyLimit(16, clock=clock)
    request(gate, clock, throttled=True)
    assert gate.limit == 8
    for _ in range(8):
        request(gate, clock)
    assert gate.limit == 8
    request(gate, clock)
    assert gate.limit == 9
    for _ in range(9):
        request(gate, clock, throttled=True)
    assert gate.limit == 1


def test_requests_that_were_under_way_together_cut_it_once() -> None:
    """Sixteen replies of 429 are one piece of news."""
    clock = Clock()
    gate = ConcurrencyLimit(16, clock=clock)
    together = [gate.passage("getBot") for _ in range(10)]
    passages = [each.__enter__() for each in together]
    for each, passage in zip(together, passages, strict=True):
        clock.tick(0.01)
        passage.throttled = True
        each.__exit__(None, None, None)
    assert gate.limit == 8


def test_a_jump_of_the_latency_halves_it_too() -> None:
    """Thrice the usual time and a second more; an operation that is always slow is not a jump."""
    clock = Clock()
    gate = ConcurrencyLimit(16, clock=clock)
    for _ in range(20):
        request(gate, clock, 2.0)
    assert gate.limit == 16
    request(gate, clock, 8.0)
    assert gate.limit == 8


def test_failures_without_a_reply_do_not_widen_it() -> None:
    """They tell nothing about how much Coze can take."""
    clock = Clock()
    gate = ConcurrencyLimit(4, clock=clock)
    request(gate, clock, throttled=True)
    for _ in range(10):
        with pytest.raises(OSError, match="gone"), gate.passage("getBot"):
            raise OSError("gone")
    assert (gate.limit, gate.in_flight) == (2, 0)


def test_whoever_finds_it_full_waits() -> None:
    """And goes as soon as one is back."""
    gate = ConcurrencyLimit(1, clock=time.monotonic)
    order = []

    def second() -> None:
        with gate.passage("b"):
            order.append("second")

    with gate.passage("a"):
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.02)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]


def test_a_pace_spaces_calls_evenly() -> None:
    """Also those that all come at once; unused time is not saved up."""
    clock = Clock()
    pace = Pace(clock, 5.0)
    assert [round(pace.reserve()[0], 3) for _ in range(4)] == [0.0, 0.2, 0.4, 0.6]
    clock.tick(0.7)
    assert round(pace.reserve()[0], 3) == 0.1
    clock.tick(60)
    assert [round(pace.reserve()[0], 3) for _ in range(2)] == [0.0, 0.2]


def test_the_known_limits() -> None:
    """Six collaborator calls of 5 QPS each, uploads; members one at a time."""
    assert RATES["addBotCollaborator"] == RATES["removeWorkflowCollaborator"] == 5.0
    assert RATES["uploadFile"] == 10.0
    assert len(RATES) == 7
    assert "addEnterpriseMember" in ONE_AT_A_TIME
    assert "removeOrganizationMember" in ONE_AT_A_TIME
    assert "addWorkspaceMembers" not in ONE_AT_A_TIME


def test_each_operation_has_a_pace_of_its_own() -> None:
    """Adding does not slow removing; the waits are counted."""
    clock = Clock()
    add, remove = (Call(f"{verb}BotCollaborator", "POST", "/x") for verb in ("add", "remove"))
    with client(ok({}), clock) as coze:
        coze.send(add, {})
        coze.send(remove, {})
        assert clock.slept == []
        coze.send(add, {})
    assert [round(wait, 3) for wait in clock.slept] == [0.2]
    assert round(coze.stats.waited, 3) == 0.2


def test_a_repeat_keeps_the_pace() -> None:
    """It is a call like any other."""
    clock = Clock()
    script = Script(raw(b"", 429), ok({}))
    with client(script, clock, random=lambda: 0.0) as coze:
        coze.send(Call("addBotCollaborator", "POST", "/x"), {})
    assert [round(wait, 3) for wait in clock.slept] == [0.0, 0.2]


def test_members_go_one_at_a_time() -> None:
    """All member writes of enterprises and organizations share one turn."""
    lock, now, most = threading.Lock(), 0, 0

    def answer(sent: httpx.Request) -> httpx.Response:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.005)
        with lock:
            now -= 1
        return ok({})(sent)

    calls = [Call(operation, "POST", "/x") for operation in sorted(ONE_AT_A_TIME)]
    with client(answer) as coze, ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda call: coze.send(call, {}), calls))
    assert most == 1
