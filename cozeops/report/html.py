"""The plan as one HTML file that needs nothing else: to filter, to fold, to read prompts side by side."""

from __future__ import annotations

from collections.abc import Sequence

from cozeops.address import Address
from cozeops.engine.model import Action, Change, Plan, Severity
from cozeops.report import words
from cozeops.report.fields import picture
from cozeops.report.graph import graph_of
from cozeops.report.html_fields import fields_html
from cozeops.report.html_page import esc, page
from cozeops.report.svg import svg


def plan_html(plan: Plan, *, digest: str) -> str:
    """The whole file. It loads nothing, runs only its own script, and is readable without it."""
    blocked = {one.address for one in plan.findings if one.severity is Severity.BLOCK}
    told = [one for one in plan.changes if one.action is not Action.NONE or one.address in blocked]
    anchors = {change.address: f"r{number}" for number, change in enumerate(told)}
    parts = [
        _head(plan),
        _findings(plan, anchors),
        _filters(told),
        *(_scope(plan, scope, group, anchors) for scope, group in words.by_scope(told).items()),
        _graph(plan, anchors),
        _uncompared(plan),
        _foot(plan, digest),
    ]
    return page(f"cozeops plan for {plan.environment}", "\n".join(part for part in parts if part))


def _head(plan: Plan) -> str:
    blocks = any(one.severity is Severity.BLOCK for one in plan.findings)
    total = words.summary(plan) if plan.pending else "No changes." if blocks else words.NO_CHANGES
    reach = words.reach(plan)
    return (
        f'<header><h1>Plan for {esc(plan.environment)}</h1><p class="dim mono">{esc(plan.base_url)}</p>'
        f'<p class="total">{esc(total)}</p>' + (f"<p>{esc(reach)}</p>" if reach else "") + "</header>"
    )


def _filters(told: Sequence[Change]) -> str:
    counts: dict[str, int] = {}
    for change in told:
        for action in _actions(change):
            counts[action] = counts.get(action, 0) + 1
    if not counts:
        return ""
    buttons = "".join(
        f'<button type="button" data-action="{action}" aria-pressed="false">{action} {number}</button>'
        for action, number in counts.items()
    )
    return (
        '<div class="bar" role="toolbar" aria-label="Filter by action" hidden>'
        f'<button type="button" data-action="" aria-pressed="true">all {len(told)}</button>{buttons}'
        '<button type="button" data-open="1">unfold all</button>'
        '<button type="button" data-open="0">fold all</button></div>'
    )


def _actions(change: Change) -> list[str]:
    """All that happens to a resource; one that is only blocked counts as that."""
    phrase = words.verb_list(change)
    return phrase or ["blocked"]


def _scope(plan: Plan, scope: str, group: Sequence[Change], anchors: dict[Address, str]) -> str:
    entries = "".join(_change(plan, change, anchors[change.address]) for change in group)
    return f'<section class="scope"><h2>{esc(scope) or "Outside workspaces"}</h2>{entries}</section>'


def _change(plan: Plan, change: Change, anchor: str) -> str:
    blocked = any(one.severity is Severity.BLOCK and one.address == change.address for one in plan.findings)
    badge = '<span class="badge">blocked</span>' if blocked else ""
    identity = f' <span class="dim mono">id {esc(change.id)}</span>' if change.id else ""
    effect = words.effect(change, plan.findings)
    return (
        f'<details class="change a-{change.action.value}" id="{anchor}" '
        f'data-actions="{" ".join(_actions(change))}" open><summary>'
        f'<span class="glyph">{words.GLYPHS[change.action]}</span><h3>{esc(str(change.address))}</h3>'
        f'<span class="verbs">{words.verbs(change)}</span>{badge}{identity}</summary><div class="body">'
        + (f'<p class="dim">{esc(change.reason)}</p>' if change.reason else "")
        + (f'<p class="effect">→ {esc(effect)}</p>' if effect else "")
        + _fields(change)
        + _steps(change)
        + "</div></details>"
    )


def _fields(change: Change) -> str:
    parts = picture(change)
    if not parts.sent:
        return fields_html(parts.shown)
    number = words.count(len(parts.sent), "field")
    return (
        f"{fields_html(parts.shown)}<details><summary>Also sends {number} that cannot be read back</summary>"
        f"{fields_html(parts.sent)}</details>"
    )


def _steps(change: Change) -> str:
    if not change.steps:
        return ""
    steps = "".join(f'<li class="mono">{esc(words.step_words(step))}</li>' for step in change.steps)
    return f"<details><summary>{words.count(len(change.steps), 'step')}</summary><ol>{steps}</ol></details>"


def _findings(plan: Plan, anchors: dict[Address, str]) -> str:
    entries = "".join(_finding(note, anchors) for note in words.notes(plan.findings))
    told = esc(words.severities(plan.findings))
    return f'<section><h2>Findings <span class="dim">{told}</span></h2>{entries}</section>' if entries else ""


def _finding(note: words.Note, anchors: dict[Address, str]) -> str:
    found = note.finding
    address = found.address if len(note.addresses) == 1 else None
    where = esc(note.where)
    if address in anchors:
        where = f'<a href="#{anchors[address]}">{where}</a>'
    hint = f'<br><span class="dim">hint: {esc(found.hint)}</span>' if found.hint else ""
    anyway = f"<br>To go on anyway: <code>{esc(note.acknowledgement)}</code>" if note.acknowledgement else ""
    return (
        f'<p class="finding f-{found.severity.value}"><b>{found.severity.value} {esc(found.code)} '
        f"{esc(found.name)}</b> {where}<br>{esc(found.message)}{hint}{anyway}</p>"
    )


def _graph(plan: Plan, anchors: dict[Address, str]) -> str:
    graph = graph_of(plan)
    drawing = svg(graph, anchors)
    more = f'<p class="dim">… {graph.left_out} more</p>' if graph.left_out else ""
    return f"<section><h2>What needs what</h2>{drawing}{more}</section>" if drawing else ""


def _uncompared(plan: Plan) -> str:
    entries = "".join(
        f"<li>{esc(str(change.address))}: <span class='mono'>{esc(', '.join(change.uncompared))}</span></li>"
        for change in plan.changes
        if change.uncompared
    )
    return (
        f"<details><summary>{words.uncompared(plan)}</summary><ul>{entries}</ul></details>" if entries else ""
    )


def _foot(plan: Plan, digest: str) -> str:
    cost = words.cost(plan)
    return f"<footer>{f'<p>{cost}</p>' if cost else ''}<p>Digest: <code>{esc(digest)}</code></p></footer>"
