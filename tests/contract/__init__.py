"""The API contract, and a check of any exchange against it.

    from tests.contract import Checked, check_exchange

    client = httpx.Client(transport=Checked(httpx.WSGITransport(app=emulator)))

Requests are held to it strictly: a query parameter or body field that the contract does not know is a
violation. Replies may carry more than it says, but nothing that contradicts it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

import httpx
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.contract.quick import Quick

CONTRACT = Path(__file__).with_name("coze-openapi.json")
OPERATIONS = Path(__file__).with_name("operations.tsv")

_URI = "urn:coze"
_METHODS = ("get", "put", "post", "delete")


class ContractViolation(AssertionError):
    """An exchange that the contract does not allow; the message lists every violation."""


def check_exchange(
    method: str,
    path: str,
    request_headers: Mapping[str, str],
    request_body: Any,
    status: int,
    response_body: Any,
) -> None:
    """Raise ContractViolation unless request and reply fit; `path` carries the query string.

    Bodies are JSON data, or bytes of a multipart request; None is no body.
    """
    problems = [
        *request_problems(method, path, request_headers, request_body),
        *response_problems(method, path, status, response_body),
    ]
    if problems:
        raise ContractViolation("\n  ".join([f"{method} {path}", *problems]))


def operation_of(method: str, path: str) -> str | None:
    """Return the operationId of a request, or None for an unknown path."""
    found = _find(method, path.partition("?")[0])
    return None if found is None else _document()["paths"][found][method.lower()]["operationId"]


def request_problems(method: str, path: str, headers: Mapping[str, str], body: Any) -> list[str]:
    """List what is wrong with a request."""
    bare, _, query = path.partition("?")
    template = _find(method, bare)
    if template is None:
        return ["request: no such operation"]
    operation = _document()["paths"][template][method.lower()]
    parameters = operation.get("parameters", [])
    lowered = {name.lower(): value for name, value in headers.items()}
    problems = []
    if not lowered.get("authorization", "").startswith("Bearer "):
        problems.append("request: no bearer token")
    problems += _query_problems(template, method, parameters, query)
    for index, parameter in enumerate(parameters):
        if parameter["in"] == "header":
            value = lowered.get(parameter["name"].lower())
            problems += _parameter_problems(template, method, index, parameter, value)
    return problems + _body_problems(template, method, operation, lowered.get("content-type", ""), body)


def response_problems(method: str, path: str, status: int, body: Any) -> list[str]:
    """List what is wrong with a reply."""
    template = _find(method, path.partition("?")[0])
    if template is None:
        return (
            []
            if isinstance(body, dict) and body.get("code") == 4000
            else ["reply: unknown path is code 4000"]
        )
    responses = _document()["paths"][template][method.lower()]["responses"]
    if isinstance(body, dict) and body.get("code", 0) != 0:
        # business errors come on 200 as well
        return list(_problems(("components", "schemas", "ErrorReply"), body, "reply"))
    if str(status) not in responses:
        return [f"reply: HTTP {status} is not in the contract"]
    content = responses[str(status)].get("content", {})
    if "application/json" not in content:
        return []
    parts = ("paths", template, method.lower(), "responses", str(status), "content", "application/json")
    return list(_problems((*parts, "schema"), body, "reply"))


class Checked(httpx.BaseTransport):
    """Passes requests on and raises ContractViolation for an exchange off the contract.

    `requests=False` leaves requests alone, for tests that send bad ones.
    """

    def __init__(self, inner: httpx.BaseTransport, *, requests: bool = True) -> None:
        self._inner, self._requests = inner, requests

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send and check."""
        request.read()
        response = self._inner.handle_request(request)
        response.read()
        path = request.url.raw_path.decode()
        if path.startswith("/_"):
            return response
        is_json = request.headers.get("content-type", "").startswith("application/json")
        body: Any = json.loads(request.content) if is_json and self._requests else request.content or None
        problems = request_problems(request.method, path, request.headers, body) if self._requests else []
        if response.headers.get("content-type", "").startswith("application/json"):
            problems += response_problems(request.method, path, response.status_code, response.json())
        if problems:
            raise ContractViolation("\n  ".join([f"{request.method} {path}", *problems]))
        return response


@cache
def _document() -> Any:
    return json.loads(CONTRACT.read_text(encoding="utf-8"))


@cache
def _registry() -> Registry[Any]:
    resource = DRAFT202012.create_resource(_nullable_as_type(_document()))
    registry: Registry[Any] = Registry()
    return registry.with_resource(_URI, resource)


def _nullable_as_type(node: Any) -> Any:
    """Rewrite OpenAPI 3.0's `nullable` into what JSON Schema knows."""
    if isinstance(node, list):
        return [_nullable_as_type(item) for item in node]
    if not isinstance(node, dict):
        return node
    rewritten = {key: _nullable_as_type(value) for key, value in node.items()}
    if rewritten.get("nullable") is True:
        del rewritten["nullable"]
        return {"anyOf": [rewritten, {"type": "null"}]}
    return rewritten


@cache
def _validator(reference: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": reference}, registry=_registry())


@cache
def _templates() -> list[tuple[re.Pattern[str], str, frozenset[str]]]:
    # static segments before variables: /v1/plugins/mget is not a plugin
    paths = sorted(_document()["paths"].items(), key=lambda item: (item[0].count("{"), item[0]))
    return [
        (
            re.compile(re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(path))),
            path,
            frozenset(item) & frozenset(_METHODS),
        )
        for path, item in paths
    ]


@lru_cache(maxsize=4096)
def _find(method: str, path: str) -> str | None:
    for pattern, template, methods in _templates():
        if method.lower() in methods and pattern.fullmatch(path):
            return template
    return None


@cache
def _quick() -> Quick:
    return Quick(_document())


def _schema_at(parts: tuple[str, ...]) -> Any:
    found = _document()
    for part in parts:
        found = found[int(part) if isinstance(found, list) else part]
    return found


@cache
def _pointer(parts: tuple[str, ...]) -> str:
    escaped = (quote(part.replace("~", "~0").replace("/", "~1"), safe="~") for part in parts)
    return f"{_URI}#/" + "/".join(escaped)


def _problems(parts: tuple[str, ...], value: Any, where: str) -> Iterator[str]:
    if _quick().fits(_schema_at(parts), value):
        return
    validator = _validator(_pointer(parts))
    if validator.is_valid(value):
        return
    for outer in validator.iter_errors(value):
        # of the branches of an anyOf, the one that comes nearest says most
        error = best_match([outer]) or outer
        yield f"{where}{''.join(f'.{part}' for part in error.absolute_path)}: {error.message[:300]}"


def _query_problems(template: str, method: str, parameters: list[Any], query: str) -> list[str]:
    given = dict(parse_qsl(query, keep_blank_values=True))
    known = {parameter["name"] for parameter in parameters if parameter["in"] == "query"}
    problems = [f"request: unknown query parameter {name}" for name in sorted(given.keys() - known)]
    for index, parameter in enumerate(parameters):
        if parameter["in"] == "query":
            problems += _parameter_problems(template, method, index, parameter, given.get(parameter["name"]))
    return problems


def _parameter_problems(
    template: str, method: str, index: int, parameter: Any, text: str | None
) -> list[str]:
    name = parameter["name"]
    if text is None:
        return [f"request: {parameter['in']} {name} is required"] if parameter.get("required") else []
    value = _READ.get(parameter["schema"].get("type"), str)(text)
    parts = ("paths", template, method.lower(), "parameters", str(index), "schema")
    return list(_problems(parts, value, f"request: {parameter['in']} {name}"))


def _read_integer(text: str) -> Any:
    return int(text) if re.fullmatch(r"-?\d+", text) else text


_READ: dict[str | None, Callable[[str], Any]] = {
    "integer": _read_integer,
    "boolean": lambda text: {"true": True, "false": False}.get(text, text),
    "array": lambda text: text.split(","),
}


def _body_problems(template: str, method: str, operation: Any, content_type: str, body: Any) -> list[str]:
    contents = operation.get("requestBody", {}).get("content", {})
    if body is None:
        return ["request: a body is required"] if operation.get("requestBody", {}).get("required") else []
    if not contents:
        return [] if body in ({}, b"") else ["request: takes no body"]
    media = content_type.partition(";")[0]
    if media not in contents:
        return [f"request: content type {media!r}, wanted {', '.join(contents)}"]
    if media == "multipart/form-data":
        return _part_problems(contents[media]["schema"], body)
    parts = ("paths", template, method.lower(), "requestBody", "content", media, "schema")
    return list(_problems(parts, body, "request"))


def _part_problems(schema: Any, body: bytes) -> list[str]:
    names = {name.decode() for name in re.findall(rb'Content-Disposition: form-data; name="([^"]*)"', body)}
    problems = [f"request: unknown part {name}" for name in sorted(names - schema["properties"].keys())]
    return problems + [
        f"request: part {name} is required" for name in schema.get("required", ()) if name not in names
    ]
