"""Copies, templates, folders and the store."""

from __future__ import annotations

from typing import Any

import pytest

from cozeops.emulator import DEFAULT_WORKSPACE, SeedError

from .conftest import Coze, Make

TASKS = "/v1/entities/copy_tasks"


def move(coze: Coze, space: str) -> None:
    """Put what the seed has into a team workspace."""
    for table, ident in (("apps", "800"), ("workflows", "700")):
        coze.emulator.edit(table, ident, workspace_id=space)


@pytest.mark.parametrize(("kind", "ident"), [("app", "800"), ("workflow", "700"), ("bot", "")])
def test_a_personal_workspace_is_copied_within_itself(coze: Coze, kind: str, ident: str) -> None:
    """The pages forbid a copy from a personal into a team workspace."""
    body = {"entity_id": ident or coze.bot(DEFAULT_WORKSPACE), "entity_type": kind}
    assert coze.code("POST", TASKS, {**body, "to_workspace_id": coze.workspace()}) == 4000
    assert coze.code("POST", TASKS, {**body, "to_workspace_id": DEFAULT_WORKSPACE}) == 0


def test_a_bot_copied_in_its_workspace_is_there_at_once(coze: Coze) -> None:
    """Its draft, not its publication."""
    space = coze.workspace()
    bot = coze.bot(space, prompt_info={"prompt": "一"})
    coze.post("/v1/bot/publish", bot_id=bot, connector_ids=["1024"])
    made = coze.post(TASKS, entity_id=bot, entity_type="bot", to_workspace_id=space)["copied_entity_id"]
    assert coze.draft(made)["prompt_info"]["prompt"] == "一"
    assert coze.code("GET", f"/v1/bots/{made}") == 4200


def test_a_bot_copied_elsewhere_is_a_task(coze: Coze) -> None:
    """In progress, then successful; what belongs to the old workspace stays behind."""
    here, there = coze.workspace("a"), coze.workspace("b")
    tool = {"plugin_id": "500", "api_id": "501"}
    bot = coze.bot(here, plugin_id_list={"id_list": [tool]})
    coze.post("/v1/bot/update", bot_id=bot, knowledge={"dataset_ids": [coze.dataset(here)]})
    task = coze.post(TASKS, entity_id=bot, entity_type="bot", to_workspace_id=there)["task_id"]
    running = coze.get(f"{TASKS}/{task}")
    assert (running["task_status"], running["target_entity_id"]) == ("in_progress", "")
    coze.clock.time += 1
    done = coze.get(f"{TASKS}/{task}")
    assert (done["task_status"], done["target_workspace_id"]) == ("successful", there)
    assert coze.get(f"{TASKS}/{task}") == done
    copy = coze.draft(done["target_entity_id"])
    assert copy["knowledge"]["knowledge_infos"] == []
    assert copy["plugin_info_list"][0]["plugin_id"] == "500"
    assert coze.as_token("pat_101").code("GET", f"{TASKS}/{task}") == 4200


@pytest.mark.parametrize(("kind", "ident"), [("app", "800"), ("workflow", "700")])
def test_copies_of_apps_and_workflows(coze: Coze, kind: str, ident: str) -> None:
    """Unpublished, in the target workspace."""
    here, there = coze.workspace(), coze.workspace()
    move(coze, here)
    task = coze.post(TASKS, entity_id=ident, entity_type=kind, to_workspace_id=there)["task_id"]
    coze.clock.time += 1
    made = coze.get(f"{TASKS}/{task}")["target_entity_id"]
    query = {"workspace_id": there, "publish_status": "unpublished_draft", "page_num": 1}
    if kind == "app":
        del query["page_num"]
    items = coze.get(f"/v1/{kind}s", **query)["items"]
    assert [item.get("id") or item["workflow_id"] for item in items] == [made]


def test_copies_that_fail(make: Make) -> None:
    """By the name of what is copied, or because it is gone meanwhile."""
    coze = make(fail_copies="sh*")
    here, there = coze.workspace(), coze.workspace()
    move(coze, here)
    task = coze.post(TASKS, entity_id="800", entity_type="app", to_workspace_id=there)["task_id"]
    gone = coze.post(TASKS, entity_id="700", entity_type="workflow", to_workspace_id=there)["task_id"]
    coze.emulator.remove("workflows", "700")
    coze.clock.time += 1
    failed = coze.get(f"{TASKS}/{task}")
    assert failed["task_status"] == "failed"
    assert failed["failed_reasons"][0]["entity_name"] == "shop"
    assert coze.get(f"{TASKS}/{gone}")["task_status"] == "failed"


def test_copying_needs_two_permissions(coze: Coze) -> None:
    """One on the source, one on the target."""
    tokens = [
        {"token": "pat_half", "permissions": ["Project.copy"]},
        {"token": "pat_both", "permissions": ["Project.copy", "Workspace.createProject"]},
    ]
    coze.emulator.seed({"tokens": tokens})
    body = {"entity_id": "800", "entity_type": "app"}
    assert coze.as_token("pat_half").code("POST", TASKS, body) == 4101
    assert coze.as_token("pat_both").code("POST", TASKS, body) == 0
    assert coze.code("POST", TASKS, {**body, "to_workspace_id": "404"}) == 4200
    assert coze.code("POST", TASKS, {**body, "entity_id": "404"}) == 4200


def test_a_bot_from_a_template(coze: Coze) -> None:
    """Under its own name or another."""
    template = {"template_id": "60", "name": "客服", "prompt_info": {"prompt": "你是客服"}}
    coze.emulator.seed({"templates": [template]})
    path, space = "/v1/templates/60/duplicate", coze.workspace()
    made = coze.post(path, workspace_id=space)
    assert made["entity_type"] == "agent"
    assert coze.draft(made["entity_id"])["prompt_info"]["prompt"] == "你是客服"
    named = coze.post(path, workspace_id=space, name="小二")["entity_id"]
    assert coze.draft(named)["name"] == "小二"
    assert coze.code("POST", "/v1/templates/61/duplicate", {"workspace_id": space}) == 4200


def test_folders_are_listed_one_level_at_a_time(coze: Coze) -> None:
    """The number of children is told in lists only, a parent only below the root."""
    folders: list[dict[str, Any]] = [
        {"id": "20", "name": "菜"},
        {"id": "21", "name": "川菜", "parent_folder_id": "20"},
        {"id": "22", "name": "库", "folder_type": "library"},
    ]
    coze.emulator.seed({"folders": folders})
    query = {"workspace_id": DEFAULT_WORKSPACE, "folder_type": "development"}
    root = coze.get("/v1/folders", **query)
    assert [(one["id"], one["children_count"]) for one in root["items"]] == [("20", 1)]
    assert "parent_folder_id" not in root["items"][0]
    assert (root["total_count"], root["has_more"]) == (1, False)
    assert coze.get("/v1/folders", **query, parent_folder_id="0") == root
    below = coze.get("/v1/folders", **query, parent_folder_id="20")["items"]
    assert [one["id"] for one in below] == ["21"]
    shown = coze.get("/v1/folders/21")
    assert (shown["parent_folder_id"], "children_count" in shown) == ("20", False)
    assert coze.as_token("pat_101").code("GET", "/v1/folders/21") == 4200
    with pytest.raises(SeedError, match="parent_folder_id"):
        coze.emulator.seed({"folders": [{"id": "23", "name": "x", "parent_folder_id": "404"}]})


def test_the_store(coze: Coze) -> None:
    """Paid plugins by word, category, officialness and heat."""
    seed = {
        "store_categories": [{"id": "30", "name": "新闻"}],
        "store_plugins": [
            {"plugin_id": "500", "category_id": "30", "heat": 1, "listed_at": 9, "is_official": True},
            {"plugin_id": "600", "heat": 2, "listed_at": 1},
        ],
    }
    coze.emulator.seed(seed)

    def found(**query: Any) -> list[str]:
        return [item["metainfo"]["entity_id"] for item in coze.get("/v1/stores/plugins", **query)["items"]]

    assert found() == ["600", "500"]
    assert found(sort_type="newest") == ["500", "600"]
    assert found(keyword="news") == found(category_ids="30,31") == found(is_official=True) == ["500"]
    page = coze.get("/v1/stores/plugins", page_size=1)
    assert (page["has_more"], page["items"][0]["plugin_info"]["total_tools_count"]) == (True, 1)
    categories = coze.get("/v1/stores/categories", entity_type="plugin")
    assert categories == {"items": [{"id": "30", "name": "新闻"}], "has_more": False}


def test_tools_of_plugins_are_called(make: Make) -> None:
    """On paid editions; the answer repeats what was asked."""
    coze, path = make(), "/v1/plugins/500/tools/call"
    body = {"tool_name": "top", "arguments": {"q": 1}}
    assert coze.post(path, **body)["result"] == {"tool": "top", "arguments": {"q": 1}}
    assert coze.code("POST", path, {**body, "tool_name": "none"}) == 4200
    assert make(edition="free").code("POST", path, body) == 4101
