"""`cozeops export`: a live workspace becomes a project."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cozeops.cli.options import Where, cost_options, project_options
from cozeops.cli.places import chosen_of
from cozeops.errors import CozeopsError, ExitCode, InvalidProject, UsageError
from cozeops.operations.project import client_at

if TYPE_CHECKING:
    from cozeops.engine.export.documents import Document, Exported

_SCHEMA = Path("schemas") / "cozeops.schema.json"
_NOTES = "EXPORT.md"
_ALL = "coze"
"""The name of a project of several workspaces."""


@click.command()
@click.argument("workspace", required=False)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="coze-export",
    show_default=True,
    metavar="DIR",
    help="A folder that is new or empty.",
)
@click.option(
    "--documents",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Files of the knowledge bases, named as on Coze.",
)
@cost_options
@project_options
@click.pass_obj
def export(where: Where, *, workspace: str | None, out: Path, documents: Path | None) -> int:
    """Write a live workspace as a project.

    WORKSPACE is a name or an id; without it, every workspace that the token sees, and what lives in none
    (voiceprints, say). Planning the result changes nothing. What Coze does not tell is left out and listed in
    EXPORT.md. Reads only.

    The content of documents cannot be read back. A knowledge base whose documents are all in the folder
    of --documents (or in one of its name in there) takes them along; any other stays without.
    """
    from cozeops.engine.export.documents import export as exported_of
    from cozeops.engine.export.scan import places, survey
    from cozeops.engine.observe.cache import Reader
    from cozeops.report.exported import summary
    from cozeops.report.terminal.safe import one_line

    _demand_room(out)
    given = _files_below(documents) if documents else []
    with client_at(where) as client:
        reader = Reader(client)
        chosen = chosen_of(places(reader), workspace)
        exported = exported_of(survey(reader, chosen, account=workspace is None), given)
    with _placed(out) as folder:
        _write(exported, folder, out, documents)
        wrong = _problems(folder, exported)
    for one in exported.skipped:
        home = f" in {one.scope}" if one.scope else ""
        what = f"{one.kind} {one.name or one.id}" if one.id else f"every {one.kind}{home}"
        click.echo(one_line(f"not exported: {what}: {one.reason}"), err=True)
    click.echo(f"{summary(exported)} in {out}.")
    click.echo(
        f"{out / _NOTES} lists what is not there. Next: cozeops -C {shlex.quote(str(out))} plan", err=True
    )
    if wrong:
        raise wrong
    return ExitCode.OK


# --------------------------------------------------------------------------------------------- files


def _demand_room(out: Path) -> None:
    """Nothing is ever overwritten. Raises UsageError."""
    try:
        free = not out.is_symlink() and (not out.exists() or (out.is_dir() and not any(out.iterdir())))
    except OSError as error:
        raise UsageError(f"{out} cannot be used: {error.strerror or error}") from None
    if not free:
        raise UsageError(f"{out} is not an empty folder", hint="name a new one with --out DIR")


@contextmanager
def _placed(out: Path) -> Iterator[Path]:
    """A folder to write in, which becomes `out` once all of it is there. Raises CozeopsError."""
    folder = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=out.parent, prefix=".cozeops-export-"))
        yield folder
        folder.chmod(0o777 & ~_umask())
        _demand_room(out)
        if out.exists():
            out.rmdir()  # some systems rename over an empty folder, some do not
        folder.rename(out)
    except OSError as error:
        raise CozeopsError(f"{out} cannot be written: {error.strerror or error}") from None
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _files_below(folder: Path) -> list[str]:
    """The files in a folder and below, relative to it, with `/`."""
    found = (path for path in folder.rglob("*") if path.is_file())
    names = (path.relative_to(folder).as_posix() for path in found)
    # Hidden files, and names that no manifest can write.
    return sorted(name for name in names if not any(part.startswith(".") for part in name.split("/")))


def _write(exported: Exported, folder: Path, out: Path, documents: Path | None) -> None:
    from cozeops.manifests.fmt.write import create_files
    from cozeops.report.exported import export_markdown

    files = dict(_manifests(exported, out.resolve()))
    create_files(folder, files | exported.texts | {_NOTES: export_markdown(exported)})
    for target, source in exported.copies.items():
        assert documents
        path = folder / target
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(documents / source, path)


def _manifests(exported: Exported, out: Path) -> Iterator[tuple[str, str]]:
    """Each file of manifests with its text."""
    from cozeops.engine.export.documents import ROOT
    from cozeops.manifests.fmt.compose import Composed, compose

    homes = [one.address.name for one in exported.documents if one.address.kind == "Workspace"]
    name = homes[0] if len(homes) == 1 else _ALL
    project = {"kind": "Project", "metadata": {"name": name}, "spec": {"manifests": [ROOT]}}
    yield "cozeops.yaml", compose([Composed(project)], schema=_schema(out, "cozeops.yaml"))
    for file, documents in groupby(sorted(exported.documents, key=_place), key=lambda one: one.file):
        parts = [Composed(_data(one), one.comments) for one in documents]
        yield file, compose(parts, schema=_schema(out, file))


def _place(document: Document) -> tuple[str, str]:
    return document.file, document.address.name


def _data(document: Document) -> dict[str, object]:
    return {"kind": document.address.kind, "metadata": document.metadata, "spec": document.spec}


def _schema(out: Path, file: str) -> str:
    """Where a file finds the schema for editors, if there is one above the folder."""
    home = next((above for above in out.parents if (above / _SCHEMA).is_file()), None)
    return Path(os.path.relpath(home / _SCHEMA, (out / file).parent)).as_posix() if home else ""


def _problems(folder: Path, exported: Exported) -> InvalidProject | None:
    """What a person has to mend: live values that manifests do not take and that nobody foresaw."""
    from cozeops.manifests.load import load_project

    try:
        variables = {variable: "set" for _, _, variable in exported.secrets}
        load_project(folder, environment=None, environ=variables)
    except InvalidProject as wrong:
        return wrong
    return None
