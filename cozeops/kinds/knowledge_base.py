"""Knowledge bases: datasets with their documents or images."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import Field

from cozeops.declare.calls import Call, Page
from cozeops.declare.fields import File, Flaw, Is, Size, Spec, Wire, codes
from cozeops.declare.kind import Kind
from cozeops.kinds.parts.documents import (
    DOCUMENTS,
    GONE,
    IMAGE,
    IMAGES,
    LARGEST_FILE,
    SENT_AS,
    TEXT,
    without_type,
)
from cozeops.kinds.parts.images import LARGEST_UPLOAD, SUFFIXES, icon_flaws, suffix
from cozeops.values import FileContent, Json


class Chunking(Spec):
    """How documents are cut. Recorded per document: a change replaces the documents that differ."""

    mode: Literal["auto", "custom"] | None = None
    """`custom` needs separator and max_tokens."""
    separator: str | None = None
    """Where a chunk may end, such as a blank line."""
    max_tokens: Annotated[int | None, Field(ge=100, le=2000)] = None
    """The longest chunk, in tokens."""
    remove_extra_spaces: bool | None = None
    """Take runs of spaces, tabs and line ends for one."""
    remove_urls_emails: bool | None = None
    """Leave addresses of pages and people out."""


class Refresh(Spec):
    """When Coze reads a web page again."""

    every_hours: Annotated[int, Field(ge=24)]
    """At least 24."""
    mode: Literal["replace", "append"] = "replace"


class Document(Spec):
    """A document of a text base: one of `file`, `files` and `url`; a `name` alone keeps what is there."""

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

    file: Annotated[str | None, File()] = None
    """A picture, uploaded when its content changes; absent: the image of that `name` is kept as it is."""
    name: Annotated[str | None, Size(255, least=1)] = None
    """The name on Coze; the file's name where it is absent."""
    caption: str | None = None
    """What the image shows; absent: what Coze writes is kept."""


class KnowledgeBaseSpec(Spec):
    """A dataset, with all of its documents or images."""

    id: Annotated[str | None, Field(pattern=r"^\d+$")] = None
    """Exactly this live dataset, whatever its name."""
    name: Annotated[str | None, Size(100, least=1, line=True)] = None
    """The name on Coze; `metadata.name` where it is absent."""
    description: Annotated[str | None, Size(2000)] = None
    """What the base is about."""
    icon: Annotated[str | None, File(), Wire(write="file_id", read=None)] = None
    """An image file. Coze resets it at every update that does not send it."""
    format: Annotated[
        Literal["text", "image"] | None,
        Wire("format_type", on_update=False),
        codes({"text": TEXT, "image": IMAGE}),
        Is.FIXED,
        Is.NEEDED_TO_CREATE,
    ] = None
    """What it holds: text, or images. Never changes."""
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
    yield from _check_chunking(chunking)
    if other == "documents" and chunking:
        yield Flaw(("chunking",), "an image base is not cut into chunks", "remove chunking")
    yield from _check_captions(values)
    for field, allowed in (("documents", frozenset(SENT_AS)), ("images", SUFFIXES)):
        yield from _check_items(field, values.get(field) or [], allowed)


def _check_captions(values: Json) -> Iterator[Flaw]:
    text = values.get("format") == "text" or ("documents" in values and "format" not in values)
    if "captions" in values and text:
        yield Flaw(("captions",), "a text base has no captions", "remove captions, or write format: image")
    for index, image in enumerate(values.get("images") or []):
        if values.get("captions") == "auto" and "caption" in image:
            message = "with captions: auto Coze writes the captions"
            hint = "write captions: manual, or take the caption out"
            yield Flaw(("images", index, "caption"), message, hint)


def _check_chunking(chunking: Json) -> Iterator[Flaw]:
    if chunking.get("mode") == "custom":
        for name in ("separator", "max_tokens"):
            if name not in chunking:
                yield Flaw(("chunking", "mode"), f"mode custom needs {name}", f"add chunking.{name}")
        return
    for name in chunking.keys() - {"mode"}:
        # Coze drops it, so that every plan would cut the documents anew.
        hint = f"write mode: custom, or remove {name}"
        yield Flaw(("chunking", name), f"only mode custom takes {name}", hint)


def _check_items(field: str, items: list[Json], allowed: frozenset[str]) -> Iterator[Flaw]:
    seen: dict[str, str] = {}
    for index, item in enumerate(items):
        if flaw := _item_flaw((field, index), item, allowed):
            yield flaw
            continue
        name = str(_named(item)["name"])
        source = str(item["file"].path if "file" in item else item.get("url", name))
        clash = next((seen[one] for one in (name, without_type(name)) if one in seen), None)
        if clash:
            hint = "give one of them a name of its own"
            yield Flaw((field, index), f"{clash} and {source} could both be called {name} on Coze", hint)
        seen[name] = source


def _item_flaw(path: tuple[str | int, ...], item: Json, allowed: frozenset[str]) -> Flaw | None:
    """What is wrong with one entry by itself."""
    if "file" in item and "url" in item:
        return Flaw(path, "an entry has exactly one of file, files and url", "split it in two")
    if not item.keys() & {"file", "url", "name"}:
        hint = "write file, files or url; a name alone keeps what is there"
        return Flaw(path, "an entry has exactly one of file, files and url", hint)
    if "file" in item and suffix(item["file"].path) not in allowed:
        return Flaw(path, f"{item['file'].path}: Coze takes {', '.join(sorted(allowed))}", "convert the file")
    if "file" in item and item["file"].size == 0:
        return Flaw(path, f"{item['file'].path} is empty", "Coze refuses empty files")
    if "file" in item and (flaw := _size_flaw(path, item["file"], allowed)):
        return flaw
    if "refresh" in item and "url" not in item:
        return Flaw(path, "refresh is for web pages", "remove it, or write url")
    if "url" in item and "name" not in item:
        return Flaw(path, f"{item['url']} needs a name", "add name")
    return None


def _size_flaw(path: tuple[str | int, ...], file: FileContent, allowed: frozenset[str]) -> Flaw | None:
    """A document travels inside its request, an image by an upload of its own."""
    image = allowed is SUFFIXES
    most = LARGEST_UPLOAD if image else LARGEST_FILE
    if file.size <= most:
        return None
    message = f"{file.path} has {file.size:,} bytes; a request carries at most {most:,}"
    return Flaw((*path, "file"), message, "make it smaller" if image else "split it into several files")


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
    delete=Call("deleteDataset", "DELETE", "/v1/datasets/{dataset_id}", repeatable=True, already=GONE),
    replaces_whole=True,
    marks=("update_time", "doc_count", "slice_count", "all_file_size", "file_list", "failed_file_list"),
    owner="creator_id",
    check=_check,
    settle=_settle,
    written=_written,
)
