"""`cozeops schema`: the JSON Schema of manifests, for editors and CI."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from cozeops.cli.files.output import print_whole
from cozeops.cli.options import Where, project_options
from cozeops.errors import CozeopsError, ExitCode, UsageError

FOLDER = "schemas"


@click.command()
@click.argument("kind", required=False)
@click.option("--check", is_flag=True, help="Compare the folder schemas/ with the kinds; 1 if it differs.")
@click.option("--write", is_flag=True, help="Write the folder schemas/ anew.")
@project_options
@click.pass_obj
def schema(where: Where, *, kind: str | None, check: bool, write: bool) -> int:
    """Print the JSON Schema of manifests, for editors.

    Of every kind, or of KIND. An editor with a YAML language server completes and checks with it:
    put "# yaml-language-server: $schema=PATH" on the first line of a manifest.
    """
    from cozeops.manifests.schema import rendered
    from cozeops.manifests.schema import schema as schema_of

    if check and write:
        raise UsageError("--check compares and --write writes: give one of them")
    if kind and (check or write):
        raise UsageError("--check and --write are about all kinds", hint=f"leave {kind} out")
    folder = where.folder / FOLDER
    if check:
        return _check(folder)
    if write:
        return _write(folder)
    print_whole(rendered(schema_of(_known(kind))))
    return ExitCode.OK


def _known(kind: str | None) -> str | None:
    from cozeops.kinds import kinds
    from cozeops.manifests.envelope import PROJECT
    from cozeops.manifests.wording import suggestion

    if kind in (None, PROJECT, *kinds()):
        return kind
    hint = suggestion(str(kind), [*kinds(), PROJECT], "kinds")
    raise UsageError(f"there is no kind {kind!r}", hint=hint)


def _files() -> Iterator[tuple[str, str]]:
    """The name of each file with its text."""
    from cozeops.kinds import kinds
    from cozeops.manifests.envelope import PROJECT
    from cozeops.manifests.schema import ALL, rendered
    from cozeops.manifests.schema import schema as schema_of

    for name in (None, *kinds(), PROJECT):
        yield f"{name or ALL}.schema.json", rendered(schema_of(name))


def _check(folder: Path) -> int:
    different = [name for name, text in _files() if _text(folder / name) != text]
    for name in different:
        state = "is not what the kinds give" if (folder / name).exists() else "is missing"
        click.echo(f"{folder / name} {state}")
    if not different:
        click.echo(f"{folder}: current")
        return ExitCode.OK
    click.echo("hint: write them anew with cozeops schema --write", err=True)
    return ExitCode.ERROR


def _text(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _write(folder: Path) -> int:
    from cozeops.cli.files.output import write_file

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CozeopsError(f"{folder} cannot be made: {error.strerror or error}") from None
    for name, text in _files():
        if _text(folder / name) != text:
            write_file(folder / name, text)
            click.echo(f"wrote {folder / name}")
    return ExitCode.OK
