"""The plan as one HTML file that needs nothing else: to filter, to fold, to read prompts side by side."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cozeops.address import Address
from cozeops.engine.model.plan import Action, Change, Plan
from cozeops.frozen import frozen
from cozeops.report import words
from cozeops.report.forms.html_page import esc, page
from cozeops.report.forms.room import BY_IMPORTANCE, as_many_as_fit, by_importance, within
from cozeops.report.plan.fields import picture
from cozeops.report.plan.graph import graph_of
from cozeops.report.plan.html_fields import fields_html
from cozeops.report.plan.masked import masked
from cozeops.report.plan.svg import svg

MOST_OF_BODIES = 1_000_000
"""How many bytes of differences a page has: a browser opens that at once."""
MOST_OF_LISTS = 500_000
"""The same for the findings, and for what was not compared."""
MOST_LINES = 20_000
"""How many changes are at least named."""
_WHOLE = "whole"
"""What is shown whole, as the filter calls it."""


@frozen
class Layout:
    """What of a plan is on the page, and in which form."""

    told: Sequence[Change]
    anchors: dict[Address, str]
    """Of each change that has a place on the page."""
    bodies: dict[Address, str]
    """The differences of the changes that are shown whole."""
    blocked: Collection[Address]

    @property
    def is_cut(self) -> bool:
        """Whether some changes are not shown whole."""
        return len(self.bodies) < len(self.told)


def plan_html(plan: Plan, *, digest: str) -> str:
    """The whole file. It loads nothing, runs only its own script, and is readable without it.

    A browser must open it: what does not fit is named and counted, and the page says how to see it.
    """
    plan = masked(plan)
    layout = _layout(plan)
    shown = [change for change in layout.told if change.address in layout.anchors]
    parts = [
        _head(plan),
        _cut(layout),
        _findings(plan, layout.anchors),
        _filters(layout, shown),
        *(_scope(layout, scope, group) for scope, group in words.by_scope(shown).items()),
        _graph(plan, layout.anchors),
        _uncompared(plan),
        _foot(plan, digest),
    ]
    return page(f"cozeops plan for {plan.environment}", "\n".join(part for part in parts if part))


def _layout(plan: Plan) -> Layout:
    told, ordered = words.told(plan), by_importance(plan)
    named = {change.address for change in ordered[:MOST_LINES]}
    kept = (change.address for change in told if change.address in named)
    anchors = {address: f"r{number}" for number, address in enumerate(kept)}
    drafts = words.drafts(plan)
    bodies = as_many_as_fit(
        ordered[:MOST_LINES],
        lambda change: _body(change, draft_only=change.address in drafts),
        MOST_OF_BODIES,
    )
    return Layout(told, anchors, bodies, words.blocked(plan))


def _head(plan: Plan) -> str:
    total = words.headline(plan, where="below")
    reach = words.reach(plan)
    return (
        f'<header><h1>Plan for {esc(words.subject(plan))}</h1><p class="dim mono">{esc(plan.base_url)}</p>'
        f'<p class="total">{esc(total)}</p>'
        + (f"<p>{esc(reach)}</p>" if reach else "")
        + "".join(
            f'<p class="dim">{words.GLYPHS[Action.ADOPT]} {esc(line)}</p>' for line in words.adopted(plan)
        )
        + "</header>"
    )


def _cut(layout: Layout) -> str:
    """Says what the page leaves out, and how to see it."""
    if not layout.is_cut:
        return ""
    whole, named, all_ = len(layout.bodies), len(layout.anchors), len(layout.told)
    unnamed = f" {words.count(all_ - named, 'change')} are not even named." if named < all_ else ""
    return (
        f'<p class="cut"><b>{whole:,} of {all_:,} changes are shown whole</b>, so that a browser can open '
        f"this page: {BY_IMPORTANCE}. Each of the others is a line without its differences.{unnamed}<br>"
        f"To see one: <code>{_SHOW} --target ADDRESS</code>, where PLAN is the file of "
        f"<code>plan --out</code>; all of them: <code>{_SHOW} -v</code></p>"
    )


_SHOW = "cozeops show PLAN"


def _filters(layout: Layout, shown: Sequence[Change]) -> str:
    counts: dict[str, int] = {}
    for change in shown:
        for action in _actions(change):
            counts[action] = counts.get(action, 0) + 1
    if not counts:
        return ""
    if layout.is_cut:
        counts[_WHOLE] = len(layout.bodies)
    buttons = "".join(
        f'<button type="button" data-action="{action}" aria-pressed="false">{action} {number}</button>'
        for action, number in counts.items()
    )
    return (
        '<div class="bar" role="toolbar" aria-label="Filter" hidden>'
        f'<button type="button" data-action="" aria-pressed="true">all {len(shown)}</button>{buttons}'
        '<button type="button" data-open="1">unfold all</button>'
        '<button type="button" data-open="0">fold all</button>'
        '<input type="search" autocomplete="off" aria-label="Filter by address" placeholder="address"></div>'
    )


def _actions(change: Change) -> list[str]:
    """All that happens to a resource; one that is only blocked counts as that."""
    phrase = words.verb_list(change)
    return phrase or ["blocked"]


def _scope(layout: Layout, scope: str, group: Sequence[Change]) -> str:
    entries = "".join(_change(layout, change) for change in group)
    return f'<section class="scope"><h2>{esc(scope) or "Outside workspaces"}</h2>{entries}</section>'


def _change(layout: Layout, change: Change) -> str:
    anchor, body = layout.anchors[change.address], layout.bodies.get(change.address)
    if body is None:
        number = words.count(len(change.fields), "field")
        return (
            f'<div class="change short a-{change.action.value}" id="{anchor}" '
            f'data-actions="{" ".join(_actions(change))}">{_title(layout, change)}'
            f'<span class="dim">{number}, not shown</span></div>'
        )
    marks = " ".join([*_actions(change), *([_WHOLE] if layout.is_cut else [])])
    identity = f' <span class="dim mono">id {esc(change.id)}</span>' if change.id else ""
    return (
        f'<details class="change a-{change.action.value}" id="{anchor}" data-actions="{marks}" open>'
        f'<summary>{_title(layout, change)}{identity}</summary><div class="body">{body}</div></details>'
    )


def _title(layout: Layout, change: Change) -> str:
    badge = '<span class="badge">blocked</span>' if change.address in layout.blocked else ""
    return (
        f'<span class="glyph">{words.GLYPHS[change.action]}</span><h3>{esc(str(change.address))}</h3>'
        f'<span class="verbs">{words.verbs(change)}</span>{badge}'
    )


def _body(change: Change, *, draft_only: bool) -> str:
    effect = words.effect(change, draft_only=draft_only)
    return (
        (f'<p class="dim">{esc(change.reason)}</p>' if change.reason else "")
        + (f'<p class="effect">→ {esc(effect)}</p>' if effect else "")
        + _fields(change)
        + _steps(change)
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
    entries = [_finding(note, anchors) for note in words.notes(plan.findings)]
    told = esc(words.severities(plan.findings))
    if not entries:
        return ""
    more = f'<p class="cut">… {{}} more: <code>{_SHOW}</code></p>'
    return (
        f'<section><h2>Findings <span class="dim">{told}</span></h2>'
        f"{''.join(within(entries, MOST_OF_LISTS, more))}</section>"
    )


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
    entries = [
        f"<li>{esc(str(change.address))}: <span class='mono'>{esc(', '.join(change.uncompared))}</span></li>"
        for change in plan.changes
        if change.uncompared
    ]
    if not entries:
        return ""
    kept = within(entries, MOST_OF_LISTS, f"<li>… {{}} more: <code>{_SHOW} -v</code></li>")
    return f"<details><summary>{words.uncompared(plan)}</summary><ul>{''.join(kept)}</ul></details>"


def _foot(plan: Plan, digest: str) -> str:
    cost = words.cost(plan)
    return f"<footer>{f'<p>{cost}</p>' if cost else ''}<p>Digest: <code>{esc(digest)}</code></p></footer>"
