"""Who a token is, as people read it and as JSON."""

from __future__ import annotations

import json
from typing import TextIO

from cozeops.engine.actions.whoami import Account
from cozeops.report.terminal import cells
from cozeops.report.terminal.safe import one_line
from cozeops.report.terminal.sheet import Sheet, Span

_LABEL = 13
_WIDEST = 30


def render_account(
    account: Account,
    stream: TextIO,
    *,
    base_url: str,
    environment: str,
    enterprise: str | None = None,
    width: int | None = None,
    color: bool | None = None,
) -> None:
    """Write the user, where it is, what it sees, what could not be asked, and what it cannot do.

    `enterprise` is the user of the token for the enterprise; None: there is none of its own.
    """
    sheet = Sheet(stream, width=width, color=color)
    refused = dict(account.unasked)
    user = f"{account.name} ({account.user})" if account.name else account.user
    _line(sheet, "user", user or "Coze did not say")
    _line(sheet, "base URL", base_url)
    _line(sheet, "environment", environment)
    if "edition" not in refused:
        _line(sheet, "edition", account.edition or "Coze did not say")
    if "workspaces" not in refused:
        _line(sheet, "workspaces", "" if account.workspaces else "none that this token sees")
    _memberships(sheet, account)
    if enterprise is not None:
        _line(sheet, "enterprise", f"a token of its own, of user {enterprise or 'unknown'}")
    for question, reason in account.unasked:
        _line(sheet, question, f"could not be asked: {reason}")
    for lack in account.lacks:
        _line(sheet, "cannot", f"{', '.join(lack.operations)}: {lack.why}")
    sheet.line(Span("Coze tells no permissions: what else a write needs, only its refusal says.", "dim"))


def _line(sheet: Sheet, label: str, words: str) -> None:
    sheet.line(Span(label.ljust(_LABEL), "dim"), one_line(words), hang=_LABEL)


def _memberships(sheet: Sheet, account: Account) -> None:
    names = [one_line(one.name) for one in account.workspaces]
    widest = min(max(map(cells.width, names), default=0), _WIDEST)
    for one, name in zip(account.workspaces, names, strict=True):
        shown = cells.truncate(name, widest)
        padding = " " * (widest - cells.width(shown))
        role = ", ".join(one_line(word) for word in (one.role, one.type) if word)
        sheet.line(Span(shown, "place"), f"{padding}  {one_line(one.id)}  {role}", indent=2, hang=2)


def account_json(account: Account, *, base_url: str, environment: str, enterprise: str | None = None) -> str:
    """The same for scripts."""
    found = {
        "user": {"id": account.user, "name": account.name},
        "base_url": base_url,
        "environment": environment,
        "edition": account.edition or None,
        "workspaces": [
            {"id": one.id, "name": one.name, "role": one.role, "type": one.type} for one in account.workspaces
        ],
        "enterprise_user": enterprise,
        "unasked": dict(account.unasked),
        "cannot": [{"operations": list(one.operations), "why": one.why} for one in account.lacks],
    }
    return json.dumps(found, ensure_ascii=False, indent=2)
