"""`cozeops graph`: what needs what, offline."""

from __future__ import annotations

import click

from cozeops.cli.connected import load_offline
from cozeops.cli.files.output import print_whole
from cozeops.cli.options import Where, format_option, project_options, selection_options
from cozeops.operations.selection import Selection


@click.command()
@format_option(("mermaid", "dot", "json"), "Mermaid for Markdown, dot for Graphviz, or JSON.")
@selection_options
@project_options
@click.pass_obj
def graph(
    where: Where, *, form: str, target: tuple[str, ...], exclude: tuple[str, ...], selector: tuple[str, ...]
) -> None:
    """Print what needs what in the project, offline.

    An arrow leads to what needs it. Prompts are shown with the bots that they are compiled into.
    """
    from cozeops.engine.model.graph import closure
    from cozeops.report.plan.dependencies import as_dot, as_json
    from cozeops.report.plan.graph import dependencies_of
    from cozeops.report.plan.mermaid import mermaid

    project = load_offline(where)
    chosen = Selection(target, exclude, selector).resources(project)
    if target:
        # Apply needs no prompts, they are compiled in; whoever looks at a bot wants to see them.
        prompts = {one.address: one.prompts for one in project.resources}
        addresses = closure((one.address for one in chosen), prompts)
        chosen = [one for one in project.resources if one.address in addresses]
    if form == "json":
        print_whole(as_json(chosen) + "\n")
    else:
        print_whole("\n".join({"mermaid": mermaid, "dot": as_dot}[form](dependencies_of(chosen))) + "\n")
