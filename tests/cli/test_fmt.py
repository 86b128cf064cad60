"""`cozeops fmt`: which files, which exit codes, and what is left alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.conftest import Shell

BOT = "manifests/bots/chef.yaml"


def test_a_formatted_project_is_not_touched(shell: Shell) -> None:
    """Not even its times; --check agrees."""
    file = shell.bench.folder / BOT
    os.utime(file, ns=(1, 1))
    ran = shell("fmt")
    assert (ran.code, ran.out) == (0, "")
    assert "nothing to do" in ran.err
    assert file.stat().st_mtime_ns == 1
    assert shell("fmt", "--check").code == 0


def test_check_names_files_and_writes_nothing(shell: Shell) -> None:
    """1, one line per file; then fmt writes exactly those."""
    shell.bench.edit(BOT, "  name: 每日学一菜", "  name:    '每日学一菜'")
    before = (shell.bench.folder / BOT).read_text(encoding="utf-8")
    ran = shell("fmt", "--check")
    assert ran.code == 1
    assert ran.out == f"{BOT}: not formatted\n"
    assert (shell.bench.folder / BOT).read_text(encoding="utf-8") == before
    assert shell("fmt").out == f"{BOT}: formatted\n"
    assert '  name: "每日学一菜"\n' in (shell.bench.folder / BOT).read_text(encoding="utf-8")
    assert shell("fmt", "--check").code == 0


def test_broken_yaml_is_3_with_its_place_and_nothing_is_written(shell: Shell) -> None:
    """Also for the files that are good; a misspelt field is no hindrance."""
    shell.bench.write("manifests/a.yaml", "kind:   Bot\n")
    shell.bench.write("manifests/b.yaml", "kind: Bot\nmetadata: {name: a\nspec: b\n")
    ran = shell("fmt")
    assert ran.code == 3
    assert "manifests/b.yaml:" in ran.err
    assert (shell.bench.folder / "manifests/a.yaml").read_text() == "kind:   Bot\n"
    (shell.bench.folder / "manifests/b.yaml").unlink()
    assert shell("fmt").code == 0


def test_every_environment_is_formatted_and_nothing_else(shell: Shell) -> None:
    """Patches and manifests of all environments; not the files that no environment names."""
    shell.bench.write(
        "cozeops.yaml",
        "kind: Project\nmetadata: {name: a}\nspec:\n  manifests: [manifests]\n"
        "  environments:\n    dev: {default: true}\n"
        "    prod: {patches: [env/prod], manifests: [only.yaml]}\n",
    )
    untidy = "kind:   Bot\nmetadata: {name: chef}\n"
    for name in ("env/prod/chef.yaml", "only.yaml", "other/x.yaml", "manifests/.hidden/x.yaml"):
        shell.bench.write(name, untidy)
    ran = shell("fmt", "--check")
    assert sorted(line.split(":")[0] for line in ran.out.splitlines()) == ["env/prod/chef.yaml", "only.yaml"]


def test_paths_are_files_and_folders(shell: Shell) -> None:
    """What is named is formatted, whatever the project says; in a folder only what is a manifest."""
    shell.bench.write("other/x.yaml", "kind:   Bot\n")
    shell.bench.write("other/compose.yaml", "services:   {a: 1}\n")
    ran = shell("fmt", "--check", str(shell.bench.folder / "other"))
    assert ran.out == "other/x.yaml: not formatted\n"
    assert shell("fmt", "--check", str(shell.bench.folder / "other/compose.yaml")).code == 1
    assert shell("fmt", str(shell.bench.folder / "nothing")).code == 3


def test_without_a_project_file_everything_below_is_the_project(tmp_path: Path, shell: Shell) -> None:
    """As for validate."""
    (shell.bench.folder / "cozeops.yaml").unlink()
    shell.bench.edit(BOT, "  name: 每日学一菜", "  name:   每日学一菜")
    assert shell("fmt", "--check").out == f"{BOT}: not formatted\n"


def test_what_cannot_be_formatted_is_said(shell: Shell) -> None:
    """It is left, and the exit code does not count it."""
    text = "kind: Bot\nspec: {name: !mine x}\n"
    shell.bench.write("manifests/odd.yaml", text)
    ran = shell("fmt", "--check")
    assert ran.code == 0
    assert "manifests/odd.yaml: left as it is" in ran.err
    assert (shell.bench.folder / "manifests/odd.yaml").read_text() == text


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\xef\xbb\xbfkind: Bot\r\n"])
def test_other_encodings(shell: Shell, content: bytes) -> None:
    """What is no UTF-8 is 3; a BOM and CRLF go away."""
    (shell.bench.folder / "manifests/x.yaml").write_bytes(content)
    ran = shell("fmt")
    if content.startswith(b"\xff"):
        assert ran.code == 3
    else:
        assert ran.code == 0
        assert (shell.bench.folder / "manifests/x.yaml").read_bytes() == b"kind: Bot\n"
