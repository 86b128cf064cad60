"""The plan for a terminal: by workspace and resource, what changes and what users will notice."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

from cozeops.address import Address
from cozeops.engine.model.plan import Action, Change, Finding, Plan, Severity
from cozeops.report import words
from cozeops.report.forms.room import BY_IMPORTANCE, as_many_as_fit, by_importance
from cozeops.report.plan.masked import masked
from cozeops.report.terminal.safe import one_line
from cozeops.report.terminal.sheet import Sheet, Span

MOST_OF_FIELDS = 2_000_000
"""How many bytes the fields of all changes take: nobody reads more, and CI keeps no log that is longer."""


def render_plan(
    plan: Plan,
    stream: TextIO,
    *,
    width: int | None = None,
    color: bool | None = None,
    verbose: bool = False,
    compact: bool = False,
) -> None:
    """Write the plan for people; `verbose` adds steps, whole texts and the fields that were not compared.

    `compact` leaves the fields out: each change is a line with its reason. So is what does not fit into
    MOST_OF_FIELDS, unless `verbose` asks for everything.
    """
    sheet, plan = Sheet(stream, width=width, color=color), masked(plan)
    where = f"{one_line(plan.environment)} on {one_line(plan.base_url)}"
    sheet.line("Plan for ", Span(where, "bold"))
    sheet.blank()
    told, blocked = words.told(plan), words.blocked(plan)
    bodies = {} if compact else _bodies(sheet, plan, verbose=verbose)
    groups = words.by_scope(told)
    for scope, changes in groups.items():
        if scope or len(groups) > 1:
            sheet.line(Span(one_line(scope) or "(outside workspaces)", "bold"))
        for change in changes:
            body = bodies.get(change.address)
            _head(sheet, change, change.address in blocked, compact=body is None)
            if body:
                sheet.write(body)
        if changes[-1].address not in bodies:
            sheet.blank()
    _adopted(sheet, words.adopted(plan, every=verbose))
    _findings(sheet, plan.findings)
    if verbose:
        _uncompared(sheet, plan)
    if not compact and len(bodies) < len(told):
        _cut(sheet, len(bodies), len(told))
    _summary(sheet, plan, verbose=verbose)


def _bodies(sheet: Sheet, plan: Plan, *, verbose: bool) -> dict[Address, str]:
    """What stands below the heads of the changes: of all of them, or of as many as fit."""
    drafts = words.drafts(plan)

    def body(change: Change) -> str:
        rows: list[str] = []
        _change(sheet.onto(rows.append), change, draft_only=change.address in drafts, verbose=verbose)
        return "".join(rows)

    return as_many_as_fit(by_importance(plan), body, sys.maxsize if verbose else MOST_OF_FIELDS)


def _adopted(sheet: Sheet, lines: Sequence[str]) -> None:
    for line in lines:
        head = Span(f"{words.GLYPHS[Action.ADOPT]} ", Action.ADOPT.value)
        sheet.line("  ", head, one_line(line), hang=6)
    if lines:
        sheet.blank()


def _cut(sheet: Sheet, whole: int, all_: int) -> None:
    """Says what is left out, and how to see it."""
    sheet.line(Span(f"{whole:,} of {all_:,} changes are shown whole", "bold"), f": {BY_IMPORTANCE}.", hang=2)
    sheet.line("Each of the others is a line: -v shows all of them, --target ADDRESS one.", hang=2)
    sheet.blank()


def _head(sheet: Sheet, change: Change, blocked: bool, *, compact: bool) -> None:
    style = change.action.value
    head = [Span(f"{words.BLOCKED} " if blocked else "  ", "blocked")]
    head += [Span(f"{words.GLYPHS[change.action]} ", style), Span(one_line(str(change.address)), "bold")]
    head.append(Span(f"  {words.verbs(change)}" if change.action is not Action.NONE else "  blocked", style))
    if compact:
        head.append(Span(f"  {one_line(change.reason)}" if change.reason else "", "dim"))
    elif change.id:
        head.append(Span(f"  id {one_line(change.id)}", "dim"))
    sheet.line(*head, hang=6)


def _change(sheet: Sheet, change: Change, *, draft_only: bool, verbose: bool) -> None:
    from cozeops.report.plan.fields_text import FieldWriter  # most plans change nothing

    if change.reason:
        sheet.line(Span(one_line(change.reason), "dim"), indent=6, hang=2)
    FieldWriter(sheet, verbose=verbose).write(change)
    if effect := words.effect(change, draft_only=draft_only):
        style = "publish" if effect.startswith("live") else "update"
        sheet.line(Span(f"→ {one_line(effect)}", style), indent=6, hang=2)
    if verbose:
        _steps(sheet, change)
    sheet.blank()


def _steps(sheet: Sheet, change: Change) -> None:
    for number, step in enumerate(change.steps, 1):
        sheet.line(Span(f"{number}. {one_line(words.step_words(step))}", "dim"), indent=6, hang=3)


def render_findings(findings: Sequence[Finding], stream: TextIO) -> None:
    """Findings without a plan, as those that are made offline."""
    _findings(Sheet(stream), findings)


def _findings(sheet: Sheet, findings: Sequence[Finding]) -> None:
    notes = words.notes(findings)
    if not notes:
        return
    sheet.line(Span("Findings", "bold"), f": {words.severities(findings)}")
    for note in notes:
        found = note.finding
        glyph = words.BLOCKED if found.severity is Severity.BLOCK else " "
        head = [Span(f"{glyph} {found.severity.value:<5} ", found.severity.value)]
        head.append(Span(f"{one_line(found.code)} {one_line(found.name)}", "bold"))
        if note.addresses:
            head.append(Span("  " + one_line(note.where)))
        sheet.line(*head, hang=8)
        sheet.line(one_line(found.message), indent=8, hang=2)
        if found.hint:
            sheet.line(Span("hint: ", "dim"), one_line(found.hint), indent=8, hang=6)
        if note.acknowledgement:
            sheet.line(Span(f"to go on anyway: {one_line(note.acknowledgement)}", "dim"), indent=8, hang=2)
    sheet.blank()


def _uncompared(sheet: Sheet, plan: Plan) -> None:
    changes = [change for change in plan.changes if change.uncompared]
    if not changes:
        return
    sheet.line(Span("Not compared", "bold"), ": declared, and cannot be read back")
    for change in changes:
        labels = one_line(", ".join(change.uncompared))
        sheet.line(Span(one_line(str(change.address))), Span(f": {labels}", "dim"), indent=2, hang=4)
    sheet.blank()


def _summary(sheet: Sheet, plan: Plan, *, verbose: bool) -> None:
    style = "blocked" if plan.blocked and not plan.pending else "bold"
    sheet.line(Span(words.headline(plan, where="above"), style), hang=2)
    rest: Iterable[str] = (
        words.reach(plan),
        "" if plan.pending else _sentence(words.unchanged(plan)),
        _sentence(words.uncompared(plan), "" if verbose else " (-v lists them)"),
        _sentence(words.cost(plan)),
    )
    for sentence in filter(None, rest):
        sheet.line(one_line(sentence), hang=2)


def _sentence(text: str, tail: str = "") -> str:
    return f"{text}{tail}." if text else ""
