"""The documents and images of a knowledge base: how they are listed, added, changed and removed.

A document's content cannot be read back and cannot be changed: replacing is adding and deleting.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import PurePosixPath

from cozeops.declare.calls import LARGEST_BODY, Call, Page
from cozeops.declare.collections import (
    Adding,
    Changing,
    Collection,
    Content,
    Export,
    Item,
    Listed,
    Readiness,
    Removal,
)
from cozeops.kinds.parts.images import SUFFIXES, suffix
from cozeops.values import Json

# Without this header the ids of documents may come back as numbers that lose digits.
_IDS_AS_TEXT = {"Agw-Js-Conv": "str"}
SENT_AS = {"md": "txt", "txt": "txt", "pdf": "pdf", "doc": "doc", "docx": "docx"}
_READY, _FAILED = 1, 9
_WEB = 1
_REFRESH_MODES = {1: "replace", 2: "append"}
GONE = frozenset({4200})
_ENTRY = 8_192
"""Bytes of a body for what stands beside the content of a document: its name, and how it is cut."""
LARGEST_FILE = (LARGEST_BODY - _ENTRY) // 4 * 3
"""Bytes of the largest file that one request can carry."""
TEXT, IMAGE = 0, 2


def without_type(name: str) -> str:
    """A document's name without the type that the server may have appended (`x.pdf.pdf`, `x.md.txt`)."""
    stem, dot, suffix = name.rpartition(".")
    return stem if dot and stem and suffix.lower() in SENT_AS.keys() | SUFFIXES else name


def _key(item: Json) -> str:
    return str(item["name"])


def _live(wire: Json, fields: Json) -> Item:
    status = wire.get("status")
    return Item(
        key=wire.get("name") or wire.get("document_name") or "",
        id=str(wire["document_id"]),
        fields=fields,
        ready=status == _READY,
        failed=status == _FAILED,
        stamp=int(wire.get("update_time") or 0),
        uploaded=wire.get("source_type") != _WEB,
    )


def _document(wire: Json) -> Item:
    chunks = wire.get("chunk_strategy") or {}
    fields: Json = {}
    if chunks.get("chunk_type") is not None:
        fields["chunking"] = {
            "mode": "custom" if chunks["chunk_type"] == 1 else "auto",
            "separator": chunks.get("separator") or "",
            "max_tokens": chunks.get("max_tokens"),
            "remove_extra_spaces": bool(chunks.get("remove_extra_spaces")),
            "remove_urls_emails": bool(chunks.get("remove_urls_emails")),
        }
    if wire.get("update_type") in _REFRESH_MODES:
        mode = _REFRESH_MODES[wire["update_type"]]
        fields["refresh"] = {"every_hours": wire.get("update_interval"), "mode": mode}
    return _live(wire, fields)


def _image(wire: Json) -> Item:
    return _live(wire, {"caption": wire.get("caption") or ""})


def _written_document(item: Item, file: str) -> Json:
    return _called({"file": file}, item)


def _written_image(item: Item, file: str) -> Json:
    caption = item.fields["caption"]
    return _called({"file": file}, item) | ({"caption": caption} if caption else {})


def _called(entry: Json, item: Item) -> Json:
    """With its name, where the file's own would be another; the server appends the type once more."""
    own, bare = PurePosixPath(entry["file"]).name, without_type(item.key)
    return entry if own in (item.key, bare) else {**entry, "name": bare}


def _compared_document(item: Json, values: Json) -> Json:
    fields = {"chunking": values["chunking"]} if values.get("chunking") else {}
    if "refresh" in item:
        fields["refresh"] = {"mode": "replace", **item["refresh"]}
    return fields


def _compared_image(item: Json, values: Json) -> Json:
    return {"caption": item["caption"]} if "caption" in item else {}


def _rule(refresh: Json) -> Json:
    types = {mode: code for code, mode in _REFRESH_MODES.items()}
    return {"update_type": types[refresh.get("mode", "replace")], "update_interval": refresh["every_hours"]}


def _base(item: Json) -> Json:
    if "url" in item:
        base: Json = {"name": item["name"], "source_info": {"web_url": item["url"], "document_source": 1}}
        return base | ({"update_rule": _rule(item["refresh"])} if "refresh" in item else {})
    content = base64.b64encode(item["file"].read()).decode("ascii")
    source = {"file_base64": content, "file_type": SENT_AS[suffix(item["file"].path)]}
    return {"name": item["name"], "source_info": source}


def _weight(item: Json) -> int:
    """About how many bytes of a body a document takes: its file is encoded with 4 letters for 3 bytes."""
    return _ENTRY + (len(item["url"].encode()) if "url" in item else 4 * -(-item["file"].size // 3))


def _strategy(chunking: Json) -> Json:
    custom = chunking.get("mode") == "custom"
    wire = {key: value for key, value in chunking.items() if key != "mode"}
    return {"chunk_type": int(custom), **wire}


def _is_kept(item: Json) -> bool:
    return "url" not in item and "file" not in item


def _content(item: Json) -> Json:
    if "url" in item:
        return {"url": item["url"]}
    return {} if _is_kept(item) else {"sha256": item["file"].sha256}


def _add_documents(items: Sequence[Json], values: Json) -> Json:
    return {
        "document_bases": [_base(item) for item in items],
        "chunk_strategy": _strategy(values.get("chunking") or {}),
        "format_type": TEXT,
    }


def _add_images(items: Sequence[Json], values: Json) -> Json:
    bases = [
        {"name": item["name"], "source_info": {"source_file_id": item["file"], "document_source": 5}}
        | ({"caption": item["caption"]} if "caption" in item else {})
        for item in items
    ]
    # The first upload into an empty base must say who writes the captions; the others may.
    captions = 1 if values.get("captions") == "manual" or "caption" in items[0] else 0
    return {"document_bases": bases, "chunk_strategy": {"caption_type": captions}, "format_type": IMAGE}


_ADD = Call(
    "createDocuments",
    "POST",
    "/open_api/knowledge/document/create",
    headers=_IDS_AS_TEXT,
    payload=(),
    names_object=True,
)
_REMOVE = Call(
    "deleteDocuments",
    "POST",
    "/open_api/knowledge/document/delete",
    headers=_IDS_AS_TEXT,
    repeatable=True,
    already=GONE,
)
_PROGRESS = Call(
    "getDocumentProgress",
    "POST",
    "/v1/datasets/{dataset_id}/process",
    headers=_IDS_AS_TEXT,
    payload=("data", "data"),
    repeatable=True,
)


def _remove_documents(items: Sequence[Item]) -> Json:
    return {"document_ids": [item.id for item in items]}


DOCUMENTS = Collection(
    listed=Listed(
        page=Page(
            Call(
                "listDocuments",
                "POST",
                "/open_api/knowledge/document/list",
                headers=_IDS_AS_TEXT,
                payload=(),
                repeatable=True,
            ),
            items=("document_infos",),
            id="document_id",
            total=("total",),
            number="page",
            per_page="size",
            size=10,
        ),
        decode=_document,
        alias=without_type,
    ),
    key=_key,
    compare=_compared_document,
    export=Export(write=_written_document, types=frozenset(SENT_AS)),
    shared="chunking",
    add=Adding(
        call=_ADD,
        encode=_add_documents,
        weight=_weight,
        batch=10,
        made=("document_infos",),
        # One request takes one way of naming the source.
        group=lambda item: "url" if "url" in item else "file",
        first=True,
    ),
    remove=Removal(
        call=_REMOVE,
        encode=_remove_documents,
        batch=100,
        loses="uploaded again: with other ids and no hit counts; a web page is read as it is now",
    ),
    change=Changing(
        call=Call(
            "updateDocument",
            "POST",
            "/open_api/knowledge/document/update",
            headers=_IDS_AS_TEXT,
            payload=(),
            repeatable=True,
        ),
        encode=lambda live, item, values: {"document_id": live.id, "update_rule": _rule(item["refresh"])},
        fields=frozenset({"refresh"}),
    ),
    content=Content(name="content", of=_content),
    keeps=_is_kept,
    readiness=Readiness(call=_PROGRESS, ids="document_ids", decode=lambda wire: _live(wire, {})),
)

IMAGES = Collection(
    listed=Listed(
        page=Page(
            Call("listImages", "GET", "/v1/datasets/{dataset_id}/images"),
            items=("photo_infos",),
            id="document_id",
            total=("total_count",),
            size=299,
        ),
        decode=_image,
        alias=without_type,
    ),
    key=_key,
    compare=_compared_image,
    export=Export(write=_written_image, types=SUFFIXES),
    add=Adding(
        uploads=True,
        call=_ADD,
        encode=_add_images,
        batch=10,
        # One request says for all of its images who writes the captions.
        group=lambda item: "captioned" if "caption" in item else "",
        made=("document_infos",),
        first=True,
    ),
    remove=Removal(call=_REMOVE, encode=_remove_documents, batch=100, loses="uploaded again: with other ids"),
    change=Changing(
        call=Call("updateImage", "PUT", "/v1/datasets/{dataset_id}/images/{document_id}", repeatable=True),
        encode=lambda live, item, values: {"document_id": live.id, "caption": item["caption"]},
        fields=frozenset({"caption"}),
    ),
    content=Content(name="content", of=_content),
    keeps=_is_kept,
    readiness=Readiness(call=_PROGRESS, ids="document_ids", decode=lambda wire: _live(wire, {})),
)
