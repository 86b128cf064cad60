"""Many clients at once: no id twice, no lost write, limits that count together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx

from cozeops.emulator import DEFAULT_WORKSPACE, parse_fault

from .conftest import Coze


def test_concurrent_writes_lose_nothing(coze: Coze) -> None:
    """Over sockets, each client with a connection of its own."""
    with coze.emulator.serve() as url:

        def work(number: int) -> list[str]:
            with httpx.Client(base_url=url, headers=coze.http.headers) as http:
                body = {"space_id": DEFAULT_WORKSPACE, "name": f"bot {number}"}
                return [http.post("/v1/bot/create", json=body).json()["data"]["bot_id"] for _ in range(10)]

        with ThreadPoolExecutor(8) as pool:
            made = [bot for bots in pool.map(work, range(8)) for bot in bots]
    assert len(set(made)) == 80
    assert coze.get("/v1/bots", workspace_id=DEFAULT_WORKSPACE, publish_status="all")["total"] == 80


def test_slow_calls_do_not_hold_up_others(coze: Coze) -> None:
    """Waiting happens outside the lock."""
    coze.emulator.faults.add(**parse_fault("latency,operation=getCurrentUser,seconds=30"))
    coze.emulator.sleep = lambda _: coze.get("/v1/workspaces") and None
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(coze.get, "/v1/users/me").result(timeout=10)["user_id"]


def test_log_ids_are_unique(coze: Coze) -> None:
    """Also between threads."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: coze.get("/v1/users/me"), range(100)))
    log = coze.emulator.log()
    assert len({entry["log_id"] for entry in log}) == len(log) == 100
