"""A server that has nothing but the official pages' examples: whoami, export, and a plan of nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

import cozeops.api.client
from cozeops.cli import cli
from cozeops.cli.errors import exit_code_of
from tests.contract import operation_of
from tests.contract.test_examples import EXAMPLES

Row = dict[str, Any]

SPACE: Row = {
    "id": "7506047187433000000",
    "name": "文档组的工作空间",
    "icon_url": "https://example.com/icon.png",
    "role_type": "owner",
    "workspace_type": "team",
    "enterprise_id": "volcano_2100000001",
}
"""The page of workspaces has no example, nor is there a page of the current user."""
USER: Row = {"user_id": "2135714797000", "user_name": "kou", "nick_name": "k", "avatar_url": ""}


def whole(value: Any) -> Any:
    """The same without masks: digits where asterisks hid some."""
    if isinstance(value, dict):
        return {name: whole(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [whole(inner) for inner in value]
    return re.sub(r"\*+", lambda found: "0" * len(found[0]), value) if isinstance(value, str) else value


def example(operation: str, query: Mapping[str, str] | None = None) -> Row:
    """The first reply of an operation: of lists, what the query asks for, counted, and no further page."""
    reply: Row = whole(EXAMPLES[operation]["replies"][0])
    data = reply.get("data", reply)
    for name in [name for name, items in data.items() if isinstance(items, list)]:
        data[name] = [item for item in data[name] if _asked(item, query or {})]
        data |= {key: len(data[name]) for key in ("total", "total_count") if key in data}
    data |= {"has_more": False} if "has_more" in data else {}
    return {
        **reply,
        **({"data": {k: v for k, v in data.items() if "page_token" not in k}} if "data" in reply else {}),
    }


def _asked(item: Any, query: Mapping[str, str]) -> bool:
    # every example is of another workspace: here there is one
    wanted = {name: text for name, text in query.items() if name not in ("space_id", "workspace_id")}
    return not isinstance(item, dict) or all(item.get(name, text) == text for name, text in wanted.items())


BOT = example("getBot")["data"]


def _bots(_: httpx.Request) -> Row:
    reply = example("listBots")
    reply["data"]["items"][0] |= {"id": BOT["bot_id"], "name": BOT["name"]}
    del reply["data"]["items"][0]["published_at"]  # it is a draft
    return reply


def _plugin(request: httpx.Request) -> Row:
    ident = request.url.path.rpartition("/")[2]
    used = next(one for one in BOT["plugin_info_list"] if one["plugin_id"] == ident)
    reply = example("getPlugin")
    tool = reply["data"]["tools"][0]
    tools = [{**tool, "tool_id": f"1{n}", "name": api["name"]} for n, api in enumerate(used["api_info_list"])]
    reply["data"] |= {"plugin_id": ident, "name": used["name"], "tools": tools}
    return reply


def _workflow(request: httpx.Request) -> Row:
    reply = example("getWorkflow")
    used = BOT["workflow_info_list"][0]
    reply["data"]["workflow_detail"] |= {"workflow_id": request.url.path.rpartition("/")[2], "app_id": "0"}
    reply["data"]["workflow_detail"] |= {"workflow_name": used["name"]}
    return reply


def _folder(_: httpx.Request) -> Row:
    reply = example("getFolder")
    del reply["data"]["parent_folder_id"]
    return reply


def _data(data: Row) -> Callable[[httpx.Request], Row]:
    return lambda _: {"code": 0, "msg": "", "data": data}


SPECIAL: dict[str, Callable[[httpx.Request], Row]] = {
    "listWorkspaces": _data({"workspaces": [SPACE], "total_count": 1}),
    "getCurrentUser": _data(USER),
    "listBots": _bots,
    "getFolder": _folder,
    "getPlugin": _plugin,
    "getWorkflow": _workflow,
}
"""Where one example must name what another one shows."""


class Replay:
    """Answers with examples; `asked` has the operations."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        operation = operation_of(request.method, request.url.path) or ""
        self.asked.append(operation)
        told = SPECIAL.get(operation, lambda _: example(operation, request.url.params))(request)
        return httpx.Response(200, json=told)


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    """Every client speaks to the examples."""
    server = Replay()
    client = partial(cozeops.api.client.Client, transport=httpx.MockTransport(server))
    monkeypatch.setattr(cozeops.api.client, "Client", client)
    monkeypatch.setenv("COZE_API_TOKEN", "pat_replay")
    monkeypatch.setenv("COZE_API_BASE", "http://127.0.0.1:1")
    return server


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """A command, its code and what it says."""

    def command(*line: str) -> tuple[int, str]:
        capsys.readouterr()
        code = exit_code_of(lambda: cli.main(args=list(line), prog_name="cozeops", standalone_mode=False))
        told = capsys.readouterr()
        return code, told.out + told.err

    return command


def test_whoami(replay: Replay, run: Run) -> None:
    """Who, and which workspaces."""
    code, told = run("whoami")
    assert code == 0, told
    assert SPACE["name"] in told
    assert not {name for name in replay.asked if name not in EXAMPLES} - SPECIAL.keys()


def test_an_export_of_the_examples_plans_to_nothing(replay: Replay, run: Run, tmp_path: Path) -> None:
    """The bot of the page, its plugins and workflow, knowledge bases, callback apps, speakers."""
    folder = tmp_path / "out"
    code, told = run("export", "--out", str(folder))
    assert code == 0, told
    texts = "\n".join(path.read_text("utf-8") for path in folder.rglob("*.yaml"))
    for known in (BOT["name"], *BOT["onboarding_info"]["SuggestedQuestions"], "头条搜索", "openapi_img3"):
        assert known in texts
    code, told = run("-C", str(folder), "plan", "--format", "json")
    assert code == 0, told
    changes = json.loads(told[told.index("{") :])["changes"]
    assert [one for one in changes if one["action"] != "none"] == []
