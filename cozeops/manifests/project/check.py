"""Checks of the Project document: its shape, and that no two environments manage the same live objects."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from cozeops.codes import Code
from cozeops.declare.fields import Spec
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


def check_same_target(
    document: Document, identity_of: Callable[[str], Hashable | None], problems: Problems
) -> None:
    """Two environments with one base URL, one token and the same workspaces would undo each other.

    `identity_of` tells which workspaces an environment means; None where that is not known offline.
    """
    spec = document.data.get("spec", {})
    connections: dict[tuple[str, str], list[str]] = {}
    for name, own in (spec.get("environments") or {}).items():
        # Without a token in the file the process's environment decides: nothing is known here.
        if token := own.get("token", spec.get("token")):
            base_url = str(own.get("base_url", spec.get("base_url", ""))).rstrip("/")
            connections.setdefault((base_url, token), []).append(name)
    for names in connections.values():
        if len(names) > 1:
            _check_apart(document, names, identity_of, problems)


def _check_apart(
    document: Document, names: list[str], identity_of: Callable[[str], Hashable | None], problems: Problems
) -> None:
    seen: dict[Hashable, str] = {}
    for name in names:
        identity = identity_of(name)
        first = seen.setdefault(identity, name) if identity is not None else name
        if first != name:
            place = document.place(("spec", "environments", name), key=True)
            message = f"{printable(first)} and {printable(name)} have the same base URL, token and workspaces"
            hint = "give each its own workspaces (values, patches or expect), or its own token"
            problems.add(Code.SAME_TARGET, place, message, hint)
