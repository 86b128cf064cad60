"""The reads of one run, each made once however many threads ask for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Lock, local
from time import monotonic
from typing import Any, TypeVar

from cozeops.declare.calls import Call, Page
from cozeops.declare.collections import Item, Readiness
from cozeops.engine.model.live import Listing, Remote, Reply
from cozeops.errors import OddReplyError
from cozeops.values import Json

T = TypeVar("T")
_ME = Call("getCurrentUser", "GET", "/v1/users/me")


class Reader:
    """The reads of one run, each made once however many threads ask for it."""

    def __init__(self, remote: Remote) -> None:
        self.remote = remote
        self._lock = Lock()
        self._made: dict[tuple[Any, ...], Future[Any]] = {}
        self._known: dict[tuple[Any, ...], Any] = {}
        """What came of those that went well: to look it up takes no lock, which threads would queue for."""
        self._last = local()
        self._under_way = 0
        self.listed_for = 0.0
        """Seconds that the longest list took."""
        self.failed = False
        """Whether a read came to a bad end: who asks for it again hears of the same."""

    def listing(self, page: Page, params: Mapping[str, Any], *, likely: int = 0) -> Listing:
        """All pages of a list; `likely` is how many items somebody remembers in it."""
        key = (page.call.operation, *sorted(page.call.fixed.items()), *sorted(params.items()))
        found = self._once(key, lambda: self.listing_own(page, params, likely=likely))
        self._last.reply = page.call.operation, found.log_id
        return found

    def listing_own(self, page: Page, params: Mapping[str, Any], *, likely: int = 0) -> Listing:
        """The same for one who keeps what it needs of it."""
        began = monotonic()
        found = self.remote.listing(page, params, likely=likely)
        self._last.reply = page.call.operation, found.log_id
        with self._lock:
            self.listed_for = max(self.listed_for, monotonic() - began)
        return found

    def get(self, call: Call, params: Mapping[str, Any]) -> Json:
        """One object that many may ask for. Raises NotFoundError."""
        key = (call.operation, *sorted(call.fixed.items()), *sorted(params.items()))
        return self._payload(call, self._once(key, lambda: self.remote.send(call, params)))

    def get_own(self, call: Call, params: Mapping[str, Any]) -> Json:
        """The object of one resource. Nobody else asks for it, so it is not kept. Raises NotFoundError."""
        return self._payload(call, self.remote.send(call, params))

    def _payload(self, call: Call, reply: Reply) -> Json:
        self._last.reply = call.operation, reply.log_id
        return reply.payload if isinstance(reply.payload, dict) else {}

    @contextmanager
    def understood(self, about: object) -> Iterator[None]:
        """What reading a reply trips over is a reply of another shape. Raises ApiError.

        It is told of the reply that this thread asked for last: it is read where it was asked for.
        """
        try:
            yield
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            operation, log_id = getattr(self._last, "reply", ("", ""))
            told = f" (log id {log_id})" if log_id else ""
            raise OddReplyError(
                f"{operation}: the reply about {about} is not of the shape that the API describes{told}",
                operation=operation,
                log_id=log_id,
                hint="try again; if it stays so, tell Coze's support the log id, and report it to cozeops",
            ) from error

    def index(self, page: Page, params: Mapping[str, Any], key: str) -> Mapping[str, list[Json]]:
        """The items of a list by the text of one of their keys."""

        def build() -> dict[str, list[Json]]:
            found: dict[str, list[Json]] = {}
            for item in self.listing(page, params).items:
                found.setdefault(str(item.get(key)), []).append(item)
            return found

        call = page.call
        made = ("index", key, call.operation, *sorted(call.fixed.items()), *sorted(params.items()))
        return self._once(made, build)

    def derived(self, key: tuple[str, ...], make: Callable[[], T]) -> T:
        """What follows from reads of this run, worked out once."""
        return self._once(("derived", *key), make)

    @property
    def at_rest(self) -> bool:
        """Whether something was read, and nothing is under way."""
        with self._lock:
            return bool(self._made) and not self._under_way

    def user(self) -> str:
        """The id of the token's user; the first request of a run, so a bad token ends it here."""
        return str(self.get(_ME, {}).get("user_id") or "")

    def _once(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        if key in self._known:
            found: T = self._known[key]
            return found
        with self._lock:
            future: Future[T] | None = self._made.get(key)
            mine = future is None
            if future is None:
                future = self._made[key] = Future()
                self._under_way += 1
        if mine:
            try:
                self._known[key] = made = make()
                future.set_result(made)
            except BaseException as error:
                self.failed = True
                future.set_exception(error)
            finally:
                with self._lock:
                    self._under_way -= 1
        return future.result()


def progress(remote: Remote, readiness: Readiness, owner: Json, ids: Sequence[str]) -> list[Item]:
    """How far items are, asked by their ids. Raises NotFoundError where one is gone."""
    payload = remote.send(readiness.call, {**owner, readiness.ids: list(ids)}).payload
    return [readiness.decode(wire) for wire in payload] if isinstance(payload, list) else []


def scoped(call: Call, scope: str | None) -> dict[str, Any]:
    """The parameter that names the workspace, where the call takes one."""
    return {call.scope: scope} if call.scope else {}
