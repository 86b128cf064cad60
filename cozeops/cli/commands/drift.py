"""`cozeops drift`: did somebody change the live side by hand?"""

from __future__ import annotations

import json
import sys

import click

from cozeops.cli.options import Where, cost_options, format_option, project_options, shard_option
from cozeops.errors import ExitCode
from cozeops.operations.project import Selection, client_of, load, plan_live


@click.command()
@format_option()
@click.option(
    "--refresh",
    type=click.Choice(["full", "incremental"]),
    default="full",
    show_default=True,
    help="Read everything, or only what a list says has moved.",
)
@click.option("--unmanaged", is_flag=True, help="List what lives in the workspaces and no manifest names.")
@shard_option
@cost_options
@project_options
@click.pass_obj
def drift(where: Where, *, form: str, refresh: str, unmanaged: bool) -> int:
    """Compare the live side with what was applied last.

    The exit code is 10 when it moved. Without a state it is compared with the manifests.
    """
    from cozeops.engine.plan.drift import drift as find_drift
    from cozeops.operations.state import recall
    from cozeops.report.plan.drift import render_drift
    from cozeops.report.terminal.safe import one_line
    from cozeops.values import Json, to_json

    project = load(where)
    with client_of(project, where) as client:
        memory = recall(project, client.base_url, where.shard)
        choice = Selection(refresh=refresh, shard=where.shard)
        plan, snapshot = plan_live(project, choice, client, memory)
    found = find_drift(plan, memory, {one.address: one for one in project.resources})
    against = "what was applied last" if memory else "the manifests (there is no state)"
    strangers = [(kind, id, name) for (kind, _), listed in snapshot.strangers.items() for id, name in listed]
    if form == "json":
        data: Json = {
            "format": "cozeops-drift/1",
            "env": project.environment,
            "against": "state" if memory else "manifests",
            "drifted": [
                {
                    "address": str(one.address),
                    "id": one.id,
                    "fields": [
                        {"path": field.path, "applied": to_json(field.before), "live": to_json(field.after)}
                        for field in one.fields
                    ],
                    "publication": one.publication or None,
                }
                for one in found
            ],
        }
        if unmanaged:
            data["unmanaged"] = [{"kind": kind, "id": id, "name": name} for kind, id, name in strangers]
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        render_drift(found, sys.stdout, against=against)
        for kind, id, name in strangers if unmanaged else ():
            click.echo(f"unmanaged  {kind} {one_line(name)}  id {id}")
    return ExitCode.DRIFT if found else ExitCode.OK
