"""Drift as people read it: what moved on Coze, from what was applied to what is live."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TextIO

from cozeops.engine.plan.drift import Drifted
from cozeops.report.plan.masked import masked_fields
from cozeops.report.terminal.safe import compact, one_line, visible
from cozeops.values import Json, to_json

FORMAT = "cozeops-drift/1"
_AGAINST = {"state": "what was applied last", "manifests": "the manifests (there is no state)"}

Unmanaged = Sequence[tuple[str, str, str]]
"""(kind, id, name) of what lives in the workspaces and no manifest names."""


def render_drift(
    drifted: Sequence[Drifted], stream: TextIO, *, against: str, unmanaged: Unmanaged = ()
) -> None:
    """Print the drift; `against` is `state` or `manifests`: what the live side is compared with."""
    _drifted(drifted, stream, _AGAINST[against])
    for kind, id, name in unmanaged:
        stream.write(f"unmanaged  {kind} {one_line(name)}  id {id}\n")


def drift_json(
    environment: str, against: str, drifted: Sequence[Drifted], unmanaged: Unmanaged | None
) -> str:
    """The drift as `cozeops-drift/1`; `unmanaged` is left out where nobody asked (None)."""
    data: Json = {
        "format": FORMAT,
        "env": environment,
        "against": against,
        "drifted": [
            {
                "address": str(one.address),
                "id": one.id,
                "fields": [
                    {"path": field.path, "applied": to_json(field.before), "live": to_json(field.after)}
                    for field in one.fields
                ],
                "publication": one.publication or None,
                "gone": one.gone or None,
            }
            for one in drifted
        ],
    }
    if unmanaged is not None:
        data["unmanaged"] = [{"kind": kind, "id": id, "name": name} for kind, id, name in unmanaged]
    return json.dumps(data, ensure_ascii=False, indent=2)


def _drifted(drifted: Sequence[Drifted], stream: TextIO, against: str) -> None:
    if not drifted:
        stream.write(f"No drift: the live side is as {against}.\n")
        return
    for one in drifted:
        stream.write(f"{one.address}  {f'id {one.id}' if one.id else 'no id'}\n")
        if one.gone:
            stream.write(f"    gone: {visible(one.gone)}\n")
        for field in masked_fields(one.fields):
            stream.write(f"    {visible(field.path)}: {_short(field.before)} → {_short(field.after)}\n")
        if one.publication:
            stream.write(f"    published copies: {visible(one.publication)}\n")
    stream.write(f"\n{len(drifted)} drifted from {against}.\n")
    if any(not one.gone for one in drifted):
        stream.write("Apply puts it back; to keep what is live, write it into the manifests.\n")
    if any(one.gone for one in drifted):
        stream.write("What is gone, nothing puts back unasked: cozeops plan says what can be done.\n")


def _short(value: object) -> str:
    text = "nothing" if value is None else compact(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
