"""What the facts leave open: each switch in both positions, as far as no other test turns it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cozeops.emulator import options_table

from .conftest import Coze, Make


def test_page_sizes_beyond_the_bounds(make: Make) -> None:
    """Refused or cut; so is a page size of zero."""
    for bounds, code in (("reject", 4000), ("clamp", 0)):
        coze = make(page_bounds=bounds)
        assert coze.code("GET", "/v1/workspaces", page_size=51) == code
        assert coze.code("GET", "/v1/workspaces", page_size=0) == code
        assert coze.code("GET", "/v1/workspaces", page_size="many") == 4000


def test_the_code_for_a_copy_that_is_not_published(make: Make) -> None:
    """Unknown on the cloud."""
    coze = make(unpublished_code=4015)
    assert coze.code("GET", f"/v1/bots/{coze.bot(coze.workspace())}") == 4015


def test_the_key_of_people_who_are_no_members(make: Make) -> None:
    """The table and the example of the documentation differ."""
    coze = make(not_in_workspace_key="not_in_space_user_ids")
    reply = coze.delete(f"/v1/workspaces/{coze.workspace()}/members", {"user_ids": ["404"]})
    assert reply["not_in_space_user_ids"] == ["404"]


def collaborating(coze: Coze) -> str:
    """Make a bot with a collaborator; return its path."""
    space = coze.workspace()
    coze.post(f"/v1/workspaces/{space}/members", users=[{"user_id": "101", "role_type": "member"}])
    path = f"/v1/bots/{coze.bot(space)}"
    coze.post(f"{path}/collaboration_mode", collaboration_mode="collaboration")
    coze.post(f"{path}/collaborators", collaborators=[{"user_id": "101"}])
    return path


@pytest.mark.parametrize(("repeat", "code"), [("ok", 0), ("refuse", 4000)])
def test_adding_a_collaborator_twice(make: Make, repeat: str, code: int) -> None:
    """Unknown on the cloud."""
    coze = make(repeat_collaborator=repeat)
    body = {"collaborators": [{"user_id": "101"}]}
    assert coze.code("POST", f"{collaborating(coze)}/collaborators", body) == code


@pytest.mark.parametrize(("missing", "code"), [("ok", 0), ("refuse", 4200)])
def test_removing_one_who_is_no_collaborator(make: Make, missing: str, code: int) -> None:
    """Unknown on the cloud."""
    coze = make(missing_collaborator=missing)
    assert coze.code("DELETE", f"{collaborating(coze)}/collaborators/102") == code


def test_the_default_model(make: Make) -> None:
    """No API lists the models: only a bot shows one."""
    coze = make(default_model="42")
    assert coze.draft(coze.bot(coze.workspace()))["model_info"]["model_id"] == "42"


def test_a_callback_app_without_a_callback(make: Make) -> None:
    """Unknown on the cloud."""
    for unset, shown in (("absent", None), ("empty", "")):
        coze = make(unset_callback=unset)
        coze.post("/v1/api_apps", app_type="normal", name="a")
        assert coze.get("/v1/api_apps")["items"][0].get("callback_url") == shown


def test_unsubscribing_from_what_was_not_subscribed(make: Make) -> None:
    """Unknown on the cloud."""
    for missing, code in (("refuse", 4200), ("ok", 0)):
        coze = make(missing_event=missing)
        app = coze.post("/v1/api_apps", app_type="normal", name="a")["id"]
        body = {"event_types": ["bot.published"]}
        assert coze.code("DELETE", f"/v1/api_apps/{app}/events", body) == code


def test_a_copy_task_takes_its_time(make: Make) -> None:
    """As long as one wants to poll."""
    coze = make(copy_seconds=60)
    here, there = coze.workspace(), coze.workspace()
    body = {"entity_id": coze.bot(here), "entity_type": "bot", "to_workspace_id": there}
    task = coze.post("/v1/entities/copy_tasks", **body)["task_id"]
    for waited, status in ((59, "in_progress"), (1, "successful")):
        coze.clock.time += waited
        assert coze.get(f"/v1/entities/copy_tasks/{task}")["task_status"] == status


@pytest.mark.parametrize("name", [item.name for item in options_table()])
def test_every_option_is_turned_by_a_test(name: str) -> None:
    """An option that nobody tries is a guess about a guess."""
    tests = "\n".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert f"{name}=" in tests or f'"{name}"' in tests
