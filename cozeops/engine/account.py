"""Who a token is: its user, the workspaces that it sees, the edition; and what it was not allowed to ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from cozeops.errors import ApiError
from cozeops.kinds import kinds
from cozeops.kinds._declare import Call, Page
from cozeops.values import Json, dig

T = TypeVar("T")

_ME = Call("getCurrentUser", "GET", "/v1/users/me")
# Without benefit_type_list it reads the edition only.
_EDITION = Call("getBenefits", "GET", "/v1/commerce/benefit/benefits/get")


class _Reply(Protocol):
    @property
    def payload(self) -> Any: ...


class _Listing(Protocol):
    @property
    def items(self) -> tuple[Json, ...]: ...


class Reads(Protocol):
    """What of a client is needed here."""

    def send(self, call: Call, params: Mapping[str, Any]) -> _Reply:
        """Carry out one call."""

    def listing(self, page: Page, params: Mapping[str, Any]) -> _Listing:
        """All pages of a listing."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A workspace, as the token's user has it."""

    id: str
    name: str
    role: str
    type: str


@dataclass(frozen=True, slots=True)
class Account:
    """What Coze told. `unasked` says what it would not tell: the question, and the reason."""

    user: str
    name: str
    workspaces: tuple[Membership, ...]
    edition: str
    unasked: tuple[tuple[str, str], ...]


def account_of(remote: Reads) -> Account:
    """Ask. Raises AccessError for a token that Coze does not know, ApiError where it does not answer."""
    me = remote.send(_ME, {}).payload
    unasked: list[tuple[str, str]] = []
    nowhere: tuple[Membership, ...] = ()
    workspaces = _unless_refused("workspaces", lambda: _workspaces(remote), nowhere, unasked)
    edition = _unless_refused("edition", lambda: _edition(remote), "", unasked)
    name = str(me.get("nick_name") or me.get("user_name") or "")
    return Account(str(me.get("user_id") or ""), name, workspaces, edition, tuple(unasked))


def _unless_refused(question: str, ask: Callable[[], T], otherwise: T, unasked: list[tuple[str, str]]) -> T:
    try:
        return ask()
    except ApiError as error:
        unasked.append((question, error.message))
        return otherwise


def _workspaces(remote: Reads) -> tuple[Membership, ...]:
    page = kinds()["Workspace"].listing
    assert page is not None
    found = (
        Membership(
            str(item.get("id") or ""),
            str(item.get("name") or ""),
            str(item.get("role_type") or ""),
            str(item.get("workspace_type") or ""),
        )
        for item in remote.listing(page, {}).items
    )
    return tuple(sorted(found, key=lambda one: (one.name, one.id)))


def _edition(remote: Reads) -> str:
    return str(dig(remote.send(_EDITION, {}).payload, ("basic_info", "user_level")) or "")
