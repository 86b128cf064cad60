"""Help texts: there for every command and option, right at 80 columns, and quick."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from cozeops.cli import EXIT_CODES, cli
from cozeops.errors import ExitCode
from cozeops.report.cells import width

HEAVY = ("pydantic", "httpx", "ruamel", "deepdiff", "rich", "werkzeug", "jwt")


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


def test_the_command_line_imports_nothing_heavy() -> None:
    """`--help` and completion stay quick: commands import what they need when they run."""
    code = f"import sys, cozeops.cli; print(*sorted(name for name in {HEAVY!r} if name in sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""
