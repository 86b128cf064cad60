"""Annotations of GitHub Actions: lines of a step's output that stand beside the files in review. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from cozeops.report.forms.remarks import Level, Remark, loudest_first
from cozeops.report.words import count

MOST = 10
"""GitHub shows no more of one step."""
_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def github_annotations(remarks: Sequence[Remark]) -> str:
    """A line per remark, the loudest first; beyond ten a last one counts what is not shown."""
    told = loudest_first(remarks)
    if len(told) <= MOST:
        return "".join(map(_line, told))
    shown, more = told[: MOST - 1], len(told) - MOST + 1
    note = f"{count(more, 'more remark')}: the output of this step has all of them."
    return "".join(map(_line, shown)) + f"::notice title=cozeops::{note.translate(_DATA)}\n"


def _line(remark: Remark) -> str:
    title = " ".join(part for part in (remark.code, remark.name, remark.address) if part)
    properties = {"title": title}
    if at := remark.position:
        properties = {"file": at.file, "line": str(at.line), "col": str(at.column), **properties}
    told = ",".join(f"{name}={value.translate(_PROPERTY)}" for name, value in properties.items())
    return f"::{_COMMANDS[remark.level]} {told}::{remark.text.translate(_DATA)}\n"
