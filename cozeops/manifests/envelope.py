"""The envelope of a document: apiVersion, kind and metadata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from cozeops.address import MAX_NAME, Address, is_name
from cozeops.codes import Code
from cozeops.declare.fields import Spec
from cozeops.declare.kind import Kind
from cozeops.kinds import kinds
from cozeops.manifests.wording import kind_of, quoted, suggestion
from cozeops.manifests.yaml.document import BROKEN, Document
from cozeops.manifests.yaml.source import Problems

API_VERSION = "cozeops/v1"
PROJECT = "Project"
KEYS = ("apiVersion", "kind", "metadata", "spec")


class LifecycleSpec(Spec):
    """What must not happen to the resource, and which fields do not count."""

    protect: list[Literal["unpublish", "rename", "delete"]] | None = None
    """Actions that the plan blocks."""
    ignore: list[str] | None = Field(None, examples=[["spec.model.temperature"]])
    """Fields whose live value stays as it is."""


class Metadata(Spec):
    """How the project knows the resource."""

    name: str
    """The name in the project: the address is Kind/name."""
    workspace: str | None = None
    """The `metadata.name` of the Workspace it lives in."""
    enterprise: str | None = None
    """The `metadata.name` of the EnterpriseMembers it lives in."""
    labels: dict[str, str] | None = None
    """For `--selector key=value`."""
    moved_from: str | None = None
    """The `metadata.name` that it had before."""
    lifecycle: LifecycleSpec | None = None


def kind_named(document: Document, problems: Problems) -> str | None:
    """The kind of a document, Project included; None (and a problem) where it has none that exists."""
    if "kind" not in document.data:
        problems.add(
            Code.ENVELOPE,
            document.place(()),
            "no kind: this is not a manifest",
            f"write kind: one of {', '.join(kinds())}; or name the folders of manifests in cozeops.yaml",
        )
        return None
    _check_keys(document, problems)
    kind = document.data["kind"]
    known = [*kinds(), PROJECT]
    if isinstance(kind, str) and kind in known:
        return kind
    if kind is not BROKEN:
        hint = suggestion(kind, known, "kinds") if isinstance(kind, str) else f"kinds: {', '.join(known)}"
        problems.add(Code.UNKNOWN_KIND, document.place(("kind",)), f"there is no kind {quoted(kind)}", hint)
    return None


def address_of(document: Document, kind: Kind, problems: Problems) -> Address | None:
    """The address that a document declares."""
    name = name_of(document, problems)
    return Address(kind.name, name) if name is not None else None


def name_of(document: Document, problems: Problems) -> str | None:
    """`metadata.name`; None (and a problem) where it is no name."""
    metadata = document.data.get("metadata")
    if metadata is BROKEN:
        return None
    if not isinstance(metadata, Mapping):
        what = "no metadata" if metadata is None else f"metadata is {kind_of(metadata)}"
        problems.add(Code.ENVELOPE, document.place(("metadata",)), what, "write metadata: {name: ...}")
        return None
    name = metadata.get("name")
    if name is BROKEN:
        return None
    if isinstance(name, str) and is_name(name):
        return name
    if name is None:
        problems.add(
            Code.ENVELOPE, document.place(("metadata",), key=True), "metadata has no name", "add name"
        )
        return None
    hint = f"letters and digits of any script, with -_. between them, at most {MAX_NAME}"
    if not isinstance(name, str):
        hint = f'quote it: "{document.scalar(("metadata", "name")) or name}"'
    problems.add(Code.BAD_NAME, document.place(("metadata", "name")), f"{quoted(name)} is not a name", hint)
    return None


def _check_keys(document: Document, problems: Problems) -> None:
    for key in document.data:
        if key not in KEYS:
            hint = suggestion(key, KEYS, "a manifest has")
            message = f"unknown field {quoted(key)} beside kind and spec"
            problems.add(Code.UNKNOWN_FIELD, document.place((key,), key=True), message, hint)
    version: Any = document.data.get("apiVersion", API_VERSION)
    if version != API_VERSION and version is not BROKEN:
        problems.add(
            Code.ENVELOPE,
            document.place(("apiVersion",)),
            f"{quoted(version)} is not a version of manifests that this cozeops reads",
            f"write apiVersion: {API_VERSION}, or leave it out",
        )
