"""What an environment expects of the live side: the right account, the right workspaces. Pure.

A token of another account would otherwise build everything anew in the wrong place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cozeops.codes import Code
from cozeops.declare.resource import Resource
from cozeops.engine.model.findings import finding
from cozeops.engine.model.live import Snapshot
from cozeops.engine.model.plan import Finding

_HINT = "use the token of this environment"


def expectations(
    expect: Mapping[str, Any], resources: Iterable[Resource], snapshot: Snapshot
) -> list[Finding]:
    """A blocking finding for everything that is not as `expect` says (`user`, `workspaces` by name)."""
    found = []
    user = expect.get("user")
    if user and user != snapshot.user:
        message = f"the token is of user {snapshot.user or 'unknown'}, the environment expects {user}"
        found.append(finding(Code.WRONG_ACCOUNT, None, message, _HINT))
    workspaces: Mapping[str, str] = expect.get("workspaces") or {}
    for one in resources:
        id = workspaces.get(one.address.name) if one.kind.name == "Workspace" else None
        live = snapshot.live.get(one.address)
        if id and (live is None or live.id != id):
            message = f"it is {live.id if live else 'not there'}, the environment expects {id}"
            found.append(finding(Code.WRONG_ACCOUNT, one.address, message, _HINT))
    return found
