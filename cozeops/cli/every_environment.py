"""One command in every environment, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from cozeops.cli.options import Where
from cozeops.errors import ExitCode, UsageError


def in_every_environment(where: Where, alone: Mapping[str, Any]) -> int:
    """Run the current command once per environment; `alone` are options that are about one only.

    Raises UsageError for those, and what the first environment raises that fails.
    """
    from cozeops.manifests.load import environments

    given = [name for name, value in alone.items() if value]
    if given or where.environment:
        raise UsageError(f"--all-envs does not go together with {(given or ['--env'])[0]}")
    names = environments(where.root)
    if not names:
        raise UsageError("the project has no environments", hint="leave --all-envs out")
    context = click.get_current_context()
    codes = set()
    for name in names:
        click.echo(f"Environment {name}", err=True)
        again = {**context.params, "all_envs": False, "environment": name}
        codes.add(context.invoke(context.command, **again))
    return next((code for code in (ExitCode.BLOCKED, ExitCode.CHANGES) if code in codes), ExitCode.OK)
