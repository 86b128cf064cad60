"""A pull as people and scripts read it: what was written where, what was left, and why."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TextIO

from cozeops.address import Address
from cozeops.engine.model.plan import FieldChange, Finding
from cozeops.engine.plan.drift import Drifted
from cozeops.engine.pull.model import Left, Pulled
from cozeops.errors import Position
from cozeops.frozen import frozen
from cozeops.report.plan.masked import masked_fields, masked_value
from cozeops.report.terminal.safe import compact, one_line, visible
from cozeops.values import Json, to_json

FORMAT = "cozeops-pull/1"
_AGAINST = {"state": "what was applied last", "manifests": "the manifests (there is no state)"}
_LONGEST = 80


@frozen
class Pulling:
    """A pull as it is shown."""

    environment: str
    against: str
    """`state` or `manifests`."""
    pulled: Sequence[Pulled]
    left: Sequence[Left]
    gone: Sequence[Drifted]
    unread: Sequence[Finding]
    written: bool
    files: Mapping[str, tuple[bytes, bytes]]
    """Each file that changes: what it said, and what it says."""
    project: str = ""
    new: Sequence[tuple[Address, str, str]] = ()
    """What got a manifest: its id, and the file."""
    notes: Sequence[str] = ()
    """What no manifest says of it."""


def render_pull(pulling: Pulling, stream: TextIO, *, diff: bool = False) -> None:
    """Print what was written and what was not; with `diff`, the lines of the files, too."""
    for place, address, fields in _by_place(pulling.pulled):
        stream.write(f"{one_line(str(place))}  {one_line(str(address))}\n")
        for field in masked_fields(fields):
            stream.write(f"    {visible(field.path)}: {_short(field.before)} → {_short(field.after)}\n")
    for address, id, file in pulling.new:
        stream.write(f"{one_line(file)}  {one_line(str(address))}  new, id {id}\n")
    for note in pulling.notes:
        stream.write(f"    {one_line(note)}\n")
    if diff:
        stream.writelines(f"{line}\n" for line in _diff(pulling.files))
    _left(pulling, stream)
    _end(pulling, stream)


def _by_place(
    pulled: Iterable[Pulled],
) -> Iterator[tuple[Position, Address, tuple[FieldChange, ...]]]:
    for one in sorted(pulled, key=lambda one: (one.place.file, one.place.line, one.address, one.path)):
        yield one.place, one.address, one.fields


def _diff(files: Mapping[str, tuple[bytes, bytes]]) -> Iterator[str]:
    for name, (before, after) in sorted(files.items()):
        for line in difflib.unified_diff(
            _lines(before), _lines(after), f"a/{name}", f"b/{name}", lineterm=""
        ):
            yield visible(str(masked_value(line)))


def _lines(content: bytes) -> list[str]:
    # A line end that changes shows; where every line has it, it is of the file and not of the change.
    text = content.decode()
    return (
        text.replace("\r\n", "\n").split("\n") if text.count("\r\n") == text.count("\n") else text.split("\n")
    )


def _left(pulling: Pulling, stream: TextIO) -> None:
    if pulling.left or pulling.gone:
        stream.write("\nNot pulled:\n")
    for one in pulling.left:
        where = f"  ({one_line(str(one.place))})" if one.place else ""
        label = f" {visible(one.label)}" if one.label else ""
        stream.write(f"{one_line(str(one.address))}{label}: {visible(one.reason)}{where}\n")
        (field,) = masked_fields([FieldChange(one.label, one.before, one.live)])
        for name, value in (("declared", field.before), ("live", field.after)):
            if one.label:
                stream.writelines(f"    {line}\n" for line in _value(name, value))
    for gone in pulling.gone:
        where = one_line(str(gone.address)) if gone.address else "the whole project"
        stream.write(
            f"{where}: {visible(gone.gone)}\n    What is gone from Coze is never pulled as a deletion.\n"
        )


def _value(name: str, value: object) -> Iterator[str]:
    """A value: a text of several lines whole, for somebody has to carry it over."""
    if isinstance(value, str) and "\n" in value:
        yield f"{name}:"
        yield from (f"  | {visible(line)}" for line in value.split("\n"))
    else:
        yield f"{name}: {'nothing' if value is None else compact(value)}"


def _end(pulling: Pulling, stream: TextIO) -> None:
    for finding in pulling.unread:
        where = f"  {one_line(str(finding.address))}" if finding.address else ""
        stream.write(f"not compared  {finding.code} {finding.name}{where}: {one_line(finding.message)}\n")
    against, count = _AGAINST[pulling.against], sum(len(one.fields) for one in pulling.pulled)
    if not count:
        if pulling.new:
            return
        nothing = not (pulling.left or pulling.gone or pulling.unread)
        stream.write(
            f"Nothing to pull: the live side is as {against}.\n" if nothing else "\nNothing was pulled.\n"
        )
        return
    values, files = _count(count, "value"), _count(len({one.place.file for one in pulling.pulled}), "file")
    done = "Pulled" if pulling.written else "Would pull"
    stream.write(f"\n{done} {values} into {files}; compared with {against}.\n")


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _short(value: object) -> str:
    text = "nothing" if value is None else compact(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def pull_json(pulling: Pulling) -> str:
    """The pull as `cozeops-pull/1`: each file with its fields, and what was left."""
    files: dict[str, list[Json]] = {name: [] for name in sorted(pulling.files)}
    for place, address, fields in _by_place(pulling.pulled):
        files.setdefault(place.file, []).extend(
            {
                "address": str(address),
                "path": field.path,
                "line": place.line,
                "before": to_json(field.before),
                "after": to_json(field.after),
            }
            for field in masked_fields(fields)
        )
    data: Json = {
        "format": FORMAT,
        **({"project": pulling.project} if pulling.project else {}),
        "env": pulling.environment,
        "against": pulling.against,
        "written": pulling.written,
        "files": [{"file": name, "fields": fields} for name, fields in files.items()],
        "new": [{"address": str(address), "id": id, "file": file} for address, id, file in pulling.new],
        "notes": list(pulling.notes),
        "left": [_left_json(one) for one in pulling.left],
        "gone": [{"address": str(one.address), "reason": one.gone} for one in pulling.gone],
        "unread": [
            {"code": one.code, "address": str(one.address or "") or None, "message": one.message}
            for one in pulling.unread
        ],
    }
    return json.dumps(data, ensure_ascii=False, indent=2)


def _left_json(one: Left) -> Json:
    (field,) = masked_fields([FieldChange(one.label, one.before, one.live)])
    return {
        "address": str(one.address),
        "path": one.label or None,
        "reason": one.reason,
        "declared": to_json(field.before),
        "live": to_json(field.after),
        "file": one.place.file if one.place else None,
        "line": one.place.line if one.place else None,
    }
