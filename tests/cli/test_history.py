"""`history`: each run that may have written, what it changed, whether its manifests are kept anywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cozeops.state import Journal, RunInfo
from tests.cli.conftest import Shell
from tests.cli.test_state import PROJECT, _applied_commits, _git

NAME = "hezao-kitchen"
TRANSLATOR = "manifests/bots/translator.yaml"


def told(shell: Shell) -> list[dict[str, Any]]:
    """The runs as JSON, newest first."""
    ran = shell("history", "--format", "json")
    assert ran.code == 0, ran.err
    said = json.loads(ran.out)
    assert (said["format"], said["project"], said["env"]) == ("cozeops-history/1", NAME, "default")
    runs: list[dict[str, Any]] = said["runs"]
    return runs


@pytest.fixture
def remembering(shell: Shell) -> Shell:
    """The quickstart with a state, committed and not yet applied."""
    shell.bench.edit(
        PROJECT, "  manifests: [manifests]\n", "  manifests: [manifests]\n  state: {backend: local}\n"
    )
    _git(shell.bench.folder, "init", "-q")
    _git(shell.bench.folder, "add", ".")
    _git(shell.bench.folder, "commit", "-q", "-m", "first")
    return shell


def test_what_each_run_changed(remembering: Shell) -> None:
    """Address, action and outcome of each change, the commit, and that it was all committed."""
    assert remembering("apply", "--yes").code == 0
    (run,) = told(remembering)
    assert (run["status"], run["exit_code"], run["edited"]) == ("ended", 0, False)
    assert len(run["commit"]) == 40
    chef = {"address": "Bot/chef", "action": "create", "outcome": "done"}
    assert chef in run["changes"]
    assert run["counts"] == {"done": len(run["changes"])}
    assert "+edits" not in remembering("history").out


def test_a_run_of_manifests_that_were_not_committed_is_told_and_not_gone_back_to(remembering: Shell) -> None:
    """Its commit is a text that was never live: rollback says so; to the one before it, it goes."""
    shell, bench = remembering, remembering.bench
    assert shell("apply", "--yes").code == 0
    bench.edit(TRANSLATOR, "temperature: 0.1", "temperature: 0.5")
    assert shell("apply", "--yes").code == 0
    second, first = told(shell)
    assert (second["edited"], first["edited"]) == (True, False)
    assert second["commit"] == first["commit"]
    assert f"{first['commit'][:12]}+edits" in shell("history").out

    bench.edit(TRANSLATOR, "temperature: 0.5", "temperature: 0.9")
    _git(bench.folder, "commit", "-qam", "third")
    assert shell("apply", "--yes").code == 0
    refused = shell("rollback", told(shell)[0]["id"], "--yes")
    assert refused.code == 3
    assert f"run {second['id']} applied manifests that were not committed" in " ".join(refused.err.split())
    assert bench.bot("Recipe Translator")[1]["model_info_config"]["temperature"] == 0.9
    assert shell("rollback", second["id"], "--yes").code == 0
    assert bench.bot("Recipe Translator")[1]["model_info_config"]["temperature"] == 0.1
    assert told(shell)[0]["edited"] is False


def test_what_makes_the_same_is_no_edit(remembering: Shell) -> None:
    """A comment, and a file that is no manifest, are not what was applied."""
    remembering.bench.edit(TRANSLATOR, "spec:\n", "# only words\nspec:\n")
    remembering.bench.write("notes.txt", "not a manifest")
    assert remembering("apply", "--yes").code == 0
    assert told(remembering)[0]["edited"] is False


def test_a_new_file_that_nobody_committed_is_an_edit(remembering: Shell) -> None:
    remembering.bench.write(
        "manifests/new.yaml", "kind: Prompt\nmetadata: {name: new}\nspec: {text: hello}\n"
    )
    assert remembering("apply", "--yes").code == 0
    assert told(remembering)[0]["edited"] is True


def test_a_killed_run_is_told(shell: Shell) -> None:
    """From the journal that it left: what it wrote, what may have happened. To before it, rollback goes."""
    file, bench = TRANSLATOR, shell.bench
    _applied_commits(shell, lambda: bench.edit(file, "temperature: 0.1", "temperature: 0.9"))
    last = told(shell)[0]
    run = RunInfo.here(
        "default", "apply", environ={}, commit=last["commit"], server=bench.client.base_url, project=NAME
    )
    journal = Journal.begin(run, root=bench.folder)
    entry = {"address": "Bot/translator", "operation": "updateBot"}
    journal.done(journal.intent(entry, sync=True), {"id": "1"})
    journal.intent({**entry, "address": "Bot/chef"}, sync=True)
    journal.finish()
    killed = told(shell)[0]
    assert (killed["id"], killed["status"], killed["exit_code"], killed["ended"]) == (
        run.id,
        "killed",
        None,
        None,
    )
    assert [(one["address"], one["outcome"]) for one in killed["changes"]] == [
        ("Bot/translator", "written"),
        ("Bot/chef", "unknown"),
    ]
    assert f"{run.id}  " in shell("history").out
    assert "  killed  " in shell("history").out
    assert shell("rollback", run.id, "--plan").code == 0


def test_a_run_that_only_the_state_knows_is_told(remembering: Shell) -> None:
    """It wrote from another machine and did not say that it ended."""
    assert remembering("apply", "--yes").code == 0
    path = remembering.bench.folder / ".cozeops/state/default.json"
    state = json.loads(path.read_text("utf-8"))
    state["run"] = {**state["run"], "id": "20991231T000000Z-0", "host": "elsewhere", "time": 4e9}
    path.write_text(json.dumps(state), encoding="utf-8")
    newest, _ = told(remembering)
    assert (newest["status"], newest["host"], newest["changes"]) == ("unknown", "elsewhere", [])
