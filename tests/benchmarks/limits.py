"""A limit of 5 calls per second, known and unknown: how much of it is used, how much is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from cozeops.api.client import Client
from cozeops.api.connection import connect
from cozeops.declare.calls import Call
from tests.benchmarks.fleet import Fleet
from tests.benchmarks.measure import LATENCY, row, timed, title
from tests.benchmarks.served import TOKEN, served

QPS = 5.0
_CALLS = 100
_MANY = 500
_KNOWN = Call("removeBotCollaborator", "DELETE", "/v1/bots/{bot_id}/collaborators/{user_id}")
_UNKNOWN = Call("getBot", "GET", "/v1/bots/{bot_id}", {"is_published": "false"})
_CASES = (
    ("a limit that is known", _KNOWN, _CALLS),
    ("a limit that nobody told", _UNKNOWN, _CALLS),
    ("a limit that nobody told", _UNKNOWN, _MANY),
)


def main(folder: Path) -> None:
    """Send calls as fast as the client lets them go.

    Who does not know a limit learns it by being refused: once at least, and as often as requests were under
    way when the first refusal came.
    """
    title(f"calls under a limit of {QPS:.0f} per second")
    fleet = Fleet(1)
    with served() as coze:
        coze.seed(fleet.seed())
        for name, call, calls in _CASES:
            coze.delay(LATENCY)
            coze.limit(call.operation, QPS)
            connection = connect({"COZE_API_TOKEN": TOKEN}, base_url=coze.url, token=None)
            with Client(connection) as client, ThreadPoolExecutor(16) as pool:
                params = {"bot_id": fleet.bot_id(0), "user_id": "2069720456000001"}

                def once(_: int, client: Client = client, call: Call = call, params: object = params) -> None:
                    try:
                        client.send(call, params)  # type: ignore[arg-type]
                    except Exception:  # a refusal of the one kind that is measured is told by the stats
                        return

                def all_of_them(pool: ThreadPoolExecutor = pool, once: Any = once, calls: int = calls) -> Any:
                    return list(pool.map(once, range(calls)))

                seconds = timed(all_of_them)
                stats = client.stats
            served_calls = stats.total - stats.throttled
            # A bucket of 5 lets the first 5 through at once.
            share = served_calls / (QPS * seconds + QPS)
            row(
                f"{name}, {calls} calls",
                seconds,
                f"{share:.0%} of the limit used",
                f"{stats.throttled} of {stats.total} throttled ({stats.throttled / stats.total:.1%})",
            )
