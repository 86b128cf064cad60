"""What every reply shares: the envelope, the error codes and the shapes a payload may take.

Almost every operation answers `{code, msg, data, detail}`. The exceptions are said by the type of what an
operation returns: `TopLevel` puts its keys beside `code`, `Raw` sends bytes as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
"""A JSON object: a stored row, a request body, a payload."""

INVALID = 4000
BUSY = 4009
UNSAFE_CONTENT = 4014
UNAUTHENTICATED = 4100
FORBIDDEN = 4101
NOT_FOUND = 4200
SERVER_ERROR = 5000

UNSAFE = "敏感内容"
"""Text with these words in it does not pass the emulator's content checks."""

_STATUS = {INVALID: 400, UNAUTHENTICATED: 401, SERVER_ERROR: 500}
_STRICT_STATUS = {FORBIDDEN: 403, NOT_FOUND: 404, BUSY: 429}


class CozeError(Exception):
    """A refusal by Coze: a business code, a message, and the HTTP status when it is not the usual one."""

    def __init__(
        self, code: int, msg: str, *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(msg)
        self.code, self.msg, self.status, self.retry_after = code, msg, status, retry_after

    def http_status(self, style: str) -> int:
        """Return the HTTP status: most business errors come on 200, unless `style` asks for `http`."""
        if self.status is not None:
            return self.status
        if style == "http":
            return _STATUS.get(self.code) or _STRICT_STATUS.get(self.code, 400)
        return _STATUS.get(self.code, 200)


def invalid(msg: str) -> CozeError:
    """Refuse a parameter (4000)."""
    return CozeError(INVALID, msg)


def forbidden(msg: str) -> CozeError:
    """Refuse for want of a permission (4101)."""
    return CozeError(FORBIDDEN, msg)


def not_found(what: str, ident: str) -> CozeError:
    """Refuse because the thing is missing or not visible: Coze does not tell which (4200)."""
    return CozeError(
        NOT_FOUND, f"Requested resource {what}={ident} does not exist or is not visible to the caller"
    )


@dataclass(frozen=True, slots=True)
class TopLevel:
    """A payload that stands beside `code` and `msg`, not inside `data` (the knowledge document endpoints)."""

    fields: Row


@dataclass(frozen=True, slots=True)
class Raw:
    """A body that is no envelope at all: an event stream, an OAuth reply."""

    content_type: str
    chunks: Iterable[bytes]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Payload = Row | TopLevel | Raw | None
"""What an operation returns; None is a write that answers no `data` at all."""


def envelope(payload: Row | TopLevel | None, log_id: str) -> Row:
    """Wrap the payload of a successful call."""
    reply: Row = {"code": 0, "msg": ""}
    if isinstance(payload, TopLevel):
        reply.update(payload.fields)
    elif payload is not None:
        reply["data"] = payload
    reply["detail"] = {"logid": log_id}
    return reply


def refusal(error: CozeError, log_id: str) -> Row:
    """Wrap a refusal."""
    return {"code": error.code, "msg": error.msg, "detail": {"logid": log_id}}


def encode(value: object) -> bytes:
    """Encode JSON as it goes over the wire."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
