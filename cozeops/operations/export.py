"""Export: a live workspace becomes a project."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from cozeops.errors import CozeopsError, InvalidProject, UsageError
from cozeops.operations.workspaces import chosen_of

if TYPE_CHECKING:
    from cozeops.api.client import Client
    from cozeops.engine.export.documents import Document, Exported

NOTES = "EXPORT.md"
"""The file that lists what is not there."""
_SCHEMA = Path("schemas") / "cozeops.schema.json"
_ALL = "coze"
"""The name of a project of several workspaces."""


def read_export(client: Client, workspace: str | None, documents: Path | None) -> Exported:
    """What a workspace (a name or an id; None: all that the token sees) comes to as manifests.

    `documents` is a folder with the files of its knowledge bases. Raises UsageError, ApiError.
    """
    from cozeops.engine.export.documents import export
    from cozeops.engine.export.scan import places, survey
    from cozeops.engine.observe.cache import Reader

    given = _files_below(documents) if documents else []
    reader = Reader(client)
    chosen = chosen_of(places(reader), workspace)
    return export(survey(reader, chosen, account=workspace is None), given)


def write_export(exported: Exported, out: Path, notes: str, documents: Path | None) -> InvalidProject | None:
    """Write the project into a folder that is new or empty, all of it or nothing; `notes` go into EXPORT.md.

    Gives back what a person has to mend. Raises UsageError, CozeopsError.
    """
    with _placed(out) as folder:
        _write(exported, folder, out, notes, documents)
        return _problems(folder, exported)


# --------------------------------------------------------------------------------------------- files


def demand_room(out: Path) -> None:
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
        demand_room(out)
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


def _write(exported: Exported, folder: Path, out: Path, notes: str, documents: Path | None) -> None:
    from cozeops.manifests.fmt.write import create_files

    files = dict(_manifests(exported, out.resolve()))
    create_files(folder, files | exported.texts | {NOTES: notes})
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
