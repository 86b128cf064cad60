"""The control API under `/_emulator/`: for tests and scripts that reach the emulator over a socket.

It takes no token and answers plain JSON; a mistake is HTTP 400 with `{"error": ...}`. `GET /_emulator/` lists
what there is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.wrappers import Request

from .delivery import Reply, json_reply
from .exchange import Host
from .faults import FIELDS as FAULT_FIELDS
from .fields import At, Check, Fields, anything, check, each, ident, integer, mapping, number, text
from .request import parse_json
from .wire import CozeError, Row

_PREFIX = "/_emulator"
_LIMIT = 256 * 1024 * 1024


class Controlled(Host, Protocol):
    """What the control API needs of the emulator, beside what answering a request needs."""

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""

    def seed(self, seed: Any) -> None:
        """Plant a seed."""

    def dump(self) -> Row:
        """Return the whole state."""

    def load(self, state: Row) -> None:
        """Replace the whole state."""

    def reset(self) -> None:
        """Start anew."""

    def edit(self, table: str, ident: str, **changes: Any) -> Row:
        """Change a row by hand."""

    def remove(self, table: str, ident: str) -> None:
        """Remove a row by hand."""

    def publish(self, bot_id: str, *connectors: str) -> str:
        """Publish a bot by hand; return the version."""

    def log(self) -> list[Row]:
        """Return the log of requests."""


@dataclass(frozen=True, slots=True)
class Lever:
    """One thing that the control API does."""

    method: str
    path: str
    help: str
    pull: Callable[[Controlled, Row], Any]
    body: Fields | Check | None = None


def control(emulator: Controlled, request: Request) -> Reply:
    """Answer a request of the control API."""
    path = request.path.removeprefix(_PREFIX)
    for lever in LEVERS:
        if (lever.method, lever.path) == (request.method, path):
            break
    else:
        return json_reply({"error": f"no {request.method} {request.path}; see GET {_PREFIX}/"}, 404)
    try:
        result = lever.pull(emulator, _body(lever, request))
        return json_reply({"ok": True} if result is None else result)
    except CozeError as error:
        return json_reply({"error": error.msg}, 400)
    except KeyError as error:
        return json_reply({"error": f"unknown: {error.args[0]}"}, 400)
    except (ValueError, TypeError, AttributeError) as error:
        # a state that was not made by a dump may be of any shape
        return json_reply({"error": str(error)}, 400)


def _body(lever: Lever, request: Request) -> Any:
    if lever.body is None:
        return {}
    # not a simple request for browsers: a web page cannot send it here
    if request.mimetype != "application/json":
        raise ValueError("the body must be application/json")
    request.max_content_length = _LIMIT
    try:
        given = parse_json(request.get_data())
    except (RequestEntityTooLarge, ClientDisconnected):
        raise ValueError("the body is too large or incomplete") from None
    return lever.body.take(given, At()) if isinstance(lever.body, Check) else check(lever.body, given, At())


def _overview(emulator: Controlled, _: Row) -> Row:
    return {
        "control": {f"{lever.method} {_PREFIX}{lever.path}": lever.help for lever in LEVERS},
        "operations": len(emulator.registry.routes),
        "options": asdict(emulator.options),
        "tables": {name: len(table) for name, table in emulator.store.tables.items()},
    }


def _clear_log(emulator: Controlled, _: Row) -> None:
    emulator.requests.clear()


def _edit(emulator: Controlled, body: Row) -> Row:
    return emulator.edit(body["table"], body["id"], **body["changes"])


def _publish(emulator: Controlled, body: Row) -> Row:
    return {"version": emulator.publish(body["bot_id"], *body["connector_ids"])}


def _add_fault(emulator: Controlled, body: Row) -> Row:
    return asdict(emulator.faults.add(**body))


def _advance(emulator: Controlled, body: Row) -> Row:
    emulator.advance(body["seconds"])
    return {"now": emulator.now()}


def _set_options(emulator: Controlled, body: Row) -> Row:
    known = asdict(emulator.options)
    for name, value in body.items():
        if name not in known:
            raise KeyError(f"option {name}")
        wanted = type(known[name])
        if type(value) is not wanted and not (wanted is float and type(value) is int):
            raise ValueError(f"option {name} must be {wanted.__name__}")
    emulator.options = replace(emulator.options, **body)
    return asdict(emulator.options)


_ROW: Fields = {"table*": text(1), "id*": ident()}
_OBJECT = mapping(anything())
_PUBLISH: Fields = {"bot_id*": ident(), "connector_ids*": each(ident(), 1)}
_LIMITS: Fields = {"operation*": text(1), "qps*": number()}


def _state(emulator: Controlled, body: Row) -> None:
    emulator.load(body)


def _remove(emulator: Controlled, body: Row) -> None:
    emulator.remove(body["table"], body["id"])


def _reseed(emulator: Controlled, body: Row) -> None:
    emulator.faults.reseed(body["seed"])


def _limit(emulator: Controlled, body: Row) -> None:
    emulator.faults.limit(body["operation"], body["qps"])


LEVERS = (
    Lever("GET", "/", "this overview", _overview),
    Lever("GET", "/requests", "the log of requests", lambda emulator, _: emulator.log()),
    Lever("DELETE", "/requests", "empty the log", _clear_log),
    Lever("GET", "/state", "the whole state, canonical", lambda emulator, _: emulator.dump()),
    Lever("PUT", "/state", "replace the state", _state, _OBJECT),
    Lever("POST", "/reset", "start anew", lambda emulator, _: emulator.reset()),
    Lever("POST", "/seed", "plant a seed", lambda emulator, body: emulator.seed(body), _OBJECT),
    Lever("POST", "/edit", "change a row by hand", _edit, {**_ROW, "changes*": _OBJECT}),
    Lever("POST", "/remove", "remove a row by hand", _remove, _ROW),
    Lever("POST", "/publish", "publish a bot by hand", _publish, _PUBLISH),
    Lever("GET", "/faults", "the faults in force", lambda emulator, _: emulator.faults.listing()),
    Lever("POST", "/faults", "put a fault in force", _add_fault, FAULT_FIELDS),
    Lever("DELETE", "/faults", "lift faults and limits", lambda emulator, _: emulator.faults.clear()),
    Lever("PUT", "/limits", "limit operations per second; 0 lifts", _limit, _LIMITS),
    Lever("PUT", "/random", "seed the random source of faults", _reseed, {"seed*": integer()}),
    Lever("POST", "/clock", "advance the clock", _advance, {"seconds*": number()}),
    Lever("GET", "/options", "the options", lambda emulator, _: asdict(emulator.options)),
    Lever("PUT", "/options", "change options", _set_options, _OBJECT),
)
