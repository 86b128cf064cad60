"""Workflows: they exist already, the API reads them. Times are strings here; `app_id` "0" is the library."""

from __future__ import annotations

from typing import Any

from ..access import owned_space, user_name, visible
from ..fields import At, Check, anything, choice, each, flag, ident, integer, obj, text
from ..icons import signed
from ..paging import by_token, cut, page_size
from ..routing import Call, Planting, Route, Seed
from ..seed import DEFAULT_WORKSPACE
from ..store import TableSpec
from ..wire import Row, not_found
from .copies import settle

TABLES = (TableSpec("workflows", "workflow_id", {"space": lambda row: (row["workspace_id"],)}),)


def list_workflows(call: Call) -> Row:
    """List a workspace's workflows; the default shows published ones only."""
    space = owned_space(call, call.query["workspace_id"])["id"]
    settle(call)
    rows = [row for row in call.bucket("workflows", "space", space) if _matches(call.query, row)]
    page = cut(call, rows, lambda row: _basic(call, row))
    return {"items": page.items, "has_more": page.has_more}


def _matches(query: Row, row: Row) -> bool:
    status = query["publish_status"]
    if status != "all" and row["published"] != (status != "unpublished_draft"):
        return False
    return all(row[key] == query[key] for key in ("workflow_mode", "app_id") if key in query)


def _basic(call: Call, row: Row) -> Row:
    owner = row["owner_user_id"]
    return {
        "workflow_id": row["workflow_id"],
        "workflow_name": row["workflow_name"],
        "description": row["description"],
        "icon_url": signed(call, f"workflow/{row['workflow_id']}"),
        "app_id": row["app_id"],
        "created_at": str(row["created_at"]),
        "updated_at": str(row["updated_at"]),
        "creator": {"id": owner, "name": user_name(call.store, owner)},
    }


def get_workflow(call: Call) -> Row:
    """Return a workflow, with its input and output if asked."""
    row = _found(call)
    # the times are numbers in this reply only
    times = {name: row[name] for name in ("created_at", "updated_at")}
    shown: Row = {"workflow_detail": {**_basic(call, row), **times}}
    return shown | (_interface(row) if call.query["include_input_output"] else {})


def _found(call: Call) -> Row:
    return visible(call, "workflows", call.path["workflow_id"], "workflow_id", "workspace_id")


def _interface(row: Row) -> Row:
    return {"input": {"parameters": row["input"]}, "output": row["output"]}


def list_versions(call: Call) -> Row:
    """List the published versions, newest first."""
    row = _found(call)
    wanted = call.query["publish_status"] != "unpublished_draft"
    versions = [{"version": version} for version in reversed(row["versions"])] if wanted else []
    basic = _basic(call, row)
    kept = {key: basic[key] for key in ("workflow_id", "description", "created_at", "updated_at", "creator")}
    kept |= _interface(row) if call.query["include_input_output"] else {}
    page = cut(call, versions, lambda version: kept | version)
    return {"items": page.items, "has_more": page.has_more, "next_page_token": page.next_page_token}


def _plant(planting: Planting, entry: Row) -> None:
    home = planting.store["workspaces"].get(entry["workspace_id"])
    if home is None:
        raise not_found("workspace_id", entry["workspace_id"])
    planting.store["workflows"].put(
        {
            "owner_user_id": home["owner_uid"],
            "created_at": planting.seconds,
            "updated_at": planting.seconds,
            "versions": ["v0.0.1"] if entry["published"] else [],
            "collaboration_mode": "single",
            "collaborators": [],
            **entry,
        }
    )


_STATUS = choice("all", "published_online", "published_draft", "unpublished_draft").otherwise(
    "published_online"
)
_MODE = choice("workflow", "chatflow")
_MOST = 30


def _page_size(value: Any, at: At) -> int:
    # the Python SDK asks for 100, beyond what is documented
    taken: int = page_size(100).take(value, at)
    return min(taken, _MOST)


_PAGE_SIZE = Check(_page_size, page_size(_MOST).read)
_INTERFACE = flag().otherwise(False)

SEEDS = (
    Seed(
        "workflows",
        {
            "workflow_id*": ident(),
            "workflow_name*": text(1),
            "description": text().otherwise(""),
            "workspace_id": ident().otherwise(DEFAULT_WORKSPACE),
            "app_id": ident().otherwise("0"),
            "owner_user_id": ident(),
            "workflow_mode": _MODE.otherwise("workflow"),
            "published": flag().otherwise(True),
            "versions": each(text(1)),
            "input": anything().otherwise({}),
            "output": obj(
                {"parameters": anything(), "terminate_plan": text(), "content": text()}
            ).otherwise({"parameters": {}, "terminate_plan": "return_variables"}),
        },
        _plant,
    ),
)  # fmt: skip

ROUTES = (
    Route(
        "GET", "/v1/workflows", "listWorkflows", "listWorkflow", list_workflows,
        query={
            "page_num*": integer(1), "page_size": _PAGE_SIZE.otherwise(10),
            "workspace_id*": ident(), "workflow_mode": _MODE,
            "app_id": ident(), "publish_status": _STATUS,
        },
    ),
    Route(
        "GET", "/v1/workflows/{workflow_id}", "getWorkflow", "getMetaData", get_workflow,
        query={"include_input_output": _INTERFACE},
    ),
    Route(
        "GET", "/v1/workflows/{workflow_id}/versions", "listWorkflowVersions", "listVersion", list_versions,
        query={**by_token(10, 30), "publish_status": _STATUS, "include_input_output": _INTERFACE},
    ),
)  # fmt: skip
