"""What is written for an address, apart from what environments are for: the same text is the same content.

Texts and files count as they are, settings as they are written: a value that is filled in, or that a patch
replaces, may differ between two environments.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cozeops.declare.kind import Kind
from cozeops.declare.rows import Row, rows_of
from cozeops.manifests.yaml.construct import Construction
from cozeops.manifests.yaml.document import Document
from cozeops.manifests.yaml.source import Problems
from cozeops.values import MISSING, Json, canonical, dig, digest

_IDENTITY = (("id",), ("name",))


def content_of(kind: Kind, document: Document, values: Json, prompts: Iterable[Document]) -> str:
    """A digest. `values` are the resolved ones, `prompts` the texts that they are composed of."""
    base = _spec(document)
    composed = any(_varies(_spec(one)) for one in prompts)
    found: Json = {}
    for row in rows_of(kind):
        written, value = dig(base, row.path), dig(values, row.path)
        if row.publication or row.path in _IDENTITY:
            continue
        if _is_whole(row) and value is not MISSING and not composed and not _varies(written):
            found[row.label] = value
        elif written is not MISSING:
            found[row.label] = written
    return digest(found)


def _spec(document: Document) -> Json:
    """What it says, read again: few ask, and to keep the values of thousands would double their room."""
    node = document.nodes(document.source)[document.number]
    return Construction(document.source, Problems()).value(node).get("spec") or {}


def _is_whole(row: Row) -> bool:
    """Whether a field is read by people, or goes into what a bot knows."""
    return row.is_text or row.upload or bool(row.collection and row.collection.add.uploads)


def _varies(written: Any) -> bool:
    return written is not MISSING and "${" in canonical(written)
