"""`cozeops state`: look at the memory, and mend it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cozeops.cli.completion import complete_address
from cozeops.cli.options import Where, project_options, shard_option
from cozeops.errors import CozeopsError, UsageError
from cozeops.operations.project import addresses, load

if TYPE_CHECKING:
    from cozeops.address import Address
    from cozeops.manifests.load import Project
    from cozeops.state import Backend, Held, State


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
    _, known = _loaded(where)
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

    _, known = _loaded(where)
    record = _record_json(known, addresses([address])[0])
    click.echo(json.dumps(record, ensure_ascii=False, indent=2, sort_keys=True))


@state.command()
@click.argument("before", shell_complete=complete_address)
@click.argument("after")
@shard_option
@project_options
@click.pass_obj
def mv(where: Where, *, before: str, after: str) -> None:
    """Rename an address: BEFORE becomes AFTER, the live object stays."""
    old, new = addresses([before, after])
    if old.kind != new.kind:
        raise UsageError(f"{old} and {new} are of different kinds")
    with _changing(where, "state mv") as (backend, held, known):
        _demand(known, old)
        if new in known.resources:
            raise UsageError(f"{new} is remembered already", hint=f"cozeops state rm {new}")
        backend.save(known.without(old).with_record(new, known.resources[old]), held)
    click.echo(f"{old} is {new} now.")


@state.command()
@click.argument("address", shell_complete=complete_address)
@shard_option
@project_options
@click.pass_obj
def rm(where: Where, *, address: str) -> None:
    """Forget ADDRESS; nothing happens on Coze."""
    (gone,) = addresses([address])
    with _changing(where, "state rm") as (backend, held, known):
        _demand(known, gone)
        backend.save(known.without(gone), held)
    click.echo(f"{gone} is forgotten; it is still on Coze.")


@state.command()
@shard_option
@project_options
@click.pass_obj
def pull(where: Where) -> None:
    """Print the whole state."""
    from cozeops.state import write_state

    click.echo(write_state(_loaded(where)[1]), nl=False)


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

    given = read_state(_text(file), str(file))
    with _changing(where, "state push", may_be_empty=True) as (backend, held, known):
        if known is not None:
            _demand_successor(given, known)
        backend.save(replace(given, serial=known.serial if known else given.serial), held)
    click.echo(f"The state is the one in {file}.")


@state.command()
@click.option("--force", is_flag=True, help="Also a lock whose run may be alive.")
@shard_option
@project_options
@click.pass_obj
def unlock(where: Where, *, force: bool) -> None:
    """Remove the lock of a run that died."""
    from cozeops.operations.state import demand_backend

    whose = demand_backend(load(where), where.shard).unlock(force)
    if whose is None:
        click.echo("There is no lock.")
    else:
        click.echo(f"The lock of run {whose.id} ({whose.user} on {whose.host}) is removed.")


@click.command("import")
@click.argument("address", shell_complete=complete_address)
@click.argument("id_", metavar="ID")
@shard_option
@project_options
@click.pass_obj
def import_(where: Where, *, address: str, id_: str) -> None:
    """Remember that ADDRESS is the live object ID.

    Nothing changes on Coze.
    """
    from cozeops.engine.observe.cache import Reader
    from cozeops.engine.observe.lookup import Observer
    from cozeops.engine.observe.snapshot import channels_of, observe
    from cozeops.operations.project import client_of
    from cozeops.operations.state import keeping
    from cozeops.state import Ownership, Record

    (wanted,) = addresses([address])
    project = load(where)
    resource = next((one for one in project.resources if one.address == wanted), None)
    if resource is None or not resource.kind.lives:
        raise UsageError(f"{wanted} is not in the project", hint="write its manifest first")
    if project.settings.state is None:
        raise UsageError("import needs a state", hint=f'write `id: "{id_}"` under spec instead')
    with (
        client_of(project) as client,
        keeping(project, client.base_url, operation="import", lock_timeout=0, shard=where.shard) as kept,
    ):
        assert kept.memory is not None
        taken = [
            str(known)
            for known, record in kept.memory.records.items()
            if record.id == id_ and known != wanted
        ]
        if taken:
            raise UsageError(f"{id_} is {taken[0]} already", hint=f"cozeops state mv {taken[0]} {wanted}")
        homes = [one for one in project.resources if one.address == resource.scope]
        snapshot = observe(homes, client, records=kept.memory.known(homes))
        home = snapshot.live.get(resource.scope) if resource.scope else None
        scope = home.id if home else None
        live = Observer(Reader(client), channels_of(project.resources)).read(resource, scope, id_)
        kept.remember(wanted, Record(live.id, Ownership.IMPORTED, resource.name, scope or ""))
    click.echo(f"{wanted} is {id_} from now on. cozeops plan shows what apply would change.")


@click.command()
@click.option("-n", "count", type=click.IntRange(1), default=20, show_default=True, help="At most so many.")
@shard_option
@project_options
@click.pass_obj
def history(where: Where, *, count: int) -> None:
    """List the runs of an environment, newest first."""
    from cozeops.operations.state import runs_of

    runs = runs_of(load(where), where.shard)[:count]
    for run in runs:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.ended))
        counts = ", ".join(f"{number} {status}" for status, number in sorted(run.counts.items()))
        who = f"{run.run.user}@{run.run.host}"
        click.echo(f"{run.run.id}  {when}  exit {int(run.exit_code)}  {counts}  {who}  {run.run.commit[:12]}")
    if not runs:
        click.echo("No runs yet.", err=True)


def _slot(project: Project, where: Where) -> str:
    from cozeops.state import slot_of

    return slot_of(project.environment, where.shard.number if where.shard else 0)


def _loaded(where: Where) -> tuple[Backend, State]:
    from cozeops.operations.state import demand_backend

    backend = demand_backend(load(where), where.shard)
    known = backend.load()
    if known is None:
        raise CozeopsError(f"{backend.name} is empty", hint="the first apply fills it")
    return backend, known


@contextmanager
def _changing(
    where: Where, operation: str, *, may_be_empty: bool = False
) -> Iterator[tuple[Backend, Held, State]]:
    from cozeops.operations.state import commit_of, demand_backend
    from cozeops.state import RunInfo

    project = load(where)
    backend = demand_backend(project, where.shard)
    info = RunInfo.here(_slot(project, where), operation, environ=os.environ, commit=commit_of(project))
    with backend.lock(info, 0) as held:
        known = backend.load()
        if known is None and not may_be_empty:
            raise CozeopsError(f"{backend.name} is empty", hint="the first apply fills it")
        yield backend, held, known  # type: ignore[misc]


def _record_json(known: State, address: Address) -> object:
    import json

    from cozeops.state import write_state

    _demand(known, address)
    return json.loads(write_state(known))["resources"][str(address)]


def _demand(known: State, address: Address) -> None:
    if address not in known.resources:
        same = sorted(str(one) for one in known.resources if one.kind == address.kind)
        raise UsageError(
            f"{address} is not in the state", hint=f"it has {', '.join(same[:8])}" if same else ""
        )


def _demand_successor(given: State, known: State) -> None:
    for what, then, now in (
        ("environment", given.environment, known.environment),
        ("lineage", given.lineage, known.lineage),
    ):
        if then != now:
            raise UsageError(f"the file is of {what} {then}, the state of {now}")
    if given.serial < known.serial:
        raise UsageError(
            f"the file has serial {given.serial}, the state is at {known.serial}",
            hint="an older state forgets what was made since: pull the state, and mend that",
        )


def _text(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from None
