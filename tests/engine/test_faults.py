"""What happens when the wire breaks: a second apply finishes the first, and nothing is doubled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cozeops.engine.model.outcome import Status, exit_code
from tests.kit import Bench, KeptBench, change

COUNTED = ("workspaces", "bots", "datasets", "documents")
WRITES = ("create*", "update*", "add*", "set*", "install*", "publish*", "uploadFile")
SAMPLE = [(pattern, skip) for pattern in WRITES for skip in (0, 2)]


UNDISTURBED = {
    "channels": {
        "Hezao Support": ["1024", "999"],
        "Recipe Translator": ["1024"],
        "每日学一菜": ["1024", "7471902286530412575", "999"],
        "菜单文案": [],
        "营养搭配师": ["1024", "999"],
    },
    "workspaces": 2,
    "bots": 5,
    "datasets": 2,
    "documents": 11,
}
"""The quickstart, applied without any fault."""


def _shape(bench: Bench) -> dict[str, Any]:
    """What is live, without ids and times."""
    bots = {row["draft"]["name"]: sorted(row["online"]) for row in bench.table("bots").values()}
    return {"channels": bots} | {name: len(bench.table(name)) for name in COUNTED}


def _converges(tmp_path: Path, **fault: Any) -> None:
    bench = Bench(tmp_path / "project")
    bench.seed()
    bench.emulator.faults.add(**fault)
    bench.apply()
    bench.emulator.faults.clear()
    bench.apply()
    assert bench.plan().pending == ()
    assert _shape(bench) == UNDISTURBED


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize(("operation", "skip"), SAMPLE)
def test_a_dropped_connection_doubles_nothing(tmp_path: Path, operation: str, skip: int, phase: str) -> None:
    """Property: the connection breaks at one write; the next apply converges, no object is there twice."""
    _converges(tmp_path, kind="drop", operation=operation, skip=skip, times=1, phase=phase)


WRITTEN = 29
"""Writes of an undisturbed first apply, uploads included."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What they are, one after the other."""
    bench = Bench(tmp_path_factory.mktemp("written") / "project")
    bench.seed()
    bench.apply(parallelism=1)
    assert len(bench.writes()) == WRITTEN
    return bench.writes()


@pytest.mark.long
@pytest.mark.parametrize("kind", [Bench, KeptBench], ids=["no-state", "state"])
@pytest.mark.parametrize("number", range(WRITTEN))
def test_the_connection_breaks_after_every_write(
    tmp_path: Path, written: list[str], kind: type[Bench], number: int
) -> None:
    """Property: it happened, nobody heard of it; the next apply converges, nothing is sent twice for good."""
    bench = kind(tmp_path / "project")
    bench.seed()
    skip = written[:number].count(written[number])
    bench.emulator.faults.add("drop", operation=written[number], skip=skip, times=1, phase="after")
    bench.apply(parallelism=1)
    bench.apply(parallelism=1)
    assert bench.plan().pending == ()
    assert _shape(bench) == UNDISTURBED


def test_a_create_whose_reply_is_lost_is_found_and_not_repeated(bench: Bench) -> None:
    """The first run finds the object by its name and goes on with it."""
    bench.emulator.faults.add("drop", operation="createBot", times=1, phase="after")
    outcomes = bench.apply()
    assert {outcome.status for outcome in outcomes} == {Status.DONE}
    assert bench.writes().count("createBot") == 5


@pytest.mark.parametrize("again", [False, True], ids=["first", "edited"])
def test_a_publish_whose_reply_is_lost_is_found_by_its_version(bench: Bench, again: bool) -> None:
    """Only the bot that was published is asked for its versions, and nothing is published twice."""
    if again:
        bench.settle()
        bench.emulator.advance(60)
        bench.edit("manifests/bots/chef.yaml", "description: ", "description: 新")
    before = len(bench.table("bot_versions"))
    bench.emulator.requests.clear()
    bench.emulator.faults.add("drop", operation="publishBot", times=1, phase="after")
    outcomes = bench.apply()
    assert {outcome.status for outcome in outcomes} == {Status.DONE}
    published = [outcome for outcome in outcomes if outcome.version]
    assert len(bench.table("bot_versions")) == before + len(published)
    asked = {one.path for one in bench.emulator.requests if one.operation == "listBotVersions"}
    assert len(asked) == 1
    assert bench.plan().pending == ()


def test_a_lost_publish_that_nobody_may_look_for_is_unknown(bench: Bench) -> None:
    """A token without the right to see versions: not failed, and not repeated in this run."""
    bench.settle()
    bench.emulator.advance(60)
    bench.edit("manifests/bots/chef.yaml", "description: ", "description: 新")
    bench.emulator.requests.clear()
    bench.emulator.faults.add("drop", operation="publishBot", times=1, phase="after")
    bench.emulator.faults.add("error", operation="listBotVersions", status=403, code=4101)
    assert [one.status for one in bench.apply()] == [Status.UNKNOWN]
    assert bench.writes().count("publishBot") == 1
    bench.emulator.faults.clear()
    bench.apply()
    assert bench.plan().pending == ()


def test_a_publish_that_never_came_is_unknown_and_the_next_apply_makes_it(bench: Bench) -> None:
    """An older version on the channel is not taken for the lost one."""
    bench.settle()
    bench.edit("manifests/bots/chef.yaml", "description: ", "description: 新")
    bench.emulator.faults.add("drop", operation="publishBot", times=1, phase="before")
    assert [one.status for one in bench.apply()] == [Status.UNKNOWN]
    assert [one.status for one in bench.apply()] == [Status.DONE]
    assert bench.plan().pending == ()


def test_dependents_of_a_failure_are_skipped_and_the_rest_goes_on(bench: Bench) -> None:
    """The reason names what failed; the exit code says "in part"."""
    bench.emulator.faults.add("error", operation="createDataset", status=400, code=4000)
    outcomes = {str(outcome.address): outcome for outcome in bench.apply()}
    assert outcomes["KnowledgeBase/recipes"].status is Status.FAILED
    assert outcomes["Bot/chef"].status is Status.SKIPPED
    assert "KnowledgeBase/recipes (failed)" in outcomes["Bot/chef"].message
    assert outcomes["Bot/translator"].status is Status.DONE
    assert exit_code(list(outcomes.values()), cancelled=False) == 7
    assert outcomes["KnowledgeBase/recipes"].log_id


def test_documents_that_cannot_be_processed_fail_with_their_names(bench: Bench) -> None:
    """Status 9 is an error of that base; the next plan replaces the document."""
    bench.emulator.options = replace(bench.emulator.options, fail_documents="mapo*")
    outcomes = {str(outcome.address): outcome for outcome in bench.apply()}
    assert outcomes["KnowledgeBase/recipes"].status is Status.FAILED
    assert "mapo-tofu" in outcomes["KnowledgeBase/recipes"].message
    bench.emulator.options = replace(bench.emulator.options, fail_documents="")
    bench.settle()
    assert bench.plan().pending == ()


def test_a_stopped_run_writes_nothing_more_and_is_finished_by_the_next(bench: Bench) -> None:
    """Ctrl-C: what is under way ends, the rest is skipped."""
    from threading import Event as Flag

    stop = Flag()
    plan, snapshot = bench.look()
    run = bench.run(snapshot, stop=stop)

    def listen(event: Any) -> None:
        if event.what == "finished":
            stop.set()

    run.listen = listen
    outcomes = bench.carry_out(plan, run, parallelism=1)
    assert [outcome.status for outcome in outcomes].count(Status.DONE) == 1
    assert {outcome.status for outcome in outcomes} == {Status.DONE, Status.SKIPPED}
    assert exit_code(outcomes, cancelled=True) == 8
    bench.settle()
    assert bench.plan().pending == ()


def test_a_live_edit_between_plan_and_write_stops_that_change_alone(settled: Bench) -> None:
    """Plan, then a hand edit, then apply: that bot is left as it is, the other change goes on."""
    settled.edit("manifests/bots/chef.yaml", "temperature: 0.7", "temperature: 0.8")
    settled.edit("manifests/bots/translator.yaml", "temperature: 0.1", "temperature: 0.2")
    plan = settled.plan()
    settled.by_hand("每日学一菜", model_info_config={"temperature": 0.5})
    outcomes = {str(outcome.address): outcome for outcome in settled.apply(plan)}
    assert outcomes["Bot/chef"].status is Status.STALE
    assert outcomes["Bot/translator"].status is Status.DONE
    assert settled.bot("每日学一菜")[1]["model_info_config"]["temperature"] == 0.5


def test_an_edit_of_an_undeclared_field_does_not_make_a_plan_stale(settled: Bench) -> None:
    """The fingerprint covers what is declared; the edit elsewhere is carried over."""
    settled.edit("manifests/bots/translator.yaml", "temperature: 0.1", "temperature: 0.2")
    plan = settled.plan()
    settled.by_hand("Recipe Translator", onboarding_info={"prologue": "Hello"})
    outcomes = settled.apply(plan)
    assert [outcome.status for outcome in outcomes] == [Status.DONE]
    assert settled.bot("Recipe Translator")[1]["onboarding_info"]["prologue"] == "Hello"


def test_an_object_made_by_hand_after_the_plan_is_not_made_twice(bench: Bench) -> None:
    """A create looks once more before it sends."""
    plan = bench.plan()
    bench.settle()
    outcomes = bench.apply(plan)
    assert {outcome.status for outcome in outcomes} <= {Status.STALE, Status.SKIPPED}
    assert len(bench.table("bots")) == 5


def test_a_list_that_lags_ends_in_pending_or_done_never_in_a_double(bench: Bench) -> None:
    """Lists that show the past: creates are found by get, and the next plan is empty."""
    bench.emulator.faults.add("lag", seconds=5.0)
    bench.apply()
    bench.emulator.faults.clear()
    bench.apply()
    assert bench.plan().pending == ()
    assert len(bench.table("bots")) == 5


def test_an_update_says_what_it_resets(settled: Bench) -> None:
    """A dataset's icon cannot be read, and an update that does not send it drops it."""
    settled.edit("manifests/knowledge.yaml", "description: 川菜", "description: 新川菜")
    plan = settled.plan()
    found = [finding for finding in plan.findings if finding.name == "resets-unreadable"]
    assert [str(finding.address) for finding in found] == ["KnowledgeBase/recipes"]
    assert "spec.icon" in found[0].message
    assert change(plan, "KnowledgeBase/recipes").steps
