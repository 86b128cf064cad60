"""What a list said when a resource was last known to be as applied; if it says the same, nothing moved. Pure.

As in Git's index, a mark is trusted only when it is older than the moment of looking: an edit within the
same second would leave no trace in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cozeops.address import Address
from cozeops.declare.kind import Kind
from cozeops.declare.resource import Resource
from cozeops.declare.rows import secret_rows
from cozeops.state.model import Record, leaf_hash
from cozeops.values import Json

RACY = 2
"""Seconds between the last mark and the look at it."""
_STALE = 7 * 24 * 3600
"""Seconds after which a record is not trusted any more."""


def observation(
    resource: Resource, item: Json, channels: Mapping[str, int], records: Mapping[Address, Record], now: float
) -> Json:
    """What to remember of a look at the list, at `now` of the server; empty where it proves nothing."""
    marks = _marks(resource.kind, item)
    if not marks or fresh_for(resource.kind, item, channels, now) > 0:
        return {}
    return {
        "at": int(now),
        "marks": marks,
        "channels": dict(channels),
        "inputs": leaf_hash(resource.inputs),
        "references": _referenced(resource, records),
    }


def fresh_for(kind: Kind, item: Json, channels: Mapping[str, int], now: float) -> float:
    """Seconds for which times in a list will be too fresh to be trusted; 0 or less: they are old enough."""
    times = [mark for mark in (*_marks(kind, item).values(), *channels.values()) if isinstance(mark, int)]
    return max(times, default=0) + RACY - now


def unedited(resource: Resource, records: Mapping[Address, Record]) -> bool:
    """Whether the manifest is what it was when somebody looked, and refers to the same objects."""
    record = records.get(resource.address)
    return bool(
        record
        and record.observed
        and record.observed.get("inputs") == leaf_hash(resource.inputs)
        and record.observed.get("references") == _referenced(resource, records)
    )


def unmoved(kind: Kind, record: Record, item: Json, channels: Mapping[str, int], now: float) -> bool:
    """Whether the object, and where it is published, are as they were when somebody looked."""
    seen = record.observed
    return bool(
        seen
        and now - seen.get("at", 0) < _STALE
        and seen.get("marks") == _marks(kind, item)
        and seen.get("channels") == dict(channels)
    )


def _marks(kind: Kind, item: Json) -> dict[str, Any]:
    if secret_rows(kind):
        return {}  # what is remembered of a manifest says nothing of its secrets
    found = {key: _plain(item.get(key)) for key in kind.marks}
    return found if all(value is not None for value in found.values()) else {}


def _plain(value: Any) -> Any:
    # A list of files may be long: its hash tells as much. Numbers come as text in some replies.
    if isinstance(value, list):
        return leaf_hash(value)
    return int(value) if isinstance(value, str) and value.isdigit() else value


def _referenced(resource: Resource, records: Mapping[Address, Record]) -> str:
    """The ids behind the addresses that it names: a base that was made anew has another."""
    named = {ref.address for _, ref in resource.references if ref.address}
    return _pairs_hash(tuple(sorted((str(one), _id(records, one)) for one in named)))


def _id(records: Mapping[Address, Record], address: Address) -> str:
    found = records.get(address)
    return found.id if found else ""


@lru_cache(maxsize=1024)
def _pairs_hash(pairs: tuple[tuple[str, str], ...]) -> str:
    """Most resources name nothing, or what many others name too."""
    return leaf_hash(pairs)
