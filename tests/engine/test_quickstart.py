"""The main job on the quickstart: create, nothing, edit, drift, unpublish."""

from __future__ import annotations

from cozeops.engine.model.plan import Action
from tests.kit import Bench, change, paths


def test_the_first_plan_creates_everything_and_writes_nothing(bench: Bench) -> None:
    """Property: a plan reads only."""
    plan = bench.plan()
    created = [one.address for one in plan.changes if one.action is Action.CREATE]
    assert len(created) == 8
    assert bench.writes() == []


def test_after_apply_the_plan_is_empty(settled: Bench) -> None:
    """Property: apply, then plan, is empty; what could not be compared is counted."""
    plan = settled.plan()
    assert plan.pending == ()
    assert plan.uncompared > 20
    assert settled.writes() == []


def test_applying_twice_creates_nothing_twice(settled: Bench) -> None:
    """Property: nothing is created twice."""
    before = {name: len(settled.table(name)) for name in ("workspaces", "bots", "datasets", "documents")}
    settled.settle()
    assert {name: len(settled.table(name)) for name in before} == before


def test_order_on_the_wire(bench: Bench) -> None:
    """Workspace, members, datasets, documents, bot create, update, mode, collaborators, publish."""
    bench.apply(parallelism=1)
    writes = bench.writes()
    first = writes.index("setBotCollaborationMode")  # the one bot that has everything
    chef = writes[first - 2 : first + 4]
    added = ["addBotCollaborator"] * 2
    assert chef == ["createBot", "updateBot", "setBotCollaborationMode", *added, "publishBot"]
    assert writes[:2] == ["createWorkspace", "addWorkspaceMembers"]
    documents = [at for at, one in enumerate(writes) if one == "createDocuments"]
    assert writes.index("createDataset") < documents[0]
    assert documents[-1] < first


def test_an_edited_prompt_is_an_update_and_a_publish(settled: Bench) -> None:
    """The pull request's case."""
    settled.edit("manifests/prompts/chef.md", "# 角色", "# 角色\n\n今天只用一口锅。")
    plan = settled.plan()
    assert [str(one.address) for one in plan.pending] == ["Bot/chef"]
    assert change(plan, "Bot/chef").action is Action.UPDATE
    assert paths(plan, "Bot/chef") == ["spec.prompt"]
    assert [step.operation for step in change(plan, "Bot/chef").steps][-1] == "publishBot"
    settled.settle()
    assert settled.plan().pending == ()


def test_a_prompt_resource_shows_on_every_bot_that_uses_it(settled: Bench) -> None:
    """A Prompt is nothing on Coze: its change is the change of its bots."""
    settled.edit("manifests/prompts/brand-voice.md", "\n", "\nBe brief.\n")
    plan = settled.plan()
    assert [str(one.address) for one in plan.pending] == ["Bot/support"]
    assert paths(plan, "Bot/support") == ["spec.prompt"]


def test_an_edit_by_hand_shows_and_is_put_back(settled: Bench) -> None:
    """Drift of the draft."""
    settled.by_hand("每日学一菜", model_info_config={"temperature": 1.3})
    plan = settled.plan()
    assert paths(plan, "Bot/chef") == ["spec.model.temperature"]
    (field,) = [one for one in change(plan, "Bot/chef").fields if one.path == "spec.model.temperature"]
    assert (field.before, field.after) == (1.3, 0.7)
    settled.settle()
    assert settled.plan().pending == ()


def test_a_channel_that_leaves_the_manifest_is_left(settled: Bench) -> None:
    """Unpublish is an action of its own, and touches no other channel."""
    settled.edit("manifests/bots/nutritionist.yaml", "[api, chat_sdk]", "[api]")
    plan = settled.plan()
    assert change(plan, "Bot/nutritionist").action is Action.UNPUBLISH
    assert paths(plan, "Bot/nutritionist") == ["spec.publish.connectors"]
    settled.settle()
    assert settled.writes().count("unpublishBot") == 1
    assert "publishBot" not in settled.writes()
    assert settled.plan().pending == ()


def test_a_bot_that_was_edited_and_not_published_is_behind(settled: Bench) -> None:
    """An edit that only the draft has, in a field that nobody declared: published again, nothing updated."""
    settled.by_hand("Recipe Translator", onboarding_info={"prologue": "Hello"})
    plan = settled.plan()
    assert change(plan, "Bot/translator").action is Action.PUBLISH
    assert "spec.onboarding.prologue" in change(plan, "Bot/translator").reason
    settled.settle()
    assert settled.plan().pending == ()


def test_undeclared_readable_fields_survive_an_update(settled: Bench) -> None:
    """Coze replaces sub-objects whole: what the manifest does not mention is carried over."""
    settled.by_hand("Recipe Translator", model_info_config={"top_k": 7})
    settled.settle()  # publishes
    settled.edit("manifests/bots/translator.yaml", "temperature: 0.1", "temperature: 0.2")
    settled.settle()
    assert settled.bot("Recipe Translator")[1]["model_info_config"]["top_k"] == 7
    assert settled.bot("Recipe Translator")[1]["model_info_config"]["temperature"] == 0.2
