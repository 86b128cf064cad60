"""A plan in which every prompt of a fleet changes, in each form that people and programs read."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from time import process_time

from cozeops.address import Address
from cozeops.declare.verbs import Verb
from cozeops.engine.model.plan import Action, Change, FieldChange, Plan, Step
from cozeops.engine.plan.file import plan_digest, read_plan, write_plan
from cozeops.report.forms.junit import plan_junit
from cozeops.report.plan.html import plan_html
from cozeops.report.plan.markdown import plan_markdown
from cozeops.report.plan.text import render_plan
from tests.benchmarks.fleet import Fleet
from tests.benchmarks.measure import peak, row, title


def main(bots: int, folder: Path) -> None:
    """Write each form once; the seconds are those of the processor."""
    title(f"a plan in which the prompts of {bots} bots change")
    plan = _plan(Fleet(bots, workspaces=max(1, bots // 50)))
    file, digest = write_plan(plan), plan_digest(plan)
    forms: dict[str, Callable[[], str]] = {
        "text": lambda: _text(plan),
        "text, compact": lambda: _text(plan, compact=True),
        "markdown": lambda: plan_markdown(plan, digest=digest),
        "html": lambda: plan_html(plan, digest=digest),
        "junit": lambda: plan_junit(plan, []),
        "json": lambda: write_plan(plan),
        "json, read again": lambda: read_plan(file, "plan.json").environment,
    }
    for name, form in forms.items():
        began = process_time()
        text = form()
        seconds = process_time() - began
        row(name, seconds, f"{len(text.encode()) / 1e6:.2f} MB", f"peak {peak():.0f} MiB so far")
        (folder / name.replace(", ", "-")).write_text(text, "utf-8")


def _text(plan: Plan, *, compact: bool = False) -> str:
    stream = io.StringIO()
    render_plan(plan, stream, color=False, compact=compact)
    return stream.getvalue()


def _plan(fleet: Fleet) -> Plan:
    changes = tuple(_change(fleet, number) for number in range(fleet.bots))
    return Plan("prod", "https://api.coze.cn", changes, ())


def _change(fleet: Fleet, number: int) -> Change:
    home = f"team-{fleet.home_of(number):04}"
    before = fleet.text(number)
    after = "\n".join(line[::-1] for line in before.split("\n"))
    return Change(
        Address("Bot", f"bot-{number:05}"),
        fleet.bot_id(number),
        Action.UPDATE,
        "1 field differs from the live side; the draft changes",
        fields=(FieldChange("spec.prompt", before, after),),
        steps=(
            Step(Verb.UPDATE, "updateBot"),
            Step(Verb.PUBLISH, "publishBot", "spec.publish.connectors", ("api",), ("1024",)),
        ),
        needs=(Address("Workspace", home),),
        scope=home,
    )
