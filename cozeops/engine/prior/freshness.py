"""What a list said when a resource was last known to be as applied; if it says the same, nothing moved. Pure.

As in Git's index, what was looked at too soon after its last mark is racy: an edit within the same second
would leave no trace in the list. Such an entry is remembered and not trusted: the next plan reads the object,
and the next apply that writes something remembers it anew. Nobody waits for the clock.
"""

from __future__ import annotations

import math
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
"""Seconds that must lie between the last mark and the look at it."""
_STALE = 7 * 24 * 3600
"""Seconds after which a record is not trusted any more."""


def observation(
    resource: Resource,
    item: Json,
    channels: Mapping[str, int],
    records: Mapping[Address, Record],
    at: float,
    *,
    until: float = math.inf,
) -> Json:
    """What to remember of an entry of a list; empty where it proves nothing.

    `at`, by the server's time, the object was as applied and not looked at before that. Times that come after
    `until`, the end of our own writes, are those of somebody else's edit.
    """
    marks = _marks(resource.kind, item)
    if not marks or _newest(marks, channels) > until:
        return {}
    return {
        "at": int(at),
        "marks": marks,
        "channels": dict(channels),
        "inputs": leaf_hash(resource.inputs),
        "references": _referenced(resource, records),
    }


def racy(seen: Mapping[str, Any]) -> bool:
    """Whether an entry was looked at so soon after its last mark that an edit since may not show in it."""
    return bool(_newest(seen["marks"], seen["channels"]) + RACY > seen["at"])


def _newest(marks: Mapping[str, Any], channels: Mapping[str, int]) -> int:
    # Sizes and numbers of documents are marks, too, and no times.
    times = [mark for key, mark in marks.items() if key.endswith(("_at", "_time")) and isinstance(mark, int)]
    return max([*times, *channels.values()], default=0)


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
        and not racy(seen)
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
