"""Faults on demand: each kind, where it strikes, and that the effect has or has not happened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from cozeops.emulator import parse_fault

from .conftest import Coze, Make


@pytest.fixture(params=["in process", "socket"])
def http(coze: Coze, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """A plain client of the emulator, both ways."""
    headers = {"Authorization": "Bearer pat_emulator"}
    if request.param == "socket":
        with coze.emulator.serve() as url, httpx.Client(base_url=url, headers=headers, timeout=5) as client:
            yield client
    else:
        transport = httpx.WSGITransport(app=coze.emulator)
        yield httpx.Client(transport=transport, base_url="http://127.0.0.1", headers=headers)


def workspaces(coze: Coze) -> int:
    """Count the workspaces, out of band."""
    return len(coze.emulator.dump()["tables"]["workspaces"])


NEW = {"name": "新", "description": ""}


@pytest.mark.parametrize(("phase", "made"), [("before", 0), ("after", 1)])
def test_an_error_before_or_after_the_effect(coze: Coze, http: httpx.Client, phase: str, made: int) -> None:
    """The reply is the same: only a look tells whether it happened."""
    coze.emulator.faults.add("error", operation="createWorkspace", phase=phase, status=502, times=1)
    before = workspaces(coze)
    assert http.post("/v1/workspaces", json=NEW).status_code == 502
    assert workspaces(coze) - before == made
    assert http.post("/v1/workspaces", json=NEW).json()["code"] == 0


@pytest.mark.parametrize(("phase", "made"), [("before", 0), ("after", 1)])
def test_a_dropped_connection_is_a_transport_error(
    coze: Coze, http: httpx.Client, phase: str, made: int
) -> None:
    """In process as well; the log keeps the request with status 0."""
    coze.emulator.faults.add("drop", operation="createWorkspace", phase=phase, times=1)
    before = workspaces(coze)
    with pytest.raises(httpx.TransportError):
        http.post("/v1/workspaces", json=NEW)
    assert workspaces(coze) - before == made
    assert coze.emulator.requests[-1].status == 0
    assert http.post("/v1/workspaces", json=NEW).json()["code"] == 0


def test_a_truncated_body_is_a_transport_error(coze: Coze, http: httpx.Client) -> None:
    """Half of it comes, then the connection ends."""
    coze.emulator.faults.add("truncate", times=1)
    with pytest.raises(httpx.TransportError):
        http.get("/v1/users/me")
    assert http.get("/v1/users/me").json()["code"] == 0


def test_a_garbage_body_is_no_json(coze: Coze, http: httpx.Client) -> None:
    """As a proxy in between would answer."""
    coze.emulator.faults.add("garbage", times=1)
    with pytest.raises(json.JSONDecodeError):
        http.get("/v1/users/me").json()


def test_waiting_and_slow_bodies(coze: Coze, http: httpx.Client) -> None:
    """Seeded jitter; the waiting itself can be replaced."""
    waited: list[float] = []
    coze.emulator.sleep = waited.append
    coze.emulator.faults.add("latency", seconds=1, jitter=0.5, operation="get*")
    coze.emulator.faults.add("slow", seconds=3, operation="listWorkspaces")
    http.get("/v1/users/me")
    assert len(waited) == 1
    assert 0.5 <= waited[0] <= 1.5
    assert http.get("/v1/workspaces").json()["code"] == 0
    assert sum(waited[1:]) == pytest.approx(3)


@pytest.mark.parametrize(
    ("fault", "status", "retry_after"),
    [({}, 429, None), ({"retry_after": 7}, 429, "7"), ({"status": 200}, 200, None)],
)
def test_throttling(
    coze: Coze, http: httpx.Client, fault: dict[str, Any], status: int, retry_after: str | None
) -> None:
    """HTTP 429 with and without Retry-After, or code 4009 on HTTP 200."""
    coze.emulator.faults.add("throttle", times=2, skip=1, **fault)
    assert http.get("/v1/users/me").json()["code"] == 0
    response = http.get("/v1/users/me")
    assert (response.status_code, response.json()["code"]) == (status, 4009)
    assert response.headers.get("Retry-After") == retry_after
    http.get("/v1/users/me")
    assert http.get("/v1/users/me").json()["code"] == 0


def test_limits_per_second_by_operation(coze: Coze, http: httpx.Client) -> None:
    """Each operation of a pattern has its own budget; time refills it."""
    coze.emulator.faults.limit("get*", 2)
    codes = [http.get("/v1/users/me").json()["code"] for _ in range(3)]
    assert codes == [0, 0, 4009]
    assert http.get("/v1/workspaces").json()["code"] == 0
    coze.clock.time += 0.5
    assert http.get("/v1/users/me").json()["code"] == 0
    coze.emulator.faults.limit("get*", 0)
    assert [http.get("/v1/users/me").json()["code"] for _ in range(5)] == [0] * 5


def test_lists_may_lag_behind_writes(coze: Coze) -> None:
    """Reads by id are up to date, lists show the past; then they catch up."""
    space = coze.workspace()
    kept = coze.bot(space, "kept")
    coze.clock.time += 10
    coze.emulator.faults.add("lag", seconds=5, operation="list*")
    fresh = coze.bot(space, "fresh")
    coze.post("/v1/bot/update", bot_id=kept, name="renamed")

    def listed() -> list[str]:
        items = coze.get("/v1/bots", workspace_id=space, publish_status="all")["items"]
        return [item["name"] for item in items]

    assert listed() == ["kept"]
    assert coze.draft(fresh)["name"] == "fresh"
    coze.clock.time += 5
    assert listed() == ["renamed", "fresh"]


def test_probabilities_are_seeded(make: Make) -> None:
    """The same seed strikes the same calls."""

    def strikes() -> list[int]:
        coze = make()
        coze.emulator.faults.reseed(42)
        coze.emulator.faults.add("error", probability=0.5)
        return [coze.http.get("/v1/users/me").status_code for _ in range(20)]

    first = strikes()
    assert first == strikes()
    assert set(first) == {200, 503}


@pytest.mark.parametrize(
    "fault", [{"kind": "nothing"}, {"kind": "error", "status": 1}, {"kind": "drop", "x": 1}]
)
def test_a_fault_that_makes_no_sense_is_refused(coze: Coze, fault: dict[str, Any]) -> None:
    """With a message that names the field."""
    with pytest.raises(ValueError, match="Invalid parameter"):
        coze.emulator.faults.add(**fault)


def test_faults_are_listed_and_lifted(coze: Coze) -> None:
    """With how often each struck."""
    coze.emulator.faults.add("error", operation="getCurrentUser")
    coze.http.get("/v1/users/me")
    assert [fault["struck"] for fault in coze.emulator.faults.listing()] == [1]
    coze.emulator.faults.clear()
    assert coze.code("GET", "/v1/users/me") == 0


def test_faults_are_read_from_text(coze: Coze) -> None:
    """As a command line gives them."""
    coze.emulator.faults.add(
        **parse_fault("error,operation=getCurrentUser,status=502,times=1,probability=1.0")
    )
    assert coze.http.get("/v1/users/me").status_code == 502
    with pytest.raises(ValueError, match="unknown setting"):
        parse_fault("error,cats=1")
    with pytest.raises(ValueError, match="must be one of"):
        coze.emulator.faults.add(**parse_fault("fire"))
