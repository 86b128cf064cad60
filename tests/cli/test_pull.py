"""`cozeops pull`: what was edited on Coze is written where it was given, and then the plan is empty."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Shell


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a project with its content."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".cozeops" not in path.parts
    }


def changed(before: dict[str, bytes], folder: Path) -> set[str]:
    """The files that are not as they were."""
    now = files(folder)
    return {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}


def test_a_prompt_goes_into_its_file_and_a_value_into_its_line(applied: Shell) -> None:
    """Every other byte stays: comments, order, quotes."""
    bench = applied.bench
    bench.by_hand(
        "每日学一菜",
        model_info_config={"temperature": 0.31, "context_round": 12},
        prompt_info={"prompt": "你是厨师。\n慢慢来。"},
    )
    before = files(bench.folder)
    ran = applied("pull")
    assert ran.code == 0, ran.out + ran.err
    assert changed(before, bench.folder) == {"manifests/bots/chef.yaml", "manifests/prompts/chef.md"}
    expected = (
        before["manifests/bots/chef.yaml"].replace(b"0.7\n", b"0.31\n").replace(b"round: 30", b"round: 12")
    )
    assert (bench.folder / "manifests/bots/chef.yaml").read_bytes() == expected
    assert (bench.folder / "manifests/prompts/chef.md").read_text("utf-8") == "你是厨师。\n慢慢来。\n"
    # What users see is older than the draft: that is the one thing left to do.
    planned = json.loads(applied("plan", "--format", "json").out)["changes"]
    assert [one["address"] for one in planned if one["steps"]] == ["Bot/chef"]
    assert [f for one in planned for f in one["fields"] if f.get("note") != "write-only"] == []
    assert applied("pull").out.splitlines()[-1].startswith("Nothing to pull")
