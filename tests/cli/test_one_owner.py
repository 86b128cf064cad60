"""A live object belongs to one address: what a manifest claims never departs, whatever else remembers it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.owned import CHEF, WAITER, Owned, actions, findings, owned

ADDRESS = {"manifests/chef.yaml": "Bot/chef", "manifests/recipes.yaml": "KnowledgeBase/recipes"}
TABLE = {"manifests/chef.yaml": ("bots", "每日学一菜"), "manifests/recipes.yaml": ("datasets", "菜谱")}
BOTH = sorted(ADDRESS)


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Owned]:
    """The project, applied."""
    for one in owned(tmp_path / "project", capsys, monkeypatch):
        one.apply()
        one.bench.emulator.requests.clear()
        yield one


def _remembered(shell: Owned) -> set[str]:
    return {line.split()[0] for line in shell("state", "list").out.splitlines() if "/" in line}


def _with_id(shell: Owned, file: str) -> None:
    table, name = TABLE[file]
    shell.edit(file, f"  name: {name}\n", f'  name: {name}\n  id: "{shell.id_of(table, name)}"\n')


@pytest.mark.parametrize("by_id", [True, False], ids=["same-id", "same-name"])
@pytest.mark.parametrize("file", BOTH)
def test_a_renamed_address_takes_its_record_along(shell: Owned, file: str, by_id: bool) -> None:
    """Nothing is pruned, unpublished, forgotten, nor hinted to be; one apply later the plan is empty."""
    if by_id:
        _with_id(shell, file)
    old = ADDRESS[file]
    shell.edit(file, f"name: {old.partition('/')[2]},", "name: renamed,")
    new = f"{old.partition('/')[0]}/renamed"
    for prune in ([], ["--prune"]):
        plan = shell.plan(*prune)
        assert actions(plan) == {new: "adopt"}
        assert findings(plan) == set()
    shell.apply("--prune")
    assert shell.bench.writes() == []
    assert new in _remembered(shell)
    assert old not in _remembered(shell)
    assert actions(shell.plan("--prune")) == {}


def test_what_it_was_is_known_under_the_new_address(shell: Owned) -> None:
    """It is ours, as before: leaving the manifests later, it is pruned as what cozeops made."""
    shell.edit("manifests/recipes.yaml", "name: recipes,", "name: book,")
    shell.apply()
    shell.drop("manifests/recipes.yaml")
    plan = shell.plan("--prune")
    assert actions(plan) == {"KnowledgeBase/book": "delete"}
    assert findings(plan) == set()


def test_renamed_on_both_sides_it_is_renamed_and_not_made_twice(shell: Owned) -> None:
    """The address here, the name on Coze: the record under the old name says which object is meant."""
    bot, _ = shell.bench.bot("每日学一菜")
    shell.bench.emulator.edit("bots", bot, name="每天一道菜")
    shell.edit("manifests/chef.yaml", "name: chef,", "name: cook,")
    assert actions(shell.plan()) == {"Bot/cook": "update"}


def test_swapped_addresses_swap_their_records(shell: Owned) -> None:
    """An export made again gives the suffixes to others: the ids say what is meant."""
    ids = {name: shell.id_of("bots", name) for name in ("每日学一菜", "服务员")}
    chef, waiter = (
        text.replace("spec:\n", f'spec:\n  id: "{ids[name]}"\n')
        for text, name in ((CHEF, "每日学一菜"), (WAITER, "服务员"))
    )
    shell.write("manifests/chef.yaml", chef.replace("name: chef,", "name: waiter,"))
    shell.write("manifests/waiter.yaml", waiter.replace("name: waiter,", "name: chef,"))
    plan = shell.plan("--prune")
    assert actions(plan) == {"Bot/chef": "adopt", "Bot/waiter": "adopt"}
    assert findings(plan) == set()
    shell.apply("--prune")
    assert shell.bench.writes() == []
    assert actions(shell.plan("--prune")) == {}
    assert ids["服务员"] in shell("state", "show", "Bot/chef").out


def test_another_object_does_not_inherit_that_we_made_the_first(shell: Owned) -> None:
    """`spec.id` names one that somebody else made: it is adopted, and is no creation of ours."""
    other = shell.stranger("另一个")
    shell.edit("manifests/waiter.yaml", "spec:\n", f'spec:\n  id: "{other}"\n')
    plan = shell.plan()
    assert actions(plan) == {"Bot/waiter": "update"}
    assert ("adopt-overwrites", "Bot/waiter") in findings(plan)


def test_only_a_part_applied_leaves_nothing_to_prune(shell: Owned) -> None:
    """The new address is applied alone: its old record goes with it."""
    shell.edit("manifests/recipes.yaml", "name: recipes,", "name: book,")
    shell.apply("--target", "KnowledgeBase/book")
    assert "KnowledgeBase/recipes" not in _remembered(shell)


def test_a_renamed_workspace_takes_all_along(shell: Owned) -> None:
    """What lives in it is still there, by its id."""
    for file in ("kitchen", "chef", "waiter", "recipes"):
        text = (shell.bench.folder / f"manifests/{file}.yaml").read_text(encoding="utf-8")
        text = text.replace("name: kitchen", "name: backroom").replace(
            "workspace: kitchen", "workspace: backroom"
        )
        shell.write(f"manifests/{file}.yaml", text)
    plan = shell.plan("--prune")
    assert actions(plan) == {"Workspace/backroom": "adopt"}
    assert findings(plan) == set()


def test_all_addresses_renamed_at_once_follow_by_name(shell: Owned) -> None:
    """The workspace too: its id is known first, and what is in it by name and workspace."""
    for file in ("kitchen", "chef", "waiter", "recipes"):
        text = (shell.bench.folder / f"manifests/{file}.yaml").read_text(encoding="utf-8")
        text = text.replace(f"name: {file}", f"name: new-{file}")
        shell.write(f"manifests/{file}.yaml", text.replace("workspace: kitchen", "workspace: new-kitchen"))
    plan = shell.plan("--prune")
    assert set(actions(plan).values()) == {"adopt"}
    assert len(actions(plan)) == 4
    assert findings(plan) == set()


def _edited_on_both_sides(shell: Owned) -> None:
    shell.edit("manifests/chef.yaml", "你是一位大厨", "你是一位名厨")
    shell.bench.by_hand("每日学一菜", prompt_info={"prompt": "你是一位神厨。"})
    shell.bench.emulator.advance(10)


def test_a_field_edited_on_both_sides_is_a_finding(shell: Owned) -> None:
    """It warns with the field's name; what only one side edited does not."""
    shell.edit("manifests/waiter.yaml", "你是一位服务员", "你是一位店员")
    _edited_on_both_sides(shell)
    plan = shell.plan()
    assert findings(plan) >= {("conflict", "Bot/chef")}
    assert ("conflict", "Bot/waiter") not in findings(plan)
    found = next(one for one in plan["findings"] if one["name"] == "conflict")
    assert found["severity"] == "warn"
    assert "spec.prompt" in found["message"]


def test_a_project_can_make_a_conflict_block(shell: Owned) -> None:
    shell.edit("cozeops.yaml", "  state:", "  checks: {rules: {conflict: block}}\n  state:")
    _edited_on_both_sides(shell)
    assert shell("apply", "--yes").code == 5
    assert shell.bench.writes() == []
    digest = shell.plan()["digest"]
    assert shell("apply", "--digest", digest, "--ack", "conflict@Bot/chef").code == 0
