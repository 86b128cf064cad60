"""Every way in which cozeops stops, and the exit code that each one has.

CozeopsError            1  something failed
├── InvalidProject      3  manifests or configuration, each problem with its position
├── UsageError          3  options that do not go together
├── AccessError         4  the token is missing, wrong, or lacks a permission
├── BlockedError        5  a finding that nobody acknowledged
├── StalePlanError      6  the live side or the manifests moved since the plan
└── ApiError            1  Coze answered with an error
    ├── DeniedError     4  … about the token (also an AccessError)
    ├── NotFoundError   1  … about an object that is absent or not visible
    ├── IncompleteError 1  the pages of a list do not add up
    ├── OddReplyError   1  a reply is not of the shape that the API describes
    └── LostReplyError  1  no usable answer came: the write may have happened
"""

from __future__ import annotations

from enum import IntEnum

from cozeops.frozen import frozen


class ExitCode(IntEnum):
    """What the process tells its caller; the same in every output format."""

    OK = 0
    ERROR = 1
    CHANGES = 2
    INVALID = 3
    ACCESS = 4
    BLOCKED = 5
    STALE = 6
    PARTIAL = 7
    CANCELLED = 8
    LOCKED = 9
    DRIFT = 10


@frozen
class Position:
    """A place in a file of the project. `line` and `column` count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@frozen
class Problem:
    """One thing that is wrong with the project's files.

    `excerpt` is the source line (or empty); `code` is stable, such as `COZE003`.
    """

    code: str
    message: str
    hint: str = ""
    position: Position | None = None
    excerpt: str = ""


class CozeopsError(Exception):
    """An expected failure: what happened, and what to do next."""

    exit_code = ExitCode.ERROR

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InvalidProject(CozeopsError):
    """All problems of a run at once; none of them reached the network."""

    exit_code = ExitCode.INVALID

    def __init__(self, problems: list[Problem]) -> None:
        count = len(problems)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} in the project")
        self.problems = tuple(problems)


class UsageError(CozeopsError):
    """Options or settings that do not go together."""

    exit_code = ExitCode.INVALID


class AccessError(CozeopsError):
    """The token is missing, refused, or not allowed to do this."""

    exit_code = ExitCode.ACCESS


class BlockedError(CozeopsError):
    """A blocking finding was not acknowledged."""

    exit_code = ExitCode.BLOCKED


class StalePlanError(CozeopsError):
    """The plan no longer describes the project or the live side."""

    exit_code = ExitCode.STALE


class ApiError(CozeopsError):
    """Coze answered with an error. `code` is Coze's own; `log_id` is what its support asks for."""

    def __init__(
        self,
        message: str,
        *,
        operation: str,
        status: int = 0,
        code: int = 0,
        log_id: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.operation = operation
        self.status = status
        self.code = code
        self.log_id = log_id


class DeniedError(ApiError, AccessError):
    """Coze refused the token, or the token lacks the permission point."""

    exit_code = ExitCode.ACCESS


class NotFoundError(ApiError):
    """Absent or not visible to this token: Coze does not tell the two apart (code 4200)."""


class IncompleteError(ApiError):
    """The pages of a list do not add up: something may be missing from it."""


class OddReplyError(ApiError):
    """A reply is not of the shape that the API describes."""


class LostReplyError(ApiError):
    """The request left, but no usable answer came back: the write may or may not have happened."""
