"""Help texts: there for every command and option, right at 80 columns, and quick."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cozeops.cli import EXIT_CODES, cli
from cozeops.cli.lazy_group import ENTRIES
from cozeops.errors import ExitCode
from cozeops.report.terminal.cells import width

HEAVY = {"cozeops.codes", "pydantic", "httpx", "ruamel", "ruamel.yaml", "deepdiff", "rich", "werkzeug", "jwt"}


def every_command(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """All commands, those of groups too."""
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))


COMMANDS = {" ".join(path): command for path, command in every_command(cli)}


def help_of(name: str) -> str:
    """What `cozeops NAME --help` prints on a terminal of 80 columns."""
    ran = CliRunner().invoke(cli, [*name.split(), "--help"], prog_name="cozeops", terminal_width=80)
    assert ran.exit_code == 0
    return ran.output


def test_the_overview_fits_and_cuts_nothing() -> None:
    """Each command has one line that ends as it was written."""
    shown = help_of("")
    assert max(map(width, shown.splitlines())) <= 80
    assert "..." not in shown.partition("Commands:")[2]
    for name in cli.commands:
        assert f"\n  {name} " in shown


def test_the_overview_names_every_exit_code() -> None:
    for code in ExitCode:
        assert f" {int(code)} " in EXIT_CODES.replace("\n", " ")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command(name: str) -> None:
    shown = help_of(name)
    assert max(map(width, shown.splitlines())) <= 80
    command = COMMANDS[name]
    assert command.help
    assert command.help.splitlines()[0].endswith("."), "the first line is a sentence"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_help(name: str) -> None:
    for parameter in COMMANDS[name].params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.opts
            assert parameter.help.endswith("."), parameter.opts


@pytest.mark.parametrize("name", cli.commands)
def test_the_overview_says_what_the_command_says(name: str) -> None:
    """Its line is there without importing the command."""
    assert ENTRIES[name].summary == cli.commands[name].get_short_help_str(limit=100)


def imported(*arguments: str, **environ: str) -> set[str]:
    """What a process of its own imports for a command line, and for nothing else."""
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "cozeops", *arguments],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout
    return {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines()}


@pytest.mark.parametrize("line", ["--help", "--version", "plan --help", "completion bash"])
def test_help_imports_nothing_heavy(line: str) -> None:
    """What a command needs is imported when it runs."""
    assert not imported(*line.split()) & HEAVY


@pytest.mark.parametrize(
    "line", ["cozeops p", "cozeops plan --", "cozeops plan --target Bot/", "cozeops plan --env "]
)
def test_completion_imports_nothing_heavy(line: str, tmp_path: Path) -> None:
    """Somebody waits for it while typing; addresses and environments are skimmed from the files."""
    (tmp_path / "cozeops.yaml").write_text(
        "kind: Project\nmetadata: {name: a}\nspec: {environments: {dev: {}, prod: {values: {x: 1}}}}\n"
        "---\nkind: Bot\nmetadata: {name: chef}\nspec: {}\n"
    )
    line = line.replace("plan", f"-C {tmp_path} plan")
    words = {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    assert not imported(_COZEOPS_COMPLETE="bash_complete", **words) & HEAVY
