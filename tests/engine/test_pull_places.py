"""Where a pulled value is written: the file, line and layer that gave it; nothing else moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cozeops.errors import CozeopsError
from cozeops.manifests.fmt import write
from cozeops.operations.pull import Pull
from tests.engine.pulling import pulled
from tests.kit import KeptBench, paths

PROJECT = """\
kind: Project
metadata: {name: a}
spec:
  manifests: [manifests]
  values: {model: "1706077826", tone: 温和}
  environments:
    default: {default: true, patches: [patches]}
---
kind: Workspace
metadata: {name: w}
spec: {name: 厨房, description: 后厨}
"""
BOT = """\
# The one that cooks.
kind: Bot
metadata: {name: chef, workspace: w}
spec:
  name: 厨师      # as on the door
  description: '一天一道'   # short
  prompt: {file: ../prompts/chef.md}
  onboarding:
    prologue: >-
      欢迎
      来到厨房
    suggested_questions: [吃什么, "怎么做"]   # two
  model:
    id: "${values.model}"
    temperature: 0.7   # warm
    top_p: 0.9
  suggest_reply:
    mode: customized
    prompt: |   # three
      想三个
      问题

# The end.
"""
PATCH = "kind: Bot\nmetadata: {name: chef}\nspec: {model: {top_p: 0.5}}  # calmer\n"


@pytest.fixture
def kitchen(tmp_path: Path) -> KeptBench:
    """A bot whose values come from a manifest, a patch, a value of the project and a file, applied."""
    bench = KeptBench(tmp_path / "project", source=None)
    for name, text in {
        "cozeops.yaml": PROJECT,
        "manifests/chef.yaml": BOT,
        "prompts/chef.md": "你是厨师。\n一步一步来。\n",
        "patches/chef.yaml": PATCH,
    }.items():
        bench.write(name, text)
    bench.environ = {}
    bench.settle()
    return bench


def read(bench: KeptBench, name: str) -> str:
    """A file of the project, its line ends as they are."""
    return (bench.folder / name).read_bytes().decode()


def again(bench: KeptBench, name: str, text: str) -> None:
    """Write a file byte by byte, and apply."""
    (bench.folder / name).write_bytes(text.encode())
    bench.seed()
    bench.settle()


def reasons(found: Pull) -> dict[str, str]:
    """What was left, and why."""
    return {one.label: one.reason for one in found.left}


def edit(bench: KeptBench, **changes: Any) -> None:
    bench.by_hand("厨师", **changes)


def test_each_value_goes_to_its_layer_and_every_other_byte_stays(kitchen: KeptBench) -> None:
    edit(
        kitchen,
        description="一天两道",
        prompt_info={"prompt": "你是大厨。\n一步一步来。\n慢慢来。"},
        onboarding_info={"prologue": "你好\n请坐", "suggested_questions": ["怎么做", "几点开门"]},
        model_info_config={"temperature": 0.2, "top_p": 0.6},
        suggest_reply_info={"customized_prompt": "想两个\n\n问题"},
    )
    found = pulled(kitchen)
    assert reasons(found) == {}
    assert read(kitchen, "manifests/chef.yaml") == BOT.replace("'一天一道'", "'一天两道'").replace(
        "      欢迎\n      来到厨房\n", "      你好\n\n      请坐\n"
    ).replace('[吃什么, "怎么做"]', '["怎么做", 几点开门]').replace("0.7 ", "0.2 ").replace(
        "      想三个\n", "      想两个\n\n"
    )
    assert read(kitchen, "patches/chef.yaml") == PATCH.replace("0.5", "0.6")
    assert read(kitchen, "prompts/chef.md") == "你是大厨。\n一步一步来。\n慢慢来。\n"
    assert read(kitchen, "cozeops.yaml") == PROJECT
    assert paths(kitchen.plan(), "Bot/chef") == []
    assert {str(one.place).rpartition(":")[0] for one in found.pulled} >= {
        "manifests/chef.yaml:6",
        "patches/chef.yaml:3",
        "prompts/chef.md:1",
    }


def test_line_ends_and_marks_of_files_stay(kitchen: KeptBench) -> None:
    """CRLF and a byte order mark, in manifests and in prompts."""
    crlf = BOT.replace("\n", "\r\n")
    again(kitchen, "manifests/chef.yaml", f"\ufeff{crlf}")
    again(kitchen, "prompts/chef.md", "\ufeff你是厨师。\r\n一步一步来。")
    edit(
        kitchen,
        prompt_info={"prompt": "你是厨师。\n两步。\n一步一步来。"},
        suggest_reply_info={"customized_prompt": "一\n二\n三"},
        model_info_config={"temperature": 0.3},
    )
    assert reasons(pulled(kitchen)) == {}
    expected = crlf.replace("0.7 ", "0.3 ").replace(
        "      想三个\r\n      问题\r\n", "      一\r\n      二\r\n      三\r\n"
    )
    assert read(kitchen, "manifests/chef.yaml") == f"\ufeff{expected}"
    assert read(kitchen, "prompts/chef.md") == "\ufeff你是厨师。\r\n两步。\r\n一步一步来。"
    assert paths(kitchen.plan(), "Bot/chef") == []


def test_what_is_composed_is_not_taken_apart_and_the_rest_is_pulled(kitchen: KeptBench) -> None:
    text = BOT.replace("'一天一道'", '"${values.tone}的厨师"').replace(
        "{file: ../prompts/chef.md}", "{ref: persona}"
    )
    kitchen.write("prompts.yaml", "kind: x")
    kitchen.write(
        "manifests/persona.yaml", "kind: Prompt\nmetadata: {name: persona}\nspec: {text: 你是厨师。}\n"
    )
    again(kitchen, "manifests/chef.yaml", text)
    edit(
        kitchen,
        description="别的",
        prompt_info={"prompt": "你是大厨。"},
        model_info_config={"model_id": "1706077899", "temperature": 0.1},
    )
    found = pulled(kitchen)
    assert set(reasons(found)) == {"spec.description", "spec.prompt", "spec.model.id"}
    assert "Prompt/persona in manifests/persona.yaml:3:1" in reasons(found)["spec.prompt"]
    assert (
        "${values.model} is not taken apart; see values.model in cozeops.yaml:5"
        in reasons(found)["spec.model.id"]
    )
    assert [one.live for one in found.left if one.label == "spec.prompt"] == ["你是大厨。"]
    assert read(kitchen, "manifests/chef.yaml") == text.replace("0.7 ", "0.1 ")
    assert int(found.exit_code) == 10


def test_a_file_of_several_texts_is_written_when_all_of_them_say_the_same(kitchen: KeptBench) -> None:
    second = "kind: Bot\nmetadata: {name: aid, workspace: w}\n"
    second += "spec: {name: 帮手, prompt: {file: ../prompts/chef.md}}\n"
    again(kitchen, "manifests/aid.yaml", second)
    edit(kitchen, prompt_info={"prompt": "新"})
    found = pulled(kitchen)
    assert reasons(found) == {"spec.prompt": "prompts/chef.md is also the text of Bot/aid"}
    kitchen.by_hand("帮手", prompt_info={"prompt": "新"})
    assert reasons(pulled(kitchen)) == {}
    assert read(kitchen, "prompts/chef.md") == "新\n"
    assert [one for one in kitchen.plan().pending if one.fields] == []


def test_an_alias_is_left_and_an_anchor_that_nobody_else_uses_is_not(kitchen: KeptBench) -> None:
    text = BOT.replace("0.7 ", "&t 0.7 ").replace("top_p: 0.9", "top_p: *t")
    (kitchen.folder / "patches/chef.yaml").write_text(PATCH.replace("top_p: 0.5", "max_tokens: 9"), "utf-8")
    again(kitchen, "manifests/chef.yaml", text)
    edit(kitchen, model_info_config={"top_p": 0.4})
    assert "alias" in reasons(pulled(kitchen))["spec.model.top_p"]
    edit(kitchen, model_info_config={"temperature": 0.2})
    assert set(reasons(pulled(kitchen))) == {"spec.model.top_p", "spec.model.temperature"}
    assert read(kitchen, "manifests/chef.yaml") == text
    again(kitchen, "manifests/chef.yaml", BOT.replace("0.7 ", "&t 0.7 "))
    edit(kitchen, model_info_config={"temperature": 0.2})
    assert reasons(pulled(kitchen)) == {}
    assert read(kitchen, "manifests/chef.yaml") == BOT.replace("0.7 ", "&t 0.2 ")


def test_references_of_a_live_text_are_escaped(kitchen: KeptBench) -> None:
    """What somebody wrote on Coze is text, also where it looks like a reference of ours."""
    edit(kitchen, description="${values.model} $${x}", prompt_info={"prompt": "${values.tone} {{name}}"})
    assert reasons(pulled(kitchen)) == {}
    assert paths(kitchen.plan(), "Bot/chef") == []
    assert read(kitchen, "prompts/chef.md") == "${values.tone} {{name}}\n"


def test_with_a_state_it_is_three_way(kitchen: KeptBench) -> None:
    """What only Git changed is left alone, what both changed is refused unless the live side is asked for."""
    text = BOT.replace("一天一道", "一天三道").replace("0.7 ", "0.5 ")
    (kitchen.folder / "manifests/chef.yaml").write_text(text, "utf-8")
    edit(kitchen, description="一天两道", model_info_config={"top_p": 0.6})
    found = pulled(kitchen, state=True)
    assert list(reasons(found)) == ["spec.description"]
    assert [(one.before, one.live) for one in found.left] == [("一天三道", "一天两道")]
    assert read(kitchen, "manifests/chef.yaml") == text
    assert read(kitchen, "patches/chef.yaml") == PATCH.replace("0.5", "0.6")
    assert reasons(pulled(kitchen, state=True, theirs=True)) == {}
    assert read(kitchen, "manifests/chef.yaml") == text.replace("一天三道", "一天两道")
    assert found.against == "state"


def test_a_dry_run_and_a_file_that_moved_meanwhile_write_nothing(
    kitchen: KeptBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(kitchen, description="一天两道", model_info_config={"top_p": 0.6}, prompt_info={"prompt": "新"})
    names = ("manifests/chef.yaml", "patches/chef.yaml", "prompts/chef.md")
    before = {name: read(kitchen, name) for name in names}
    assert set(pulled(kitchen, dry_run=True).after) == set(names)
    assert {name: read(kitchen, name) for name in names} == before
    told: list[Path] = []
    whole = write.write_whole

    def fails(path: Path, content: bytes, **how: Any) -> Any:
        told.append(path)
        if len(told) == 2:
            raise OSError(28, "No space left on device")
        return whole(path, content, **how)

    monkeypatch.setattr(write, "write_whole", fails)
    with pytest.raises(CozeopsError, match="No space left"):
        pulled(kitchen)
    assert {name: read(kitchen, name) for name in names} == before


def test_what_no_manifest_names_gets_one_in_the_folder_of_its_workspace(kitchen: KeptBench) -> None:
    """With its prompt in a file, under an address that is free; then the plan has nothing to do with it."""
    helper = kitchen.folder / "manifests/aid.yaml"
    helper.write_text(
        "kind: Bot\nmetadata: {name: aid, workspace: w}\nspec:\n  name: chef\n  prompt: 帮忙。\n"
        "  suggest_reply: {mode: customized, prompt: a}\n"
        "---\nkind: KnowledgeBase\nmetadata: {name: b, workspace: w}\nspec: {name: 菜谱, format: text}\n",
        "utf-8",
    )
    kitchen.settle()
    helper.unlink()
    kitchen.write("manifests/prompts/chef-1.md", "not of ours")
    before = {path: path.read_bytes() for path in kitchen.folder.rglob("*") if path.is_file()}
    planned = pulled(kitchen, unmanaged=True, dry_run=True)
    assert {path: path.read_bytes() for path in kitchen.folder.rglob("*") if path.is_file()} == before
    found = pulled(kitchen, unmanaged=True)
    assert found.unmanaged.written == planned.unmanaged.written
    assert {address.kind for address, _, _ in found.unmanaged.written} == {"Bot", "KnowledgeBase"}
    assert all(file.startswith("manifests/") for _, _, file in found.unmanaged.written)
    assert {path: path.read_bytes() for path in before} == before
    assert not kitchen.plan().has_changes
    assert pulled(kitchen, unmanaged=True).unmanaged.files is None


def test_with_a_state_each_item_of_a_list_is_three_way(kitchen: KeptBench) -> None:
    """Who was added on Coze is pulled; who was added in Git stays; a role that differs says nobody's side."""
    users = [f"20697204560000{number}" for number in range(11, 15)]
    listed = "".join(f'    - {{user: "{user}", role: member}}  # {user[-2:]}\n' for user in users[:3])
    home = "spec:\n  name: 厨房\n  description: 后厨\n  members:\n"
    project = PROJECT.replace("spec: {name: 厨房, description: 后厨}\n", home + listed)
    again(kitchen, "cozeops.yaml", project)
    records = dict(kitchen.records)
    live = [*users[1:2], users[2], users[3]]  # 11 was removed on Coze, 14 added, 13 is an admin there
    roles = {users[2]: "admin"}
    moved = "".join(f'    - {{user: "{user}", role: {roles.get(user, "member")}}}\n' for user in live)
    again(kitchen, "cozeops.yaml", PROJECT.replace("spec: {name: 厨房, description: 后厨}\n", home + moved))
    kitchen.records.clear()
    kitchen.records.update(records)
    mine = project + '    - {user: "2069720456000099", role: member}  # new in Git\n'
    (kitchen.folder / "cozeops.yaml").write_text(mine, "utf-8")
    found = pulled(kitchen, state=True)
    assert list(reasons(found)) == [f"spec.members[{users[2]}].role"]
    lines = mine.splitlines(keepends=True)
    kept = "".join(line for line in lines if users[0] not in line)
    assert read(kitchen, "cozeops.yaml") == f'{kept}    - {{user: "{users[3]}", role: member}}\n'
    pulled(kitchen, state=True, theirs=True)
    assert f'{{user: "{users[2]}", role: admin}}  # 13' in read(kitchen, "cozeops.yaml")


def test_a_file_that_cannot_be_read_any_more_is_an_error_in_words(
    kitchen: KeptBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(kitchen, prompt_info={"prompt": "新"})
    monkeypatch.setattr(Path, "read_bytes", lambda _path: (kitchen.folder / "none").open("rb").read())
    with pytest.raises(CozeopsError, match="cannot be read"):
        pulled(kitchen)


def test_both_texts_of_a_prompt_with_prefix_caching(kitchen: KeptBench) -> None:
    """Each goes where it stands: one into its file, the other in place."""
    text = BOT.replace(
        "{file: ../prompts/chef.md}",
        "\n    prefix: {file: ../prompts/chef.md}   # p\n    dynamic: 今天   # d",
    ).replace('id: "${values.model}"', 'id: "${values.model}"\n    cache_type: prefix')
    again(kitchen, "manifests/chef.yaml", text)
    parts = {"prefix_prompt": "你是大厨。\n一步一步来。", "dynamic_prompt": "明天"}
    edit(kitchen, prompt_info={"prefix_prompt_info": parts})
    found = pulled(kitchen)
    assert reasons(found) == {}
    assert read(kitchen, "manifests/chef.yaml") == text.replace("今天", "明天")
    assert read(kitchen, "prompts/chef.md") == "你是大厨。\n一步一步来。\n"
    assert [[field.path for field in one.fields] for one in found.pulled] == [
        ["spec.prompt.dynamic"],
        ["spec.prompt.prefix"],
    ]
    assert paths(kitchen.plan(), "Bot/chef") == []
