"""Drift as people read it: what moved on Coze, from what was applied to what is live."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TextIO

from cozeops.engine.model.plan import Finding
from cozeops.engine.plan.drift import Drifted
from cozeops.report.plan.masked import masked_fields
from cozeops.report.terminal.safe import compact, one_line, visible
from cozeops.values import Json, to_json

FORMAT = "cozeops-drift/1"
_AGAINST = {"state": "what was applied last", "manifests": "the manifests (there is no state)"}

Unmanaged = Sequence[tuple[str, str, str]]
"""(kind, id, name) of what lives in the workspaces and no manifest names."""


def render_drift(
    drifted: Sequence[Drifted],
    stream: TextIO,
    *,
    against: str,
    unread: Sequence[Finding] = (),
    unmanaged: Unmanaged = (),
) -> None:
    """Print the drift; `against` is `state` or `manifests`: what the live side is compared with."""
    _drifted(drifted, stream, _AGAINST[against], sure=not unread)
    for finding in unread:
        where = f"  {one_line(str(finding.address))}" if finding.address else ""
        stream.write(f"not compared  {finding.code} {finding.name}{where}: {one_line(finding.message)}\n")
    for kind, id, name in unmanaged:
        stream.write(f"unmanaged  {kind} {one_line(name)}  id {id}\n")


def drift_json(
    whose: Json,
    against: str,
    drifted: Sequence[Drifted],
    unread: Sequence[Finding],
    unmanaged: Unmanaged | None,
) -> str:
    """The drift as `cozeops-drift/1`; `unmanaged` is left out where nobody asked (None).

    `whose` says of which project, environment and shard; what is empty is left out.
    """
    data: Json = {
        "format": FORMAT,
        **{key: value for key, value in whose.items() if value},
        "against": against,
        "drifted": [
            {
                "address": str(one.address) if one.address else None,
                "id": one.id or None,
                "fields": [
                    {"path": field.path, "applied": to_json(field.before), "live": to_json(field.after)}
                    for field in one.fields
                ],
                "publication": one.publication or None,
                "gone": one.gone or None,
                "findings": [_finding(finding) for finding in one.findings],
            }
            for one in drifted
        ],
        "unread": [_finding(finding) | {"address": str(finding.address or "") or None} for finding in unread],
    }
    if unmanaged is not None:
        data["unmanaged"] = [{"kind": kind, "id": id, "name": name} for kind, id, name in unmanaged]
    return json.dumps(data, ensure_ascii=False, indent=2)


def _finding(finding: Finding) -> Json:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": str(finding.severity),
        "message": finding.message,
    }


def _drifted(drifted: Sequence[Drifted], stream: TextIO, against: str, *, sure: bool) -> None:
    if not drifted:
        stream.write(
            f"No drift: the live side is as {against}.\n"
            if sure
            else f"Nothing is known to have drifted from {against}, but not all could be compared:\n"
        )
        return
    for one in drifted:
        where = one_line(str(one.address)) if one.address else "the whole project"
        stream.write(f"{where}  {f'id {one.id}' if one.id else 'no id'}\n")
        if one.gone:
            stream.write(f"    gone: {visible(one.gone)}\n")
        for field in masked_fields(one.fields):
            stream.write(f"    {visible(field.path)}: {_short(field.before)} → {_short(field.after)}\n")
        if one.publication:
            stream.write(f"    published copies: {visible(one.publication)}\n")
        for finding in one.findings:
            stream.write(f"    {finding.code} {finding.name}: {one_line(finding.message)}\n")
    stream.write(f"\n{len(drifted)} drifted from {against}.\n")
    if any(one.fields or one.publication for one in drifted):
        stream.write("Apply puts it back; to keep what is live: cozeops pull\n")
    if any(one.gone for one in drifted):
        stream.write("What is gone, nothing puts back unasked: cozeops plan says what can be done.\n")


def _short(value: object) -> str:
    text = "nothing" if value is None else compact(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
