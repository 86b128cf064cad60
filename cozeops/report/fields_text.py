"""The fields of a change on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from cozeops.engine.model import Change
from cozeops.report import cells, words
from cozeops.report.fields import Hidden, Items, LongText, Scalar, Shown, WholeText, picture
from cozeops.report.safe import compact, one_line, visible
from cozeops.report.structure import Item
from cozeops.report.terminal import Sheet, Span
from cozeops.report.text_diff import Line, Segment, elide

INDENT = 6
FIRST_LINES = 3
"""How many lines of a new text are shown."""
MOST_ITEMS = 12
"""How many new items of one list are shown."""
ARROW = " → "


class FieldWriter:
    """Writes the fields of changes onto a sheet, with `verbose` in full."""

    def __init__(self, sheet: Sheet, *, verbose: bool = False) -> None:
        self._sheet = sheet
        self._verbose = verbose

    def write(self, change: Change) -> None:
        """All fields of one change, then those that are sent without being known."""
        parts = picture(change)
        for _, group in groupby(parts.shown, key=lambda one: one.path.partition("[")[0]):
            self._capped(list(group))
        if parts.sent:
            self._sent(parts.sent)

    def _capped(self, group: Sequence[Shown]) -> None:
        news = [one for one in group if isinstance(one, Scalar) and one.before is None]
        hidden = [] if self._verbose or len(news) <= MOST_ITEMS else news[MOST_ITEMS - 2 :]
        for one in group:
            if one not in hidden:
                self._field(one)
        if hidden:
            self._sheet.line(Span(f"… {len(hidden)} more (-v lists them)", "dim"), indent=INDENT)

    def _field(self, shown: Shown) -> None:
        match shown:
            case Scalar():
                self._scalar(shown)
            case LongText():
                self._long(shown)
            case WholeText():
                self._whole(shown)
            case Items():
                self._items(shown)
            case Hidden():
                self._sheet.line(
                    f"{one_line(shown.path)}: ", Span("(secret, not shown)", "dim"), indent=INDENT
                )

    def _scalar(self, shown: Scalar) -> None:
        spans = [Span(f"{one_line(shown.path)}: "), *_values(shown.before, shown.after)]
        if shown.note:
            spans.append(Span(f"  ({one_line(shown.note)})", "dim"))
        self._sheet.line(*spans, indent=INDENT, hang=2)

    def _items(self, shown: Items) -> None:
        self._sheet.line(f"{one_line(shown.path)}:", indent=INDENT)
        news = [item for item in shown.items if item.sign == "+"]
        hidden = [] if self._verbose or len(news) <= MOST_ITEMS else news[MOST_ITEMS - 2 :]
        for item in shown.items:
            if not any(item is one for one in hidden):
                self._sheet.line(*_item(item), indent=INDENT + 2, hang=4)
        if hidden:
            self._sheet.line(Span(f"… {len(hidden)} more (-v lists them)", "dim"), indent=INDENT + 2)

    def _whole(self, shown: WholeText) -> None:
        lines = shown.lines
        told = lines if self._verbose else lines[:FIRST_LINES]
        size = words.size(len(shown.text), len(shown.text), shown.limit)
        what = "removed, " if shown.sign == "-" else ""
        self._sheet.line(
            f"{one_line(shown.path)}: ",
            Span(f"{what}{words.count(len(lines), 'line')}, {size}", "dim"),
            indent=INDENT,
            hang=2,
        )
        for line in told:
            text = _blanks(visible(line))
            room = self._sheet.width - INDENT - 4
            text = text if self._verbose else cells.truncate(text, 2 * room - 4)
            self._sheet.line(Span(f"{shown.sign} {text}", shown.sign), indent=INDENT + 2, hang=2)
        if more := len(lines) - len(told):
            self._sheet.line(Span(f"(+{words.count(more, 'line')})", "dim"), indent=INDENT + 4)

    def _long(self, shown: LongText) -> None:
        diff = shown.diff
        size = words.size(diff.before_size, diff.after_size, shown.limit)
        self._sheet.line(
            f"{one_line(shown.path)}: ",
            Span(f"{size}, ", "dim"),
            Span(f"+{diff.added}", "+"),
            Span(" "),
            Span(f"-{diff.removed}", "-"),
            Span(" lines", "dim"),
            indent=INDENT,
            hang=2,
        )
        for hunk in diff.hunks:
            if len(hunk.lines) > 2 or hunk.heading:
                heading = f" {one_line(hunk.heading)}" if hunk.heading else ""
                self._sheet.line(Span(f"@@ {hunk.place} @@{heading}", "place"), indent=INDENT + 2, hang=2)
            for line in hunk.lines:
                self._diff_line(line)

    def _diff_line(self, line: Line) -> None:
        if not self._verbose:
            line = elide(line)
        style = line.sign.strip()
        spans = [Span(f"{line.sign} ", style)]
        if line.sign == " ":
            room = self._sheet.width - INDENT - 4
            text = _blanks(visible(line.text))
            spans.append(Span(text if self._verbose else cells.truncate(text, 2 * room - 4), "dim"))
        else:
            spans += [self._segment(line.sign, segment) for segment in line.segments]
        self._sheet.line(*spans, indent=INDENT + 2, hang=2)

    def _segment(self, sign: str, segment: Segment) -> Span:
        text = _blanks(visible(segment.text), marked=segment.marked)
        if not segment.marked:
            return Span(text, sign)
        if self._sheet.color:
            return Span(text, f"{sign} mark")
        return Span(bracketed(sign, text), sign)

    def _sent(self, sent: Sequence[Shown]) -> None:
        names = ", ".join(one_line(one.path) for one in sent)
        text = f"also sends {words.count(len(sent), 'field')} that cannot be read back"
        if not self._verbose:
            self._sheet.line(Span(f"{text}: {names}", "dim"), indent=INDENT, hang=2)
            return
        self._sheet.line(Span(f"{text}:", "dim"), indent=INDENT, hang=2)
        for one in sent:
            self._field(one)


def bracketed(sign: str, text: str) -> str:
    """A mark where there are no colours, as `git diff --word-diff` writes it."""
    return f"[-{text}-]" if sign == "-" else f"{{+{text}+}}"


def _values(before: object, after: object) -> list[Span]:
    if before is None:
        return [Span(compact(after), "+")]
    gone = Span("(none)", "dim") if after is None else Span(compact(after), "+")
    return [Span(compact(before), "-"), Span(ARROW, "dim"), gone]


def _item(item: Item) -> list[Span]:
    path = f"{one_line(item.path)}: " if item.path else ""
    match item.sign:
        case "+":
            return [Span(f"+ {path}{compact(item.after)}", "+")]
        case "-":
            return [Span(f"- {path}{compact(item.before)}", "-")]
    return [Span("~ ", "~"), Span(path), *_values(item.before, item.after)]


def _blanks(text: str, *, marked: bool = False) -> str:
    """Tabs as spaces; blanks that are the whole difference as something that is seen."""
    if marked and text and not text.strip():
        return text.replace("\t", "⇥").replace(" ", "·")
    return text.replace("\t", "    ")
