"""Which live workspaces somebody means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cozeops.errors import CozeopsError, UsageError

if TYPE_CHECKING:
    from cozeops.engine.export.scan import Place


def chosen_of(known: Sequence[Place], wanted: str | None) -> list[Place]:
    """The workspaces that are meant, by name or id; all without either. Raises UsageError."""
    from cozeops.manifests.wording import quoted, suggestion

    if not known:
        raise CozeopsError("this token sees no workspace", hint="cozeops whoami shows whose it is")
    if wanted is None:
        return list(known)
    found = [one for one in known if one.id == wanted] or [one for one in known if one.name == wanted]
    if len(found) == 1:
        return found
    if found:
        ids = ", ".join(one.id for one in found)
        raise UsageError(f"{len(found)} workspaces are called {quoted(wanted)}", hint=f"give an id: {ids}")
    hint = suggestion(wanted, {one.name for one in known}, "workspaces")
    raise UsageError(f"this token sees no workspace {quoted(wanted)}", hint=hint)
