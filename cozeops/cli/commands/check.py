"""`cozeops check`: talk to the bots, and compare what they say with what the project's Checks expect."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cozeops.cli.completion import complete_address
from cozeops.cli.files.formats import CHECK_FORMATS, also_into, checked_as
from cozeops.cli.options import Where, format_option, project_options, shard_option
from cozeops.errors import ExitCode, UsageError
from cozeops.operations.project import (
    addresses,
    client_of,
    demand_place,
    labels_of,
    load,
    stats_of,
    write_file,
)

if TYPE_CHECKING:
    from cozeops.declare.resource import Resource
    from cozeops.engine.check.conversation import BotCopy
    from cozeops.engine.plan.shards import Shard
    from cozeops.manifests.load import Project


@click.command()
@click.option(
    "--target",
    metavar="ADDRESS",
    multiple=True,
    help="Only this Check, or those about this Bot or Workflow.",
    shell_complete=complete_address,
)
@click.option("--selector", metavar="KEY=VALUE", multiple=True, help="Only Checks with this label.")
@click.option(
    "--of",
    "copy",
    metavar="COPY",
    default="draft",
    show_default=True,
    help="Talk to the draft, the published copy, or a VERSION of one bot.",
)
@click.option("--compare", metavar="COPY", help="Talk to this copy too, and show the answers side by side.")
@format_option(CHECK_FORMATS)
@click.option(
    "--also",
    callback=also_into(CHECK_FORMATS),
    metavar="FORMAT=FILE",
    multiple=True,
    help="Write this format of the same run too.",
)
@click.option(
    "--parallelism", type=click.IntRange(1, 64), default=4, show_default=True, help="Conversations at a time."
)
@click.option("-v", "--verbose", is_flag=True, help="Show the transcripts of what passed, too.")
@shard_option
@project_options
@click.pass_obj
def check(
    where: Where,
    *,
    target: tuple[str, ...],
    selector: tuple[str, ...],
    copy: str,
    compare: str | None,
    form: str,
    also: tuple[tuple[str, Path], ...],
    parallelism: int,
    verbose: bool,
) -> int:
    """Hold the conversations of the project's Checks.

    What the bots say is judged: exits with 5 when a Check failed, with 1 when nobody answered. It changes
    nothing on Coze, and removes its conversations.
    (What judges plans, spec.checks of cozeops.yaml, is another thing: plan does it.)
    """
    from cozeops.engine.check.runner import Checked, Talking, run_checks
    from cozeops.engine.check.selection import identified
    from cozeops.operations.apply import stopping, tokens_of
    from cozeops.operations.state import recall
    from cozeops.report.check.progress import CheckProgress

    project, began = load(where), time.monotonic()
    chosen = _chosen(project, target, selector, where.shard)
    copies = _copies(copy, compare, chosen)
    for _, file in also:
        demand_place(file, project)
    with client_of(project) as client, stopping() as stop:
        memory = recall(project, client.base_url, where.shard)
        records = memory.known(project.resources) if memory else None
        ids, missing = identified(chosen, project.resources, client, records)
        with CheckProgress(sys.stderr, _number(chosen, copies)) as progress:
            talking = Talking(client, parallelism, progress, stop=stop, secrets=tokens_of(project))
            results = run_checks(chosen, copies, ids, talking, missing=missing)
        first = {one.check: one for one in reversed(results)}
        made = Checked(
            environment=project.environment,
            base_url=client.base_url,
            copy=copy,
            results=tuple(first.values())[::-1],
            compared={one.check: one for one in results if one is not first[one.check]},
        )
        code = ExitCode.CANCELLED if stop.is_set() else made.exit_code
        stats = stats_of(client, began)
    for other, file in also:
        write_file(file, checked_as(other, made, code, stats))
    if form == "text":
        from cozeops.report.check.text import render_checked

        render_checked(made, sys.stdout, verbose=verbose)
    else:
        click.echo(checked_as(form, made, code, stats), nl=False)
    return code


def _number(checks: Sequence[Resource], copies: Sequence[BotCopy]) -> int:
    """How many results there will be: a workflow has one copy that can run."""
    return sum(len(copies) if "bot" in one.values else 1 for one in checks)


def _chosen(
    project: Project, target: Sequence[str], selector: Sequence[str], shard: Shard | None
) -> list[Resource]:
    from cozeops.engine.check.runner import about, is_check
    from cozeops.engine.plan.shards import answered

    checks = [one for one in project.resources if is_check(one)]
    wanted, labels = addresses(target), labels_of(selector)
    for address in wanted:
        if not any(address in (one.address, about(one)) for one in checks):
            known = ", ".join(str(one.address) for one in checks[:8])
            hint = f"there is {known}" if known else "the project has no Check"
            raise UsageError(f"{address} is no Check, and no Check is about it", hint=hint)
    own = answered(project.resources, shard)
    return [
        one
        for one in checks
        if one.address in own
        and (not wanted or one.address in wanted or about(one) in wanted)
        and labels.items() <= one.labels.items()
    ]


def _copies(copy: str, compare: str | None, checks: Sequence[Resource]) -> list[BotCopy]:
    from cozeops.engine.check.conversation import BotCopy
    from cozeops.engine.check.runner import about

    names = [copy, compare] if compare else [copy]
    if copy == compare:
        raise UsageError(f"--of and --compare are both {copy}", hint="compare the draft with published, say")
    for name in names:
        if name in ("draft", "published"):
            continue
        if not name.isdecimal():
            raise UsageError(f"{name} is no copy of a bot", hint="draft, published, or a version (digits)")
        if len({about(one) for one in checks}) > 1:
            raise UsageError(f"version {name} is of one bot", hint="say which with --target Bot/NAME")
    return [BotCopy(name) for name in names]
