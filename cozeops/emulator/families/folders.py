"""Folders: made in the console only, listed one level at a time."""

from __future__ import annotations

from ..access import visible, workspace
from ..fields import choice, ident, text
from ..paging import cut, numbered
from ..routing import Call, Planting, Route, Seed
from ..seed import DEFAULT_WORKSPACE
from ..store import TableSpec
from ..wire import Row, not_found

TABLES = (TableSpec("folders", "id", {"parent": lambda row: (_parent_key(row),)}),)

_ROOT = "0"


def _parent_key(row: Row) -> tuple[str, str, str]:
    return row["workspace_id"], row["folder_type"], row["parent_folder_id"]


def list_folders(call: Call) -> Row:
    """List what is directly below a parent, or the root."""
    space = workspace(call, call.query["workspace_id"])["id"]
    key = (space, call.query["folder_type"], call.query.get("parent_folder_id", _ROOT))
    page = cut(call, call.bucket("folders", "parent", key), lambda row: _counted(call, row))
    return {"items": page.items, "total_count": page.total, "has_more": page.has_more}


def _counted(call: Call, row: Row) -> Row:
    below = (row["workspace_id"], row["folder_type"], row["id"])
    return {**_shown(row), "children_count": len(call.store["folders"].where("parent", below))}


def get_folder(call: Call) -> Row:
    """Return a folder, without the number of its children."""
    return _shown(visible(call, "folders", call.path["folder_id"], "folder_id", "workspace_id"))


def _shown(row: Row) -> Row:
    # at the root there is no parent
    return {key: value for key, value in row.items() if key != "parent_folder_id" or value != _ROOT}


def _plant(planting: Planting, entry: Row) -> None:
    home = planting.store["workspaces"].get(entry["workspace_id"])
    if home is None:
        raise not_found("workspace_id", entry["workspace_id"])
    parent = entry["parent_folder_id"]
    if parent != _ROOT and parent not in planting.store["folders"]:
        raise not_found("parent_folder_id", parent)
    planting.store["folders"].put({"creator_user_id": home["owner_uid"], **entry})


_TYPE = choice("development", "library")

SEEDS = (
    Seed(
        "folders",
        {
            "id*": ident(), "name*": text(1), "description": text().otherwise(""),
            "workspace_id": ident().otherwise(DEFAULT_WORKSPACE), "creator_user_id": ident(),
            "folder_type": _TYPE.otherwise("development"), "parent_folder_id": ident().otherwise(_ROOT),
        },
        _plant,
    ),
)  # fmt: skip

ROUTES = (
    Route(
        "GET", "/v1/folders", "listFolders", "listFolder", list_folders,
        query={
            **numbered(20, 50), "workspace_id*": ident(), "folder_type*": _TYPE, "parent_folder_id": ident(),
        },
    ),
    Route("GET", "/v1/folders/{folder_id}", "getFolder", "readFolder", get_folder),
)  # fmt: skip
