"""Bots: the draft, its defaults, what an update replaces, what can be read back."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Coze, Make


def test_a_new_bot_is_a_draft_with_the_servers_defaults(coze: Coze) -> None:
    """Create answers an id; the draft is filled in, the published copy does not exist."""
    bot = coze.bot(coze.workspace())
    draft = coze.draft(bot)
    assert draft["name"] == "每日学一菜"
    assert draft["model_info"]["model_id"] == "1706077826"
    assert draft["model_info"]["max_tokens"] == 4096
    assert draft["media_config"] == {"is_voice_call_closed": False}
    assert draft["version"] == ""
    assert draft["voice_info_list"] == draft["voice_data_list"] == []
    assert set(draft["background_image_info"]) == {"web_background_image", "mobile_background_image"}
    assert "top_k" not in draft["model_info"], "numbers that were never set are omitted"
    assert coze.code("GET", f"/v1/bots/{bot}") == 4200


def test_an_update_keeps_absent_fields_and_replaces_whole_sub_objects(coze: Coze) -> None:
    """Absent top-level fields stay; absent siblings in a given sub-object go back to defaults."""
    bot = coze.bot(
        coze.workspace(),
        description="教你做菜",
        onboarding_info={"prologue": "欢迎", "suggested_questions": ["川菜"]},
        model_info_config={"model_id": "7", "temperature": 0.1, "top_k": 3},
    )
    coze.post(
        "/v1/bot/update",
        bot_id=bot,
        onboarding_info={"prologue": "你好"},
        model_info_config={"model_id": "7"},
    )
    draft = coze.draft(bot)
    assert draft["description"] == "教你做菜"
    assert draft["onboarding_info"] == {"prologue": "你好"}
    assert draft["model_info"]["temperature"] == 0.8
    assert "top_k" not in draft["model_info"]


@pytest.mark.parametrize(("empty", "description", "questions"), [("clear", "", None), ("keep", "甜", ["问"])])
def test_an_empty_value_clears_or_keeps(make: Make, empty: str, description: str, questions: Any) -> None:
    """Unknown on the cloud, so an option."""
    coze = make(empty=empty)
    bot = coze.bot(coze.workspace(), description="甜", onboarding_info={"suggested_questions": ["问"]})
    coze.post("/v1/bot/update", bot_id=bot, description="", onboarding_info={"suggested_questions": []})
    draft = coze.draft(bot)
    assert draft["description"] == description
    assert draft["onboarding_info"].get("suggested_questions") == questions


def test_knowledge_is_written_as_ids_and_read_as_infos(coze: Coze) -> None:
    """auto_call and search_strategy can be written and never read."""
    space = coze.workspace()
    bot, dataset = coze.bot(space), coze.dataset(space)
    knowledge = {"dataset_ids": [dataset], "auto_call": False, "search_strategy": 20}
    coze.post("/v1/bot/update", bot_id=bot, knowledge=knowledge)
    assert coze.draft(bot)["knowledge"] == {"knowledge_infos": [{"id": dataset, "name": "菜谱"}]}


def test_knowledge_cannot_be_bound_at_create(coze: Coze) -> None:
    """The create body has no such field."""
    space = coze.workspace()
    body = {"space_id": space, "name": "x", "knowledge": {"dataset_ids": []}}
    assert coze.code("POST", "/v1/bot/create", body) == 4000


def test_plugins_are_written_flat_and_read_grouped(coze: Coze) -> None:
    """Tools of one plugin come back under it, in the order of first mention."""
    tools = [("600", "601"), ("500", "501"), ("500", "502")]
    id_list = [{"plugin_id": plugin, "api_id": tool} for plugin, tool in tools]
    bot = coze.bot(coze.workspace(), plugin_id_list={"id_list": id_list})
    plugins = coze.draft(bot)["plugin_info_list"]
    assert [(plugin["name"], [api["api_id"] for api in plugin["api_info_list"]]) for plugin in plugins] == [
        ("mail", ["601"]),
        ("news", ["501", "502"]),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"plugin_id_list": {"id_list": [{"plugin_id": "1", "api_id": "501"}]}},
        {"plugin_id_list": {"id_list": [{"plugin_id": "600", "api_id": "501"}]}},
        {"workflow_id_list": {"ids": [{"id": "1"}]}},
        {"icon_file_id": "1"},
        {"knowledge": {"dataset_ids": ["1"]}},
    ],
)
def test_what_a_bot_refers_to_must_exist(coze: Coze, fields: dict[str, Any]) -> None:
    """A missing reference is 4200, and nothing of the update happens."""
    bot = coze.bot(coze.workspace())
    assert coze.code("POST", "/v1/bot/update", {"bot_id": bot, "description": "new", **fields}) == 4200
    assert coze.draft(bot)["description"] == ""


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "长" * 21},
        {"name": ""},
        {"description": "长" * 501},
        {"prompt_info": {"prompt": "长" * 20001}},
        {"prompt_info": {"prompt_mode": "prefix", "prompt": "no"}},
        {"onboarding_info": {"prologue": "长" * 301}},
        {"onboarding_info": {"suggested_questions": ["长" * 51]}},
        {"model_info_config": {"temperature": 1}},
        {"model_info_config": {"model_id": "7", "response_format": "xml"}},
        {"model_info_config": {"model_id": "7", "max_tokens": "many"}},
        {"model_info_config": {"model_id": "7", "temperature": True}},
        {"model_info_config": {"model_id": "7", "parameters": {"thinking_type": "deep"}}},
        {"suggest_reply_info": {"reply_mode": "customized"}},
        {"knowledge": {"search_strategy": 2}},
        {"knowledge": {"dataset_ids": ["1"] * 151}},
        {"media_config": {"is_voice_call_closed": "no"}},
        {"prompt": "at the wrong place"},
        {"space_id": "7"},
    ],
)
def test_limits_of_the_fields(coze: Coze, fields: dict[str, Any]) -> None:
    """Beyond a limit the code is 4000 and the message names the field."""
    bot = coze.bot(coze.workspace())
    reply = coze.call("POST", "/v1/bot/update", {"bot_id": bot, **fields})
    assert reply["code"] == 4000
    assert next(iter(fields)).split(".")[0] in reply["msg"]


def test_signed_urls_change_at_every_read(coze: Coze) -> None:
    """A differ that compares them would never come to rest."""
    bot = coze.bot(coze.workspace())
    assert coze.draft(bot)["icon_url"] != coze.draft(bot)["icon_url"]


@pytest.mark.parametrize(
    ("option", "shown"),
    [
        (
            {"pascal_onboarding": True},
            {
                "onboarding_info": {
                    "Prologue": "hi",
                    "SuggestedQuestions": ["q"],
                    "CustomizedOnboardingPrompt": "",
                    "OnboardingMode": 2,
                    "SuggestedQuestionsShowMode": 0,
                }
            },
        ),
        ({"store_api_id": True}, {}),
        ({"unset_fields": "absent"}, {"prompt_info": {"prompt": ""}}),
    ],
)
def test_documented_variants_of_the_read_shape(
    make: Make, option: dict[str, Any], shown: dict[str, Any]
) -> None:
    """The documentation's examples differ from its tables; both can be had."""
    coze = make(**option)
    plugins = {"id_list": [{"plugin_id": "500", "api_id": "501"}]}
    onboarding = {"prologue": "hi", "suggested_questions": ["q"]}
    bot = coze.bot(coze.workspace(), onboarding_info=onboarding, plugin_id_list=plugins)
    draft = coze.draft(bot)
    assert {key: draft[key] for key in shown} == shown
    if "store_api_id" in option:
        assert draft["plugin_info_list"][0]["api_info_list"][0]["api_id"] == "0"


@pytest.mark.parametrize(
    ("option", "key", "section", "present"),
    [
        ("suggest_reply", "suggest_reply_info", None, True),
        ("model_flags", "cache_type", "model_info", False),
        ("model_flags", "sp_anti_leak", "model_info", False),
    ],
)
def test_undocumented_fields_can_be_hidden_or_shown(
    make: Make, option: str, key: str, section: str | None, present: bool
) -> None:
    """By default suggest_reply_info is read back and the model flags are not."""
    for value in (present, not present):
        coze = make(**{option: value})
        draft = coze.draft(coze.bot(coze.workspace()))
        assert (key in (draft[section] if section else draft)) is value


def test_an_edit_by_hand_moves_the_update_time(coze: Coze) -> None:
    """What a person does in the console shows in the draft and in the listing."""
    space = coze.workspace()
    bot = coze.bot(space)
    coze.clock.time += 5
    coze.emulator.edit("bots", bot, prompt_info={"prompt": "by hand"})
    assert coze.draft(bot)["prompt_info"]["prompt"] == "by hand"
    assert coze.draft(bot)["update_time"] == int(coze.clock.time)
    item = coze.get("/v1/bots", workspace_id=space, publish_status="all")["items"][0]
    assert item["updated_at"] == int(coze.clock.time)


def test_only_the_owner_and_collaborators_edit(coze: Coze) -> None:
    """A member sees a bot; a stranger does not even learn that it exists."""
    space = coze.workspace()
    bot = coze.bot(space)
    coze.post(f"/v1/workspaces/{space}/members", users=[{"user_id": "101", "role_type": "member"}])
    member, stranger = coze.as_token("pat_101"), coze.as_token("pat_102")
    update = {"bot_id": bot, "description": "mine"}
    assert member.draft(bot)["bot_id"] == bot
    assert member.code("POST", "/v1/bot/update", update) == 4101
    assert stranger.code("POST", "/v1/bot/update", update) == 4200
    coze.post(f"/v1/bots/{bot}/collaboration_mode", collaboration_mode="collaboration")
    coze.post(f"/v1/bots/{bot}/collaborators", collaborators=[{"user_id": "101"}])
    assert member.code("POST", "/v1/bot/update", update) == 0


def test_a_dataset_of_another_workspace_can_not_be_bound(coze: Coze) -> None:
    """It does not exist there."""
    here, there = coze.workspace(), coze.workspace()
    body = {"bot_id": coze.bot(here), "knowledge": {"dataset_ids": [coze.dataset(there)]}}
    assert coze.code("POST", "/v1/bot/update", body) == 4200


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"thinking_type": "auto", "caching": {"type": "enabled"}, "store": True}, 0),
        ({"caching_expire_time": 259_200}, 0),
        ({"caching_expire_time": 259_201}, 4000),
        ("none", 4000),
    ],
)
def test_model_parameters_are_a_free_map(coze: Coze, parameters: Any, code: int) -> None:
    """They are read back as they were written."""
    bot = coze.bot(coze.workspace())
    model = {"model_id": "7", "parameters": parameters}
    assert coze.code("POST", "/v1/bot/update", {"bot_id": bot, "model_info_config": model}) == code
    if code == 0:
        assert coze.draft(bot)["model_info"]["parameters"] == parameters


def test_a_folder_shows_in_draft_and_listing(coze: Coze) -> None:
    """Only the console moves a bot into one."""
    space = coze.workspace()
    bot = coze.bot(space)
    coze.emulator.edit("bots", bot, folder_id="77")
    assert coze.draft(bot)["folder_id"] == "77"
    assert coze.get("/v1/bots", workspace_id=space, publish_status="all")["items"][0]["folder_id"] == "77"


def test_an_edit_by_hand_knows_the_fields(coze: Coze) -> None:
    """A typing mistake in a test would test nothing."""
    bot = coze.bot(coze.workspace())
    with pytest.raises(KeyError, match="promt"):
        coze.emulator.edit("bots", bot, promt="x")
    with pytest.raises(ValueError, match="temprature"):
        coze.emulator.edit("bots", bot, model_info_config={"temprature": 1})


def test_an_edit_by_hand_leaves_siblings_alone(coze: Coze) -> None:
    """Unlike an update, which resets them."""
    bot = coze.bot(coze.workspace(), model_info_config={"model_id": "7", "top_k": 3})
    coze.emulator.edit("bots", bot, model_info_config={"temperature": 0.1})
    model = coze.draft(bot)["model_info"]
    assert (model["model_id"], model["top_k"], model["temperature"]) == ("7", 3, 0.1)
