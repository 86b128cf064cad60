"""The images of an image dataset, with their captions: the view on its documents that has them."""

from __future__ import annotations

from .. import documents
from ..access import visible
from ..fields import flag, text
from ..icons import signed
from ..paging import cut, numbered
from ..routing import Call, Route
from ..wire import Row, invalid, not_found
from .datasets import IMAGE, own_dataset
from .documents import touch


def list_images(call: Call) -> Row:
    """List the images of an image dataset."""
    dataset = visible(call, "datasets", call.path["dataset_id"], "dataset_id")
    if dataset["format_type"] != IMAGE:
        raise invalid("Invalid parameter dataset_id: is no image dataset")
    rows = list(call.bucket("documents", "dataset", dataset["dataset_id"]))
    if keyword := call.query.get("keyword"):
        rows = [row for row in rows if keyword in row["caption"]]
    if "has_caption" in call.query:
        rows = [row for row in rows if bool(row["caption"]) == call.query["has_caption"]]
    page = cut(call, rows, lambda row: _photo(call, row))
    return {"photo_infos": page.items, "total_count": page.total}


def _photo(call: Call, row: Row) -> Row:
    names = (
        "document_id",
        "name",
        "size",
        "type",
        "caption",
        "creator_id",
        "source_type",
        "create_time",
        "update_time",
    )
    state = documents.status(row, call.now)
    shown = {name: row[name] for name in names}
    if state != documents.DONE and row["chunk_strategy"].get("caption_type") == 0:
        shown["caption"] = ""
    return {**shown, "status": state, "url": signed(call, f"image/{row['document_id']}")}


def update_image(call: Call) -> None:
    """Set the caption of an image."""
    dataset = own_dataset(call, call.path["dataset_id"])
    row = call.store["documents"].get(call.path["document_id"])
    if row is None or row["dataset_id"] != dataset["dataset_id"] or dataset["format_type"] != IMAGE:
        raise not_found("document_id", call.path["document_id"])
    call.store["documents"].change(row["document_id"], caption=call.body["caption"], update_time=call.seconds)
    touch(call, dataset)


ROUTES = (
    Route(
        "GET", "/v1/datasets/{dataset_id}/images", "listImages", "listPhoto", list_images,
        query={**numbered(10, 299), "keyword": text(), "has_caption": flag()},
    ),
    Route(
        "PUT", "/v1/datasets/{dataset_id}/images/{document_id}", "updateImage", "updatePhoto", update_image,
        body={"caption*": text()},
    ),
)  # fmt: skip
