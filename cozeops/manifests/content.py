"""What is written for an address, apart from what environments are for: the same text is the same content.

Texts and files count as they are, settings as they are written: a value that is filled in, or that a patch
replaces, may differ between two environments.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cozeops.kinds import rows_of
from cozeops.kinds._declare import Is
from cozeops.kinds._rows import Row
from cozeops.manifests.manifest import Manifest
from cozeops.values import MISSING, Json, canonical, dig, digest

_IDENTITY = (("id",), ("name",))


def content_of(manifest: Manifest, values: Json, prompts: Iterable[Manifest]) -> str:
    """A digest. `values` are the resolved ones, `prompts` the texts that they are composed of."""
    base: Json = manifest.layers[0].data.get("spec") or {}
    composed = any(_varies(one.layers[0].data.get("spec")) for one in prompts)
    found: Json = {}
    for row in rows_of(manifest.kind):
        written, value = dig(base, row.path), dig(values, row.path)
        if row.publication or row.path in _IDENTITY:
            continue
        if _is_whole(row) and value is not MISSING and not composed and not _varies(written):
            found[row.label] = value
        elif written is not MISSING:
            found[row.label] = written
    return digest(found)


def _is_whole(row: Row) -> bool:
    """Whether a field is read by people, or goes into what a bot knows."""
    return Is.TEXT in row.traits or row.upload or bool(row.collection and row.collection.uploads)


def _varies(written: Any) -> bool:
    return written is not MISSING and "${" in canonical(written)
