"""Findings: how one is made, and which of them stop an apply."""

from __future__ import annotations

from collections.abc import Iterable

from cozeops.address import Address
from cozeops.codes import CODES, Code, LiveSide, code_called
from cozeops.engine.model.plan import Finding, Severity
from cozeops.errors import BlockedError, UsageError

_MOST = 5
"""Addresses that a hint names."""


def finding(code: Code, address: Address | None, message: str, hint: str = "") -> Finding:
    """A finding under a code, as severe as that code is."""
    return Finding(code.value, code.slug, code.severity, address, message, hint)


def blocking(findings: Iterable[Finding], acknowledged: Iterable[str] = ()) -> list[Finding]:
    """The findings that stop an apply. `acknowledged` are `CODE`, `CODE@ADDRESS`, or the same with the name.

    Raises UsageError for an acknowledgement of something that does not exist.
    """
    accepted = [_parse(text) for text in acknowledged]
    return [
        finding
        for finding in findings
        if finding.severity is Severity.BLOCK
        and not (
            CODES[finding.code].acknowledgeable
            and any(code == finding.code and where in ("", str(finding.address)) for code, where in accepted)
        )
    ]


def live_side(finding: Finding) -> LiveSide:
    """What a finding says of the live side; a rule that a project made louder says no more than before."""
    return CODES[finding.code].live_side


def as_severe_as(least: Severity, findings: Iterable[Finding]) -> list[Finding]:
    """The findings that matter as much as `least`, or more."""
    order = list(Severity)
    return [finding for finding in findings if order.index(finding.severity) <= order.index(least)]


def demand_acknowledged(findings: Iterable[Finding], acknowledged: Iterable[str]) -> None:
    """Raise BlockedError unless every blocking finding was acknowledged."""
    stopping = blocking(findings, acknowledged)
    if not stopping:
        return
    lines = [
        f"{found.code} {found.name}{f' at {found.address}' if found.address else ''}" for found in stopping
    ]
    codes = sorted({found.code for found in stopping if CODES[found.code].acknowledgeable})
    hint = (
        f"review the plan, then apply it with {' '.join(f'--ack {code}' for code in codes)}" if codes else ""
    )
    if any(not CODES[found.code].acknowledgeable for found in stopping):
        hint = f"{_left_out(stopping)}; {hint or 'this cannot be acknowledged'}"
    raise BlockedError("blocked by " + "; ".join(lines), hint=hint)


def _left_out(stopping: Iterable[Finding]) -> str:
    """How to go on where something cannot be acknowledged: without what it is about, if that can be named."""
    fatal = [one for one in stopping if not CODES[one.code].acknowledgeable]
    addresses = sorted({str(one.address) for one in fatal if one.address})
    if not addresses or any(one.address is None for one in fatal):
        return "mend what the plan says"
    without = " ".join(f"--exclude {one}" for one in addresses[:_MOST])
    more = " ..." if len(addresses) > _MOST else ""
    return f"mend what the plan says, or leave it out: {without}{more}"


def _parse(text: str) -> tuple[str, str]:
    name, _, where = text.partition("@")
    if (code := code_called(name)) is None or code.is_problem:
        raise UsageError(
            f"--ack {text}: there is no finding called {name}", hint="copy the code from the plan"
        )
    return code, where
