"""What the pages and the seed forbid in writing, what they show, and what was seen live."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Coze, Make, Row

DOCUMENTS = "/open_api/knowledge/document"
FILE = {"name": "a", "source_info": {"file_base64": "YQ==", "file_type": "txt"}}
PAGE = {"name": "b", "source_info": {"web_url": "https://a.example", "document_source": 1}}
AUTO = {"update_type": 1, "update_interval": 24}


def upload(coze: Coze, *bases: Row, **changes: Any) -> Row:
    """The reply to documents for a new dataset."""
    body = {"dataset_id": coze.dataset(coze.workspace()), "document_bases": list(bases), **changes}
    return coze.call("POST", f"{DOCUMENTS}/create", body)


@pytest.mark.parametrize(
    "bases", [(FILE, PAGE), ({**FILE, "update_rule": AUTO},), ({**FILE, "caption": "a picture"},)]
)
def test_what_no_upload_may_have(coze: Coze, bases: tuple[Row, ...]) -> None:
    """Two ways of uploading in one request, a refresh of a file, the caption of a text."""
    assert upload(coze, *bases)["code"] == 4000


def test_a_refresh_is_for_web_pages(coze: Coze) -> None:
    """Also later; that there is none may be said of a file, as the SDKs do."""
    never = {"update_type": 0, "update_interval": 24}
    file = upload(coze, {**FILE, "update_rule": never})["document_infos"][0]["document_id"]
    page = upload(coze, {**PAGE, "update_rule": AUTO})["document_infos"][0]["document_id"]
    for document, code in ((file, 4000), (page, 0)):
        body = {"document_id": document, "update_rule": AUTO}
        assert coze.code("POST", f"{DOCUMENTS}/update", body) == code


def test_the_chunks_of_mode_0_have_all_their_fields(coze: Coze) -> None:
    """As in the documented list; cut as the server sees fit."""
    shown = upload(coze, FILE, chunk_strategy={"chunk_type": 0})["document_infos"][0]["chunk_strategy"]
    assert shown == {
        "chunk_type": 0,
        "max_tokens": 0,
        "remove_extra_spaces": False,
        "remove_urls_emails": False,
        "separator": "",
    }


def test_later_uploads_without_chunks_take_the_first_ones(coze: Coze) -> None:
    """As the SDKs say of their older call."""
    dataset = coze.dataset(coze.workspace())
    coze.document(dataset, chunk_strategy={"chunk_type": 1, "separator": "#", "max_tokens": 200})
    body = {"dataset_id": dataset, "document_bases": [FILE]}
    shown = coze.call("POST", f"{DOCUMENTS}/create", body)["document_infos"][0]
    assert shown["chunk_strategy"]["separator"] == "#"


def test_a_new_document_may_come_with_nulls(make: Make) -> None:
    """As in the documented reply; a list has the values."""
    made = upload(make(null_sources=True), FILE)["document_infos"][0]
    assert (made["source_type"], made["update_type"]) == (None, None)


def test_the_size_of_a_page_of_documents_has_two_names(coze: Coze) -> None:
    """`size` by the page, `page_size` by the JavaScript SDK."""
    dataset = coze.dataset(coze.workspace())
    for _ in range(3):
        coze.document(dataset)
    for name in ("size", "page_size"):
        reply = coze.call("POST", f"{DOCUMENTS}/list", {"dataset_id": dataset, name: 2})
        assert (len(reply["document_infos"]), reply["total"]) == (2, 3)


def test_codes_that_were_seen_live(make: Make) -> None:
    """A web page that cannot be fetched, a bot that was made just now."""
    coze = make(unreachable_pages="https://a.*", unready_seconds=2)
    assert upload(coze, PAGE)["code"] == 4305
    body = {"bot_id": coze.bot(coze.workspace()), "connector_ids": ["1024"]}
    assert coze.code("POST", "/v1/bot/publish", body) == 702042078
    coze.clock.time += 2
    assert coze.code("POST", "/v1/bot/publish", body) == 0


def test_a_workflow_may_fail_with_any_code(coze: Coze) -> None:
    """6003 for one, which the pages of runs name."""
    coze.emulator.seed({"workflow_rules": [{"error": {"code": 6003, "msg": "no page"}}]})
    assert coze.code("POST", "/v1/workflow/run", {"workflow_id": "700"}) == 6003


@pytest.mark.parametrize(("name", "code"), [("a.exe", 4303), ("a.JPG", 0), ("a", 0), ("菜.txt", 0)])
def test_only_listed_types_are_uploaded(coze: Coze, name: str, code: int) -> None:
    """A name without a type says nothing."""
    reply = coze.http.post("/v1/files/upload", files={"file": (name, b"a")})
    assert reply.json()["code"] == code


def bot_with(coze: Coze, **fields: Any) -> int:
    """The code of making a bot."""
    body = {"space_id": coze.workspace(), "name": "a", **fields}
    return coze.code("POST", "/v1/bot/create", body)


ENABLED = {"caching": {"type": "enabled"}}


@pytest.mark.parametrize(
    ("model", "prompt", "code"),
    [
        ({"parameters": ENABLED}, {"prompt": "a"}, 4000),
        ({"parameters": {"caching": '{"type":"enabled"}'}}, {"prompt": "a"}, 4000),
        ({"parameters": {"caching": {"type": "disabled"}}}, {"prompt": "a"}, 0),
        ({"parameters": {"caching": {"type": "sometimes"}}}, {}, 4000),
        ({"parameters": {"caching": "on"}}, {}, 4000),
        ({"parameters": {"caching_expire_time": "259201"}}, {}, 4000),
        ({"parameters": {"caching_expire_time": "259200"}}, {}, 0),
        ({"parameters": {"thinking_type": "maybe"}}, {}, 4000),
        ({"cache_type": "prefix"}, {"prompt": "a"}, 4000),
        ({"cache_type": "prefix", "api_mode": "responses_api"}, {}, 4000),
        (
            {"cache_type": "prefix"},
            {"prompt_mode": "prefix", "prefix_prompt_info": {"prefix_prompt": "a", "dynamic_prompt": ""}},
            0,
        ),
    ],
)
def test_the_rules_of_prefix_caching(coze: Coze, model: Row, prompt: Row, code: int) -> None:
    """It takes the prompt in two parts, and each protocol has a switch of its own."""
    assert bot_with(coze, model_info_config={"model_id": "7", **model}, prompt_info=prompt) == code


def test_no_questions_come_back_while_suggestions_are_off(coze: Coze, make: Make) -> None:
    """Neither from the draft nor from what is published; they are there all the same."""
    bot = coze.bot(
        coze.workspace(),
        onboarding_info={"prologue": "hi", "suggested_questions": ["q"]},
        suggest_reply_info={"reply_mode": "disable"},
    )
    coze.post("/v1/bot/publish", bot_id=bot, connector_ids=["1024"])
    for shown in (coze.draft(bot), coze.get(f"/v1/bots/{bot}")):
        assert shown["onboarding_info"] == {"prologue": "hi"}
    coze.post("/v1/bot/update", bot_id=bot, suggest_reply_info={"reply_mode": "enable"})
    assert coze.draft(bot)["onboarding_info"]["suggested_questions"] == ["q"]
    told = make(disabled_questions="shown")
    bot = told.bot(
        told.workspace(),
        onboarding_info={"suggested_questions": ["q"]},
        suggest_reply_info={"reply_mode": "disable"},
    )
    assert told.draft(bot)["onboarding_info"]["suggested_questions"] == ["q"]


def test_a_default_that_the_server_adds_to_the_parameters(make: Make) -> None:
    """Said by nobody, there all the same; and only where nobody said otherwise."""
    coze = make(thinking_default=True)
    bot = coze.bot(coze.workspace())
    assert coze.draft(bot)["model_info"]["parameters"] == {"thinking_type": "enabled"}
    model = {"model_id": "7", "parameters": {"thinking_type": "disabled"}}
    coze.post("/v1/bot/update", bot_id=bot, model_info_config=model)
    assert coze.draft(bot)["model_info"]["parameters"] == {"thinking_type": "disabled"}


def test_parameters_as_text(make: Make) -> None:
    """The seed declares a map of strings, its example has other values."""
    coze = make(parameters_as_text=True)
    parameters = {"store": True, "caching": {"type": "enabled"}, "caching_expire_time": 60}
    bot = coze.bot(coze.workspace(), model_info_config={"model_id": "7", "parameters": parameters})
    assert coze.draft(bot)["model_info"]["parameters"] == {
        "store": "true",
        "caching": '{"type":"enabled"}',
        "caching_expire_time": "60",
    }


def test_what_nobody_set_may_be_absent(make: Make) -> None:
    """As in the documented example; what somebody set is there."""
    coze = make(unset_fields="absent")
    space = coze.workspace()
    assert "media_config" not in coze.draft(coze.bot(space))
    assert "media_config" in coze.draft(coze.bot(space, media_config={"is_voice_call_closed": True}))


@pytest.mark.parametrize(
    "fields",
    [
        {"workflow_id_list": {"ids": [{"id": "700"}]}},
        {"plugin_id_list": {"id_list": [{"plugin_id": "560", "api_id": "561"}]}},
    ],
)
def test_a_bot_takes_nothing_of_another_workspace(make: Make, fields: Row) -> None:
    """A workflow, or a plugin of a library; a plugin of the store is anybody's."""
    coze = make(foreign_references="refuse")
    library = {"plugin_id": "560", "name": "own", "tools": [{"tool_id": "561", "name": "t"}]}
    coze.emulator.seed({"plugins": [{**library, "workspace_id": "7300000000000000001"}]})
    assert bot_with(coze, **fields) == 4200


def test_an_empty_value_is_kept_where_nothing_was(make: Make) -> None:
    """Model parameters of a new bot: nothing is there to be kept."""
    coze = make(empty="keep")
    bot = coze.bot(
        coze.workspace(), model_info_config={"model_id": "7", "parameters": {"caching": {"type": "enabled"}}}
    )
    assert coze.draft(bot)["model_info"]["parameters"] == {"caching": {"type": "enabled"}}


def test_subscriptions_are_listed_in_any_order(make: Make) -> None:
    """They have no time, so last changed first leaves them as they are."""
    coze = make(list_order="updated")
    app = coze.post("/v1/api_apps", app_type="normal", name="a")["id"]
    coze.post(f"/v1/api_apps/{app}/events", event_types=["bot.published", "bot.deleted"])
    assert len(coze.get(f"/v1/api_apps/{app}/events")["items"]) == 2


def test_updates_that_answer_what_they_changed(coze: Coze) -> None:
    """A quota its rule, a voiceprint feature its id."""
    rule = {
        "entity_type": "single_device",
        "entity_id": "1",
        "benefit_info": {
            "benefit_type": "resource_point",
            "active_mode": "absolute_time",
            "started_at": 1,
            "ended_at": 2,
            "limit": 3,
        },
    }
    quotas = "/v1/commerce/benefit/limitations"
    quota = coze.post(quotas, **rule)["benefit_id"]
    assert coze.put(f"{quotas}/{quota}", limit=4)["limit"] == 4
    groups = "/v1/audio/voiceprint_groups"
    group = coze.post(groups, name="a")["id"]
    made = coze.http.post(
        f"{groups}/{group}/features", data={"name": "a"}, files={"file": ("a.wav", b"a")}
    ).json()
    feature = made["data"]["id"]
    changed = coze.http.put(
        f"{groups}/{group}/features/{feature}", data={"name": "b"}, files={"file": ("a.wav", b"b")}
    ).json()
    assert changed["data"] == {"id": feature}


def test_a_chatflow_needs_no_parameters(coze: Coze) -> None:
    """The Python SDK leaves them out where there are none."""
    flow = {"workflow_id": "710", "workflow_name": "talk", "workflow_mode": "chatflow"}
    coze.emulator.seed({"workflows": [flow]})
    said = {
        "workflow_id": "710",
        "additional_messages": [{"role": "user", "content": "hi", "content_type": "text"}],
    }
    assert "conversation.chat.completed" in coze.http.post("/v1/workflows/chat", json=said).text
