"""Which live object is meant: by its id, by its name, or by nothing that tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from cozeops.engine.model.outcome import Status
from cozeops.errors import InvalidProject, Problem
from tests.kit import Bench, change

HOME = "kind: Workspace\nmetadata: {name: w}\nspec: {name: W, description: d}\n"
BASE = (
    "kind: KnowledgeBase\nmetadata: {{name: {0}, workspace: w}}\nspec: {{format: text, description: {0}}}\n"
)


def bot(spec: str, name: str = "a") -> str:
    return f"kind: Bot\nmetadata: {{name: {name}, workspace: w}}\nspec: {{{spec}}}\n"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A workspace with two bots and two bases, applied."""
    made = Bench(tmp_path, source=None)
    write(made, bot("prompt: 一"), bot("prompt: 二", "b"), BASE.format("k"), BASE.format("l"))
    made.settle()
    return made


def write(bench: Bench, *documents: str) -> None:
    """The project is this, and the workspace."""
    bench.write("project.yaml", "---\n".join((HOME, *documents)))


def rename(bench: Bench, table: str, old: str, new: str) -> None:
    """As somebody in the console would."""
    (id,) = [id for id, row in bench.table(table).items() if row["name"] == old]
    bench.emulator.edit(table, id, name=new)


def problem(bench: Bench) -> Problem:
    """The one thing that is wrong."""
    with pytest.raises(InvalidProject) as caught:
        bench.plan()
    (found,) = caught.value.problems
    return found


def test_two_live_bots_of_one_name(bench: Bench) -> None:
    """Both ids are told, and the line to write; with it, that one is meant."""
    ids = sorted((bench.bot("a")[0], bench.bot("b")[0]))
    bench.emulator.edit("bots", bench.bot("b")[0], name="a")
    write(bench, bot("prompt: 三"))
    found = problem(bench)
    assert found.code == "COZE092"
    assert f"2 live objects are called 'a': {', '.join(ids)}" in found.message
    assert f'write `id: "{ids[0]}"` under spec' in found.hint
    assert str(found.position).startswith("project.yaml:7:")
    write(bench, bot(f'prompt: 三, id: "{ids[1]}"'))
    assert change(bench.plan(), "Bot/a").id == ids[1]


def test_a_reference_by_name(bench: Bench) -> None:
    """It is looked up in the workspace, and need not be declared."""
    write(bench, bot("knowledge: {datasets: [{name: k}]}"))
    bench.settle()
    (id,) = [id for id, row in bench.table("datasets").items() if row["name"] == "k"]
    assert bench.bot("a")[1]["knowledge"]["dataset_ids"] == [id]
    assert bench.plan().pending == ()


@pytest.mark.parametrize(
    ("field", "message", "hint"),
    [
        (
            "knowledge: {datasets: [{name: nobody}]}",
            "Bot/a: the KnowledgeBase called 'nobody' is not in the workspace",
            "check the name",
        ),
        (
            "plugins: [{plugin: {name: news}, tools: [x, y]}]",
            "Bot/a: the Plugin called 'news' cannot be looked up by name here",
            "write {id: ...}",
        ),
        (
            'plugins: [{plugin: {id: "73"}, tools: [x]}]',
            "Bot/a: there is no Plugin 73, or the token does not see it",
            "check the id",
        ),
    ],
)
def test_a_reference_to_nothing(bench: Bench, field: str, message: str, hint: str) -> None:
    """It has its place in the file."""
    write(bench, bot(field))
    found = problem(bench)
    assert (found.code, found.message) == ("COZE093", message)
    assert hint in found.hint
    assert str(found.position).startswith("project.yaml:7:")


def test_a_reference_by_a_name_that_two_have(bench: Bench) -> None:
    ids = sorted(bench.table("datasets"))
    rename(bench, "datasets", "l", "k")
    write(bench, bot("knowledge: {datasets: [{name: k}]}"))
    found = problem(bench)
    assert found.message == "Bot/a: the KnowledgeBase called 'k' is the name of 2 objects"
    assert found.hint == f"write {{id: ...}}: {', '.join(ids)}"


def test_a_tool_that_a_plugin_does_not_have(bench: Bench) -> None:
    """The ones that it has are told."""
    tools = [
        {"tool_id": "731", "name": "top", "description": "d"},
        {"tool_id": "732", "name": "all", "description": "d"},
    ]
    bench.emulator.seed({"plugins": [{"plugin_id": "73", "name": "news", "tools": tools}]})
    write(bench, bot('plugins: [{plugin: {id: "73"}, tools: [top, best]}]'))
    found = problem(bench)
    assert (found.code, found.message) == ("COZE090", "Bot/a: 73 has no 'best'")
    assert found.hint == "it has all, top"


def test_what_is_only_listed_and_went_after_the_plan(bench: Bench) -> None:
    """Nothing is written, and nothing is made anew."""
    write(bench, BASE.format("k").replace("description: k", "description: new"))
    plan = bench.plan()
    (id,) = [id for id, row in bench.table("datasets").items() if row["name"] == "k"]
    bench.emulator.remove("datasets", id)
    outcomes = {str(one.address): one for one in bench.apply(plan)}
    assert outcomes["KnowledgeBase/k"].status is Status.STALE
    assert f"KnowledgeBase/k ({id}) is not listed any more" in outcomes["KnowledgeBase/k"].message
    assert id not in bench.table("datasets")


def test_what_was_edited_after_the_plan_is_named(bench: Bench) -> None:
    """Of several fields the one that somebody else changed, with both values, cut short."""
    write(bench, bot("prompt: 三, description: new, voice_call: true"))
    plan = bench.plan()
    bench.by_hand("a", prompt_info={"prompt": "hand" * 50})
    outcomes = {str(one.address): one for one in bench.apply(plan)}
    assert outcomes["Bot/a"].status is Status.STALE
    told = outcomes["Bot/a"].message
    assert told == f"spec.prompt was changed on Coze after the plan: '一' then, '{('hand' * 50)[:57]}...' now"
    assert bench.writes()[-1] != "updateBot"
