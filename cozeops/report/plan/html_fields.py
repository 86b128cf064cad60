"""The fields of a change in HTML: scalars in a line, lists by item, long texts side by side. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, zip_longest

from cozeops.report import words
from cozeops.report.forms.html_page import esc
from cozeops.report.plan.fields import Hidden, Items, LongText, Scalar, Shown, WholeText
from cozeops.report.plan.structure import Item
from cozeops.report.plan.text_diff import Hunk, Line
from cozeops.report.terminal.safe import compact

FOLDED_FROM = 16
"""A new text of more lines is folded."""


def fields_html(fields: Iterable[Shown]) -> str:
    """A list of paths with what there is to see of each."""
    entries = "".join(_entry(shown) for shown in fields)
    return f'<dl class="fields">{entries}</dl>' if entries else ""


def _entry(shown: Shown) -> str:
    note = f' <span class="dim">({esc(shown.note)})</span>' if shown.note else ""
    path = f'<span class="path mono">{esc(shown.path)}</span>'
    match shown:
        case Scalar():
            return f"<dt>{path}: {_moved(shown.before, shown.after)}{note}</dt>"
        case Items():
            items = "".join(f"<li>{_item(item)}</li>" for item in shown.items)
            return f'<dt>{path}{note}</dt><dd><ul class="items">{items}</ul></dd>'
        case WholeText():
            size = words.size(len(shown.text), len(shown.text), shown.limit)
            told = f"{words.count(len(shown.lines), 'line')}, {size}"
            return f'<dt>{path} <span class="dim">{told}</span>{note}</dt><dd>{_whole(shown)}</dd>'
        case LongText():
            return f"<dt>{path} {_measure(shown)}{note}</dt><dd>{_side_by_side(shown)}</dd>"
        case Hidden():
            return f"<dt>{path}{note}</dt>"


def _moved(before: object, after: object) -> str:
    parts = []
    if before is not None:
        parts.append(f'<del class="mono">{esc(compact(before))}</del>')
    if after is not None or before is None:
        parts.append(f'<ins class="mono">{esc(compact(after))}</ins>')
    return " → ".join(parts) if len(parts) == 2 else f"{'+' if before is None else '−'} {parts[0]}"


def _item(item: Item) -> str:
    path = f'<span class="mono">{esc(item.path)}</span>: ' if item.path else ""
    if item.sign == "~":
        return path + _moved(item.before, item.after)
    value, tag = (item.after, "ins") if item.sign == "+" else (item.before, "del")
    return f'{"+" if tag == "ins" else "−"} {path}<{tag} class="mono">{esc(compact(value))}</{tag}>'


def _whole(shown: WholeText) -> str:
    kind = "came" if shown.sign == "+" else "went"
    text = f'<pre class="whole {kind}" tabindex="0">{esc(shown.text)}</pre>'
    if len(shown.lines) < FOLDED_FROM:
        return text
    return f"<details><summary>{esc(shown.lines[0][:80]) or 'text'}</summary>{text}</details>"


def _measure(shown: LongText) -> str:
    diff = shown.diff
    counts = f"+{diff.added} −{diff.removed} lines" if diff.hunks else diff.remark
    near = words.is_near(diff.after_size, shown.limit)
    warning = ' <b class="near">near the limit</b>' if near else ""
    size = words.size(diff.before_size, diff.after_size, shown.limit)
    return f'<span class="dim">{size}, {counts}</span>{warning}'


def _side_by_side(shown: LongText) -> str:
    rows = "".join(row for hunk in shown.diff.hunks for row in _hunk(hunk))
    return f'<table class="diff">{_COLUMNS}<tbody>{rows}</tbody></table>' if rows else ""


def _hunk(hunk: Hunk) -> Iterator[str]:
    heading = f" {esc(hunk.heading)}" if hunk.heading else ""
    yield f'<tr><th colspan="4" scope="colgroup">{hunk.place}{heading}</th></tr>'
    for same, lines in groupby(hunk.lines, key=lambda line: line.sign == " "):
        if same:
            for line in lines:
                yield f'<tr class="same">{_side(line, line.before, "")}{_side(line, line.after, "")}</tr>'
            continue
        yield from _beside(list(lines))


def _beside(block: Sequence[Line]) -> Iterator[str]:
    """Twins in one row; between them, what only one side has beside what only the other has."""
    removed = [line for line in block if line.sign == "-"]
    added = [line for line in block if line.sign == "+"]
    waiting: list[Line] = []
    for old in removed:
        waiting.append(old)
        if old.twin:
            number = next(index for index, line in enumerate(added) if line.after == old.twin)
            yield from _rows(waiting[:-1], added[:number])
            yield from _rows([old], [added[number]])
            waiting, added = [], added[number + 1 :]
    yield from _rows(waiting, added)


def _rows(removed: Sequence[Line], added: Sequence[Line]) -> Iterator[str]:
    for old, new in zip_longest(removed, added):
        left = _side(old, old.before, "old") if old else _VOID
        right = _side(new, new.after, "new") if new else _VOID
        yield f"<tr>{left}{right}</tr>"


_COLUMNS = '<colgroup><col class="no"><col><col class="no"><col></colgroup>'
_VOID = '<td class="no void"></td><td class="void"></td>'


def _side(line: Line, number: int, kind: str) -> str:
    tag = {"old": "del", "new": "ins"}.get(kind, "")
    text = "".join(
        f"<{tag}>{esc(segment.text)}</{tag}>" if segment.marked and tag else esc(segment.text)
        for segment in line.segments
    )
    sign = {"old": "−", "new": "+"}.get(kind, "")
    return f'<td class="no {kind}">{number}{sign}</td><td class="{kind}">{text}</td>'
