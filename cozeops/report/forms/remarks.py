"""Findings and problems as machines take them: one shape for JUnit, SARIF and annotations. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import PurePosixPath

from cozeops.address import Address
from cozeops.engine.model.plan import Finding, Severity
from cozeops.errors import Position, Problem
from cozeops.frozen import frozen
from cozeops.report.terminal.safe import one_line


class Level(StrEnum):
    """How loud a remark is; the words are SARIF's."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


LEVELS = {Severity.BLOCK: Level.ERROR, Severity.WARN: Level.WARNING, Severity.INFO: Level.NOTE}
_LOUD = list(Level)


@frozen
class Remark:
    """One thing to say about one place. The texts are on one line and have no effect on a terminal."""

    code: str
    name: str
    level: Level
    message: str
    hint: str
    address: str
    position: Position | None

    @property
    def text(self) -> str:
        """The message, and what to do about it."""
        return f"{self.message} — {self.hint}" if self.hint else self.message


def of_findings(
    findings: Iterable[Finding],
    places: Mapping[Address, Position],
    *,
    project: Position | None = None,
    prefix: str = "",
) -> list[Remark]:
    """Remarks of a plan. `places` says where an address is declared.

    What is about no address, or about one that left the manifests, is said at `project`. `prefix` is the
    project's folder as the reader of the report sees it.
    """
    return [
        Remark(
            code=one_line(found.code),
            name=one_line(found.name),
            level=LEVELS[found.severity],
            message=one_line(found.message),
            hint=one_line(found.hint),
            address=one_line(str(found.address)) if found.address else "",
            position=_seen_from(prefix, places.get(found.address, project) if found.address else project),
        )
        for found in findings
    ]


def of_problems(problems: Iterable[Problem], *, prefix: str = "") -> list[Remark]:
    """Remarks of an invalid project, in the order of files and lines; all are errors."""
    remarks = [
        Remark(
            code=one_line(problem.code),
            name="",
            level=Level.ERROR,
            message=one_line(problem.message),
            hint=one_line(problem.hint),
            address="",
            position=_seen_from(prefix, problem.position),
        )
        for problem in problems
    ]
    return sorted(remarks, key=_place)


def loudest_first(remarks: Sequence[Remark]) -> list[Remark]:
    """Errors before warnings before notes."""
    return sorted(remarks, key=lambda remark: _LOUD.index(remark.level))


def _place(remark: Remark) -> tuple[str, int, int]:
    at = remark.position
    return (at.file, at.line, at.column) if at else ("", 0, 0)


def _seen_from(prefix: str, position: Position | None) -> Position | None:
    if position is None:
        return None
    file = str(PurePosixPath(prefix) / position.file) if prefix else position.file
    return Position(one_line(file), max(position.line, 1), max(position.column, 1))
