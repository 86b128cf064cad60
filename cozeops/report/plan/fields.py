"""The fields of a change in the form in which each is best read. One model for all renderers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cozeops.engine.model.plan import Action, Change, FieldChange
from cozeops.frozen import frozen
from cozeops.report.plan.structure import Item, differences
from cozeops.report.plan.text_diff import TextDiff, split_lines, text_diff
from cozeops.report.terminal.cells import width
from cozeops.report.terminal.safe import compact

WRITE_ONLY = "write-only"
SECRET = "secret"
LONG = 60
"""A text of more cells is shown as a diff, a list as its items."""
WIDE = 240
"""A map of more cells is shown as its keys, a text that comes or goes by its first lines."""
PROMPT_LIMIT = 20_000
ORIGINS = {"live": "edited on Coze", "both": "edited here and on Coze"}
_LIMITS = {"spec.prompt": PROMPT_LIMIT}


@frozen
class Scalar:
    """`path: before → after`. None: not there."""

    path: str
    before: Any
    after: Any
    note: str = ""

    @property
    def is_told(self) -> bool:
        """Whether the path says it all, as in `spec.collaborators[41147]`."""
        value = self.after if self.before is None else self.before if self.after is None else None
        return value is not None and self.path.endswith(f"[{value}]")


@frozen
class LongText:
    """A text that changed. `limit` is Coze's, in characters (0: none that we know)."""

    path: str
    before: str
    after: str
    diff: TextDiff
    limit: int = 0
    note: str = ""


@frozen
class WholeText:
    """A long text that comes or goes as a whole: `sign` is `+` or `-`."""

    path: str
    sign: str
    text: str
    limit: int = 0
    note: str = ""

    @property
    def lines(self) -> list[str]:
        """Its lines; an empty one at the end is no line."""
        lines = split_lines(self.text)
        return lines[:-1] if len(lines) > 1 and not lines[-1] else lines


@frozen
class Items:
    """A list or map of which parts change."""

    path: str
    items: tuple[Item, ...]
    sign: str = "~"
    note: str = ""


@frozen
class Hidden:
    """A secret: only that it is sent is told."""

    path: str
    note: str = "secret, not shown"


Shown = Scalar | LongText | WholeText | Items | Hidden


@frozen
class Picture:
    """All fields of a change. `sent` cannot be read back: nobody knows whether they change."""

    shown: tuple[Shown, ...]
    sent: tuple[Shown, ...] = ()


def picture(change: Change) -> Picture:
    """Sort the fields of a change. On a create all fields are new, readable or not."""
    sent = [one for one in change.fields if WRITE_ONLY in one.note and change.action is not Action.CREATE]
    shown = [one for one in change.fields if one not in sent]
    return Picture(tuple(_each(shown)), tuple(_each(sent)))


def _each(changes: Iterable[FieldChange]) -> Iterator[Shown]:
    for change in changes:
        if SECRET in change.note:
            yield Hidden(change.path)
        else:
            note = ", ".join(filter(None, (change.note, ORIGINS.get(change.origin))))
            yield from _show(change.path, change.before, change.after, note)


def _show(path: str, before: Any, after: Any, note: str) -> Iterator[Shown]:
    if _is_long(before) or _is_long(after):
        yield from _texts(path, before, after, note)
    elif _opens(before) and _opens(after) and before and after:
        for key in (*before, *(key for key in after if key not in before)):
            if before.get(key) != after.get(key):
                yield from _show(f"{path}.{key}", before.get(key), after.get(key), note)
    elif _is_list(before) and _is_list(after) and before != after:
        yield Items(path, tuple(differences(before, after)), note=note)
    elif before is None and _is_wide(after):
        yield from _open(path, after, "+", note)
    elif after is None and _is_wide(before):
        yield from _open(path, before, "-", note)
    else:
        yield Scalar(path, before, after, note)


def _texts(path: str, before: Any, after: Any, note: str) -> Iterator[Shown]:
    limit = _LIMITS.get(path, 0)
    if isinstance(before, str) and before and isinstance(after, str) and after:
        yield LongText(path, before, after, text_diff(before, after), limit, note)
        return
    for sign, value in (("-", before), ("+", after)):
        if _is_long(value, WIDE):
            yield WholeText(path, sign, value, limit, note)
        elif value not in (None, ""):
            yield Scalar(path, value if sign == "-" else None, value if sign == "+" else None, note)


def _open(path: str, value: Any, sign: str, note: str) -> Iterator[Shown]:
    """A wide value that comes or goes: the keys of a map one by one, the items of a list together."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            old, new = (None, item) if sign == "+" else (item, None)
            yield from _show(f"{path}.{key}", old, new, note)
    else:
        found = differences(None, value) if sign == "+" else differences(value, None)
        yield Items(path, tuple(found), sign, note)


def _opens(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) != {"file", "sha256"}


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _is_long(value: Any, most: int = LONG) -> bool:
    return isinstance(value, str) and ("\n" in value or width(value) > most)


def _is_wide(value: Any) -> bool:
    """Whether a map or list is better read in parts."""
    most = WIDE if _opens(value) else LONG if _is_list(value) else None
    return most is not None and bool(value) and (_has_long(value) or width(compact(value)) > most)


def _has_long(value: Any) -> bool:
    if _opens(value):
        return any(_has_long(item) for item in value.values())
    if _is_list(value):
        return any(_has_long(item) for item in value)
    return _is_long(value, WIDE)
