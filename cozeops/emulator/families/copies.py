"""Copies of bots, apps and workflows, and bots made from templates.

A bot copied inside its workspace is there at once; everything else is a task. Nothing runs in the background:
the outcome follows from the time, and the copy appears when somebody looks at the task or at a list.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from ..access import bot, visible, workspace
from ..bot_fields import CREATED, blank, merged
from ..fields import choice, ident, text
from ..routing import Call, Planting, Route, Seed
from ..store import TableSpec
from ..wire import Row, invalid, not_found
from .bots import new_bot

TABLES = (TableSpec("copy_tasks", "task_id"), TableSpec("templates", "template_id"))

_PERMISSIONS = {
    "bot": ("Bot.duplicate", "Workspace.createBot"),
    "app": ("Project.copy", "Workspace.createProject"),
    "workflow": ("Workflow.copy", "Workspace.createWorkflow"),
}


def create_task(call: Call) -> Row:
    """Copy at once, or begin to."""
    kind, ident = call.body["entity_type"], call.body["entity_id"]
    for permission in _PERMISSIONS[kind]:
        call.require(permission)
    source, home, name = _source(call, kind, ident)
    there = workspace(call, call.body.get("to_workspace_id") or home)
    target = there["id"]
    if target != home and call.store["workspaces"][home]["workspace_type"] == "personal":
        raise invalid(
            "Invalid parameter to_workspace_id: what is in a personal workspace is copied within it"
        )
    if kind == "bot" and target == home:
        return {"copied_entity_id": _copy(call, kind, source, target)}
    failed = call.options.fail_copies and fnmatchcase(name, call.options.fail_copies)
    task = call.store["copy_tasks"].put(
        {
            "task_id": call.store.new_id(),
            "user_id": call.caller.user_id,
            "entity_type": kind,
            "source_entity_id": ident,
            "target_workspace_id": target,
            "target_entity_id": "",
            "name": name,
            "fails": bool(failed),
            "ready_at": call.now + call.options.copy_seconds,
        }
    )
    return {"task_id": task["task_id"]}


def _source(call: Call, kind: str, ident: str) -> tuple[Row, str, str]:
    if kind == "bot":
        row = bot(call, ident)
        return row, row["space_id"], row["draft"]["name"]
    table, named, key = ("apps", "app_id", "name") if kind == "app" else _WORKFLOW
    row = visible(call, table, ident, named, "workspace_id")
    return row, row["workspace_id"], row[key]


_WORKFLOW = ("workflows", "workflow_id", "workflow_name")


def _copy(call: Call, kind: str, source: Row, target: str) -> str:
    ident, owner = call.store.new_id(), call.caller.user_id
    if kind == "bot":
        draft = source["draft"]
        if source["space_id"] != target:
            # what belongs to the other workspace stays behind
            draft = merged(draft, {"knowledge": {"dataset_ids": []}, "workflow_id_list": {"ids": []}})
        row = new_bot(ident, target, owner, draft, call.seconds)
        call.store["bots"].put({**row, "variables": source["variables"]})
        return ident
    table = "apps" if kind == "app" else "workflows"
    fresh: Row = {"workspace_id": target, "owner_user_id": owner, "collaborators": []}
    fresh |= {"updated_at": call.seconds, call.store[table].spec.key: ident}
    if kind == "app":
        fresh["published"] = []
    else:
        fresh |= {"published": False, "versions": [], "created_at": call.seconds, "app_id": "0"}
    call.store[table].put({**source, **fresh})
    return ident


def get_task(call: Call) -> Row:
    """Return how far a task is."""
    task = call.store["copy_tasks"].get(call.path["task_id"])
    if task is None or task["user_id"] != call.caller.user_id:
        raise not_found("task_id", call.path["task_id"])
    if call.now >= task["ready_at"] and not task["fails"] and not task["target_entity_id"]:
        task = _finish(call, task)
    status = "in_progress"
    if call.now >= task["ready_at"]:
        status = "failed" if task["fails"] else "successful"
    shown = {
        key: task[key] for key in ("task_id", "entity_type", "source_entity_id", "target_workspace_id")
    } | {"task_status": status, "target_entity_id": task["target_entity_id"], "failed_reasons": []}
    if status == "failed":
        shown["failed_reasons"] = [_reason(task)]
    return shown


def settle(call: Call) -> None:
    """Let the copies appear whose time has come: a list shows them, whoever knows the task."""
    for task in list(call.store["copy_tasks"]):
        if call.now >= task["ready_at"] and not task["fails"] and not task["target_entity_id"]:
            _finish(call, task)


def _finish(call: Call, task: Row) -> Row:
    table = {"bot": "bots", "app": "apps", "workflow": "workflows"}[task["entity_type"]]
    source = call.store[table].get(task["source_entity_id"])
    if source is None or task["target_workspace_id"] not in call.store["workspaces"]:
        return call.store["copy_tasks"].change(task["task_id"], fails=True)
    made = _copy(call, task["entity_type"], source, task["target_workspace_id"])
    return call.store["copy_tasks"].change(task["task_id"], target_entity_id=made)


def _reason(task: Row) -> Row:
    return {
        "entity_id": task["source_entity_id"],
        "entity_name": task["name"],
        "entity_type": task["entity_type"],
        "failed_reason": "a resource could not be copied",
    }


def duplicate_template(call: Call) -> Row:
    """Make a bot from a template."""
    template = call.store["templates"].get(call.path["template_id"])
    if template is None:
        raise not_found("template_id", call.path["template_id"])
    home = workspace(call, call.body["workspace_id"])["id"]
    given = {**template["bot"], **({"name": call.body["name"]} if call.body.get("name") else {})}
    draft = merged(blank(call.options), given)
    row = new_bot(call.store.new_id(), home, call.caller.user_id, draft, call.seconds)
    call.store["bots"].put(row)
    return {"entity_id": row["bot_id"], "entity_type": "agent"}


def _plant(planting: Planting, entry: Row) -> None:
    ident = entry.pop("template_id")
    planting.store["templates"].put({"template_id": ident, "bot": entry})


SEEDS = (Seed("templates", {"template_id*": ident(), **CREATED}, _plant),)

ROUTES = (
    Route(
        "POST", "/v1/entities/copy_tasks", "createCopyTask", None, create_task,
        body={
            "entity_id*": ident(), "entity_type*": choice("app", "bot", "workflow"),
            "to_workspace_id": ident(),
        },
    ),
    Route("GET", "/v1/entities/copy_tasks/{task_id}", "getCopyTask", None, get_task),
    Route(
        "POST", "/v1/templates/{template_id}/duplicate", "duplicateTemplate", "duplicateTemplate",
        duplicate_template, body={"workspace_id*": ident(), "name": text(0, 20)},
    ),
)  # fmt: skip
