"""Whether a write whose reply was lost happened: one look at the live side.

Nothing is repeated before that: a create is looked for by its name, items by their keys, a publication by
its version.
"""

from __future__ import annotations

from collections.abc import Collection as Keys
from collections.abc import Iterable

from cozeops.declare.collections import Collection, Item
from cozeops.declare.publication import Publication
from cozeops.engine.diff.collections import age, called
from cozeops.engine.run.context import ChangeInProgress
from cozeops.values import Json


def created(making: ChangeInProgress) -> str:
    """The id of the object that a create made (empty: it does not show, or nobody tells its id)."""
    found = making.run.after().look(making.resource, making.scope())
    return found.live.id if found.live else ""


def added(making: ChangeInProgress, about: Collection, keys: Keys[str]) -> list[Item]:
    """The items that an addition made (empty: not all of them show)."""
    assert about.listed is not None
    owner = {making.resource.kind.id: making.task().id}
    listed = [about.listed.decode(wire) for wire in making.run.remote.listing(about.listed.page, owner).items]
    known = {item.id for items in making.live.items.values() for item in items} if making.live else set()
    new = sorted((called(one, keys, about) for one in listed if one.id not in known), key=age)
    found = {item.key: item for item in new if item.key in keys}
    return list(found.values()) if found.keys() == set(keys) else []


def published(making: ChangeInProgress, about: Publication, connectors: Iterable[str]) -> str:
    """The version that a publish made, when every connector has it (empty: it does not show).

    Source: GET /v1/bots/{bot_id}/versions, whose `created_at` is in seconds. A version of the very second
    of the publication before it counts only where the state knows that version and it is another one.
    """
    newest = {one: _newest_version(making, about, one) for one in connectors}
    before = making.live.channels if making.live else {}
    if all(_is_new(making, *version, before.get(one, 0)) for one, version in newest.items()):
        return max((version for version, _ in newest.values()), default="")
    return ""


def _is_new(making: ChangeInProgress, version: str, at: int, before: int) -> bool:
    record = making.record()
    known = record.version if record else ""
    return at > before or (at == before and bool(version and known) and version != known)


def _newest_version(making: ChangeInProgress, about: Publication, connector: str) -> tuple[str, int]:
    """The newest version on a connector and when it was made; ("", 0) where there is none."""
    params = {making.resource.kind.id: making.task().id, "connector_id": connector}
    listed = making.run.remote.listing(about.versions, params).items
    return max((_version(wire) for wire in listed), key=lambda one: (one[1], one[0]), default=("", 0))


def _version(wire: Json) -> tuple[str, int]:
    at = str(wire.get("created_at") or "")
    return str(wire.get("version") or ""), int(at) if at.isdigit() else 0
