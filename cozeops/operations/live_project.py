"""A project with its connection: what every operation on the live side begins with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cozeops.frozen import frozen

if TYPE_CHECKING:
    from cozeops.api.client import Client
    from cozeops.api.connection import Connection
    from cozeops.engine.plan.shards import Shard
    from cozeops.manifests.load import Project
    from cozeops.manifests.project.spec import Settings
    from cozeops.operations.host import Host
    from cozeops.values import Json


@frozen
class LiveProject:
    """One environment of a project, connected."""

    project: Project
    client: Client
    host: Host
    shard: Shard | None = None
    """The part of the project that this run answers for; None: all of it."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """The token in the clear: no answer of a bot that repeats it may be shown."""
        own = self.project.settings.token
        token = own.reveal() if own else self.host.environ.get("COZE_API_TOKEN")
        return (token,) if token else ()


def connection_of(settings: Settings, environ: Mapping[str, str]) -> Connection:
    """Where an environment's settings and the shell lead. Raises AccessError, UsageError."""
    from cozeops.api.connection import connect

    return connect(
        environ,
        base_url=settings.base_url,
        token=settings.token,
        enterprise_token=settings.enterprise_token,
    )


def stats_of(client: Client, seconds: float) -> Json:
    """What a run cost, as plans and reports carry it; `seconds` is how long it took."""
    stats = client.stats
    return {
        "requests": stats.total,
        "by_operation": dict(stats.requests),
        "retries": stats.retries,
        "throttled": stats.throttled,
        "seconds_waiting": round(stats.waited, 3),
        "most_in_flight": stats.most_in_flight,
        "seconds": round(seconds, 3),
    }
