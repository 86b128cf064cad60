"""Who a token is: its user, the workspaces that it sees, the edition; and what it evidently cannot do.

Coze tells no permissions. What is evident is what an edition lacks, what a mere member of a workspace may not
change, and which lists are refused when a single entry of them is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from cozeops.declare.calls import EDITIONS, Call, Page
from cozeops.declare.kind import Kind
from cozeops.declare.kind_calls import calls_of
from cozeops.engine.model.live import Remote
from cozeops.engine.observe.cache import scoped
from cozeops.engine.plan.permissions import MEMBER, lacks
from cozeops.errors import ApiError, DeniedError
from cozeops.frozen import frozen
from cozeops.kinds import kinds
from cozeops.values import Json, dig

T = TypeVar("T")

_WORKSPACE = "Workspace"
_ME = Call("getCurrentUser", "GET", "/v1/users/me")
# Without benefit_type_list it reads the edition only.
_EDITION = Call("getBenefits", "GET", "/v1/commerce/benefit/benefits/get")


@frozen
class Membership:
    """A workspace, as the token's user has it."""

    id: str
    name: str
    role: str
    type: str
    enterprise: str = ""
    """The id of the enterprise that it belongs to; empty: none, or Coze does not say."""


@frozen
class Lack:
    """Something that the token evidently cannot do: operations of Coze's API, and why not."""

    operations: tuple[str, ...]
    why: str


@frozen
class Account:
    """What Coze told. `unasked` says what it would not tell: the question, and the reason."""

    user: str
    name: str
    workspaces: tuple[Membership, ...]
    edition: str
    unasked: tuple[tuple[str, str], ...]
    lacks: tuple[Lack, ...] = ()


def account_of(remote: Remote) -> Account:
    """Ask. Raises AccessError for a token that Coze does not know, ApiError where it does not answer."""
    me = remote.send(_ME, {}).payload
    unasked: list[tuple[str, str]] = []
    nowhere: tuple[Membership, ...] = ()
    workspaces = _unless_refused("workspaces", lambda: _workspaces(remote), nowhere, unasked)
    edition = _unless_refused("edition", lambda: _edition(remote), "", unasked)
    name = str(me.get("nick_name") or me.get("user_name") or "")
    lacking = (*_lacking(edition), *_mere_member(workspaces), *_refused(remote, workspaces, edition, unasked))
    return Account(str(me.get("user_id") or ""), name, workspaces, edition, tuple(unasked), lacking)


def user_of(remote: Remote) -> str:
    """The id of the token's user. Raises AccessError for a token that Coze does not know."""
    return str(remote.send(_ME, {}).payload.get("user_id") or "")


def edition_of(remote: Remote) -> str:
    """The account's edition; empty where Coze does not tell it to this token."""
    return _unless_refused("edition", lambda: _edition(remote), "", [])


def _unless_refused(question: str, ask: Callable[[], T], otherwise: T, unasked: list[tuple[str, str]]) -> T:
    try:
        return ask()
    except ApiError as error:
        unasked.append((question, error.message))
        return otherwise


def _workspaces(remote: Remote) -> tuple[Membership, ...]:
    page = kinds()[_WORKSPACE].listing
    assert page is not None
    found = (
        Membership(
            str(item.get("id") or ""),
            str(item.get("name") or ""),
            str(item.get("role_type") or ""),
            str(item.get("workspace_type") or ""),
            str(item.get("enterprise_id") or ""),
        )
        for item in remote.listing(page, {}).items
    )
    return tuple(sorted(found, key=lambda one: (one.name, one.id)))


def _edition(remote: Remote) -> str:
    return str(dig(remote.send(_EDITION, {}).payload, ("basic_info", "user_level")) or "")


def _lacking(edition: str) -> Iterator[Lack]:
    """What needs a larger edition, by the edition that it needs."""
    for needed in EDITIONS:
        calls = (call for kind in kinds().values() for call in calls_of(kind) if call.edition == needed)
        operations = tuple(sorted({call.operation for call in calls if lacks(call, edition)}))
        if operations:
            yield Lack(operations, f"the edition is {edition}, and they need {needed}")


def _mere_member(workspaces: Iterable[Membership]) -> Iterator[Lack]:
    names = ", ".join(one.name for one in workspaces if one.role == MEMBER)
    calls = (call for kind in kinds().values() for call in calls_of(kind) if call.role)
    if names:
        yield Lack(tuple(sorted({call.operation for call in calls})), f"only a member: {names}")


def _refused(
    remote: Remote, workspaces: Iterable[Membership], edition: str, unasked: list[tuple[str, str]]
) -> Iterator[Lack]:
    """The lists that are refused when one entry of them is asked for; what fails otherwise is unasked."""
    known = sorted(workspaces, key=lambda one: one.role != "owner")
    for kind in kinds().values():
        page = kind.listing
        home = _home_of(kind, known)
        if page and home is not None and kind.name != _WORKSPACE:
            try:
                remote.send(page.call, {**_one_entry(kind, page), **scoped(page.call, home)})
            except DeniedError as error:
                yield Lack((page.call.operation,), f"refused (code {error.code})")
            except ApiError as error:
                if not lacks(page.call, edition):  # else the edition says why
                    unasked.append((page.call.operation, error.message))


def _home_of(kind: Kind, known: Sequence[Membership]) -> str | None:
    """The workspace or the enterprise whose list of this kind is asked for; None: there is none."""
    if not kind.scope:
        return ""
    if kind.scope == _WORKSPACE:
        return known[0].id if known else None
    return next((one.enterprise for one in known if one.enterprise), None)


def _one_entry(kind: Kind, page: Page) -> Json:
    """The parameters of a list of one entry: of what is read in parts, the first part."""
    parts = kind.keyed.everywhere if kind.keyed else ()
    part = {**(parts[0] if parts else {}), **{name: values[0] for name, values in page.each.items()}}
    return {**part, page.per_page: 1, **({} if page.number == "page_token" else {page.number: 1})}
