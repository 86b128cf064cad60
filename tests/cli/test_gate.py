"""`apply --check`: the draft is talked to, and only what passes is published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell

PROMPT = "manifests/prompts/chef.md"
CHINESE = "今晚做麻婆豆腐吧，半小时就好。"
ENGLISH = "Let us cook mapo tofu tonight: it is quick, and you have all of it in the fridge."
SETTINGS = "  manifests: [manifests]\n"
STATE = "  state: {backend: local}\n"


@pytest.fixture(scope="module")
def once() -> dict[str, Any]:
    """What the tests here share: what is live and remembered after one apply."""
    return {}


@pytest.fixture
def kitchen(shell: Shell, once: dict[str, Any]) -> Shell:
    """Bots that are applied, with a state. The chef loses its Chinese when its prompt says ENGLISH."""
    shell.bench.edit("cozeops.yaml", SETTINGS, SETTINGS + STATE)
    state = shell.bench.folder / ".cozeops" / "state" / "default.json"
    if once:
        shell.bench.emulator.load(once["live"])
        state.parent.mkdir(parents=True)
        state.write_text(once["state"].replace(once["url"], shell.url), encoding="utf-8")
    else:
        assert shell("apply", "--yes").code == 0
        once |= {"live": shell.bench.emulator.dump(), "state": state.read_text("utf-8"), "url": shell.url}
    id, _ = shell.bench.bot("每日学一菜")
    rules = [
        {"id": "spoilt", "bot_id": id, "prompt": "ENGLISH", "answer": ENGLISH},
        {"bot_id": id, "answer": CHINESE},
    ]
    shell.bench.emulator.seed({"chat_rules": rules})
    shell.bench.emulator.requests.clear()
    return shell


def spoil(shell: Shell) -> None:
    """Write what makes the chef lose its language."""
    shell.bench.edit(PROMPT, "# 角色", "# 角色：ENGLISH only")


def published(shell: Shell, name: str = "每日学一菜") -> dict[str, Any]:
    """What users of the API talk to."""
    id, _ = shell.bench.bot(name)
    version = shell.bench.table("bots")[id]["online"]["1024"]["version"]
    found: dict[str, Any] = shell.bench.table("bot_versions")[f"{id}.{version}"]["config"]
    return found


def test_a_good_change_passes(kitchen: Shell, tmp_path: Path) -> None:
    """Updated, talked to, published, in this order; the report has what was said."""
    kitchen.bench.edit(PROMPT, "# 角色", "# 人物")
    ran = kitchen("apply", "--yes", "--check", "--report", str(tmp_path / "run.json"))
    assert ran.code == 0, ran.out + ran.err
    writes = kitchen.bench.writes()
    assert (writes[0], writes[-1]) == ("updateBot", "publishBot")
    assert "createChat" in writes
    requests = list(kitchen.bench.emulator.requests)
    after = requests[[one.operation for one in requests].index("updateBot") :]
    assert "true" not in [one.query.get("is_published") for one in after], "nobody may have to go back to it"
    assert published(kitchen)["prompt_info"]["prompt"].startswith("# 人物")
    checks = json.loads((tmp_path / "run.json").read_text("utf-8"))["checks"]
    assert {one["verdict"] for one in checks} == {"passed"}
    assert kitchen.bench.table("conversations") == {}
    assert kitchen("plan", "--detailed-exitcode").code == 0


def test_a_bad_change_is_held(kitchen: Shell) -> None:
    """7; no publish request was made; the draft has the new text; check and answer are shown."""
    before = published(kitchen)
    spoil(kitchen)
    ran = kitchen("apply", "--yes", "--check")
    assert ran.code == 7
    assert "publishBot" not in kitchen.bench.writes()
    assert published(kitchen) == before
    assert "ENGLISH" in kitchen.bench.bot("每日学一菜")[1]["prompt_info"]["prompt"]
    for words in (
        "held    Bot/chef: Check/chef-speaks-chinese failed: language: wanted zh, found en",
        ENGLISH[:30],
    ):
        assert words in ran.out
    assert "1 held" in ran.out


def test_what_was_held_is_planned_again(kitchen: Shell) -> None:
    """As a publication, that passes once the bot says what it should, and is held as long as it does not."""
    spoil(kitchen)
    assert kitchen("apply", "--yes", "--check").code == 7
    changes = json.loads(kitchen("plan", "--format", "json").out)["changes"]
    (change,) = (one for one in changes if one["action"] != "none")
    assert (change["address"], change["action"]) == ("Bot/chef", "publish")
    assert kitchen("apply", "--yes", "--check").code == 7
    id, _ = kitchen.bench.bot("每日学一菜")
    kitchen.bench.emulator.seed({"chat_rules": [{"id": "spoilt", "bot_id": id, "answer": CHINESE}]})
    assert kitchen("apply", "--yes", "--check").code == 0
    assert "ENGLISH" in published(kitchen)["prompt_info"]["prompt"]


def test_a_draft_that_cannot_be_talked_to_did_not_pass(kitchen: Shell) -> None:
    kitchen.bench.edit(PROMPT, "# 角色", "# 人物")
    kitchen.bench.emulator.faults.add("error", operation="createChat", status=400, code=4000)
    ran = kitchen("apply", "--yes", "--check")
    assert ran.code == 7
    assert "has no result" in ran.out
    assert "publishBot" not in kitchen.bench.writes()


def test_a_draft_that_is_not_published_is_not_talked_to(kitchen: Shell) -> None:
    file = kitchen.bench.folder / "manifests/bots/chef.yaml"
    text = file.read_text("utf-8")
    file.write_text(text[: text.index("  publish:")], encoding="utf-8")
    spoil(kitchen)
    ran = kitchen("apply", "--yes", "--check")
    assert ran.code == 0, ran.out + ran.err
    assert kitchen.bench.writes() == ["updateBot"]


def test_without_the_option_nobody_is_talked_to(kitchen: Shell) -> None:
    spoil(kitchen)
    assert kitchen("apply", "--yes").code == 0
    assert "createChat" not in kitchen.bench.writes()


def test_an_environment_may_always_ask_for_it(kitchen: Shell) -> None:
    """The plan says what will be asked of whom, and which bot nobody talks to."""
    kitchen.bench.edit("cozeops.yaml", SETTINGS, f"{SETTINGS}  gate: {{checks: before}}\n")
    spoil(kitchen)
    kitchen.bench.edit("manifests/bots/translator.yaml", "temperature: 0.1", "temperature: 0.3")
    found = json.loads(kitchen("plan", "--format", "json").out)["findings"]
    told = {(one["code"], one["address"]) for one in found if one["code"].startswith("COZE16")}
    assert told == {("COZE161", "Bot/chef"), ("COZE160", "Bot/translator")}
    ran = kitchen("apply", "--yes")
    assert ran.code == 7
    assert kitchen.bench.writes().count("publishBot") == 1, "the translator's: nobody talks to it"


def test_who_edits_meanwhile_is_not_published(kitchen: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was judged is not what would be published: 6."""
    import cozeops.engine.publish.gate as gate

    whole = gate.run_checks

    def edited(*arguments: Any, **options: Any) -> Any:
        results = whole(*arguments, **options)
        kitchen.bench.by_hand("每日学一菜", description="另一个人改的")
        return results

    monkeypatch.setattr(gate, "run_checks", edited)
    kitchen.bench.edit(PROMPT, "# 角色", "# 人物")
    ran = kitchen("apply", "--yes", "--check")
    assert ran.code == 6
    assert "edited on Coze while its checks" in ran.out
    assert "publishBot" not in kitchen.bench.writes()


@pytest.mark.parametrize("words", [["--check", "plan.json"], ["--check=never"]])
def test_wrong_usage(kitchen: Shell, words: list[str]) -> None:
    ran = kitchen("apply", *words)
    assert ran.code == 3
    assert "neither before nor after" in ran.err
