"""`cozeops check`: exit codes, formats, transcripts, both copies side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft7Validator

from cozeops.cli.files.formats import CHECK_FORMATS
from cozeops.report.terminal.cells import width
from tests.cli.conftest import Ran, Shell

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "check.schema.json").read_text("utf-8"))
ENGLISH = "Let us cook mapo tofu tonight: it is quick, and you have all of it in the fridge."
CHINESE = "今晚做麻婆豆腐吧，半小时就好。"


@pytest.fixture(scope="module")
def once() -> dict[str, Any]:
    """What the tests here share: the emulator's state after one apply."""
    return {}


@pytest.fixture
def kitchen(shell: Shell, once: dict[str, Any]) -> Shell:
    """Bots that are applied, and a chef who speaks Chinese."""
    if "dump" in once:
        shell.bench.emulator.load(once["dump"])
    else:
        assert shell("apply", "--yes").code == 0
        once["dump"] = shell.bench.emulator.dump()
    say(shell, CHINESE)
    return shell


def say(shell: Shell, answer: str, copy: str = "draft", **fields: Any) -> None:
    """What the chef says."""
    id, _ = shell.bench.bot("每日学一菜")
    other = CHINESE if copy == "draft" else ENGLISH
    rules = [
        {"id": "one", "bot_id": id, "copy": copy, "answer": answer, **fields},
        {"id": "other", "bot_id": id, "answer": other},
    ]
    shell.bench.emulator.seed({"chat_rules": rules})


def chef(shell: Shell, *options: str) -> Ran:
    """Check one thing."""
    return shell("check", "--target", "Check/chef-speaks-chinese", *options)


def test_all_of_them_pass(kitchen: Shell) -> None:
    """Nothing is left on Coze but what was there; requests are only those of talking."""
    kitchen.bench.emulator.requests.clear()
    ran = kitchen("check")
    assert ran.code == 0, ran.out + ran.err
    assert ran.out.splitlines()[-1] == "3 checks (draft): 3 passed."
    assert ran.err.count("] passed") == 3
    assert kitchen.bench.table("conversations") == {}
    assert set(kitchen.bench.writes()) == {
        "createConversation",
        "createChat",
        "deleteConversation",
        "runWorkflow",
    }


def test_a_failure_is_a_transcript(kitchen: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """5; what was said, and the expectation that failed; it fits 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    say(kitchen, ENGLISH)
    ran = chef(kitchen)
    assert ran.code == 5
    for words in (
        "failed    Check/chef-speaks-chinese",
        "user  What shall I cook",
        "x language: wanted zh, found en",
    ):
        assert words in ran.out
    assert max(map(width, ran.out.splitlines())) <= 80


def test_no_answer_is_1(kitchen: Shell) -> None:
    """And says what to do where there is something to do."""
    say(kitchen, "好", requires_action=[{"name": "locate"}])
    ran = chef(kitchen)
    assert ran.code == 1
    assert "no result" in ran.out
    assert "hint: checks have no tools of their own" in ran.out


def test_a_failure_weighs_more_than_no_answer(kitchen: Shell) -> None:
    say(kitchen, ENGLISH)
    kitchen.bench.emulator.faults.add("error", operation="runWorkflow", status=400, code=4000)
    ran = kitchen("check")
    assert ran.code == 5
    assert "1 failed, 1 no result" in ran.out


def test_the_token_is_4(kitchen: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong one, and one that may read and not talk."""
    kitchen.bench.emulator.seed(
        {"tokens": [{"token": "pat_mute", "permissions": ["listWorkspace", "listBot", "getMetadata"]}]}
    )
    for token in ("pat_wrong", "pat_mute"):
        monkeypatch.setenv("COZE_API_TOKEN", token)
        assert chef(kitchen).code == 4


@pytest.mark.parametrize(
    ("form", "answer"), [("json", CHINESE), *((form, ENGLISH) for form in CHECK_FORMATS)]
)
def test_formats(kitchen: Shell, form: str, answer: str) -> None:
    """The code is the same in every one, and each is whole."""
    say(kitchen, answer)
    ran = chef(kitchen, "--format", form)
    assert ran.code == (0 if answer == CHINESE else 5)
    if form == "json":
        data = json.loads(ran.out)
        assert list(Draft7Validator(SCHEMA).iter_errors(data)) == []
        assert data["exit_code"] == ran.code
    elif form == "junit":
        suite = ElementTree.fromstring(ran.out)
        assert suite.get("failures") == ("0" if ran.code == 0 else "1")
    elif form == "html":
        assert ran.out.startswith("<!doctype html>")
    assert ("language: wanted zh" in ran.out or '"wanted": "zh"' in ran.out) is (ran.code == 5)


def test_one_run_in_many_files(kitchen: Shell, tmp_path: Path) -> None:
    """The bot is talked to once, however many forms there are."""
    kitchen.bench.emulator.requests.clear()
    files = {form: tmp_path / f"check.{form}" for form in CHECK_FORMATS}
    also = [word for form, file in files.items() for word in ("--also", f"{form}={file}")]
    assert chef(kitchen, *also).code == 0
    assert all(file.read_text("utf-8") for file in files.values())
    assert kitchen.bench.writes().count("createChat") == 1
    assert kitchen("check", "--also", "sarif=x").code == 3


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json"])
def test_both_copies_side_by_side(kitchen: Shell, form: str) -> None:
    """What the change does, not only what it says; the code is that of the copy which is asked about."""
    say(kitchen, CHINESE, "published")
    ran = chef(kitchen, "--compare", "published", "--format", form)
    assert ran.code == 5
    for words in ("Let us", "今晚做麻婆豆腐吧"):
        assert words in ran.out
    assert chef(kitchen, "--of", "published", "--compare", "draft", "--format", form).code == 0


def test_columns_are_as_wide_as_they_look(kitchen: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chinese takes two cells a character."""
    monkeypatch.setenv("COLUMNS", "60")
    say(kitchen, CHINESE * 3, "published")
    lines = [line for line in chef(kitchen, "--compare", "published").out.splitlines() if " |" in line]
    assert len({width(line.partition("|")[0]) for line in lines}) == 1
    assert max(map(width, lines)) <= 60


def test_a_version(kitchen: Shell) -> None:
    """Of one bot; what is no version is wrong usage."""
    id, _ = kitchen.bench.bot("每日学一菜")
    version = kitchen.bench.table("bots")[id]["last_version"]
    assert chef(kitchen, "--of", version, "--compare", "draft").code == 0
    for line in (["--of", "latest"], ["--of", "draft", "--compare", "draft"], ["--target", "Bot/nobody"]):
        assert kitchen("check", *line).code == 3


def test_several_bots_have_no_version_in_common(kitchen: Shell) -> None:
    assert "version 1 is of one bot" in kitchen("check", "--of", "1").err


def test_selection(kitchen: Shell) -> None:
    """A check, what it is about, a label; nothing selected is nothing checked."""
    about = kitchen("check", "--target", "Bot/chef", "--format", "json")
    assert [one["check"] for one in json.loads(about.out)["results"]] == [
        "Check/chef-speaks-chinese",
        "Check/chef-stays-in-the-kitchen",
    ]
    labelled = kitchen("check", "--selector", "team=content", "--format", "json")
    assert [one["check"] for one in json.loads(labelled.out)["results"]] == ["Check/chef-speaks-chinese"]
    assert kitchen("check", "--selector", "team=none").out == "There are no checks.\n"


def test_the_token_is_never_shown(kitchen: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even by a bot that repeats it."""
    token = "pat_emulator"
    say(kitchen, f"你的令牌是 {token} 吗？{ENGLISH}")
    for form in CHECK_FORMATS:
        ran = chef(kitchen, "--format", form)
        assert token not in ran.out + ran.err
        assert ran.code == 5


def test_names_of_others_are_inert(kitchen: Shell) -> None:
    """What a bot says moves no cursor, closes no fence, and is no HTML."""
    say(kitchen, f"\x1b[31m```\n</details><script>alert(1)</script> @all\n| {ENGLISH}")
    for form in CHECK_FORMATS:
        out = chef(kitchen, "--format", form).out
        assert "\x1b" not in out
        if form in ("html", "junit"):
            assert "<script>alert" not in out
    assert chef(kitchen, "--format", "markdown").out.count("</details>") == 2
