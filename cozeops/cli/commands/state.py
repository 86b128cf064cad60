"""`cozeops state`: look at the memory, and mend it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from cozeops.cli.completion import complete_address
from cozeops.cli.connected import connected, load, state_place
from cozeops.cli.files.output import print_whole
from cozeops.cli.options import Where, format_option, project_options, shard_option
from cozeops.errors import UsageError
from cozeops.operations.project import addresses
from cozeops.operations.state import StatePlace
from cozeops.operations.state_edit import (
    demand_importable,
    demand_record,
    forget,
    import_object,
    load_state,
    rename,
    replace_state,
)
from cozeops.operations.state_edit import unlock as remove_lock
from cozeops.report.terminal.safe import one_line


@click.group()
@project_options
def state() -> None:
    """Look at what is remembered of an environment, and mend it."""


@state.command("list")
@shard_option
@project_options
@click.pass_obj
def list_(where: Where) -> None:
    """List the addresses with their live ids."""
    known = load_state(_place(where))
    for address, record in sorted(known.resources.items()):
        click.echo(f"{address}  {record.id or '(being copied)'}  {record.ownership}")


@state.command()
@click.argument("address", shell_complete=complete_address)
@shard_option
@project_options
@click.pass_obj
def show(where: Where, *, address: str) -> None:
    """Print what is remembered of ADDRESS, as JSON."""
    import json

    from cozeops.state import write_state

    known, (wanted,) = load_state(_place(where)), addresses([address])
    demand_record(known, wanted)
    record = json.loads(write_state(known))["resources"][str(wanted)]
    print_whole(json.dumps(record, ensure_ascii=False, indent=2, sort_keys=True) + "\n")


@state.command()
@click.argument("before", shell_complete=complete_address)
@click.argument("after")
@shard_option
@project_options
@click.pass_obj
def mv(where: Where, *, before: str, after: str) -> None:
    """Rename an address: BEFORE becomes AFTER, the live object stays."""
    old, new = addresses([before, after])
    rename(_place(where), old, new)
    click.echo(f"{old} is {new} now.")


@state.command()
@click.argument("address", shell_complete=complete_address)
@shard_option
@project_options
@click.pass_obj
def rm(where: Where, *, address: str) -> None:
    """Forget ADDRESS; nothing happens on Coze."""
    (gone,) = addresses([address])
    forget(_place(where), gone)
    click.echo(f"{gone} is forgotten; it is still on Coze.")


@state.command()
@shard_option
@project_options
@click.pass_obj
def pull(where: Where) -> None:
    """Print the whole state."""
    from cozeops.state import write_state

    print_whole(write_state(load_state(_place(where))))


@state.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@shard_option
@project_options
@click.pass_obj
def push(where: Where, *, file: Path) -> None:
    """Replace the state by FILE.

    It must be of the same environment and lineage, and not older.
    """
    from cozeops.state import read_state

    replace_state(_place(where), read_state(_text(file), str(file)))
    click.echo(f"The state is the one in {file}.")


@state.command()
@click.option("--force", is_flag=True, help="Also a lock whose run may be alive.")
@shard_option
@project_options
@click.pass_obj
def unlock(where: Where, *, force: bool) -> None:
    """Remove the lock of a run that died."""
    whose = remove_lock(_place(where), force=force)
    if whose is None:
        click.echo("There is no lock.")
    else:
        click.echo(f"The lock of run {whose.id} ({whose.user} on {whose.host}) is removed.")


@state.command()
@click.option("--from", "origin", metavar="PLACE", default="", help="BACKEND[:ENVIRONMENT], or a file.")
@click.option("--from-project", metavar="NAME", default="", help="The name that the project had.")
@click.option(
    "--from-folder", metavar="DIR", default="", help="The folder that it lay in, in its repository."
)
@shard_option
@project_options
@click.pass_obj
def migrate(where: Where, *, origin: str, from_project: str, from_folder: str) -> None:
    """Move a state that would be left behind.

    After a first `environments` block, another backend or another name the state is empty: the plan says so.
    This brings the old one here. Nothing happens on Coze.
    """
    from cozeops.operations.migrate_state import Claim, migrate_state

    place = _place(where)
    moved = migrate_state(place, origin, Claim(from_project, from_folder))
    click.echo(f"{moved.resources} resources of {moved.name} are remembered by {place.slot} now.")


@click.command("import")
@click.argument("address", shell_complete=complete_address)
@click.argument("id_", metavar="ID")
@click.option(
    "--write", "written", is_flag=True, help="Write its manifest, into the folder of its workspace."
)
@shard_option
@project_options
@click.pass_obj
def import_(where: Where, *, address: str, id_: str, written: bool) -> None:
    """Remember that ADDRESS is the live object ID.

    Nothing changes on Coze.
    """
    (wanted,) = addresses([address])
    project = load(where)
    if written:
        from cozeops.operations.unmanaged import write_one

        with connected(where, project) as live:
            made = write_one(live, wanted, id_)
        for _, _, file in made.written:
            click.echo(f"{wanted} is {id_} from now on, as {one_line(file)} says.")
        for note in made.notes:
            click.echo(one_line(note))
        return
    demand_importable(state_place(where, project), wanted, id_)
    with connected(where, project) as live:
        import_object(live, wanted, id_)
    click.echo(f"{wanted} is {id_} from now on. cozeops plan shows what apply would change.")


@click.command()
@click.option("-n", "count", type=click.IntRange(1), default=20, show_default=True, help="At most so many.")
@format_option()
@shard_option
@project_options
@click.pass_obj
def history(where: Where, *, count: int, form: str) -> None:
    """List the runs of an environment, newest first.

    Also those that were killed. `+edits` beside a commit: some manifests were not committed.
    """
    import json

    from cozeops.operations.history import history as runs_of
    from cozeops.operations.history import history_json

    place = _place(where)
    runs = runs_of(place)[:count]
    if form == "json":
        print_whole(json.dumps(history_json(place, runs), ensure_ascii=False, indent=2) + "\n")
        return
    for run in runs:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.at))
        counts = ", ".join(f"{number} {status}" for status, number in sorted((run.counts or {}).items()))
        ended = str(run.status) if run.exit_code is None else f"exit {int(run.exit_code)}"
        commit = run.run.commit[:12] + ("+edits" if run.run.edited else "")
        click.echo(f"{run.run.id}  {when}  {ended}  {counts}  {run.run.user}@{run.run.host}  {commit}")
    if not runs:
        click.echo("No runs yet.", err=True)


def _place(where: Where) -> StatePlace:
    return state_place(where, load(where))


def _text(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from None
