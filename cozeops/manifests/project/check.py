"""Checks of the Project document: its shape, and that no two environments manage the same live objects."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from cozeops.codes import Code
from cozeops.declare.fields import Spec
from cozeops.frozen import frozen
from cozeops.manifests.envelope import kind_named, name_of
from cozeops.manifests.project.spec import ProjectSpec
from cozeops.manifests.resolve.manifest import Below
from cozeops.manifests.validate import validate
from cozeops.manifests.wording import kind_of, printable
from cozeops.manifests.yaml.document import BROKEN, Document
from cozeops.manifests.yaml.source import Problems


class ProjectMetadata(Spec):
    """How the project is called."""

    name: str


def check_project(document: Document, problems: Problems) -> str | None:
    """The project's name; None (and problems) where the document is not what it should be."""
    kind_named(document, problems)
    name = name_of(document, problems)
    metadata: Any = document.data.get("metadata")
    if isinstance(metadata, dict):
        validate(ProjectMetadata, metadata, Below(document, ("metadata",)), problems, base="metadata")
    spec: Any = document.data.get("spec", {})
    if isinstance(spec, dict):
        validate(ProjectSpec, spec, Below(document, ("spec",)), problems, base="spec")
    elif spec is not BROKEN:
        message = f"spec wants a map; this is {kind_of(spec)}"
        problems.add(
            Code.WRONG_TYPE, document.place(("spec",)), message, "write spec: and the fields below it"
        )
    return name


@frozen
class Managed:
    """What an environment manages, as far as that is known offline."""

    workspaces: frozenset[tuple[str, str]]
    """Their ids where written, else their names."""
    addresses: frozenset[Hashable]
    """What lives in them, or by itself."""
    user: str = ""
    """Whose account it expects (empty: it does not say)."""

    def undoes(self, other: Managed) -> bool:
        """Whether both mean the same live objects; `other` is reached with the same token."""
        if self.workspaces != other.workspaces or (self.user and other.user and self.user != other.user):
            return False
        alone = not self.addresses and not other.addresses
        return alone or bool(self.addresses & other.addresses)


def check_same_target(
    document: Document, managed_by: Callable[[str], Managed | None], problems: Problems
) -> None:
    """Two environments with one base URL, one token and the same workspaces would undo each other.

    Where none is written, one token of the shell serves them all. `managed_by` tells what an environment
    manages; None where that is not known offline.
    """
    spec = document.data.get("spec", {})
    connections: dict[tuple[str, str], list[str]] = {}
    for name, own in (spec.get("environments") or {}).items():
        base_url = str(own.get("base_url", spec.get("base_url", _BASE_URL))).rstrip("/")
        token = str(own.get("token", spec.get("token", "")))
        source = "" if token == _SHELL_TOKEN else token
        connections.setdefault((base_url, source), []).append(name)
    for (_, token), names in connections.items():
        if len(names) > 1:
            _check_apart(document, names, managed_by, token, problems)


_BASE_URL = "https://api.coze.cn"
"""Where the shell names no other."""
_SHELL_TOKEN = "${env:COZE_API_TOKEN}"
"""What a token is where none is written."""


def _check_apart(
    document: Document,
    names: list[str],
    managed_by: Callable[[str], Managed | None],
    token: str,
    problems: Problems,
) -> None:
    seen: dict[str, Managed] = {}
    for name in names:
        managed = managed_by(name)
        if managed is None:
            continue
        first = next((other for other, known in seen.items() if managed.undoes(known)), None)
        seen[name] = managed
        if first is not None:
            place = document.place(("spec", "environments", name), key=True)
            what = "base URL, token and workspaces" if token else "base URL and workspaces, and no token"
            message = f"{printable(first)} and {printable(name)} have the same {what}"
            if not token:
                message += " of their own: one of the shell serves both"
            hint = "give each its own workspaces (values, patches or expect), or its own token"
            problems.add(Code.SAME_TARGET, place, message, hint)
