"""Documents of a dataset; images are documents too.

Processing is asynchronous; content cannot be read nor changed; `update_rule` is flattened when read. The four
`/open_api` endpoints answer their payload at the top level, and their ids may come as numbers when the header
`Agw-Js-Conv: str` is missing.
"""

from __future__ import annotations

from base64 import b64decode
from fnmatch import fnmatchcase
from hashlib import sha256

from .. import documents
from ..access import visible
from ..fields import choice, each, flag, ident, integer, obj, text
from ..icons import signed
from ..paging import cut, page_size
from ..routing import Call, Route
from ..store import TableSpec
from ..wire import CozeError, Row, TopLevel, invalid, not_found
from .datasets import IMAGE, TEXT, own_dataset

LOCAL, WEB, FILE_ID = 0, 1, 5
_CUSTOM_CHUNKS = 1
_SHORTEST_INTERVAL = 24
_UNREACHABLE = 4305
_AUTO_CHUNKS: Row = {
    "chunk_type": 0,
    "max_tokens": 0,
    "remove_extra_spaces": False,
    "remove_urls_emails": False,
    "separator": "",
}

TABLES = (TableSpec("documents", "document_id", {"dataset": lambda row: (row["dataset_id"],)}),)


def create_documents(call: Call) -> TopLevel:
    """Upload documents; they are processed after the reply."""
    dataset = own_dataset(call, call.body["dataset_id"])
    chunks = _chunk_strategy(call, dataset)
    rows = [_new_document(call, dataset, base, chunks) for base in call.body["document_bases"]]
    if len({row["source_type"] for row in rows}) > 1:
        raise invalid("Invalid parameter document_bases: files and web pages do not go into one request")
    for row in rows:
        call.store["documents"].put(row)
    touch(call, dataset)
    unknown: Row = {"source_type": None, "update_type": None} if call.options.null_sources else {}
    return TopLevel({"document_infos": [{**_shown(call, row), **unknown} for row in rows]})


def _chunk_strategy(call: Call, dataset: Row) -> Row:
    # the first documented example, and the older calls of the SDKs, leave one or both out
    if call.body.get("format_type", dataset["format_type"]) != dataset["format_type"]:
        raise invalid("Invalid parameter format_type: differs from the dataset's")
    given: Row = call.body.get("chunk_strategy", {})
    if dataset["format_type"] == IMAGE:
        empty = not len(call.store["documents"].where("dataset", dataset["dataset_id"]))
        if empty and "caption_type" not in given:
            raise invalid(
                "Invalid parameter chunk_strategy.caption_type: is required by the first image of a dataset"
            )
        return {"caption_type": 0, **given}
    if "chunk_strategy" not in call.body:
        files = list(call.store["documents"].where("dataset", dataset["dataset_id"]))
        return files[0]["chunk_strategy"] if files else dict(_AUTO_CHUNKS)
    if given.get("chunk_type", 0) != _CUSTOM_CHUNKS:
        return dict(_AUTO_CHUNKS)
    for name in ("separator", "max_tokens"):
        if name not in given:
            raise invalid(f"Invalid parameter chunk_strategy.{name}: is required by chunk_type 1")
    return {"remove_extra_spaces": False, "remove_urls_emails": False, **given}


def _new_document(call: Call, dataset: Row, base: Row, chunks: Row) -> Row:
    content = _content(call, dataset, base["source_info"])
    rule = base.get("update_rule", {})
    _refuse_rule(content["source_type"], rule)
    if dataset["format_type"] == TEXT and base.get("caption"):
        raise invalid("Invalid parameter document_bases: only images have a caption")
    name = base["name"]
    if call.options.append_type and content["source_type"] == LOCAL:
        name = f"{name}.{content['type']}"
    fails = bool(call.options.fail_documents) and fnmatchcase(base["name"], call.options.fail_documents)
    return {
        "document_id": call.store.new_id(),
        "dataset_id": dataset["dataset_id"],
        "name": name,
        "format_type": dataset["format_type"],
        "chunk_strategy": chunks,
        "caption": base.get("caption") or _caption(base["name"], chunks),
        "creator_id": call.caller.user_id,
        "update_type": rule.get("update_type", 0),
        "update_interval": rule.get("update_interval", _SHORTEST_INTERVAL if rule.get("update_type") else 0),
        "create_time": call.seconds,
        "update_time": call.seconds,
        "ready_at": call.now + call.options.processing_seconds,
        "fails": fails,
        **content,
    }


def _refuse_rule(source_type: int, rule: Row) -> None:
    if source_type != WEB and rule.get("update_type"):
        raise invalid("Invalid parameter update_rule: only web pages are updated")


def _caption(name: str, chunks: Row) -> str:
    # caption_type 0 lets a model describe the image
    return f"一张名为{name}的图片" if chunks.get("caption_type") == 0 else ""


def _content(call: Call, dataset: Row, source: Row) -> Row:
    variants = [key for key in ("file_base64", "web_url", "source_file_id") if source.get(key)]
    if len(variants) != 1:
        raise invalid(
            "Invalid parameter source_info: exactly one of file_base64, web_url, source_file_id is needed"
        )
    wanted = "source_file_id" if dataset["format_type"] == IMAGE else "file_base64 or web_url"
    if variants[0] not in wanted:
        raise invalid(f"Invalid parameter source_info: a dataset of this format takes {wanted}")
    return _SOURCES[variants[0]](call, source)


def _local(_: Call, source: Row) -> Row:
    if source.get("document_source", LOCAL) != LOCAL or "file_type" not in source:
        raise invalid(
            "Invalid parameter source_info: a local file needs file_type and no document_source but 0"
        )
    try:
        data = b64decode(source["file_base64"], validate=True)
    except ValueError:
        raise invalid("Invalid parameter source_info.file_base64: is not base64") from None
    characters = len(data.decode(errors="replace")) if source["file_type"] == "txt" else len(data)
    return {
        "source_type": LOCAL,
        "type": source["file_type"],
        "size": len(data),
        "char_count": characters,
        "sha256": sha256(data).hexdigest(),
    }


def _web(call: Call, source: Row) -> Row:
    if source.get("document_source") != WEB:
        raise invalid("Invalid parameter source_info.document_source: must be 1 with web_url")
    url = source["web_url"]
    if not url.startswith(("http://", "https://")):
        raise invalid("Invalid parameter source_info.web_url: must be an http or https URL")
    if call.options.unreachable_pages and fnmatchcase(url, call.options.unreachable_pages):
        raise CozeError(_UNREACHABLE, "The web page could not be fetched")
    return {"source_type": WEB, "type": "html", "size": 4096, "char_count": 1024, "web_url": url}


def _uploaded(call: Call, source: Row) -> Row:
    if source.get("document_source") != FILE_ID:
        raise invalid("Invalid parameter source_info.document_source: must be 5 with source_file_id")
    file_id = source["source_file_id"]
    file = call.store["files"].get(file_id)
    if file is None or file["user_id"] != call.caller.user_id:
        raise not_found("source_file_id", file_id)
    kind = file["file_name"].rpartition(".")[2] if "." in file["file_name"] else "png"
    return {
        "source_type": FILE_ID,
        "type": kind,
        "size": file["bytes"],
        "char_count": 0,
        "source_file_id": file_id,
        "sha256": file["sha256"],
    }


_SOURCES = {"file_base64": _local, "web_url": _web, "source_file_id": _uploaded}


def list_documents(call: Call) -> TopLevel:
    """List the documents of a dataset."""
    dataset = visible(call, "datasets", call.body["dataset_id"], "dataset_id")
    rows = call.bucket("documents", "dataset", dataset["dataset_id"])
    size = call.body.get("size") or call.body.get("page_size") or 10
    asked = {"page_num": call.body["page"] or 1, "page_size": size}
    page = cut(call, rows, lambda row: _shown(call, row), asked)
    return TopLevel({"document_infos": page.items, "total": page.total})


def update_document(call: Call) -> None:
    """Change the name or the refresh rule."""
    row = _own_document(call, call.body["document_id"])
    rule = call.body.get("update_rule", {})
    _refuse_rule(row["source_type"], rule)
    changes = {key: rule[key] for key in ("update_type", "update_interval") if key in rule}
    if call.body.get("document_name"):
        changes["name"] = call.body["document_name"]
    call.store["documents"].change(row["document_id"], **changes, update_time=call.seconds)
    touch(call, call.store["datasets"][row["dataset_id"]])


def delete_documents(call: Call) -> None:
    """Delete documents, all of them or none."""
    known = call.store["documents"]
    wanted = list(dict.fromkeys(call.body["document_ids"]))
    if call.options.missing_document == "ok":
        wanted = [ident for ident in wanted if ident in known]
    rows = [_own_document(call, ident) for ident in wanted]
    for row in rows:
        known.drop(row["document_id"])
    for dataset_id in {row["dataset_id"] for row in rows}:
        touch(call, call.store["datasets"][dataset_id])


def _own_document(call: Call, document_id: str) -> Row:
    row = call.store["documents"].get(document_id)
    if row is None:
        raise not_found("document_id", document_id)
    own_dataset(call, row["dataset_id"])
    return row


def get_progress(call: Call) -> Row:
    """Tell how far documents are; all must be of the one dataset. The list is nested twice."""
    dataset = visible(call, "datasets", call.path["dataset_id"], "dataset_id")
    rows = [call.store["documents"].get(ident) for ident in call.body["document_ids"]]
    for ident_, row in zip(call.body["document_ids"], rows, strict=True):
        if row is None or row["dataset_id"] != dataset["dataset_id"]:
            raise not_found("document_id", ident_)
    items = [documents.progress(row, call.now, call.options) for row in rows if row]
    for item in items:
        item["url"] = signed(call, f"document/{item['document_id']}")
    return {"data": items}


def touch(call: Call, dataset: Row) -> None:
    """Move the update time of a dataset."""
    call.store["datasets"].change(dataset["dataset_id"], update_time=call.seconds)


def _shown(call: Call, row: Row) -> Row:
    shown = documents.info(row, call.now)
    if call.options.id_numbers and call.headers.get("Agw-Js-Conv") != "str":
        shown["document_id"] = int(shown["document_id"])
    return shown


_ID = ident(numeric=True)
_UPDATE_RULE = obj({"update_type": choice(0, 1, 2), "update_interval": integer(_SHORTEST_INTERVAL)})
_CHUNKS = obj(
    {
        "chunk_type": choice(0, 1),
        "separator": text(1),
        "max_tokens": integer(100, 2000),
        "remove_extra_spaces": flag(),
        "remove_urls_emails": flag(),
        "caption_type": choice(0, 1),
    }
)
_SOURCE = obj(
    {
        "file_base64": text(),
        "file_type": choice("pdf", "txt", "doc", "docx"),
        "web_url": text(),
        "document_source": choice(LOCAL, WEB, FILE_ID),
        "source_file_id": _ID,
    }
)
_BASE = obj({"name*": text(1), "source_info*": _SOURCE, "update_rule": _UPDATE_RULE, "caption": text()})


_OPEN = "/open_api/knowledge/document"

ROUTES = (
    Route(
        "POST", f"{_OPEN}/create", "createDocuments", "createDocument", create_documents,
        body={
            "dataset_id*": _ID, "document_bases*": each(_BASE, 1, 10), "chunk_strategy": _CHUNKS,
            "format_type": choice(TEXT, IMAGE),
        },
    ),
    Route(
        "POST", f"{_OPEN}/update", "updateDocument", "updateDocument", update_document,
        body={"document_id*": _ID, "document_name": text(), "update_rule": _UPDATE_RULE},
    ),
    Route(
        "POST", f"{_OPEN}/delete", "deleteDocuments", "deleteDocument", delete_documents,
        body={"document_ids*": each(_ID, 1, 100)},
    ),
    Route(
        "POST", f"{_OPEN}/list", "listDocuments", "listDocument", list_documents, reads=True,
        # the JavaScript SDK says page_size
        body={
            "dataset_id*": _ID, "page": integer(0).otherwise(1),
            "size": page_size(None), "page_size": page_size(None),
        },
    ),
    Route(
        "POST", "/v1/datasets/{dataset_id}/process", "getDocumentProgress",
        "readDocumentProgress", get_progress,
        reads=True, body={"document_ids*": each(ident(), 1)},
    ),
)  # fmt: skip
