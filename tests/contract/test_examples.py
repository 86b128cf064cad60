"""The official pages' own requests and replies (`doc-examples.json`), against the client and the emulator.

Ids are masked with asterisks there; nothing here needs them whole.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from cozeops.api.envelope import read_envelope
from cozeops.api.transport import Received
from cozeops.declare.calls import Call
from cozeops.emulator import DEFAULT_WORKSPACE, PROFILES, Emulator, Options
from tests.contract import CONTRACT, OPERATIONS, request_problems, response_problems
from tests.emulator.conftest import SEED, Clock, Coze
from tests.emulator.fuzzed import MORE, furnish

EXAMPLES = json.loads(CONTRACT.with_name("doc-examples.json").read_text(encoding="utf-8"))
HEADERS = {"authorization": "Bearer x", "content-type": "application/json", "agw-js-conv": "str"}
PARTS = ("content", "text", "messages", "data", "status")
"""What the page of chats shows beside whole requests: parts of them, and replies."""


def operations() -> dict[str, tuple[str, str, Any]]:
    """Operation -> method, path, description."""
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, item in json.loads(CONTRACT.read_text(encoding="utf-8"))["paths"].items()
        for method, operation in item.items()
        if method in ("get", "put", "post", "delete")
    }


ALL = operations()
REPLIES = [(name, number) for name, told in EXAMPLES.items() for number in range(len(told["replies"]))]
REQUESTS = [(name, number) for name, told in EXAMPLES.items() for number in range(len(told["requests"]))]


def configuration() -> list[str]:
    """The operations of the configuration plane that have an example of a reply."""
    with OPERATIONS.open(encoding="utf-8") as lines:
        rows = [
            row["operationId"] for row in csv.DictReader(lines, delimiter="\t") if row["plane"] == "config"
        ]
    return [name for name in rows if EXAMPLES.get(name, {}).get("replies")]


def filled(path: str, ids: Mapping[str, str]) -> str:
    """A path with an id in each of its places."""
    return "/".join(ids.get(part[1:-1], "1") if part.startswith("{") else part for part in path.split("/"))


@pytest.mark.parametrize(("name", "number"), REPLIES)
def test_every_reply_fits_the_contract_and_the_client_reads_it(name: str, number: int) -> None:
    """Four of them lack the code; the client asks for it, and the contract too where it is not about runs."""
    method, path, _ = ALL[name]
    reply = EXAMPLES[name]["replies"][number]
    assert response_problems(method, filled(path, {}), 200, reply) == []
    whole = {"code": 0, **reply}
    received = Received(name, 200, httpx.Headers(), json.dumps(whole).encode())
    assert read_envelope(Call(name, method, path), received) == whole


@pytest.mark.parametrize(("name", "number"), REQUESTS)
def test_every_request_fits_the_contract(name: str, number: int) -> None:
    """But the first of document create: it leaves out `format_type`, which cozeops always sends."""
    method, path, _ = ALL[name]
    request = EXAMPLES[name]["requests"][number]
    if isinstance(request, list) or (name == "createChat" and "user_id" not in request):
        assert any(part in str(request) for part in PARTS)
        return
    if (name, number) == ("createDocuments", 0):
        request = {**request, "format_type": 0}
    problems = request_problems(method, filled(path, {}), HEADERS, request)
    assert [problem for problem in problems if "query" not in problem] == []


# ----------------------------------------------------------------------------------- the emulator's answers

QUERIES: dict[str, dict[str, Any]] = {
    "getBot": {"is_published": "false"},
    "getVariables": {"connector_uid": "u", "bot_id": "1000"},
    "getWorkflow": {"include_input_output": "true"},
    "listBenefitLimitations": {"entity_type": "single_device", "benefit_type": "resource_point"},
    "listBots": {"publish_status": "all"},
    "listApps": {"workspace_id": DEFAULT_WORKSPACE},
    "listFolders": {
        "workspace_id": DEFAULT_WORKSPACE, "folder_type": "development", "parent_folder_id": "20",
    },
    "listWorkflows": {"workspace_id": DEFAULT_WORKSPACE},
    "listStoreCategories": {"entity_type": "plugin"},
    "listVoices": {"filter_system_voice": "true"},
    "listWorkflowVersions": {"include_input_output": "true"},
}  # fmt: skip
PLAIN: dict[str, dict[str, str]] = {
    "getBot": {
        f"data.onboarding_info.{name}": "pascal_onboarding"
        for name in (
            "CustomizedOnboardingPrompt", "OnboardingMode", "Prologue", "SuggestedQuestions",
            "SuggestedQuestionsShowMode",
        )
    },
    "createDocuments": {
        "document_infos.0.source_type": "null_sources", "document_infos.0.update_type": "null_sources",
    },
    "removeWorkspaceMembers": {"data.not_in_space_user_ids": "not_in_workspace_key"},
}  # fmt: skip
"""Operation -> where a default answer differs from the example -> the option that says why."""
OWN: dict[str, tuple[str, ...]] = {
    # what a tool or a workflow takes and gives is its own
    "batchGetPlugins": ("data.items.0.tools.0.inputSchema.", "data.items.0.tools.0.outputSchema."),
    "getPlugin": ("data.tools.0.inputSchema.", "data.tools.0.outputSchema."),
    "getWorkflow": ("data.input.parameters.", "data.output."),
    "listWorkflowVersions": ("data.items.0.input.parameters.", "data.items.0.output."),
    "callPluginTool": ("data.result.",),
    # only the console makes them, and nothing here reads them
    "getBotOnlineInfo": ("data.shortcut_commands",),
}
"""Operation -> where its answer is somebody's own, so that no example can say it."""


def differences(example: Any, answer: Any, where: str = "") -> Iterator[str]:
    """Where an answer lacks a field of the example, or has another type."""
    if isinstance(example, dict) and isinstance(answer, dict):
        for name, value in example.items():
            inner = f"{where}.{name}".lstrip(".")
            yield from differences(value, answer[name], inner) if name in answer else [inner]
    elif isinstance(example, list) and isinstance(answer, list):
        if example and answer:
            yield from differences(example[0], answer[0], f"{where}.0")
        elif example and not isinstance(example[0], str):
            yield f"{where} is empty"
    elif not (isinstance(example, int | float) and isinstance(answer, int | float)) and type(
        example
    ) is not type(answer):
        yield where


class Furnished:
    """An emulator with one of everything, and an answer of each operation."""

    def __init__(self, **options: Any) -> None:
        always: dict[str, Any] = {
            "qps_limits": False,
            "processing_seconds": 0.0,
            "foreign_callbacks": "accept",
        }
        emulator = Emulator(options=Options(**always, **options), clock=Clock())
        emulator.seed(SEED)
        emulator.seed(MORE)
        emulator.seed(_RICH)
        self.coze = Coze(emulator, Clock())
        self.ids = furnish(self.coze) | {"folder_id": "21"}
        self.answers = self._written()

    def answer(self, name: str) -> Any:
        """The reply of one operation."""
        return self.answers[name] if name in self.answers else self._read(name)

    def _read(self, name: str) -> Any:
        method, path, operation = ALL[name]
        queries = [item["name"] for item in operation.get("parameters", []) if item["in"] == "query"]
        query = {key: self.ids[key] for key in queries if key in self.ids and key not in _NO_QUERY}
        query |= {"page_num": 1} if "page_num" in queries else {}
        query |= {"ids": "510"} if name == "batchGetPlugins" else {}
        query |= QUERIES.get(name, {})
        body = {"dataset_id": self.ids["dataset_id"], "document_ids": [self.ids["document_id"]]}
        wanted = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        body = {key: value for key, value in body.items() if key in str(wanted)} if method == "POST" else {}
        path = filled(path, self.ids)
        return self.coze.call(method, path, body or None, **query)

    def _written(self) -> dict[str, Any]:
        space = self.coze.workspace()
        self.ids["workspace_id"] = space
        answers: dict[str, Any] = {}

        def does(name: str, body: Any = None, **more: Any) -> Any:
            method, path, _ = ALL[name]
            answers[name] = self.coze.http.request(
                method, filled(path, self.ids), **({"json": body} if body is not None else {}), **more
            ).json()
            return answers[name].get("data", {})

        audio = {"file": ("a.wav", b"a")}
        does("addWorkspaceMembers", {"users": [{"user_id": "101", "role_type": "member"}]})
        does("removeWorkspaceMembers", {"user_ids": ["101", "2069720456000000"]})
        does("createWorkspace", {"name": "a", "description": "b"})
        does("createOrganization", {"name": "a", "super_admin_user_id": "101"})
        text = does("createDataset", {"name": "a", "space_id": space, "format_type": 0})["dataset_id"]
        base = {"name": "a", "source_info": {"file_base64": "YQ==", "file_type": "txt"}}
        chunks = {"chunk_type": 1, "separator": "#", "max_tokens": 100}
        create = {"dataset_id": text, "format_type": 0, "chunk_strategy": chunks, "document_bases": [base]}
        does("createDocuments", create)
        image = self.coze.dataset(space, 2)
        picture = {"name": "a", "source_info": {"source_file_id": self.ids["file_id"], "document_source": 5}}
        strategy = {"caption_type": 0}
        create = {
            "dataset_id": image,
            "format_type": 2,
            "chunk_strategy": strategy,
            "document_bases": [picture],
        }
        made = self.coze.call("POST", "/open_api/knowledge/document/create", create)["document_infos"][0]
        self.ids |= {"document_id": made["document_id"], "dataset_id": image, "space_id": space}
        answers["listDocuments"] = self.coze.call("POST", ALL["listDocuments"][1], {"dataset_id": text})
        bot = does("createBot", {"space_id": space, "name": "a", **_BOT})["bot_id"]
        does("publishBot", {"bot_id": bot, "connector_ids": ["1024"]})
        self.coze.emulator.edit("bots", bot, folder_id="21")
        self.ids["bot_id"] = bot
        does("createCopyTask", {"entity_id": bot, "entity_type": "bot"})
        does("createApiApp", {"app_type": "normal", "name": "a"})
        self.coze.put(f"/v1/api_apps/{self.ids['api_app_id']}", callback_url="http://93.184.216.34/")
        terms = {"active_mode": "absolute_time", "started_at": 1, "ended_at": 2, "limit": 1}
        single = {"entity_type": "single_device", "entity_id": "e"}
        does(
            "createBenefitLimitation", {**single, "benefit_info": {"benefit_type": "resource_point", **terms}}
        )
        does("updateBenefitLimitation", {"limit": 2})
        does("createVoiceprintGroup", {"name": "b"})
        does("createVoiceprintFeature", None, data={"name": "b"}, files=audio)
        does("updateVoiceprintFeature", None, data={"name": "c"}, files=audio)
        does("cloneVoice", None, data={"voice_name": "a", "audio_format": "wav"}, files=audio)
        does("uploadFile", None, files={"file": ("a.png", b"a")})
        return answers


_NO_QUERY = ("user_id", "connector_id", "app_id", "enterprise_id")
_TOOL = {"tool_id": "511", "name": "t"}
_RICH: dict[str, Any] = {
    "folders": [{"id": "21", "name": "汤", "parent_folder_id": "20"}],
    "apps": [{"id": "799", "name": "a", "folder_id": "21"}],
    "plugins": [{"plugin_id": "510", "name": "p", "tools": [_TOOL]}],
    "store_categories": [{"id": "1", "name": "新闻"}],
}
_BOT: dict[str, Any] = {
    "onboarding_info": {"prologue": "a", "suggested_questions": ["b"]},
    "plugin_id_list": {"id_list": [{"plugin_id": "510", "api_id": "511"}]},
    "workflow_id_list": {"ids": [{"id": "700"}]},
    "model_info_config": {
        "model_id": "7", "top_p": 1.0, "frequency_penalty": 0.0, "presence_penalty": 0.0,
    },
}  # fmt: skip


@pytest.fixture(scope="module", params=["plain", "documented"])
def furnished(request: pytest.FixtureRequest) -> tuple[str, Furnished]:
    """Both profiles, furnished."""
    return request.param, Furnished(**PROFILES[request.param])


ANSWERED = [
    name for name in configuration() if EXAMPLES[name]["replies"][0].keys() - {"code", "msg", "detail"}
]


@pytest.mark.parametrize("name", ANSWERED)
def test_the_emulator_answers_as_the_pages_show(furnished: tuple[str, Furnished], name: str) -> None:
    """Each field of the example, with its type; where a default answer differs, an option says why."""
    profile, emulator = furnished
    answer = emulator.answer(name)
    assert answer["code"] == 0, answer
    example = {key: value for key, value in EXAMPLES[name]["replies"][0].items() if key != "detail"}
    own = OWN.get(name, ())
    found = {where for where in differences(example, answer) if not where.startswith(own)}
    assert found == (set(PLAIN.get(name, {})) if profile == "plain" else set())


def test_the_options_that_say_why_are_those_of_the_profile() -> None:
    """What the documented profile turns answers for the differences, and they are named."""
    named = {option for places in PLAIN.values() for option in places.values()}
    assert named <= PROFILES["documented"].keys()
