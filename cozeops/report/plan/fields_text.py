"""The fields of a change on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from cozeops.engine.model.plan import Action, Change
from cozeops.report import words
from cozeops.report.plan.fields import Hidden, Items, LongText, Scalar, Shown, WholeText, picture
from cozeops.report.plan.intraline import Segment
from cozeops.report.plan.structure import Item
from cozeops.report.plan.text_diff import Line, elide
from cozeops.report.terminal import cells
from cozeops.report.terminal.safe import compact, one_line, visible
from cozeops.report.terminal.sheet import Sheet, Span

INDENT = 6
"""Where the path of a field begins; its sign stands before it."""
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
        self._signs = True

    def write(self, change: Change) -> None:
        """All fields of one change, then those that are sent without being known."""
        self._signs = change.action is not Action.CREATE  # there everything is new
        parts = picture(change)
        for _, group in groupby(parts.shown, key=lambda one: one.path.partition("[")[0]):
            left = MOST_ITEMS
            hidden = 0
            for one in group:
                left -= isinstance(one, Scalar) and one.before is None
                if left >= 0 or self._verbose or not isinstance(one, Scalar) or one.before is not None:
                    self._field(one)
                else:
                    hidden += 1
            self._more(hidden, INDENT)
        if parts.sent:
            self._sent(parts.sent)

    def _more(self, hidden: int, indent: int) -> None:
        if hidden:
            self._sheet.line(Span(f"… {hidden} more (-v lists them)", "dim"), indent=indent)

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
                self._head("~", shown, [])

    def _head(self, sign: str, shown: Shown, spans: Sequence[Span]) -> None:
        """The first line of a field: sign, path, what there is to say, note."""
        note = [Span(f" ({one_line(shown.note)})", "dim")] if shown.note else []
        gutter = Span(f"{sign} " if self._signs else "  ", sign)
        bare = not spans and isinstance(shown, Scalar)
        path = Span(one_line(shown.path) + ("" if bare else ": " if spans else ":"))
        self._sheet.line(gutter, path, *spans, *note, indent=INDENT - 2, hang=4)

    def _scalar(self, shown: Scalar) -> None:
        if shown.is_told:
            self._head("+" if shown.before is None else "-", shown, [])
        elif shown.before is None:
            self._head("+", shown, [Span(compact(shown.after), "+" if self._signs else "")])
        elif shown.after is None:
            self._head("-", shown, [Span(compact(shown.before), "-")])
        else:
            self._head("~", shown, _moved(shown.before, shown.after))

    def _items(self, shown: Items) -> None:
        self._head(shown.sign, shown, [])
        left, hidden = MOST_ITEMS, 0
        for item in shown.items:
            left -= item.sign == "+"
            if left >= 0 or self._verbose or item.sign != "+":
                self._sheet.line(*_item(item), indent=INDENT + 2, hang=4)
            else:
                hidden += 1
        self._more(hidden, INDENT + 2)

    def _whole(self, shown: WholeText) -> None:
        lines = shown.lines
        told = lines if self._verbose else lines[:FIRST_LINES]
        characters = len(shown.text)
        near = words.is_near(characters, shown.limit)
        size = f"{words.count(len(lines), 'line')}, {words.size(characters, characters, shown.limit)}"
        self._head(shown.sign, shown, [Span(size, "warn" if near else "dim")])
        for line in told:
            self._sheet.line(Span(f"{shown.sign} {self._short(line)}", shown.sign), indent=INDENT + 2, hang=2)
        if more := len(lines) - len(told):
            self._sheet.line(Span(f"(+{words.count(more, 'line')})", "dim"), indent=INDENT + 4)

    def _long(self, shown: LongText) -> None:
        diff = shown.diff
        near = words.is_near(diff.after_size, shown.limit)
        size = words.size(diff.before_size, diff.after_size, shown.limit)
        counts = [
            Span(f"+{diff.added}", "+"),
            Span(" "),
            Span(f"-{diff.removed}", "-"),
            Span(" lines", "dim"),
        ]
        rest = counts if diff.hunks else [Span(diff.remark, "dim")]
        self._head("~", shown, [Span(size, "warn" if near else "dim"), Span(", ", "dim"), *rest])
        for hunk in diff.hunks:
            if len(hunk.lines) > 2 or hunk.heading:
                heading = f" {one_line(hunk.heading)}" if hunk.heading else ""
                self._sheet.line(Span(f"@@ {hunk.place} @@{heading}", "place"), indent=INDENT + 2, hang=2)
            for line in hunk.lines:
                self._diff_line(line)

    def _diff_line(self, line: Line) -> None:
        if not self._verbose:
            line = elide(line)
        spans = [Span(f"{line.sign} ", line.sign.strip())]
        if line.sign == " ":
            spans.append(Span(self._short(line.text), "dim"))
        else:
            spans += [self._segment(line.sign, segment) for segment in line.segments]
        self._sheet.line(*spans, indent=INDENT + 2, hang=2)

    def _short(self, line: str) -> str:
        """A line that is only there for orientation: at most two rows."""
        text = _blanks(visible(line))
        return text if self._verbose else cells.truncate(text, 2 * (self._sheet.width - INDENT - 4) - 4)

    def _segment(self, sign: str, segment: Segment) -> Span:
        text = _blanks(visible(segment.text), marked=segment.marked)
        if not segment.marked:
            return Span(text, sign)
        if self._sheet.color:
            return Span(text, f"{sign} mark")
        return Span(bracketed(sign, text), sign)

    def _sent(self, sent: Sequence[Shown]) -> None:
        text = f"also sends {words.count(len(sent), 'field')} that cannot be read back"
        if self._verbose:
            self._sheet.line(Span(f"{text}:", "dim"), indent=INDENT, hang=2)
            for one in sent:
                self._field(one)
        else:
            names = one_line(", ".join(words.together([one.path for one in sent])))
            self._sheet.line(Span(f"{text}: {names}", "dim"), indent=INDENT, hang=2)


def bracketed(sign: str, text: str) -> str:
    """A mark without colours, as `git diff --word-diff` has it; blanks around it stay outside."""
    core = text.strip() or text
    head, tail = text.split(core, 1)
    return head + (f"[-{core}-]" if sign == "-" else f"{{+{core}+}}") + tail


def _moved(before: object, after: object) -> list[Span]:
    return [Span(compact(before), "-"), Span(ARROW, "dim"), Span(compact(after), "+")]


def _item(item: Item) -> list[Span]:
    path = f"{one_line(item.path)}: " if item.path else ""
    match item.sign:
        case "+":
            return [Span(f"+ {path}{compact(item.after)}", "+")]
        case "-":
            return [Span(f"- {path}{compact(item.before)}", "-")]
    return [Span("~ ", "~"), Span(path), *_moved(item.before, item.after)]


def _blanks(text: str, *, marked: bool = False) -> str:
    """Tabs as spaces; blanks that are the whole difference as something that is seen."""
    if marked and text and not text.strip():
        return text.replace("\t", "⇥").replace(" ", "·")
    return text.replace("\t", "    ")
