"""From a WSGI environment to checked values: the token, the query, the JSON or multipart body.

Nothing that a client can send may end in anything but a refusal.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.formparser import default_stream_factory
from werkzeug.wrappers import Request

from .fields import At, check, check_query
from .options import Options
from .routing import Route
from .wire import CozeError, Row, invalid

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_BODY_LIMIT = 15 * 1024 * 1024
_WORKFLOW_BODY_LIMIT = 20 * 1024 * 1024
_UPLOAD_LIMIT = 512 * 1024 * 1024


class Incoming(Request):
    """A request that closes every file it took in, also those of a body that broke off."""

    def __init__(self, environ: WSGIEnvironment) -> None:
        super().__init__(environ)
        self._streams: list[IO[bytes]] = []

    def _get_file_stream(self, total_content_length: int | None, *_: Any, **__: Any) -> IO[bytes]:
        stream = default_stream_factory(total_content_length, None, None)
        self._streams.append(stream)
        return stream

    def close(self) -> None:
        """Close the files."""
        for stream in self._streams:
            stream.close()


@dataclass(frozen=True, slots=True)
class Given:
    """What a request gave: the body as it came (for the log), and everything as it was accepted."""

    raw: Any
    query: Row
    body: Row
    files: list[FileStorage]


def bearer(request: Request) -> str:
    """Return the token, or an empty string."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def accept(request: Request, route: Route, options: Options) -> Given:
    """Read and check everything that a route accepts."""
    at = At(strict=options.unknown_fields == "reject", clamp=options.page_bounds == "clamp")
    query = check_query(route.query, request.args.to_dict(), at)
    if route.body is None:
        return Given(None, query, {}, [])
    if route.multipart:
        form, files = _multipart(request)
        return Given(
            {**form, "files": [file.filename for file in files]}, query, check(route.body, form, at), files
        )
    raw = _json(request, route)
    return Given(raw, query, check(route.body, raw, at), [])


def peek(request: Request) -> Any:
    """Return the JSON body of a request that was refused early, for the log."""
    try:
        return json.loads(request.get_data()) if request.mimetype == "application/json" else None
    except (ValueError, RecursionError, RequestEntityTooLarge, ClientDisconnected):
        return None


def _json(request: Request, route: Route) -> Any:
    limit = _WORKFLOW_BODY_LIMIT if "workflow" in route.path else _BODY_LIMIT
    # of a body without a length, werkzeug silently drops what is beyond the maximum
    request.max_content_length = limit + 1
    try:
        body = request.get_data()
        if len(body) > limit:
            raise RequestEntityTooLarge
    except RequestEntityTooLarge:
        raise CozeError(4000, f"The body is larger than {limit} bytes", status=413) from None
    except ClientDisconnected:
        raise invalid("The body is incomplete") from None
    if not body:
        return {}
    if request.mimetype != "application/json":
        raise invalid("The body must be application/json")
    return parse_json(body)


def parse_json(body: bytes) -> Any:
    """Parse JSON strictly: no NaN, no lone surrogates, no abysmal nesting."""
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
        if b"\\u" in body:
            # a lone surrogate could be stored but never sent back
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise invalid("The body is not valid JSON") from None
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _multipart(request: Request) -> tuple[dict[str, str], list[FileStorage]]:
    if request.mimetype != "multipart/form-data":
        raise invalid("The body must be multipart/form-data")
    request.max_content_length = _UPLOAD_LIMIT
    try:
        return request.form.to_dict(), [file for _, file in request.files.items(multi=True)]
    except RequestEntityTooLarge:
        raise CozeError(4302, "The file is too large", status=413) from None
    except ClientDisconnected:
        raise invalid("The body is incomplete") from None
