"""With a state: exact where Coze is silent, and never in the dark about what is ours."""

from __future__ import annotations

import json
from collections.abc import Callable
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
    """Without --prune an info finding; with it a bot leaves its channels and is forgotten."""
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
def canary(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> str:
    """A token that must not show anywhere."""
    text = "pat_CANARY0123456789"
    shell.bench.emulator.seed({"tokens": [{"token": text}]})
    monkeypatch.setenv("COZE_API_TOKEN", text)
    return text


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


def _git(folder: Path, *arguments: str) -> None:
    import subprocess

    who = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_rollback_plans_the_manifests_before_a_run(shell: Shell) -> None:
    """The commit that the run before recorded; the files of the project stay as they are."""
    folder = shell.bench.folder
    shell.bench.edit(
        PROJECT, "  manifests: [manifests]\n", "  manifests: [manifests]\n  state: {backend: local}\n"
    )
    for message in ("first", "second"):
        if message == "second":
            shell.bench.edit("manifests/bots/translator.yaml", "temperature: 0.1", "temperature: 0.9")
        else:
            _git(folder, "init", "-q")
        _git(folder, "add", ".")
        _git(folder, "commit", "-q", "-m", message)
        assert shell("apply", "--yes").code == 0
    run = shell("history").out.split()[0]
    ran = shell("rollback", run, "--plan")
    assert ran.code == 0, ran.err
    assert "spec.model.temperature" in ran.out
    assert shell("rollback", run, "--yes").code == 0
    assert shell.bench.bot("Recipe Translator")[1]["model_info_config"]["temperature"] == 0.1
    assert "temperature: 0.9" in (folder / "manifests/bots/translator.yaml").read_text(encoding="utf-8")


def _applied_commits(shell: Shell, *edits: Callable[[], object]) -> str:
    """Apply the quickstart from a commit, then each edit from one of its own; the id of the last run."""
    shell.bench.edit(
        PROJECT, "  manifests: [manifests]\n", "  manifests: [manifests]\n  state: {backend: local}\n"
    )
    _git(shell.bench.folder, "init", "-q")
    for edit in (lambda: None, *edits):
        edit()
        _git(shell.bench.folder, "add", ".")
        _git(shell.bench.folder, "commit", "-q", "--allow-empty", "-m", "edit")
        ran = shell("apply", "--prune", "--yes")
        assert ran.code == 0, ran.out + ran.err
    return shell("history").out.split()[0]


def test_rollback_says_what_it_does_not_bring_back(shell: Shell) -> None:
    """What came since, what was taken away since, what the manifests of then do not say."""
    bench, bots = shell.bench, shell.bench.folder / "manifests/bots"

    def edit() -> None:
        text = (bots / "translator.yaml").read_text(encoding="utf-8")
        new = text.replace("name: translator", "name: second").replace("Recipe Translator", "Second")
        (bots / "second.yaml").write_text(new, encoding="utf-8")
        bench.edit("manifests/bots/menu-writer.yaml", "spec:\n", "spec:\n  voice_call: false\n")
        member = '    - {user: "4806127730915204", role: member}  # support lead\n'
        bench.edit("manifests/workspace.yaml", member, "")
        bench.edit("manifests/knowledge.yaml", "    - {file: docs/faq.md, name: 厨房常见问题}\n", "")

    run = _applied_commits(shell, edit)
    ran = shell("rollback", run, "--plan")
    assert ran.code == 0, ran.err
    said = " ".join(ran.out.split())
    assert "Coze has no call that deletes a Bot" in said
    assert "stay as they are: spec.voice_call" in said
    assert "went to the owner of the workspace" in said
    assert "uploaded again" in said
    assert shell("rollback", run, "--yes").code == 0
    assert shell.bench.bot("Second")[0]
    again = shell("rollback", shell("history").out.split()[0], "--plan")
    assert "spec.members[4806127730915204]" in again.out, again.err  # back to the second commit


def test_a_runner_without_a_past_knows_the_runs_from_the_state(shell: Shell) -> None:
    """The folder of another machine: the state has who applied what."""
    file = "manifests/bots/translator.yaml"
    run = _applied_commits(shell, lambda: shell.bench.edit(file, "temperature: 0.1", "temperature: 0.9"))
    (shell.bench.folder / ".cozeops/history/default.jsonl").unlink()
    assert shell("history").out.split()[0] == run
    assert "spec.model.temperature" in shell("rollback", run, "--plan").out


def test_rollback_without_git_says_so(kept: Shell) -> None:
    """Nothing keeps the manifests of that run."""
    kept.bench.edit("manifests/bots/translator.yaml", "temperature: 0.1", "temperature: 0.9")
    assert kept("apply", "--yes").code == 0
    ran = kept("rollback", kept("history").out.split()[0], "--plan")
    assert ran.code == 3
    assert "Git" in ran.err


def test_a_stale_change_is_planned_again_when_asked(kept: Shell, tmp_path: Path) -> None:
    """It goes on only if it writes reviewed values over reviewed values: here somebody wrote them already."""
    plan = tmp_path / "plan.json"
    kept.bench.edit("manifests/bots/chef.yaml", "temperature: 0.7", "temperature: 0.8")
    kept("plan", "--out", str(plan))
    kept.bench.by_hand("每日学一菜", model_info_config={"temperature": 0.8})
    assert kept("apply", str(plan)).code == 6
    ran = kept("apply", str(plan), "--on-stale", "replan")
    assert ran.code == 0
    assert "updateBot" not in kept.bench.writes()
    assert ("live on" in ran.out) is ("publishBot" in kept.bench.writes())
    assert kept.bench.bot("每日学一菜")[1]["model_info_config"]["temperature"] == 0.8


def test_a_live_value_that_no_review_showed_is_not_overwritten(kept: Shell, tmp_path: Path) -> None:
    """The same field moved by hand: what stands there now, nobody has seen."""
    plan = tmp_path / "plan.json"
    kept.bench.edit("manifests/bots/chef.yaml", "temperature: 0.7", "temperature: 0.8")
    kept("plan", "--out", str(plan))
    kept.bench.by_hand("每日学一菜", model_info_config={"temperature": 0.5})
    assert kept("apply", str(plan), "--on-stale", "replan").code == 6
    assert kept.bench.writes() == []
    assert kept.bench.bot("每日学一菜")[1]["model_info_config"]["temperature"] == 0.5


def test_a_stale_change_that_would_write_something_else_is_not_made(kept: Shell, tmp_path: Path) -> None:
    """A second field moved by hand: the fresh plan writes more than was reviewed."""
    plan = tmp_path / "plan.json"
    kept.bench.edit("manifests/bots/chef.yaml", "temperature: 0.7", "temperature: 0.8")
    kept("plan", "--out", str(plan))
    kept.bench.by_hand("每日学一菜", model_info_config={"max_tokens": 99})
    assert kept("apply", str(plan), "--on-stale", "replan").code == 6
    assert kept.bench.bot("每日学一菜")[1]["model_info_config"]["max_tokens"] == 99


@pytest.mark.parametrize("state", ["", "  state: {backend: local}\n"], ids=["no-state", "state"])
@pytest.mark.parametrize("file", ["bots/menu-writer.yaml", "bots/nutritionist.yaml", "bots/translator.yaml"])
def test_removing_a_bot_touches_nothing_without_prune(shell: Shell, state: str, file: str) -> None:
    """An omission deletes nothing; without a state --prune is refused."""
    shell.bench.edit(PROJECT, "  manifests: [manifests]\n", f"  manifests: [manifests]\n{state}")
    assert shell("apply", "--yes").code == 0
    shell.bench.emulator.requests.clear()
    (shell.bench.folder / "manifests" / file).unlink()
    assert shell("apply", "--yes").code == 0
    assert shell.bench.writes() == []
    if not state:
        assert shell("apply", "--prune", "--yes").code == 3
        return
    assert shell("apply", "--prune", "--yes").code == 0
    assert set(shell.bench.writes()) <= {"unpublishBot"}
    assert len(shell.bench.table("bots")) == 5


def test_unmanaged_bots_are_listed_on_request(kept: Shell) -> None:
    """What lives in a managed workspace and no manifest names."""
    (workspace,) = {row["space_id"] for row in kept.bench.table("bots").values()}
    kept.bench.emulator.seed({"bots": [{"bot_id": "7311", "workspace_id": workspace, "name": "私人助手"}]})
    ran = kept("drift", "--unmanaged")
    assert ran.code == 0
    assert "unmanaged  Bot 私人助手  id 7311" in ran.out


def test_thresholds_block_until_acknowledged_with_the_digest(kept: Shell) -> None:
    """More than the environment allows: somebody must have said yes to exactly this."""
    kept.bench.edit(
        PROJECT, "  state: {backend: local}\n", "  state: {backend: local}\n  thresholds: {update: 1}\n"
    )
    for bot, old in (("translator", "0.1"), ("chef", "0.7")):
        kept.bench.edit(f"manifests/bots/{bot}.yaml", f"temperature: {old}", "temperature: 0.5")
    plan = _plan(kept)
    assert "threshold" in [one["name"] for one in plan["findings"]]
    assert kept("apply", "--yes").code == 5
    assert kept("apply", "--digest", plan["digest"]).code == 5
    assert kept("apply", "--digest", plan["digest"], "--ack", "threshold").code == 0


def test_a_protected_bot_is_not_unpublished(kept: Shell) -> None:
    """lifecycle.protect cannot be acknowledged away."""
    kept.bench.edit("manifests/bots/support.yaml", "connectors: [api, chat_sdk]", "connectors: [api]")
    plan = _plan(kept)
    assert "protected" in [one["name"] for one in plan["findings"] if one["severity"] == "block"]
    assert kept("apply", "--digest", plan["digest"], "--ack", "protected").code == 5
    assert kept.bench.writes() == []


def test_a_project_that_lost_everything_prunes_nothing(kept: Shell) -> None:
    """The wrong folder must not empty an account."""
    for path in kept.bench.folder.joinpath("manifests").rglob("*.yaml"):
        if path.name != "prompts.yaml":
            path.unlink()
    assert "prunes-everything" in [one["name"] for one in _plan(kept, "--prune")["findings"]]
    assert kept("apply", "--prune", "--yes").code == 5
    assert kept.bench.writes() == []


def test_a_state_of_another_server_is_refused(kept: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids of one server mean nothing on another."""
    with kept.bench.emulator.serve() as other:
        monkeypatch.setenv("COZE_API_BASE", other)
        ran = kept("plan")
    assert ran.code == 3
    assert "the state is of server" in ran.err


def test_protection_outlives_the_manifest(kept: Shell) -> None:
    """A bot that must not be unpublished is not, also when its file is gone."""
    (kept.bench.folder / "manifests/bots/support.yaml").unlink()
    plan = _plan(kept, "--prune")
    assert ("protected", "Bot/support") in [(one["name"], one["address"]) for one in plan["findings"]]
    assert kept("apply", "--prune", "--yes").code == 5
    assert kept.bench.writes() == []


@pytest.mark.parametrize(
    "operation",
    [
        "createWorkspace",
        "createDataset",
        "createDocuments",
        "createBot",
        "updateBot",
        "addBotCollaborator",
        "publishBot",
    ],
)
def test_a_lost_reply_with_a_state_doubles_nothing(shell: Shell, operation: str) -> None:
    """The connection drops after the effect; the next apply finishes, and the plan is empty and exact."""
    shell.bench.edit(
        PROJECT, "  manifests: [manifests]\n", "  manifests: [manifests]\n  state: {backend: local}\n"
    )
    shell.bench.emulator.faults.add(
        "drop", operation=operation, phase="after", times=1, skip=1 if "Bot" in operation else 0
    )
    shell("apply", "--yes", "--unknown-wait", "0")
    shell.bench.emulator.faults.clear()
    assert shell("apply", "--yes").code == 0
    assert _changes(shell) == {}
    counts = {name: len(shell.bench.table(name)) for name in ("workspaces", "datasets", "documents", "bots")}
    assert counts == {"workspaces": 2, "datasets": 2, "documents": 11, "bots": 5}


def test_taking_protection_back_is_remembered(kept: Shell) -> None:
    """It changes nothing on Coze, and lets a later removal through."""
    kept.bench.edit("manifests/bots/support.yaml", "lifecycle: {protect: [unpublish]}", "lifecycle: {}")
    assert _changes(kept)["Bot/support"]["action"] == "adopt"
    assert kept("apply", "--yes").code == 0
    assert kept.bench.writes() == []
    assert _changes(kept) == {}
    (kept.bench.folder / "manifests/bots/support.yaml").unlink()
    assert kept("apply", "--prune", "--yes").code == 0
    assert set(kept.bench.writes()) == {"unpublishBot"}


def test_a_saved_plan_removes_what_it_shows(kept: Shell, tmp_path: Path) -> None:
    """Prune through a reviewed file: the ghost is known from the state, and checked before it goes."""
    (kept.bench.folder / "manifests/bots/translator.yaml").unlink()
    plan = tmp_path / "plan.json"
    assert kept("plan", "--prune", "--out", str(plan)).code == 0
    kept.bench.emulator.publish(kept.bench.bot("Recipe Translator")[0], "999")
    assert kept("apply", str(plan)).code == 6
    assert kept("apply", "--prune", "--yes").code == 0
    assert "Bot/translator" not in kept("state", "list").out
    assert kept.bench.table("bots")[kept.bench.bot("Recipe Translator")[0]]["online"] == {}


def test_two_environments_have_two_states(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each environment is its own memory."""
    shell.bench.edit(
        PROJECT,
        "  manifests: [manifests]\n",
        "  manifests: [manifests]\n  state: {backend: local}\n"
        "  environments: {dev: {default: true}, prod: {values: {model: '1706077899'}, "
        "token: '${env:PROD_TOKEN}'}}\n",
    )
    monkeypatch.setenv("PROD_TOKEN", "pat_emulator")
    assert shell("apply", "--yes").code == 0
    assert shell("--env", "prod", "state", "list").code == 1
    assert shell("state", "list", "--env", "dev").code == 0
    monkeypatch.setenv("COZEOPS_ENV", "prod")
    assert {one["action"] for one in _changes(shell).values()} == {"adopt", "update"}


def test_the_state_commands(kept: Shell, tmp_path: Path) -> None:
    """list, show, mv, pull, push, unlock: what they print, and what they refuse."""
    assert len(kept("state", "list").out.splitlines()) == 10
    shown = json.loads(kept("state", "show", "Bot/chef").out)
    assert shown["ownership"] == "created"
    assert kept("state", "show", "Bot/nobody").code == 3
    assert kept("state", "mv", "Bot/chef", "Workspace/x").code == 3
    assert kept("state", "mv", "Bot/chef", "Bot/support").code == 3
    pulled = tmp_path / "state.json"
    pulled.write_text(kept("state", "pull").out, encoding="utf-8")
    assert kept("state", "mv", "Bot/chef", "Bot/cook").code == 0
    assert "Bot/cook" in kept("state", "list").out
    old = kept("state", "push", str(pulled))
    assert old.code == 3
    assert "serial" in old.err
    newer = json.loads(pulled.read_text(encoding="utf-8"))
    newer["serial"] += 5
    pulled.write_text(json.dumps(newer), encoding="utf-8")
    assert kept("state", "push", str(pulled)).code == 0
    assert "Bot/chef" in kept("state", "list").out
    assert _changes(kept) == {}
    foreign = {**newer, "lineage": "another"}
    pulled.write_text(json.dumps(foreign), encoding="utf-8")
    assert kept("state", "push", str(pulled)).code == 3
    pulled.write_text("{", encoding="utf-8")
    assert kept("state", "push", str(pulled)).code == 1
    assert kept("state", "unlock").out == "There is no lock.\n"
