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


def test_what_it_prints(applied: Shell) -> None:
    """A dry run prints the diff and writes nothing; JSON lists files, fields, and what was left."""
    bench = applied.bench
    bench.by_hand("每日学一菜", model_info_config={"temperature": 0.31, "model_id": "1706077899"})
    before = files(bench.folder)
    ran = applied("pull", "Bot/chef", "--dry-run")
    assert ran.code == 10
    assert "-    temperature: 0.7\n+    temperature: 0.31\n" in ran.out
    assert (
        "Not pulled:\nBot/chef spec.model.id: it is composed: ${values.model} is not taken apart" in ran.out
    )
    assert "Would pull 1 value into 1 file; compared with the manifests (there is no state)." in ran.out
    assert changed(before, bench.folder) == set()
    assert applied("pull", "Bot/support").out.startswith("Nothing to pull")
    said = json.loads(applied("pull", "--format", "json").out)
    assert (said["format"], said["written"], said["against"]) == ("cozeops-pull/1", True, "manifests")
    (file,) = said["files"]
    assert file["file"] == "manifests/bots/chef.yaml"
    (field,) = file["fields"]
    assert (field["path"], field["before"], field["after"]) == ("spec.model.temperature", 0.7, 0.31)
    assert [(one["path"], one["live"]) for one in said["left"]] == [("spec.model.id", "1706077899")]


def test_what_is_gone_is_no_edit_and_what_is_new_gets_a_manifest(applied: Shell) -> None:
    """A deletion on Coze is never pulled; `import --write` brings one object, `pull --unmanaged` the rest."""
    bench = applied.bench
    bench.edit("cozeops.yaml", "spec:\n", "spec:\n  state: {backend: local}\n")
    assert applied("apply", "--yes").code == 0
    for name in ("bots/translator.yaml", "bots/nutritionist.yaml"):
        (bench.folder / "manifests" / name).unlink()
    assert applied("state", "rm", "Bot/translator").code == 0
    assert applied("state", "rm", "Bot/nutritionist").code == 0
    id = bench.bot("Recipe Translator")[0]
    assert applied("import", "Bot/chef", id, "--write").code == 3
    assert applied("import", "Bot/words", "123", "--write").code == 3
    ran = applied("import", "Bot/words", id, "--write")
    assert (ran.code, ran.err) == (0, "")
    assert (bench.folder / "manifests/bots/words.yaml").is_file()
    ran = applied("pull", "--unmanaged")
    assert "new, id" in ran.out, ran.out + ran.err
    listed = applied("state", "list").out
    assert f"Bot/words  {id}" in listed
    assert applied("drift").code == 0
    gone = next(iter(bench.table("datasets")))
    bench.emulator.remove("datasets", gone)
    ran = applied("pull")
    assert ran.code == 10
    assert "never pulled as a deletion" in ran.out
