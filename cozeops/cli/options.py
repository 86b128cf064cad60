"""Options that many commands share, and how they travel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cozeops.cli.completion import complete_address, complete_environment
from cozeops.frozen import frozen
from cozeops.operations.project_root import nearest_project, project_root

if TYPE_CHECKING:
    from cozeops.engine.plan.shards import Shard

F = TypeVar("F", bound=Callable[..., Any])


@frozen
class Where:
    """Which project, which of its environments, and what to tell of the requests."""

    directory: Path | None = None
    """What `-C` names; None: the project is looked for upwards from here."""
    environment: str | None = None
    stats: bool = False
    trace: Path | None = None
    shard: Shard | None = None

    @property
    def root(self) -> Path:
        """The project's folder. Raises UsageError where there is none."""
        return project_root(self.directory)

    @property
    def folder(self) -> Path:
        """The project's folder, else this one: for commands that need no project."""
        return self.directory or nearest_project(Path()) or Path()


def format_option(
    choices: Sequence[str] = ("text", "json"), help: str = "What goes to standard output."
) -> Callable[[F], F]:
    """`--format`; the first choice is the default."""
    return click.option(
        "--format", "form", type=click.Choice(choices), default=choices[0], show_default=True, help=help
    )


def project_options(command: F) -> F:
    """`-C` and `--env`, before the command or after it; the later one wins."""

    @click.option(
        "-C",
        "directory",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="The project (default: cozeops.yaml here or above).",
    )
    @click.option(
        "--env",
        "environment",
        metavar="NAME",
        help="The environment (or COZEOPS_ENV).",
        shell_complete=complete_environment,
    )
    @click.pass_context
    @wraps(command)
    def wrapped(context: click.Context, /, **others: Any) -> Any:
        directory: Path | None = others.pop("directory")
        environment: str | None = others.pop("environment")
        where = context.obj or Where()
        if directory is not None:
            where = replace(where, directory=directory)
        if environment is not None:
            where = replace(where, environment=environment)
        context.obj = where
        return context.invoke(command, **others)

    return wrapped  # type: ignore[return-value]


def shard_option(command: F) -> F:
    """`--shard`."""

    @click.option(
        "--shard",
        callback=_shard,
        envvar="COZEOPS_SHARD",
        metavar="I/N",
        help="Only part I of N, with a state of its own (or COZEOPS_SHARD).",
    )
    @click.pass_context
    @wraps(command)
    def wrapped(context: click.Context, /, shard: Shard | None, **others: Any) -> Any:
        context.obj = replace(context.obj or Where(), shard=shard)
        return context.invoke(command, **others)

    return wrapped  # type: ignore[return-value]


def _shard(_context: click.Context, _parameter: click.Parameter, text: str | None) -> Shard | None:
    if not text:
        return None
    from cozeops.engine.plan.shards import Shard

    try:
        return Shard.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def cost_options(command: F) -> F:
    """`--stats` and `--trace-http`."""

    @click.option("--stats", is_flag=True, help="Say what the requests cost, on standard error.")
    @click.option(
        "--trace-http",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Write each request as a line of JSON, without secrets.",
    )
    @click.pass_context
    @wraps(command)
    def wrapped(context: click.Context, /, **others: Any) -> Any:
        stats, trace = others.pop("stats"), others.pop("trace_http")
        context.obj = replace(context.obj or Where(), stats=stats, trace=trace)
        return context.invoke(command, **others)

    return wrapped  # type: ignore[return-value]


def agreement_options(command: F) -> F:
    """`--digest`, `--ack`: yes to one plan, and to what it says."""
    for option in (
        click.option(
            "--ack",
            metavar="CODE[@ADDRESS]",
            multiple=True,
            help="Accept a blocking finding of a reviewed plan.",
        ),
        click.option(
            "--digest", metavar="DIGEST", help="Plan again, and go on only if the plan has this digest."
        ),
    ):
        command = option(command)
    return command


def run_options(command: F) -> F:
    """`--unknown-wait`, `--lock-timeout`, `--report`: of commands that write."""
    for option in (
        click.option(
            "--report",
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="Write what happened as JSON.",
        ),
        click.option(
            "--lock-timeout",
            type=click.FloatRange(0),
            default=0.0,
            show_default=True,
            help="Seconds to wait for another run to let go of the state.",
        ),
        click.option(
            "--unknown-wait",
            type=click.FloatRange(0),
            default=30.0,
            show_default=True,
            help="Seconds to look for a lost reply.",
        ),
    ):
        command = option(command)
    return command


def selection_options(command: F) -> F:
    """`--target`, `--exclude`, `--selector`."""
    for option in (
        click.option(
            "--selector", metavar="KEY=VALUE", multiple=True, help="Only resources with this label."
        ),
        click.option(
            "--exclude",
            metavar="ADDRESS",
            multiple=True,
            help="Leave this and its dependents out.",
            shell_complete=complete_address,
        ),
        click.option(
            "--target",
            metavar="ADDRESS",
            multiple=True,
            help="Only this (address, pattern, name), with what it needs.",
            shell_complete=complete_address,
        ),
    ):
        command = option(command)
    return command


def run_checks_option(command: F) -> F:
    """`--run-checks`."""
    return click.option(
        "--run-checks", is_flag=True, help="Run the project's own check commands (spec.checks.commands)."
    )(command)


def compact_option(command: F) -> F:
    """`--compact`."""
    return click.option("--compact", is_flag=True, help="Show each change on one line, without its fields.")(
        command
    )


def refresh_option(command: F) -> F:
    """`--refresh`."""
    return click.option(
        "--refresh",
        type=click.Choice(["incremental", "full"]),
        default="incremental",
        show_default=True,
        help="With a state: read only what a list says has moved, or everything.",
    )(command)
