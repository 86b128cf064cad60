"""Drift as people read it: what moved on Coze, from what was applied to what is live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from cozeops.engine.plan.drift import Drifted
from cozeops.report.terminal.safe import compact, visible


def render_drift(found: Sequence[Drifted], stream: TextIO, *, against: str) -> None:
    """Print the drift; `against` says what the live side is compared with."""
    if not found:
        stream.write(f"No drift: the live side is as {against}.\n")
        return
    for one in found:
        stream.write(f"{one.address}  id {one.id}\n")
        for field in one.fields:
            stream.write(f"    {visible(field.path)}: {_short(field.before)} → {_short(field.after)}\n")
        if one.publication:
            stream.write(f"    published copies: {visible(one.publication)}\n")
    stream.write(f"\n{len(found)} drifted from {against}.\n")
    stream.write("Apply puts it back; to keep what is live, write it into the manifests.\n")


def _short(value: object) -> str:
    text = "nothing" if value is None else compact(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
