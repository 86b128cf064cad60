"""With a state: exact where Coze is silent, and never in the dark about what is ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell

PROJECT = "cozeops.yaml"


@pytest.fixture
def kept(shell: Shell) -> Shell:
    """The quickstart with a local state, applied."""
    shell.bench.edit(
        PROJECT, "  manifests: [manifests]\n", "  manifests: [manifests]\n  state: {backend: local}\n"
    )
    ran = shell("apply", "--yes")
    assert ran.code == 0, ran.err
    shell.bench.emulator.requests.clear()
    return shell


def _plan(shell: Shell, *arguments: str) -> dict[str, Any]:
    ran = shell("plan", "--format", "json", *arguments)
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


def _changes(shell: Shell, *arguments: str) -> dict[str, dict[str, Any]]:
    return {one["address"]: one for one in _plan(shell, *arguments)["changes"] if one["action"] != "none"}


def test_after_apply_nothing_is_left_uncompared(kept: Shell) -> None:
    """Property: what was sent is known, so the plan is empty and exact."""
    plan = _plan(kept)
    assert [one for one in plan["changes"] if one["action"] != "none"] == []
    assert plan["summary"]["uncompared"] == 0
    assert kept.bench.writes() == []


@pytest.mark.parametrize(
    ("file", "old", "new", "address", "path"),
    [
        (
            "manifests/bots/chef.yaml",
            "auto_call: true",
            "auto_call: false",
            "Bot/chef",
            "spec.knowledge.auto_call",
        ),
        (
            "manifests/bots/chef.yaml",
            "search_strategy: hybrid",
            "search_strategy: semantic",
            "Bot/chef",
            "spec.knowledge.search_strategy",
        ),
        (
            "manifests/bots/chef.yaml",
            '["4806127730915202", "4806127730915203"]',
            '["4806127730915202"]',
            "Bot/chef",
            "spec.collaboration.collaborators[4806127730915203]",
        ),
        (
            "manifests/docs/faq.md",
            "\n",
            "\n又一个问题。\n",
            "KnowledgeBase/recipes",
            "spec.documents[厨房常见问题].content",
        ),
        (
            "manifests/bots/support.yaml",
            "sp_current_time: true",
            "sp_current_time: false",
            "Bot/support",
            "spec.model.sp_current_time",
        ),
    ],
)
def test_what_cannot_be_read_is_planned_exactly(
    kept: Shell, file: str, old: str, new: str, address: str, path: str
) -> None:
    """A change of a write-only field is named, labelled git, applied once, and then known."""
    kept.bench.edit(file, old, new)
    changes = _changes(kept)
    assert list(changes) == [address]
    assert [one["path"] for one in changes[address]["fields"]] == [path]
    assert changes[address]["origin"] in ("git", None)
    assert kept("apply", "--yes").code == 0
    assert _changes(kept) == {}


def test_each_difference_is_labelled(kept: Shell) -> None:
    """git, live, both."""
    kept.bench.edit("manifests/bots/translator.yaml", "temperature: 0.1", "temperature: 0.2")
    kept.bench.by_hand("每日学一菜", model_info_config={"temperature": 1.3})
    kept.bench.edit("manifests/bots/support.yaml", "temperature: 0.2", "temperature: 0.3")
    kept.bench.by_hand("Hezao Support", model_info_config={"temperature": 1.0})
    changes = _changes(kept)
    origins = {address: change["origin"] for address, change in changes.items()}
    assert origins == {"Bot/translator": "git", "Bot/chef": "live", "Bot/support": "both"}


def test_drift_is_10_and_only_about_the_live_side(kept: Shell) -> None:
    """A change in Git is no drift; a change by hand is, with both values."""
    assert kept("drift").code == 0
    kept.bench.edit("manifests/bots/translator.yaml", "temperature: 0.1", "temperature: 0.2")
    assert kept("drift").code == 0
    kept.bench.by_hand("每日学一菜", model_info_config={"temperature": 1.3})
    ran = kept("drift")
    assert ran.code == 10
    assert "Bot/chef" in ran.out
    assert "0.7 → 1.3" in ran.out
    data = json.loads(kept("drift", "--format", "json").out)
    assert [one["address"] for one in data["drifted"]] == ["Bot/chef"]


def test_a_rename_is_an_update_of_the_same_object(kept: Shell) -> None:
    """Identity is the id that the state knows, not the name."""
    before = kept.bench.bot("Recipe Translator")[0]
    kept.bench.edit("manifests/bots/translator.yaml", "name: Recipe Translator", "name: Translator")
    changes = _changes(kept)
    assert changes["Bot/translator"]["action"] == "update"
    assert kept("apply", "--yes").code == 0
    assert kept.bench.bot("Translator")[0] == before
    assert len(kept.bench.table("bots")) == 5


def test_a_moved_address_keeps_its_object(kept: Shell) -> None:
    """`moved_from` says what the address was."""
    kept.bench.edit(
        "manifests/bots/translator.yaml",
        "  name: translator\n",
        "  name: interpreter\n  moved_from: translator\n",
    )
    changes = _changes(kept)
    assert changes["Bot/interpreter"]["action"] == "adopt"
    assert kept("apply", "--yes").code == 0
    assert "Bot/interpreter" in kept("state", "list").out
    assert "Bot/translator" not in kept("state", "list").out
    assert _changes(kept) == {}


def test_the_first_plan_over_existing_objects_adopts_them(shell: Shell) -> None:
    """Found by name: an action of its own, that alone is no change."""
    assert shell("apply", "--yes").code == 0
    shell.bench.edit(
        PROJECT, "  manifests: [manifests]\n", "  manifests: [manifests]\n  state: {backend: local}\n"
    )
    actions = {one["action"] for one in _changes(shell).values()}
    assert actions == {"adopt"}
    assert shell("plan", "--detailed-exitcode").code == 0
    shell.bench.emulator.requests.clear()
    assert shell("apply", "--yes").code == 0
    assert shell.bench.writes() == []
    assert _changes(shell) == {}


def test_an_object_that_is_not_shown_any_more_is_never_made_again(kept: Shell) -> None:
    """Invisible is not gone: a blocking finding, and what to do."""
    id, _ = kept.bench.bot("菜单文案")
    kept.bench.emulator.remove("bots", id)
    plan = _plan(kept)
    assert [one["name"] for one in plan["findings"] if one["severity"] == "block"] == ["gone-or-invisible"]
    assert kept("apply", "--yes").code == 5
    assert kept("state", "rm", "Bot/menu-writer").code == 0
    assert kept("apply", "--yes").code == 0
    assert len(kept.bench.table("bots")) == 5


def test_what_left_the_manifests_is_kept_unless_pruned(kept: Shell, tmp_path: Path) -> None:
    """Without --prune an info finding; with it a base is deleted, a bot leaves its channels and is forgotten."""
    (kept.bench.folder / "manifests/bots/translator.yaml").unlink()
    plan = _plan(kept)
    assert [one["action"] for one in plan["changes"] if one["action"] != "none"] == []
    assert "left-manifests" in [one["name"] for one in plan["findings"]]
    changes = _changes(kept, "--prune")
    assert changes["Bot/translator"]["action"] == "unpublish"
    assert kept("apply", "--prune", "--yes").code == 0
    assert kept.bench.writes() == ["unpublishBot"]
    assert "Bot/translator" not in kept("state", "list").out
    assert _changes(kept, "--prune") == {}


def test_prune_deletes_a_base_after_its_bots_let_go_of_it(kept: Shell) -> None:
    """Removal in reverse: first the bots, then the base."""
    knowledge = kept.bench.folder / "manifests/knowledge.yaml"
    documents = knowledge.read_text(encoding="utf-8").split("---\n")
    knowledge.write_text(
        "---\n".join(one for one in documents if "name: dishes" not in one), encoding="utf-8"
    )
    for bot in ("chef", "menu-writer"):
        kept.bench.edit(f"manifests/bots/{bot}.yaml", "datasets: [recipes, dishes]", "datasets: [recipes]")
    assert _changes(kept, "--prune")["KnowledgeBase/dishes"]["action"] == "delete"
    assert kept("apply", "--prune", "--yes").code == 0
    writes = kept.bench.writes()
    assert writes[-1] == "deleteDataset"
    assert len(kept.bench.table("datasets")) == 1
    assert _changes(kept) == {}


def test_import_binds_an_address_to_an_id(kept: Shell) -> None:
    """The next plan compares with that object."""
    id, _ = kept.bench.bot("Recipe Translator")
    assert kept("state", "rm", "Bot/translator").code == 0
    kept.bench.edit("manifests/bots/translator.yaml", "name: Recipe Translator", "name: Another Name")
    assert kept("import", "Bot/translator", id).code == 0
    changes = _changes(kept)
    assert changes["Bot/translator"]["id"] == id
    assert [one["path"] for one in changes["Bot/translator"]["fields"] if not one.get("note")] == [
        "spec.name"
    ]


def test_a_second_run_waits_or_says_who_holds_the_state(kept: Shell) -> None:
    """Exit 9 at once, with the owner."""
    from cozeops.state import RunInfo, open_backend

    backend = open_backend({"backend": "local"}, root=kept.bench.folder, environment="default", environ={})
    assert backend is not None
    with backend.lock(RunInfo.here("default", "apply", environ={}), 0):
        ran = kept("apply", "--yes")
    assert ran.code == 9
    assert "is locked by" in ran.err
    assert "--lock-timeout" in ran.err


def test_an_adopted_bot_that_is_overwritten_warns(shell: Shell) -> None:
    """The first apply over somebody else's values says so."""
    assert shell("apply", "--yes").code == 0
    shell.bench.edit(
        PROJECT, "  manifests: [manifests]\n", "  manifests: [manifests]\n  state: {backend: local}\n"
    )
    shell.bench.by_hand("每日学一菜", model_info_config={"temperature": 1.3})
    plan = _plan(shell)
    assert ("adopt-overwrites", "Bot/chef") in [(one["name"], one["address"]) for one in plan["findings"]]


@pytest.fixture
def canary(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A token that must not show anywhere."""
    text = "pat_CANARY0123456789"
    shell.bench.emulator.seed({"tokens": [{"token": text}]})
    monkeypatch.setenv("COZE_API_TOKEN", text)
    yield text


def test_the_token_is_in_no_file_and_no_output(shell: Shell, canary: str, tmp_path: Path) -> None:
    """State, plan, report, journal, history, stdout, stderr."""
    shell.bench.edit(
        PROJECT, "  manifests: [manifests]\n", "  manifests: [manifests]\n  state: {backend: local}\n"
    )
    plan, report = tmp_path / "plan.json", tmp_path / "report.json"
    said = [shell("plan", "--out", str(plan), "-v"), shell("apply", str(plan), "--report", str(report))]
    assert [one.code for one in said] == [0, 0]
    files = [path for path in (*shell.bench.folder.rglob("*"), plan, report) if path.is_file()]
    assert len([path for path in files if ".cozeops" in path.parts]) >= 2
    for path in files:
        assert canary.encode() not in path.read_bytes(), path
    assert all(canary not in one.out + one.err for one in said)
