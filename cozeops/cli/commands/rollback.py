"""`cozeops rollback`: the manifests of an earlier run, planned and applied like any others."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cozeops.cli.commands.plan import refuse_prune
from cozeops.cli.options import Where, agreement_options, project_options, shard_option
from cozeops.errors import CozeopsError, ExitCode, UsageError
from cozeops.operations.project import Selection, client_of, is_terminal, load, plan_live

if TYPE_CHECKING:
    from cozeops.engine.plan.shards import Shard
    from cozeops.manifests.load import Project


@click.command()
@click.argument("run")
@click.option("--yes", is_flag=True, help="Apply without asking.")
@click.option("--plan", "only_plan", is_flag=True, help="Show the plan and stop.")
@agreement_options
@click.option("--prune", is_flag=True, help="Remove what came since (needs a state).")
@shard_option
@project_options
@click.pass_obj
def rollback(
    where: Where,
    *,
    run: str,
    yes: bool,
    only_plan: bool,
    digest: str | None,
    ack: tuple[str, ...],
    prune: bool,
) -> int:
    """Go back to the manifests that were applied before RUN.

    `cozeops history` lists the runs. The manifests are taken from the Git commit that the run before it
    recorded. What the API cannot bring back is a finding of the plan. The manifests in Git stay as they
    are: revert them too.
    """
    from cozeops.engine.model.findings import demand_acknowledged
    from cozeops.engine.plan.rollback import going_back
    from cozeops.engine.run.context import Timeouts
    from cozeops.operations.apply import ApplyOptions, agree, carry_out
    from cozeops.operations.finish_revert import finish_returns
    from cozeops.operations.state import keeping
    from cozeops.report.plan.text import render_plan

    if not (yes or digest or only_plan or is_terminal()):
        raise UsageError("nobody can be asked here", hint="look with --plan, then give --digest or --yes")
    if ack and not digest:
        raise UsageError("--ack accepts a finding of a reviewed plan", hint="give its --digest")
    now, began = load(where), time.monotonic()
    refuse_prune(prune, now)
    commit, shard = _commit_before(now, run, where.shard), where.shard
    with (
        _manifests_of(now, commit, where) as then,
        client_of(then) as client,
        keeping(
            then, client.base_url, operation="rollback", lock_timeout=0, shard=shard, commit=commit
        ) as kept,
    ):
        finish_returns(client, kept)
        click.echo(f"The manifests of commit {commit[:12]}, applied before {run}:", err=True)
        made, snapshot = plan_live(then, Selection(prune=prune, shard=shard), client, kept.memory)
        made = going_back(made, {one.address: one for one in then.resources}, kept.memory)
        if only_plan:
            render_plan(made, sys.stdout)
            return ExitCode.OK
        agree(made, yes=yes, digest=digest)
        demand_acknowledged(made.findings, ack)
        if not made.pending:
            return ExitCode.OK
        return carry_out(made, snapshot, then, client, kept, ApplyOptions(8, Timeouts(), None, began))


def _commit_before(project: Project, run: str, shard: Shard | None) -> str:
    from cozeops.operations.state import runs_of

    runs = [one for one in runs_of(project, shard) if one.run.operation in ("apply", "rollback")]
    at = next((place for place, one in enumerate(runs) if one.run.id == run), None)
    if at is None:
        raise UsageError(f"there is no run {run}", hint="cozeops history lists them")
    earlier = next((one for one in runs[at + 1 :] if one.exit_code == ExitCode.OK), None)
    if earlier is None:
        raise UsageError(f"no run before {run} is known to have gone well", hint="cozeops history lists them")
    if not earlier.run.commit:
        raise UsageError(
            f"run {earlier.run.id} was not of a Git commit: its manifests are not kept anywhere",
            hint="keep the project in Git to be able to go back",
        )
    return earlier.run.commit


@contextmanager
def _manifests_of(project: Project, commit: str, where: Where) -> Iterator[Project]:
    """The project as it was at a commit, in a folder of its own; state and journal stay where they are."""
    from cozeops.manifests.load import load_project

    with tempfile.TemporaryDirectory(prefix="cozeops-rollback-") as folder:
        archive = _git(project.root, "archive", "--format=tar", commit)
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(folder, filter="data")
        environment = where.environment or os.environ.get("COZEOPS_ENV") or None
        then = load_project(Path(folder), environment=environment, environ=os.environ)
        yield replace(then, root=project.root)


def _git(root: Path, *arguments: str) -> bytes:
    # Run in the project's folder, `git archive` packs that folder alone, also inside a larger repository.
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False, timeout=120)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise CozeopsError(
            f"git {arguments[0]}: {said[-1] if said else 'failed'}",
            hint="is that commit still in this clone?",
        )
    return done.stdout
