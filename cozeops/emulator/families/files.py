"""Uploaded files: metadata only can be read back, and only by the account that uploaded.

A file is kept three months, for good once it serves as an icon. Bytes are not stored, only their digest.
"""

from __future__ import annotations

import re
from hashlib import sha256

from ..fields import ident
from ..routing import Call, Limit, Route
from ..store import TableSpec
from ..wire import CozeError, Row, not_found

_EMPTY, _SEVERAL, _TYPE = 4300, 4301, 4303
_TYPES = re.compile(
    r"docx?|xlsx?|pptx?|pdf|numbers|csv|cpp|py|java|c"
    r"|jpg2?|png|gif|webp|hei[cf]|bmp|pcd|tiff"
    r"|wav|mp3|flac|m4a|aac|ogg|wma|midi"
    r"|mp4|avi|mov|3gpp?|flv|webm|wmv|rmvb|m4v|mkv"
    r"|rar|zip|7z|gz|gzip|bz2"
    # not in the list, but uploaded by the page's own example and by those of the SDKs
    r"|jpeg|txt|md"
)
_KEPT_SECONDS = 90 * 24 * 3600

TABLES = (TableSpec("files", "id"),)


def upload(call: Call) -> Row:
    """Store the one file of a multipart body: part `file` (the SDKs) or `Data` (the documentation)."""
    files = [file for file in call.files if file.name in ("file", "Data")]
    if not files:
        raise CozeError(_EMPTY, "No file was uploaded: the part is called file")
    if len(files) > 1:
        raise CozeError(_SEVERAL, "Only one file can be uploaded per call")
    name = files[0].filename or "file"
    if "." in name and not _TYPES.fullmatch(name.rpartition(".")[2].lower()):
        raise CozeError(_TYPE, f"Files of the type of {name} are not supported")
    digest, size = sha256(), 0
    while chunk := files[0].stream.read(1 << 20):
        digest.update(chunk)
        size += len(chunk)
    if not size:
        raise CozeError(_EMPTY, "The file is empty")
    row = call.store["files"].put(
        {
            "id": call.store.new_id(),
            "bytes": size,
            "file_name": name,
            "created_at": call.seconds,
            "user_id": call.caller.user_id,
            "sha256": digest.hexdigest(),
            "permanent": False,
        }
    )
    return _shown(row)


def retrieve(call: Call) -> Row:
    """Return the metadata of a file of one's own."""
    row = call.store["files"].get(call.query["file_id"])
    expired = row is not None and not row["permanent"] and row["created_at"] + _KEPT_SECONDS < call.now
    if row is None or expired or row["user_id"] != call.caller.user_id:
        raise not_found("file_id", call.query["file_id"])
    return _shown(row)


def _shown(row: Row) -> Row:
    return {key: row[key] for key in ("id", "bytes", "file_name", "created_at")}


ROUTES = (
    Route(
        "POST", "/v1/files/upload", "uploadFile", "uploadFile", upload,
        body={}, multipart=True, limit=Limit(qps=20, bucket="files"),
    ),
    Route("GET", "/v1/files/retrieve", "getFile", "retrieveFile", retrieve, query={"file_id*": ident()}),
)  # fmt: skip
