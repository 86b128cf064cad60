"""From a declared call and its parameters to a request: path, query or body, and what is secret in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from string import Formatter
from typing import Any, BinaryIO, Final
from urllib.parse import quote

import httpx

from cozeops.api.transport import plain
from cozeops.declare.calls import Call
from cozeops.errors import ApiError
from cozeops.frozen import frozen
from cozeops.values import Json, Secret

File = tuple[str, bytes | BinaryIO]
"""Name and content of a file to upload; what is open is sent piece by piece, at a repeat from its start."""

TIMEOUT: Final = httpx.Timeout(60.0, connect=10.0)
UPLOAD_TIMEOUT: Final = httpx.Timeout(300.0, connect=10.0)


@frozen
class Outgoing:
    """A request without its token, and the secrets in its body: no message may quote them."""

    operation: str
    request: httpx.Request
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def path(self) -> str:
        """Without the query: names and cursors of users have no place in logs."""
        return self.request.url.raw_path.partition(b"?")[0].decode("ascii")

    def __str__(self) -> str:
        return f"{self.operation} {self.request.method} {self.path}"


def build_request(
    http: httpx.Client,
    base_url: str,
    call: Call,
    params: Mapping[str, Any],
    upload: File | None,
    seconds: float | None = None,
) -> Outgoing:
    """Parameters named in the path go there, the others to the query of a GET, else to the JSON body.

    A DELETE may have a body too. Without parameters there is none. `seconds` is how long a read may take.
    """
    named = {name for _, name, _, _ in Formatter().parse(call.path) if name}
    path = call.path.format_map({name: _segment(call, name, params) for name in named})
    secrets: list[str] = []
    rest = _reveal({name: value for name, value in params.items() if name not in named}, secrets)
    rest |= call.fixed
    content: Json
    if upload:
        content = {"data": rest, "files": {"file": upload}, "timeout": UPLOAD_TIMEOUT}
    elif call.method == "GET":
        content = {"params": rest}
    else:
        query = {name: rest.pop(name) for name in call.query if name in rest}
        content = ({"json": rest} if rest else {}) | ({"params": query} if query else {})
    if seconds is not None:
        content["timeout"] = httpx.Timeout(seconds, connect=min(seconds, TIMEOUT.connect or seconds))
    try:
        request = http.build_request(call.method, base_url + path, headers=dict(call.headers), **content)
    except (TypeError, ValueError) as error:
        what = f"{call.operation}: a value cannot be sent: {plain(str(error))}"
        raise ApiError(what, operation=call.operation) from None
    return Outgoing(call.operation, request, tuple(secrets))


def _segment(call: Call, name: str, params: Mapping[str, Any]) -> str:
    text = str(params[name])
    if text in ("", ".", ".."):  # would address something else
        raise ApiError(f"{call.operation}: {name} cannot be {text!r}", operation=call.operation)
    return quote(text, safe="")


def _reveal(value: Any, secrets: list[str]) -> Any:
    """The value with its secrets in the clear; each of them is noted."""
    match value:
        case Secret():
            secrets.append(value.reveal())
            return value.reveal()
        case Mapping():
            return {name: _reveal(item, secrets) for name, item in value.items()}
        case list() | tuple():
            return [_reveal(item, secrets) for item in value]
    return value
