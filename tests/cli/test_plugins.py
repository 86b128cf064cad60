"""`cozeops plugins`: the ids and tools of the store's plugins, whatever they are called."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import Shell

STORE = {
    "plugins": [
        {
            "plugin_id": "901",
            "name": "头条新闻",
            "description": "每天的新闻",
            "tools": [{"tool_id": "1", "name": "top"}, {"tool_id": "2", "name": "search"}],
        },
        {"plugin_id": "902", "name": "天气\x1b[31m\n", "description": "新闻里的天气"},
        {"plugin_id": "903", "name": "地图", "description": ""},
    ],
    "store_categories": [{"id": "31", "name": "新闻"}, {"id": "32", "name": "出行"}],
    "store_plugins": [
        {"plugin_id": "901", "category_id": "31", "is_official": True, "heat": 5},
        {"plugin_id": "902", "category_id": "31", "heat": 9},
        {"plugin_id": "903", "category_id": "32", "heat": 7},
    ],
}


@pytest.fixture
def store(shell: Shell) -> Shell:
    """A store with a few plugins."""
    shell.bench.emulator.seed(STORE)
    return shell


def found(store: Shell, *arguments: str) -> list[dict[str, Any]]:
    """What a search gives."""
    ran = store("plugins", *arguments, "--format", "json")
    assert ran.code == 0, ran.err
    plugins: list[dict[str, Any]] = json.loads(ran.out)["plugins"]
    return plugins


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        ((), ["902", "903", "901"]),
        (("新闻",), ["901", "902"]),
        (("--category", "新闻", "--official"), ["901"]),
        (("--limit", "1"), ["902"]),
        (("没有",), []),
    ],
)
def test_what_is_found(store: Shell, arguments: tuple[str, ...], ids: list[str]) -> None:
    assert [one["id"] for one in found(store, *arguments)] == ids


def test_tools_are_named_as_manifests_need_them(store: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Aligned at 80 columns; names of strangers do no harm."""
    monkeypatch.setenv("COLUMNS", "80")
    ran = store("plugins", "新闻")
    assert ran.out == (
        "头条新闻  901  official, 新闻\n  tools top, search\n  每天的新闻\n"
        "天气\\x1b[31m\\n  902  新闻\n  tools none\n  新闻里的天气\n"
    )


def test_a_token_that_may_not_read_plugins(store: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store has no permission of its own; the tools do."""
    store.bench.emulator.seed({"tokens": [{"token": "pat_narrow", "permissions": []}]})
    monkeypatch.setenv("COZE_API_TOKEN", "pat_narrow")
    assert [one["tools"] for one in found(store, "新闻")] == [None, None]
    assert "tools not told to this token" in store("plugins", "新闻").out


def test_more_than_one_request_takes_are_read_in_parts(store: Shell) -> None:
    many = [{"plugin_id": str(2000 + number), "name": f"p{number}", "tools": []} for number in range(45)]
    store.bench.emulator.seed(
        {"plugins": many, "store_plugins": [{"plugin_id": one["plugin_id"]} for one in many]}
    )
    assert len(found(store, "--limit", "45")) == 45
    assert [one.operation for one in store.bench.emulator.requests].count("batchGetPlugins") == 3


def test_exit_codes(store: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = store("plugins", "--category", "新闻联播")
    assert ran.code == 3
    assert "the store has no category" in ran.err
    assert store("plugins", "--limit", "101").code == 3
    monkeypatch.setenv("COZE_API_TOKEN", "pat_nobody")
    assert store("plugins").code == 4
