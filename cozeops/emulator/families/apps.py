"""Apps (low-code projects): listed only."""

from __future__ import annotations

from ..access import owned_space
from ..fields import choice, each, ident, text
from ..icons import signed
from ..paging import cut, indexed
from ..routing import Call, Planting, Route, Seed
from ..seed import DEFAULT_WORKSPACE
from ..store import TableSpec
from ..wire import Row, not_found
from .bots import VARIABLE
from .connectors import API
from .copies import settle

TABLES = (TableSpec("apps", "id", {"space": lambda row: (row["workspace_id"],)}),)


def list_apps(call: Call) -> Row:
    """List a workspace's apps by publication; the default shows only what is online on the API connector."""
    space = owned_space(call, call.query["workspace_id"])["id"]
    settle(call)
    status, connector = call.query["publish_status"], call.query["connector_id"]
    rows = list(call.bucket("apps", "space", space))
    if status == "unpublished_draft":
        rows = [row for row in rows if not row["published"]]
    elif status != "all":
        rows = [row for row in rows if connector in row["published"]]
    page = cut(call, rows, lambda row: _item(call, row, connector))
    return {"items": page.items, "total": page.total}


def _item(call: Call, row: Row, connector: str) -> Row:
    item = {
        "id": row["id"],
        "name": row["name"],
        "description": row["description"],
        "icon_url": signed(call, f"app/{row['id']}"),
        "is_published": connector in row["published"],
        "updated_at": row["updated_at"],
        "owner_user_id": row["owner_user_id"],
    }
    if connector in row["published"]:
        item["published_at"] = row["updated_at"]
    if row.get("folder_id"):
        item["folder_id"] = row["folder_id"]
    return item


def _plant(planting: Planting, entry: Row) -> None:
    home = planting.store["workspaces"].get(entry["workspace_id"])
    if home is None:
        raise not_found("workspace_id", entry["workspace_id"])
    planting.store["apps"].put(
        {
            "owner_user_id": home["owner_uid"],
            "updated_at": planting.seconds,
            "collaboration_mode": "collaboration",
            "collaborators": [],
            **entry,
        }
    )


SEEDS = (
    Seed(
        "apps",
        {
            "id*": ident(),
            "name*": text(1),
            "description": text().otherwise(""),
            "workspace_id": ident().otherwise(DEFAULT_WORKSPACE),
            "owner_user_id": ident(),
            "folder_id": ident(),
            "published": each(ident()).otherwise([API]),
            "variables": each(VARIABLE).otherwise([]),
        },
        _plant,
    ),
)

_STATUS = choice("all", "published_online", "published_draft", "unpublished_draft").otherwise(
    "published_online"
)

ROUTES = (
    Route(
        "GET", "/v1/apps", "listApps", "listApp", list_apps,
        query={
            "workspace_id*": ident(), "publish_status": _STATUS, "connector_id": ident().otherwise(API),
            **indexed(20),
        },
    ),
)  # fmt: skip
