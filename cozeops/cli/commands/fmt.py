"""`cozeops fmt`: one style for all manifests."""

from __future__ import annotations

from pathlib import Path

import click

from cozeops.cli.options import Where, project_options
from cozeops.errors import ExitCode, UsageError


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; name what is not formatted, and exit with 1.")
@project_options
@click.pass_obj
def fmt(where: Where, *, paths: tuple[Path, ...], check: bool) -> int:
    """Write the manifests in one style; comments stay.

    All files of the project, with the patches of every environment; or those of PATHS. What they mean
    never changes. Text that other YAML tools would misread (yes, 012, 1:30) gets double quotes.
    """
    from cozeops.manifests.fmt.files import format_files
    from cozeops.manifests.fmt.write import replace_file

    root = where.root
    if not root.is_dir():
        raise UsageError(f"there is no folder {root}", hint="name the project's folder with -C DIR")
    files = format_files(root, paths)
    for file in files:
        if file.reason:
            click.echo(f"{file.name}: left as it is: {file.reason}", err=True)
    changed = [file for file in files if file.changed]
    for file in changed:
        if not check:
            replace_file(file.path, file.made)
        click.echo(f"{file.name}: {'not formatted' if check else 'formatted'}")
    if not changed:
        click.echo(f"{len(files)} file{'' if len(files) == 1 else 's'}, nothing to do.", err=True)
    elif check:
        click.echo("hint: cozeops fmt writes them", err=True)
    return ExitCode.ERROR if check and changed else ExitCode.OK
