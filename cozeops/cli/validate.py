"""`cozeops validate`: everything that can be checked without a server."""

from __future__ import annotations

from collections import Counter

import click

from cozeops.cli._options import Where, project_options
from cozeops.cli._wiring import load


@click.command()
@project_options
@click.pass_obj
def validate(where: Where) -> None:
    """Check the manifests offline.

    It shows every error with its file, line and column.
    """
    project = load(where)
    counts = Counter(one.kind.name for one in project.resources)
    listed = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    click.echo(f"{project.name}: {listed}; all valid (environment {project.environment}).")
