"""Completion: the scripts of click, and words from the manifests, quickly and without complaint."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Shell


def offered(folder: Path, line: str) -> list[str]:
    """What bash would be told for a line that ends where the cursor is."""
    words = line.split(" ")
    environ = {
        **os.environ,
        "_COZEOPS_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    ran = subprocess.run(
        [sys.executable, "-m", "cozeops"],
        env=environ,
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    assert ran.stderr == ""
    return [one.partition(",")[2] for one in ran.stdout.split()]


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_the_script_is_of_that_shell(shell: Shell, shell_name: str) -> None:
    """And the shell, where there is one, reads it."""
    ran = shell("completion", shell_name)
    assert ran.code == 0
    assert "_COZEOPS_COMPLETE" in ran.out
    if program := shutil.which(shell_name):
        subprocess.run([program, "-n", "/dev/stdin"], input=ran.out, text=True, check=True)


def test_another_shell_is_3(shell: Shell) -> None:
    """It lists those that there are."""
    ran = shell("completion", "tcsh")
    assert ran.code == 3
    assert "fish" in ran.err


@pytest.mark.parametrize(
    "line",
    [
        "cozeops plan --target Bot/",
        "cozeops plan --exclude bot/",
        "cozeops apply --rewrite Bot/",
        "cozeops state show Bot/",
        "cozeops explain-value Bot/",
    ],
)
def test_addresses(shell: Shell, line: str) -> None:
    """Wherever an address is wanted."""
    assert offered(shell.bench.folder, line) == [
        "Bot/chef", "Bot/menu-writer", "Bot/nutritionist", "Bot/support", "Bot/translator",
    ]  # fmt: skip


def test_environments_and_their_own_manifests(shell: Shell) -> None:
    """The addresses of all environments; the names of environments; in the project of -C."""
    shell.bench.write(
        "cozeops.yaml",
        "kind: Project\nmetadata: {name: a}\nspec:\n  manifests: [manifests]\n"
        "  environments:\n    dev: {}\n    prod: {manifests: [only]}\n",
    )
    shell.bench.write("only/x.yaml", "kind: Prompt\nmetadata: {name: only-prod}\nspec: {text: a}\n")
    assert offered(shell.bench.folder, "cozeops plan --env ") == ["dev", "prod"]
    outside = shell.bench.folder.parent
    assert offered(outside, f"cozeops -C {shell.bench.folder} plan --target Prompt/") == [
        "Prompt/only-prod",
        "Prompt/persona",
    ]
    assert offered(outside, f"cozeops plan -C {shell.bench.folder} --env p") == ["prod"]


def test_what_is_broken_is_left_out_in_silence(shell: Shell) -> None:
    """Half a file, no project, no folder."""
    shell.bench.write("manifests/bots/chef.yaml", "kind: Bot\nmetadata: {name: [")
    shell.bench.write(
        "manifests/odd.yaml", "kind: [Bot]\nmetadata: chef\n---\n- a\n---\nkind: Bot\nmetadata: {name: 1}\n"
    )
    assert offered(shell.bench.folder, "cozeops plan --target Bot/c") == []
    assert offered(shell.bench.folder, "cozeops plan --target Bot/s") == ["Bot/support"]
    shell.bench.write("cozeops.yaml", "kind: [")
    assert offered(shell.bench.folder, "cozeops plan --env ") == []
    assert offered(shell.bench.folder, "cozeops -C nowhere plan --target ") == []
