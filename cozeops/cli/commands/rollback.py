"""`cozeops rollback`: the manifests of an earlier run, planned and applied like any others."""

from __future__ import annotations

import click

from cozeops.cli.connected import connected, is_terminal, load, say, state_place
from cozeops.cli.options import Where, agreement_options, project_options, shard_option
from cozeops.errors import ExitCode, UsageError
from cozeops.operations.project import demand_state_for_prune


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
    from cozeops.cli.telling import Telling
    from cozeops.operations.apply import Agreement
    from cozeops.operations.rollback import commit_before, manifests_at, plan_rollback
    from cozeops.operations.rollback import rollback as go_back

    if not (yes or digest or only_plan or is_terminal()):
        raise UsageError("nobody can be asked here", hint="look with --plan, then give --digest or --yes")
    if ack and not digest:
        raise UsageError("--ack accepts a finding of a reviewed plan", hint="give its --digest")
    project = load(where)
    if prune:
        demand_state_for_prune(project)
    place = state_place(where, project)
    commit = commit_before(place, run)
    with (
        Telling(ask=not (yes or digest)) as telling,
        manifests_at(place, commit) as then,
        connected(where, then, telling.stop) as live,
    ):
        say(f"The manifests of commit {commit[:12]}, applied before {run}:")
        if only_plan:
            telling.show(plan_rollback(live, prune=prune))
            return ExitCode.OK
        agreement = Agreement(digest or "", ack)
        ended = go_back(live, commit, prune=prune, agreement=agreement, audience=telling.audience())
        telling.end(ended, None)
    return ended.exit_code
