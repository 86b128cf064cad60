"""Coze's envelope: what a reply means.

Success is `code` 0, also where HTTP says 200 to a failure. The codes named here are those that the
client itself treats apart; all others are reported as Coze words them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from cozeops.api.retry import Setback, retry_after
from cozeops.api.transport import Received
from cozeops.declare.calls import Call
from cozeops.errors import ApiError, DeniedError, NotFoundError
from cozeops.values import MISSING, Json, dig

BAD_PARAMETER = 4000
_BUSY = 4009
_UNAUTHENTICATED = frozenset({4100, 700012006})
_FORBIDDEN = 4101
_NOT_FOUND = 4200
_SERVER_ERROR = 5000

WRONG_BASE = "is the base URL right? The API of Coze answers at https://api.coze.cn or https://api.coze.com"
_WRONG_TOKEN = (
    "is the token valid, not expired, and of this site? A token of coze.cn is unknown to api.coze.com, "
    "and the other way round"
)
_NO_PERMISSION = (
    "give the token the permission point of this operation, and access to the workspace; "
    "a wrong or expired token can show like this too"
)

_HINTS = {
    4305: "Coze could not fetch the web page: can it be reached from everywhere, without a login?",
    702042078: "Coze answers this to a publication right after the bot was made: apply again in a moment",
}
"""Codes that were seen live, and that no page of the documentation explains."""

_TOO_MANY = "too many requests: wait a little, or send fewer at once"


def read_envelope(call: Call, received: Received) -> Json:
    """The body of a successful reply. Raises ApiError (or a kind of it), or Setback for what may pass."""
    body = read_object(received)
    code = body.get("code") if body else None
    redirect = 300 <= received.status < 400
    if body is None or redirect or isinstance(code, bool) or not isinstance(code, int):
        raise unusable(received)
    if code in call.already:
        return {"code": code}
    if code != 0 or received.status >= 400:
        raise _refusal(received, body, code)
    return body


def read_object(received: Received) -> Json | None:
    """The JSON object that the reply consists of; None if it is something else, or cut off."""
    try:
        value = json.loads(received.content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def payload_of(call: Call, body: Mapping[str, Any]) -> Any:
    """What the call is after; {} where the reply has nothing there (pure writes omit `data`)."""
    found = dig(body, call.payload)
    return {} if found is MISSING or found is None else found


def failure(
    received: Received,
    what: str,
    *,
    kind: type[ApiError] = ApiError,
    code: int = 0,
    log_id: str = "",
    hint: str = "",
) -> ApiError:
    """An error about this reply; its message ends with what a report to Coze needs."""
    log_id = log_id or received.log_id
    facts = [
        f"HTTP {received.status}",
        *([f"code {code}"] if code else []),
        *([f"log id {log_id}"] if log_id else []),
    ]
    return kind(
        f"{received.operation}: {what} ({', '.join(facts)})",
        operation=received.operation,
        status=received.status,
        code=code,
        log_id=log_id,
        hint=hint,
    )


def setback(received: Received, error: ApiError, *, throttled: bool = False) -> Setback:
    """A failure that may pass; a throttled request was not carried out."""
    wait = retry_after(received.headers.get("Retry-After", ""), received.date)
    return Setback(error, may_have_happened=not throttled, throttled=throttled, retry_after=wait)


def _redirected(received: Received) -> ApiError:
    try:
        host = httpx.URL(received.headers.get("Location", "")).host
    except httpx.InvalidURL:
        host = ""
    where = f" to {received.quote(host)}" if host else ""
    what = f"answered with a redirect{where}, which is not followed: the token would go along"
    return failure(received, what, hint=WRONG_BASE)


def _refusal(received: Received, body: Json, code: int) -> Exception:
    said = received.quote(body.get("msg") or "")
    what = f"Coze says: {said}" if said else "Coze gives no reason"
    log_id = dig(body, ("detail", "logid"))
    log_id = received.quote(log_id) if isinstance(log_id, str) else ""
    status = received.status
    if status == 429 or (code == _BUSY and status < 500):
        error = failure(received, what, code=code, log_id=log_id, hint=_TOO_MANY)
        return setback(received, error, throttled=True)
    kind, hint = _kind(status, code)
    error = failure(received, what, kind=kind, code=code, log_id=log_id, hint=hint)
    if kind is ApiError and (status >= 500 or status == 408 or code == _SERVER_ERROR):
        return setback(received, error)
    return error


def _kind(status: int, code: int) -> tuple[type[ApiError], str]:
    if code in _UNAUTHENTICATED or (status == 401 and code != _FORBIDDEN):
        return DeniedError, _WRONG_TOKEN
    if code == _FORBIDDEN or status == 403:
        return DeniedError, _NO_PERMISSION
    if status == 404 and code == BAD_PARAMETER:  # an unknown path
        return ApiError, WRONG_BASE
    if code == _NOT_FOUND or status == 404:
        return NotFoundError, "it is absent, or this token does not see it: Coze does not tell which"
    return ApiError, _HINTS.get(code, "")


def unusable(received: Received) -> Exception:
    """What to raise where something answered that is not the API of Coze: a proxy, a cut connection."""
    status = received.status
    if 300 <= status < 400:
        return _redirected(received)
    kind = received.headers.get("Content-Type", "").partition(";")[0]
    what = f"got {'an HTML page' if kind == 'text/html' else 'no reply of the Coze API'}"
    if status == 429:
        return setback(received, failure(received, what, hint=_TOO_MANY), throttled=True)
    if status in (401, 403):
        return failure(received, what, kind=DeniedError, hint=f"{_WRONG_TOKEN}; {WRONG_BASE}")
    error = failure(received, what, hint=WRONG_BASE)
    # Any other 4xx was refused before anything happened; the rest is not known.
    return error if 400 <= status < 500 and status != 408 else setback(received, error)
