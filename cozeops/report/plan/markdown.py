"""The plan as a comment on a pull request: summary first, details folded, always under the limit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from cozeops.address import Address
from cozeops.engine.model.plan import Action, Change, Plan, Severity
from cozeops.report import words
from cozeops.report.forms.comment import LIMIT, comment_marker
from cozeops.report.forms.inert import cell_code, code, fence, html_code, prose
from cozeops.report.forms.room import BY_IMPORTANCE, by_importance, within
from cozeops.report.plan.diff_lines import field_lines
from cozeops.report.plan.fields import LongText, Shown, WholeText, picture
from cozeops.report.plan.graph import graph_of
from cozeops.report.plan.masked import masked
from cozeops.report.plan.mermaid import mermaid

_ALERTS = {Severity.BLOCK: "CAUTION", Severity.WARN: "WARNING", Severity.INFO: "NOTE"}
_LEAST_DETAIL = 600


def plan_markdown(plan: Plan, *, digest: str = "", limit: int = LIMIT) -> str:
    """The comment, at most `limit` characters (at least 4,000); what does not fit is counted.

    It begins with a marker by which the comment of the same project, environment and shard is found again.
    """
    plan = masked(plan)
    head = _head(plan)
    foot = _foot(plan, digest)
    room = max(limit, 4000) - len(head) - len(foot) - 400
    table = _table(plan, room // 3)
    findings = _findings(plan, room // 4)
    picture = _graph(plan, room // 6)
    details = _details(plan, room - len(table) - len(findings) - len(picture))
    return "\n".join(part for part in (head, table, findings, details, picture, foot) if part)


def _head(plan: Plan) -> str:
    marker = comment_marker("plan", plan.project, plan.environment, plan.shard)
    lines = [marker, f"### cozeops plan for {code(words.subject(plan))}", ""]
    lines.append(f"**{words.headline(plan, where='below')}**")
    if reach := words.reach(plan):
        lines.append(prose(reach))
    lines += (prose(f"{words.GLYPHS[Action.ADOPT]} {line}") for line in words.adopted(plan))
    return "\n".join([*lines, ""])


def _foot(plan: Plan, digest: str) -> str:
    said = [f"{words.uncompared(plan)}."] if plan.uncompared else []
    if cost := words.cost(plan):
        said.append(f"{cost}.")
    if digest:
        said.append(f"Digest: {code(digest)}")
    return "\n".join(["", "<sub>", "", "  \n".join(said), "", "</sub>", ""]) if said else ""


# ------------------------------------------------------------------------------------------ the parts


def _table(plan: Plan, room: int) -> str:
    """A row for each change; where not all fit, for the most important."""
    blocked, drafts = words.blocked(plan), words.drafts(plan)
    rows = {
        one.address: _row(one, blocked=one.address in blocked, draft_only=one.address in drafts)
        for one in words.told(plan)
    }
    if not rows:
        return ""
    lines, more = list(rows.values()), "| | … {} more | | | |"
    if sum(len(line) + 1 for line in lines) > room:
        lines = [rows[change.address] for change in by_importance(plan)]
        more = f"| | … {{}} more ({BY_IMPORTANCE}) | | | |"
    head = ["| | Resource | Workspace | What | Users notice |", "|---|---|---|---|---|"]
    return "\n".join([*head, *within(lines, room, more), ""])


def _row(change: Change, *, blocked: bool, draft_only: bool) -> str:
    glyph = (words.BLOCKED if blocked else "") + words.GLYPHS[change.action]
    effect = prose(words.effect(change, draft_only=draft_only))
    cells = (
        cell_code(glyph),
        cell_code(str(change.address)),
        prose(change.scope),
        words.verbs(change),
        effect,
    )
    return f"| {' | '.join(cells)} |"


def _findings(plan: Plan, room: int) -> str:
    blocks: list[str] = []
    for severity, notes in groupby(words.notes(plan.findings), key=lambda note: note.finding.severity):
        entries = [_finding(note) for note in notes]
        shown = within(entries, room // 3, "> - … {} more")
        blocks.append("\n".join([f"> [!{_ALERTS[severity]}]", *shown, ""]))
    return "\n".join(blocks)


def _finding(note: words.Note) -> str:
    found = note.finding
    where = f" {code(note.where)}" if note.where else ""
    said = [prose(found.message)]
    if found.hint:
        said.append(prose(found.hint))
    if note.acknowledgement:
        said.append(f"to go on anyway: {code(note.acknowledgement)}")
    return f"> - **{prose(found.code)} {prose(found.name)}**{where}: {' — '.join(said)}"


def _graph(plan: Plan, room: int) -> str:
    graph = graph_of(plan)
    if not graph.edges:
        return ""
    lines = fence(mermaid(graph), "mermaid")
    if graph.left_out:
        lines += ["", f"… {graph.left_out} more"]
    text = _folded("What is touched", lines)
    return text if len(text) <= room else ""


# ----------------------------------------------------------------------------------------- one change


def _details(plan: Plan, room: int) -> str:
    """The details in the order of the plan; of those that do not all fit, the most important."""
    told = [change for change in by_importance(plan) if change.fields or change.steps or change.reason]
    parts: dict[Address, str] = {}
    for number, change in enumerate(told):
        text = _detail(change, room)
        if len(text) + 1 > room:
            more = f"… {len(told) - number} more: `cozeops show PLAN --target ADDRESS` shows each.\n"
            return "\n".join([*parts.values(), more])
        parts[change.address] = text
        room -= len(text) + 1
    return "\n".join(parts[change.address] for change in words.told(plan) if change.address in parts)


def _detail(change: Change, room: int) -> str:
    glyph = words.GLYPHS[change.action]
    title = f"{html_code(f'{glyph} {change.address}')} {words.verbs(change)}"
    body = [prose(change.reason), ""] if change.reason else []
    parts = picture(change)
    after: list[str] = []
    if parts.sent:
        names = ", ".join(map(code, words.together([one.path for one in parts.sent])[:20]))
        number = words.count(len(parts.sent), "field")
        after = ["", f"Also sends {number} that cannot be read back: {names}"]
    spent = len(_folded(title, [*body, *after])) + 200
    lines = within(list(field_lines(_short_first(parts.shown))), max(room - spent, 0), "  … {} more lines")
    fenced = fence(lines, "diff") if lines else []
    return _folded(title, [*body, *fenced, *after])


def _short_first(fields: Iterable[Shown]) -> list[Shown]:
    """Long texts after everything else: a reader sees the settings before the prompt."""
    return sorted(fields, key=lambda one: isinstance(one, LongText | WholeText))


def _folded(title: str, lines: Sequence[str]) -> str:
    return "\n".join([f"<details><summary>{title}</summary>", "", *lines, "", "</details>", ""])
