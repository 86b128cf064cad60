"""`cozeops template`: a bot from a template, made once."""

from __future__ import annotations

import pytest

from cozeops.emulator import DEFAULT_WORKSPACE
from tests.cli.conftest import Shell


@pytest.fixture
def store(shell: Shell) -> Shell:
    """A template in the store."""
    template = {"template_id": "60", "name": "客服", "prompt_info": {"prompt": "你是客服"}}
    shell.bench.emulator.seed({"templates": [template]})
    return shell


@pytest.mark.parametrize("workspace", ["个人空间", DEFAULT_WORKSPACE])
def test_a_bot_is_made(store: Shell, workspace: str) -> None:
    """Its id goes to standard output, and what to do next beside it."""
    ran = store("template", "60", workspace, "--name", "前台")
    assert ran.code == 0
    id, draft = store.bench.bot("前台")
    assert ran.out == f"{id}\n"
    assert f"cozeops export {DEFAULT_WORKSPACE}" in ran.err
    assert draft["prompt_info"]["prompt"] == "你是客服"
    assert store.bench.table("bots")[id]["space_id"] == DEFAULT_WORKSPACE


def test_without_a_name_it_is_called_as_the_template(store: Shell) -> None:
    assert store("template", "60", "个人空间").code == 0
    assert store.bench.bot("客服")


def test_a_lost_reply_is_not_repeated(store: Shell) -> None:
    """There may be a bot that nobody knows: who asks again must look first."""
    store.bench.emulator.faults.add("drop", operation="duplicateTemplate", times=1, phase="after")
    ran = store("template", "60", "个人空间")
    assert ran.code == 1
    assert "there may be a new bot already" in ran.err
    assert len(store.bench.table("bots")) == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("61", "个人空间"), 1),
        (("60", "厨房"), 3),
        (("客服", "个人空间"), 3),
        (("60", "个人空间", "--name", "很" * 21), 3),
        (("60",), 3),
    ],
)
def test_exit_codes(store: Shell, arguments: tuple[str, ...], code: int) -> None:
    assert store("template", *arguments).code == code
    assert not store.bench.table("bots")


def test_a_token_that_may_not(store: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COZE_API_TOKEN", "pat_emulator_readonly")
    assert store("template", "60", "个人空间").code == 4
