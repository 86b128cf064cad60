"""`cozeops emulator`: a Coze on your own machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cozeops.cli.connected import load_offline
from cozeops.cli.emulator_extra import demand_emulator
from cozeops.cli.options import Where
from cozeops.errors import CozeopsError, UsageError
from cozeops.values import Json

if TYPE_CHECKING:
    from cozeops.emulator.options import Item as OptionItem


class _WithSwitches(click.Command):
    """Its help ends with the switches and the faults, which the emulator itself describes."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List what the emulator can be told, where it is installed."""
        try:
            demand_emulator()
        except UsageError as error:
            formatter.write_paragraph()
            formatter.write_text(f"{error.message}: {error.hint}")
            return
        from cozeops.emulator import FAULT_KINDS, options_table

        rows = [(f"{item.name}={item.default}", _described(item)) for item in options_table()]
        with formatter.section("Switches (--option NAME=VALUE)"):
            formatter.write_dl(rows)
        with formatter.section("Faults (--fault KIND[,NAME=VALUE...])"):
            formatter.write_dl(list(FAULT_KINDS.items()))


def _described(item: OptionItem) -> str:
    return f"{item.help} ({' | '.join(item.choices)})" if item.choices else item.help


@click.command(cls=_WithSwitches)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port (default: a free one).")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the data in this SQLite file.",
)
@click.option(
    "--seed",
    "seeds",
    type=click.Path(path_type=Path, exists=True),
    metavar="FILE|PROJECT",
    multiple=True,
    help="Start with what a JSON seed has, or with one of each id that a project names.",
)
@click.option(
    "--option", "options", metavar="NAME=VALUE", multiple=True, help="Behave differently; see below."
)
@click.option(
    "--fault",
    "faults",
    metavar="KIND[,NAME=VALUE...]",
    multiple=True,
    help="Go wrong: for example error,operation=publishBot,phase=after,times=1.",
)
def emulator(
    *,
    port: int,
    host: str,
    data: Path | None,
    seeds: tuple[Path, ...],
    options: tuple[str, ...],
    faults: tuple[str, ...],
) -> None:
    """Serve a Coze on this machine, and print its URL.

    It takes the token pat_emulator (or pat_emulator_readonly). Stop it with Ctrl-C.
    """
    demand_emulator()
    from cozeops.emulator import Emulator, SeedError, parse_fault, parse_options

    try:
        asked = [parse_fault(text) for text in faults]
        server = Emulator(data=data, options=parse_options(options))
        for seed in seeds:
            server.seed(_read_seed(seed))
        for fault in asked:
            server.faults.add(**fault)
    except (SeedError, ValueError) as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise CozeopsError(f"{data}: {error}") from None
    try:
        server.serve_forever(port=port, host=host, ready=_announce)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
    except OSError as error:
        raise CozeopsError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    finally:
        server.close()


def _announce(url: str) -> None:
    click.echo(f"export COZE_API_BASE={url} COZE_API_TOKEN=pat_emulator")
    click.echo(f"A Coze for trying things out is on {url}. Stop it with Ctrl-C.", err=True)


def _read_seed(path: Path) -> Json:
    if path.is_dir():
        from cozeops.cli.seed import seed_of

        return seed_of(load_offline(Where(path)).resources)
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is not a seed: {error}") from None
    if not isinstance(found, dict):
        raise UsageError(f"{path} is not a seed: expected a JSON object")
    return found
