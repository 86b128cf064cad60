"""Datasets (knowledge bases): text or image.

A PUT replaces name, description and icon: what is left out goes back to its default. Deleting a dataset
deletes its documents and silently unbinds it from bots. There is no get-one.
"""

from __future__ import annotations

from .. import documents
from ..access import user_name, visible, workspace
from ..fields import choice, ident, integer, text
from ..icons import signed
from ..paging import cut, numbered
from ..routing import Call, Route
from ..store import TableSpec
from ..wire import Row, forbidden
from .workspaces import use_icon

TEXT, IMAGE = 0, 2
_ENABLED = 1

TABLES = (TableSpec("datasets", "dataset_id", {"space": lambda row: (row["space_id"],)}),)


def create_dataset(call: Call) -> Row:
    """Make an empty dataset that belongs to the caller."""
    body = call.body
    workspace(call, body["space_id"])
    row = call.store["datasets"].put(
        {
            "dataset_id": call.store.new_id(),
            "space_id": body["space_id"],
            "name": body["name"],
            "description": body.get("description", ""),
            "icon_file_id": use_icon(call, body, "file_id"),
            "format_type": body["format_type"],
            "creator_id": call.caller.user_id,
            "create_time": call.seconds,
            "update_time": call.seconds,
        }
    )
    return {"dataset_id": row["dataset_id"]}


def list_datasets(call: Call) -> Row:
    """List everybody's datasets of a workspace; the name filter is fuzzy."""
    space = workspace(call, call.query["space_id"])["id"]
    rows = list(call.bucket("datasets", "space", space))
    if name := call.query.get("name"):
        rows = [row for row in rows if name.lower() in row["name"].lower()]
    if "format_type" in call.query:
        rows = [row for row in rows if row["format_type"] == call.query["format_type"]]
    page = cut(call, rows, lambda row: _shown(call, row))
    return {"dataset_list": page.items, "total_count": page.total}


def _shown(call: Call, row: Row) -> Row:
    files = list(call.bucket("documents", "dataset", row["dataset_id"]))
    by_status: dict[int, list[Row]] = {documents.PROCESSING: [], documents.DONE: [], documents.FAILED: []}
    for file in files:
        by_status[documents.status(file, call.now)].append(file)
    waiting = by_status[documents.PROCESSING]
    icon = row["icon_file_id"] or "default"
    return {
        "dataset_id": row["dataset_id"],
        "name": row["name"],
        "description": row["description"],
        "space_id": row["space_id"],
        "status": _ENABLED,
        "format_type": row["format_type"],
        "dataset_type": 0,
        "can_edit": row["creator_id"] == call.caller.user_id,
        "icon_uri": f"dataset/{icon}",
        "icon_url": signed(call, f"dataset/{icon}"),
        "avatar_url": signed(call, f"avatar/{row['creator_id']}"),
        "creator_id": row["creator_id"],
        "creator_name": user_name(call.store, row["creator_id"]),
        "create_time": row["create_time"],
        "update_time": row["update_time"],
        "doc_count": len(files),
        "slice_count": sum(documents.slices(file, call.now) for file in files),
        "hit_count": 0,
        "bot_used_count": len(call.store["bots"].where("dataset", row["dataset_id"])),
        "all_file_size": str(sum(file["size"] for file in files)),
        "chunk_strategy": files[-1]["chunk_strategy"] if files else {},
        "file_list": [file["name"] for file in files],
        "failed_file_list": [file["name"] for file in by_status[documents.FAILED]],
        "processing_file_list": [file["name"] for file in waiting],
        "processing_file_id_list": [file["document_id"] for file in waiting],
        "project_id": "0",
    }


def own_dataset(call: Call, dataset_id: str) -> Row:
    """Return a dataset that belongs to the caller."""
    row = visible(call, "datasets", dataset_id, "dataset_id")
    if row["creator_id"] != call.caller.user_id:
        raise forbidden("Only the owner of a dataset may change it")
    return row


def update_dataset(call: Call) -> None:
    """Replace name, description and icon."""
    row = own_dataset(call, call.path["dataset_id"])
    call.store["datasets"].change(
        row["dataset_id"],
        name=call.body["name"],
        description=call.body.get("description", ""),
        icon_file_id=use_icon(call, call.body, "file_id"),
        update_time=call.seconds,
    )


def delete_dataset(call: Call) -> None:
    """Delete a dataset: admins any, others their own."""
    row = visible(call, "datasets", call.path["dataset_id"], "dataset_id")
    role = call.store["workspaces"][row["space_id"]]["members"][call.caller.user_id]
    if role == "member" and row["creator_id"] != call.caller.user_id:
        raise forbidden("Members may only delete their own datasets")
    dataset_id = row["dataset_id"]
    for file in call.store["documents"].where("dataset", dataset_id):
        call.store["documents"].drop(file["document_id"])
    for bot in call.store["bots"].where("dataset", dataset_id):
        knowledge = bot["draft"]["knowledge"]
        left = [ident for ident in knowledge["dataset_ids"] if ident != dataset_id]
        draft = {**bot["draft"], "knowledge": {**knowledge, "dataset_ids": left}}
        # silent: the bot's update time does not move
        call.store["bots"].change(bot["bot_id"], draft=draft)
    call.store["datasets"].drop(dataset_id)


ROUTES = (
    Route(
        "POST", "/v1/datasets", "createDataset", "createKnowledge", create_dataset,
        body={
            "name*": text(1, 100), "space_id*": ident(), "format_type*": choice(TEXT, IMAGE),
            "description": text(), "file_id": text(),
        },
    ),
    Route(
        "GET", "/v1/datasets", "listDatasets", "listKnowledge", list_datasets,
        query={"space_id*": ident(), "name": text(), "format_type": integer(0, 5), **numbered(10, 300)},
    ),
    Route(
        "PUT", "/v1/datasets/{dataset_id}", "updateDataset", "update", update_dataset,
        body={"name*": text(1, 100), "description": text(), "file_id": text()},
    ),
    Route("DELETE", "/v1/datasets/{dataset_id}", "deleteDataset", "delete", delete_dataset),
)  # fmt: skip
