"""Checks of the Project document: its shape, and that no two environments manage the same live objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cozeops.kinds._declare import Spec
from cozeops.manifests.codes import Code
from cozeops.manifests.document import BROKEN, Document, Path
from cozeops.manifests.envelope import kind_named, name_of
from cozeops.manifests.identity import workspace_identity
from cozeops.manifests.manifest import Below, Manifest
from cozeops.manifests.project_file import ProjectSpec
from cozeops.manifests.source import Problems
from cozeops.manifests.validate import validate
from cozeops.manifests.wording import kind_of, printable


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
        problems.add(Code.WRONG_TYPE, document.place(("spec",)), f"spec wants a map; this is {kind_of(spec)}")
    return name


def check_same_target(document: Document, manifests: Iterable[Manifest], problems: Problems) -> None:
    """Two environments with one base URL, one token and the same workspaces would undo each other."""
    spec = document.data.get("spec", {})
    shared = list(manifests)
    seen: dict[Any, str] = {}
    for name, own in (spec.get("environments") or {}).items():
        token = own.get("token", spec.get("token"))
        # Without a token in the file the environment of the process decides: nothing is known here.
        if token is None or "patches" in own or "manifests" in own or _by_value(shared):
            continue
        base_url = str(own.get("base_url", spec.get("base_url", ""))).rstrip("/")
        expected = own.get("expect", spec.get("expect"))
        key = (base_url, token, workspace_identity(shared, expected))
        first = seen.setdefault(key, name)
        if first != name:
            path: Path = ("spec", "environments", name)
            message = f"{printable(first)} and {printable(name)} have the same base URL, token and workspaces"
            hint = "give each its own workspaces (values, patches or expect), or its own token"
            problems.add(Code.SAME_TARGET, document.place(path, key=True), message, hint)


def _by_value(manifests: Iterable[Manifest]) -> bool:
    """Whether a workspace is told apart by a value of the environment."""
    return any(
        isinstance(text, str) and "${" in text
        for manifest in manifests
        if manifest.kind.name == "Workspace" and isinstance(manifest.data.get("spec"), dict)
        for text in (manifest.data["spec"].get("id"), manifest.data["spec"].get("name"))
    )
