"""The life of a document: uploaded, processed for a while, then done or failed; and how it is shown.

Nothing happens in the background: the status follows from the time at which one looks.
"""

from __future__ import annotations

from .options import Options
from .wire import Row

PROCESSING, DONE, FAILED = 0, 1, 9


def status(row: Row, now: float) -> int:
    """Return the processing status at a moment."""
    if now < row["ready_at"]:
        return PROCESSING
    return FAILED if row["fails"] else DONE


def progress(row: Row, now: float, options: Options) -> Row:
    """Return how far a document is, for the process endpoint."""
    left = max(0.0, row["ready_at"] - now)
    span = max(options.processing_seconds, left) or 1.0
    item = {
        "document_id": row["document_id"],
        "document_name": row["name"],
        "type": row["type"],
        "size": row["size"],
        "status": status(row, now),
        "progress": int(100 * (1 - left / span)),
        "remaining_time": int(left),
        "update_type": row["update_type"],
        "update_interval": row["update_interval"],
    }
    if item["status"] == FAILED:
        item["status_descript"] = "the document could not be parsed"
    return item


def slices(row: Row, now: float) -> int:
    """Return into how many pieces a document was cut."""
    if status(row, now) != DONE:
        return 0
    size = row["chunk_strategy"].get("max_tokens") or 800
    return int(max(1, -(-row["char_count"] // size)))


def info(row: Row, now: float) -> Row:
    """Return a document in the read shape of the knowledge endpoints."""
    return {
        "document_id": row["document_id"],
        "name": row["name"],
        "type": row["type"],
        "size": row["size"],
        "status": status(row, now),
        "format_type": row["format_type"],
        "source_type": row["source_type"],
        "char_count": row["char_count"] if status(row, now) == DONE else 0,
        "slice_count": slices(row, now),
        "hit_count": 0,
        "chunk_strategy": row["chunk_strategy"],
        "tos_uri": f"emulator/{row['document_id']}" if row["source_type"] != 1 else "",
        "update_type": row["update_type"],
        "update_interval": row["update_interval"],
        "create_time": row["create_time"],
        "update_time": row["update_time"],
    }
