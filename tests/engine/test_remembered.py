"""The whole way with a state: whose an object is, what only a state can tell, what protects it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cozeops.address import Address
from cozeops.engine.model.outcome import Status
from cozeops.engine.model.plan import Action, Plan
from cozeops.state.model import Ownership
from tests.kit import Bench, KeptBench, change, paths

BOT, HOME = Address("Bot", "a"), Address("Workspace", "w")
PEOPLE = "spec.collaboration.collaborators"


def write(bench: Bench, spec: str = "prompt: 一", *, home: str = "", **lifecycle: Any) -> None:
    """A workspace and a bot in it."""
    rules = ", ".join(f"{key}: [{', '.join(words)}]" for key, words in lifecycle.items())
    bench.write(
        "project.yaml",
        f"kind: Workspace\nmetadata: {{name: w}}\nspec: {{name: W, description: d{home}}}\n---\n"
        f"kind: Bot\nmetadata: {{name: a, workspace: w, lifecycle: {{{rules}}}}}\nspec: {{{spec}}}\n",
    )


@pytest.fixture
def bench(tmp_path: Path) -> KeptBench:
    """A project of one bot, and nothing live."""
    made = KeptBench(tmp_path, source=None)
    write(made)
    return made


def named(plan: Plan) -> list[tuple[str, str]]:
    """Findings by name and severity."""
    return [(one.name, str(one.severity)) for one in plan.findings]


def test_what_was_made_is_told_from_what_was_found(bench: KeptBench) -> None:
    """What is found by its name is adopted: its live values are somebody's."""
    bench.settle()
    assert {bench.records[one].ownership for one in (BOT, HOME)} == {Ownership.CREATED}
    bench.records.clear()
    assert change(bench.plan(), "Bot/a").action is Action.ADOPT
    outcomes = bench.apply()
    assert [(one.status, one.wrote, one.denied) for one in outcomes] == [(Status.DONE, False, False)] * 2
    assert {bench.records[one].ownership for one in (BOT, HOME)} == {Ownership.ADOPTED}


def test_an_id_is_known_longer_than_a_name(bench: KeptBench) -> None:
    """Renamed on one side, it is the same object; without its id nothing is made in its place."""
    bench.settle()
    id, _ = bench.bot("a")
    bench.emulator.edit("bots", id, name="b")
    assert (change(bench.plan(), "Bot/a").id, paths(bench.plan(), "Bot/a")) == (id, [])
    write(bench, "prompt: 一, name: c")
    assert paths(bench.plan(), "Bot/a") == ["spec.name"]
    bench.emulator.remove("bots", id)
    plan = bench.plan()
    assert ("gone-or-invisible", "block") in named(plan)
    assert change(plan, "Bot/a").steps == ()


def test_spec_id_counts_more_than_what_is_remembered(bench: KeptBench) -> None:
    bench.settle()
    first, _ = bench.bot("a")
    bench.emulator.edit("bots", first, name="old")
    bench.records.clear()
    bench.settle()
    second, _ = bench.bot("a")
    write(bench, f'prompt: 一, id: "{first}"')
    assert change(bench.plan(), "Bot/a").id == first != second


def test_what_only_a_new_object_takes_cannot_change(bench: KeptBench) -> None:
    """Nobody can read it back: the state knows that it is another file."""
    bench.write("a.png", "one")
    bench.write("b.png", "two")
    write(bench, home=", icon: a.png")
    bench.settle()
    assert bench.plan().findings == ()
    write(bench, home=", icon: b.png")
    plan = bench.plan()
    assert named(plan) == [("fixed-field", "block")]
    assert plan.findings[0].message == "spec.icon is not what was sent, and only a new object takes it"
    assert change(plan, "Workspace/w").steps == ()


def test_what_we_made_was_never_sent_more_than_the_state_says(bench: KeptBench) -> None:
    """A field that nobody can read and that is declared now is a change; of what was found nobody knows."""
    search = "prompt: 一, knowledge: {search_strategy: hybrid}"
    bench.settle()
    write(bench, search)
    made = change(bench.plan(), "Bot/a")
    assert (made.action, paths(bench.plan(), "Bot/a", readable=False)) == (
        Action.UPDATE,
        ["spec.knowledge.search_strategy"],
    )
    bench.records.clear()
    write(bench)
    bench.settle()
    write(bench, search)
    found = change(bench.plan(), "Bot/a")
    assert (found.action, found.uncompared) == (Action.NONE, ("spec.knowledge.search_strategy",))


def test_what_nobody_can_compare_is_sent_along(bench: KeptBench) -> None:
    """Where the object is written anyway, and where that resets nothing else."""
    bench.settle()
    bench.records.clear()
    bench.settle()
    knowledge = "knowledge: {datasets: [], auto_call: true, search_strategy: hybrid}"
    write(bench, f"prompt: 一, {knowledge}")
    assert change(bench.plan(), "Bot/a").steps == ()
    write(bench, f"prompt: 二, {knowledge}")
    labels = ["spec.prompt", "spec.knowledge.auto_call", "spec.knowledge.search_strategy"]
    assert paths(bench.plan(), "Bot/a", readable=False) == labels
    write(bench, "prompt: 二, knowledge: {search_strategy: hybrid}")
    assert paths(bench.plan(), "Bot/a", readable=False) == labels[:1]
    bench.records[BOT] = replace(bench.records[BOT], values={labels[1]: False})
    write(bench, f"prompt: 一, {knowledge}")
    assert paths(bench.plan(), "Bot/a", readable=False) == labels[1:]


def test_where_nothing_can_be_compared_it_is_told(tmp_path: Path) -> None:
    """How documents are cut says nothing of a base without documents."""
    bench = Bench(tmp_path, source=None)
    home = "kind: Workspace\nmetadata: {name: w}\nspec: {name: W, description: d}\n---\n"
    base = "kind: KnowledgeBase\nmetadata: {name: k, workspace: w}\nspec: "
    bench.write("project.yaml", f"{home}{base}{{format: text}}\n")
    bench.write("a.png", "one")
    bench.settle()
    bench.write("project.yaml", f"{home}{base}{{icon: a.png, chunking: {{mode: auto}}}}\n")
    (found,) = bench.plan().findings
    assert (found.name, found.message) == (
        "cannot-compare",
        "nothing that it declares can be read back: spec.icon",
    )
    bench.write("project.yaml", f"{home}{base}{{icon: a.png, format: text}}\n")
    assert bench.plan().findings == ()


def test_protection_is_learned_without_a_write(bench: KeptBench) -> None:
    bench.settle()
    bench.emulator.requests.clear()
    write(bench, protect=["rename", "unpublish"])
    learns = change(bench.plan(), "Bot/a")
    assert (learns.action, learns.reason) == (Action.ADOPT, "lifecycle.protect changes")
    bench.settle()
    assert bench.records[BOT].protect == ("rename", "unpublish")
    assert bench.writes() == []
    assert bench.plan().pending == ()
    write(bench, "prompt: 二", protect=["rename"])
    both = change(bench.plan(), "Bot/a")
    assert both.reason == "lifecycle.protect changes; 1 field differs from the live side"


@pytest.mark.parametrize(
    ("spec", "words", "found"),
    [
        ("publish: {connectors: [api]}", ["unpublish"], [("protected", "block")]),
        ("publish: {connectors: [api]}", ["rename"], []),
        ("publish: {connectors: [api, chat_sdk]}", ["unpublish"], []),
        ("publish: {connectors: [api, chat_sdk]}, prompt: 二", ["unpublish"], []),
        ("publish: {connectors: [api, chat_sdk]}, name: b", ["rename"], [("protected", "block")]),
        ("publish: {connectors: [api, chat_sdk]}, name: b", ["unpublish"], []),
    ],
)
def test_what_protection_forbids(
    bench: KeptBench, spec: str, words: list[str], found: list[tuple[str, str]]
) -> None:
    write(bench, "publish: {connectors: [api, chat_sdk]}", protect=words)
    bench.settle()
    write(bench, spec, protect=words)
    assert named(bench.plan()) == found


@pytest.mark.parametrize("ownership", [Ownership.CREATED, Ownership.ADOPTED])
def test_an_apply_that_stops_half_way_knows_what_it_added(bench: KeptBench, ownership: Ownership) -> None:
    """Nobody can list collaborators; and what was found does not become ours because something failed."""
    users = [{"user_id": one, "nick_name": one} for one in ("2070", "2071")]
    bench.emulator.seed({"users": users})
    members = ', members: [{user: "2070"}, {user: "2071"}]'
    write(bench, home=members)
    bench.settle()
    if ownership is Ownership.ADOPTED:
        bench.records.clear()
    write(
        bench,
        'prompt: 二, collaboration: {mode: collaboration, collaborators: ["2070", "2071"]}',
        home=members,
    )
    bench.emulator.faults.add("error", operation="addBotCollaborator", status=400, code=4000, skip=1)
    outcomes = {one.address: one for one in bench.apply()}
    assert outcomes[BOT].status is Status.FAILED
    assert (bench.records[BOT].ownership, list(bench.records[BOT].items[PEOPLE])) == (ownership, ["2070"])
    bench.emulator.faults.clear()
    added = [
        step.items for step in change(bench.plan(), "Bot/a").steps if step.operation == "addBotCollaborator"
    ]
    assert added == [("2071",)]
    bench.settle()
    assert bench.plan().pending == ()


def test_people_who_came_in_before_it_failed(tmp_path: Path) -> None:
    """An enterprise lives in no workspace; what is remembered of it can be written and read again."""
    bench = KeptBench(tmp_path, source=None)
    people = 'kind: EnterpriseMembers\nmetadata: {name: acme}\nspec: {id: "acme_1", members: '
    bench.write("project.yaml", people + '[{user: "2070"}, {user: "2071"}]}\n')
    bench.seed()
    bench.emulator.seed({"users": [{"user_id": one, "nick_name": one} for one in ("2070", "2071")]})
    bench.emulator.faults.add("error", operation="addEnterpriseMember", status=400, code=4000, skip=1)
    (outcome,) = bench.apply()
    assert outcome.status is Status.FAILED
    known = bench.records[Address("EnterpriseMembers", "acme")]
    assert (known.ownership, known.scope, list(known.items["spec.members"])) == (
        Ownership.ADOPTED,
        "",
        ["2070"],
    )
