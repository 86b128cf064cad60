"""Knowledge bases with their documents and images.

A document's content cannot be read back and cannot be changed: replacing is adding and deleting.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import Field

from cozeops.kinds._declare import (
    Call,
    Collection,
    File,
    Flaw,
    Is,
    Item,
    Kind,
    Page,
    Size,
    Spec,
    Wire,
    codes,
)
from cozeops.kinds._images import SUFFIXES, icon_flaws, suffix
from cozeops.values import Json

# Without this header the ids of documents may come back as numbers that lose digits.
_IDS_AS_TEXT = {"Agw-Js-Conv": "str"}
_SENT_AS = {"md": "txt", "txt": "txt", "pdf": "pdf", "doc": "doc", "docx": "docx"}
_TEXT, _IMAGE = 0, 2
_READY, _FAILED = 1, 9
_WEB = 1
_REFRESH_MODES = {1: "replace", 2: "append"}
_GONE = frozenset({4200})


class Chunking(Spec):
    """How documents are cut. Recorded per document: a change replaces the documents that differ."""

    mode: Literal["auto", "custom"] | None = None
    """`custom` needs separator and max_tokens."""
    separator: str | None = None
    max_tokens: Annotated[int | None, Field(ge=100, le=2000)] = None
    remove_extra_spaces: bool | None = None
    remove_urls_emails: bool | None = None


class Refresh(Spec):
    """When Coze reads a web page again."""

    every_hours: Annotated[int, Field(ge=24)]
    mode: Literal["replace", "append"] = "replace"


class Document(Spec):
    """A document of a text base: exactly one of `file`, `files` and `url`."""

    file: Annotated[str | None, File(upload=False)] = None
    """A .md, .txt, .pdf, .doc or .docx file."""
    files: Annotated[str | None, File(upload=False, glob_for="file")] = None
    """A pattern, such as `docs/*.pdf`: a document for each file."""
    url: Annotated[str | None, Field(pattern=r"^https?://")] = None
    """A web page that Coze reads."""
    name: Annotated[str | None, Size(255, least=1)] = None
    """The name on Coze; the file's name where it is absent."""
    refresh: Refresh | None = None
    """Web pages only."""


class Image(Spec):
    """An image of an image base."""

    file: Annotated[str, File()]
    name: Annotated[str | None, Size(255, least=1)] = None
    """The name on Coze; the file's name where it is absent."""
    caption: str | None = None
    """What the image shows; absent: what Coze writes is kept."""


def without_type(name: str) -> str:
    """A document's name without the type that the server may have appended (`x.pdf.pdf`, `x.md.txt`)."""
    stem, dot, suffix = name.rpartition(".")
    return stem if dot and stem and suffix.lower() in _SENT_AS.keys() | SUFFIXES else name


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
        stamp=wire.get("update_time") or 0,
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
    """With its name, where the file's own would be another."""
    own = PurePosixPath(entry["file"]).name
    return entry if own in (item.key, without_type(item.key)) else {**entry, "name": item.key}


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
    source = {"file_base64": content, "file_type": _SENT_AS[suffix(item["file"].path)]}
    return {"name": item["name"], "source_info": source}


def _strategy(chunking: Json) -> Json:
    custom = chunking.get("mode") == "custom"
    wire = {key: value for key, value in chunking.items() if key != "mode"}
    return {"chunk_type": int(custom), **wire}


def _content(item: Json) -> Json:
    return {"url": item["url"]} if "url" in item else {"sha256": item["file"].sha256}


def _add_documents(items: Sequence[Json], values: Json) -> Json:
    return {
        "document_bases": [_base(item) for item in items],
        "chunk_strategy": _strategy(values.get("chunking") or {}),
        "format_type": _TEXT,
    }


def _add_images(items: Sequence[Json], values: Json) -> Json:
    bases = [
        {"name": item["name"], "source_info": {"source_file_id": item["file"], "document_source": 5}}
        | ({"caption": item["caption"]} if "caption" in item else {})
        for item in items
    ]
    # The first upload into an empty base must say who writes the captions; the others may.
    captions = 1 if values.get("captions") == "manual" else 0
    return {"document_bases": bases, "chunk_strategy": {"caption_type": captions}, "format_type": _IMAGE}


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
    already=_GONE,
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
    listing=Page(
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
    key=_key,
    alias=without_type,
    compare=_compared_document,
    written=_written_document,
    takes=frozenset(_SENT_AS),
    shared="chunking",
    add=_ADD,
    encode_add=_add_documents,
    add_batch=10,
    added=("document_infos",),
    # One request takes one way of naming the source.
    group=lambda item: "url" if "url" in item else "file",
    remove=_REMOVE,
    encode_remove=_remove_documents,
    remove_batch=100,
    add_first=True,
    change=Call(
        "updateDocument",
        "POST",
        "/open_api/knowledge/document/update",
        headers=_IDS_AS_TEXT,
        payload=(),
        repeatable=True,
    ),
    encode_change=lambda live, item, values: {"document_id": live.id, "update_rule": _rule(item["refresh"])},
    in_place=frozenset({"refresh"}),
    opaque="content",
    content=_content,
    progress=_PROGRESS,
    progress_of="document_ids",
    progressed=lambda wire: _live(wire, {}),
)

IMAGES = Collection(
    listing=Page(
        Call("listImages", "GET", "/v1/datasets/{dataset_id}/images"),
        items=("photo_infos",),
        id="document_id",
        total=("total_count",),
        size=299,
    ),
    decode=_image,
    key=_key,
    alias=without_type,
    compare=_compared_image,
    written=_written_image,
    takes=SUFFIXES,
    uploads=True,
    add=_ADD,
    encode_add=_add_images,
    add_batch=10,
    added=("document_infos",),
    remove=_REMOVE,
    encode_remove=_remove_documents,
    remove_batch=100,
    add_first=True,
    change=Call("updateImage", "PUT", "/v1/datasets/{dataset_id}/images/{document_id}", repeatable=True),
    encode_change=lambda live, item, values: {"document_id": live.id, "caption": item["caption"]},
    in_place=frozenset({"caption"}),
    opaque="content",
    content=_content,
    progress=_PROGRESS,
    progress_of="document_ids",
    progressed=lambda wire: _live(wire, {}),
)


class KnowledgeBaseSpec(Spec):
    """A dataset, with all of its documents or images."""

    id: Annotated[str | None, Field(pattern=r"^\d+$")] = None
    """Exactly this live dataset, whatever its name."""
    name: Annotated[str | None, Size(100, least=1)] = None
    """The name on Coze; `metadata.name` where it is absent."""
    description: Annotated[str | None, Size(2000)] = None
    icon: Annotated[str | None, File(), Wire(write="file_id", read=None)] = None
    """An image file. Coze resets it at every update that does not send it."""
    format: Annotated[
        Literal["text", "image"] | None,
        Wire("format_type", on_update=False),
        codes({"text": _TEXT, "image": _IMAGE}),
        Is.FIXED,
        Is.NEEDED_TO_CREATE,
    ] = None
    chunking: Annotated[Chunking | None, Is.OUTSIDE] = None
    documents: Annotated[list[Document] | None, Is.UNORDERED, DOCUMENTS] = None
    """All documents of a text base; what is not listed is removed."""
    images: Annotated[list[Image] | None, Is.UNORDERED, IMAGES] = None
    """All images of an image base; what is not listed is removed."""
    captions: Annotated[Literal["auto", "manual"] | None, Is.OUTSIDE] = None
    """Who writes the captions of an image base: Coze, or you."""


def _check(values: Json) -> Iterator[Flaw]:
    yield from icon_flaws(values)
    kept, other = ("images", "documents") if values.get("format") == "image" else ("documents", "images")
    if values.get("format") and other in values:
        yield Flaw(
            (other,), f"a base with format: {values['format']} has no {other}", f"write them as {kept}"
        )
    chunking = values.get("chunking") or {}
    if chunking.get("mode") == "custom":
        for name in ("separator", "max_tokens"):
            if name not in chunking:
                yield Flaw(("chunking", "mode"), f"mode custom needs {name}", f"add chunking.{name}")
    if other == "documents" and chunking:
        yield Flaw(("chunking",), "an image base is not cut into chunks", "remove chunking")
    for field, allowed in (("documents", frozenset(_SENT_AS)), ("images", SUFFIXES)):
        yield from _check_items(field, values.get(field) or [], allowed)


def _check_items(field: str, items: list[Json], allowed: frozenset[str]) -> Iterator[Flaw]:
    seen: dict[str, str] = {}
    for index, item in enumerate(items):
        if flaw := _item_flaw((field, index), item, allowed):
            yield flaw
            continue
        name, source = _named(item)["name"], str(item["file"].path if "file" in item else item["url"])
        clash = next((seen[one] for one in (name, without_type(name)) if one in seen), None)
        if clash:
            hint = "give one of them a name of its own"
            yield Flaw((field, index), f"{clash} and {source} could both be called {name} on Coze", hint)
        seen[name] = source


def _item_flaw(path: tuple[str | int, ...], item: Json, allowed: frozenset[str]) -> Flaw | None:
    """What is wrong with one entry by itself."""
    if ("file" in item) == ("url" in item):
        return Flaw(path, "an entry has exactly one of file, files and url", "split it in two")
    if "file" in item and suffix(item["file"].path) not in allowed:
        return Flaw(path, f"{item['file'].path}: Coze takes {', '.join(sorted(allowed))}", "convert the file")
    if "file" in item and item["file"].size == 0:
        return Flaw(path, f"{item['file'].path} is empty", "Coze refuses empty files")
    if "refresh" in item and "url" not in item:
        return Flaw(path, "refresh is for web pages", "remove it, or write url")
    if "url" in item and "name" not in item:
        return Flaw(path, f"{item['url']} needs a name", "add name")
    return None


def _named(item: Json) -> Json:
    return item if "name" in item else {**item, "name": PurePosixPath(item["file"].path).name}


def _settle(values: Json, name: str) -> Json:
    named: Json = {
        field: [_named(item) for item in values[field]]
        for field in ("documents", "images")
        if field in values
    }
    return {**values, **named}


def _written(values: Json) -> Json:
    """Chunking without what says nothing."""
    chunking = values.get("chunking")
    if not chunking:
        return values
    custom = chunking["mode"] == "custom"
    told = {key: one for key, one in chunking.items() if one not in (None, "")}
    return {**values, "chunking": told if custom else {"mode": "auto"}}


KIND = Kind(
    name="KnowledgeBase",
    summary="dataset with its documents and images",
    spec=KnowledgeBaseSpec,
    id="dataset_id",
    scope="Workspace",
    listing=Page(
        Call("listDatasets", "GET", "/v1/datasets", scope="space_id"),
        items=("dataset_list",),
        id="dataset_id",
        total=("total_count",),
        size=300,
    ),
    create=Call("createDataset", "POST", "/v1/datasets", scope="space_id", result=("dataset_id",)),
    update=Call("updateDataset", "PUT", "/v1/datasets/{dataset_id}", repeatable=True),
    delete=Call("deleteDataset", "DELETE", "/v1/datasets/{dataset_id}", repeatable=True, already=_GONE),
    replaces_whole=True,
    marks=("update_time", "doc_count", "slice_count", "all_file_size", "file_list", "failed_file_list"),
    owner="creator_id",
    check=_check,
    settle=_settle,
    written=_written,
)
