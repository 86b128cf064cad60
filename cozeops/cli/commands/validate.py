"""`cozeops validate`: everything that can be checked without a server."""

from __future__ import annotations

import sys

import click

from cozeops.cli.connected import load_offline
from cozeops.cli.files.formats import (
    PROBLEM_FORMATS,
    VALIDATE_FORMATS,
    tells_problems,
    valid_as,
)
from cozeops.cli.files.output import print_whole
from cozeops.cli.options import Where, format_option, project_options
from cozeops.operations.project import offline_findings


@click.command()
@format_option(VALIDATE_FORMATS)
@project_options
@click.pass_obj
@tells_problems("json", *PROBLEM_FORMATS)
def validate(where: Where, *, form: str) -> None:
    """Check the manifests offline.

    It shows every error with its file, line and column, and what the built-in checks find.
    """

    project = load_offline(where)
    if form == "text":
        click.echo(valid_as(form, project), nl=False)
        from cozeops.report.plan.text import render_findings

        render_findings(offline_findings(project), sys.stdout)
    else:
        print_whole(valid_as(form, project))
