"""Rules between manifests: workspaces that exist, and no live object that two manifests would claim."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from cozeops.address import Address, is_name
from cozeops.codes import Code
from cozeops.declare.codec import convert_leaves, declared, parameters
from cozeops.declare.kind import HOMES
from cozeops.declare.resource import Resource
from cozeops.declare.rows import rows_of
from cozeops.kinds import kinds
from cozeops.manifests.resolve.catalog import Catalog
from cozeops.manifests.resolve.manifest import Manifest
from cozeops.manifests.wording import quoted
from cozeops.manifests.yaml.document import Path
from cozeops.manifests.yaml.source import Problems
from cozeops.values import MISSING, Reference, dig

WORKSPACE = "Workspace"
CONNECTOR = "Connector"


def check_scope(manifest: Manifest, catalog: Catalog) -> bool:
    """Whether the manifest names what it lives in, if its kind lives in something, and only then."""
    kind, metadata = manifest.kind, manifest.data["metadata"]
    homeless = [key for scope, key in HOMES.items() if scope != kind.scope and metadata.get(key) is not None]
    for key in homeless:
        message = f"{manifest.address} lives in no {key}"
        place = manifest.place(("metadata", key))
        catalog.problems.add(Code.WORKSPACE, place, message, f"remove metadata.{key}")
    if not kind.scope:
        return not homeless
    written = metadata.get(kind.home)
    if written is None:
        names = catalog.names(kind.scope)
        message = f"{manifest.address} needs metadata.{kind.home}: the {kind.scope} that it lives in"
        hint = f"add {kind.home}: {names[0] if names else f'... and declare a resource of kind {kind.scope}'}"
        catalog.problems.add(Code.WORKSPACE, manifest.place(("metadata",), key=True), message, hint)
        return False
    found = catalog.find(kind.scope, written, manifest.place(("metadata", kind.home)))
    return found is not None and not homeless


def check_moved(manifest: Manifest, catalog: Catalog) -> bool:
    """Whether `moved_from` is a name that is free now."""
    moved = manifest.data["metadata"].get("moved_from")
    if moved is None:
        return True
    place = manifest.place(("metadata", "moved_from"))
    if not is_name(moved):
        message = f"{quoted(moved)} is not a name"
        catalog.problems.add(
            Code.BAD_NAME, place, message, "write the earlier metadata.name, without the kind"
        )
        return False
    former = Address(manifest.kind.name, moved)
    if former in catalog.manifests:
        message = f"{former} is still declared: {manifest.address} cannot have moved from it"
        catalog.problems.add(Code.DUPLICATE_IDENTITY, place, message, f"remove moved_from, or {former}")
        return False
    return True


def check_distinct(manifests: Iterable[Manifest], problems: Problems) -> None:
    """No two manifests may stand for one live object: the same id, or the same name in one scope."""
    ids: dict[tuple[str, str], Manifest] = {}
    names: dict[tuple[str, str, str], Manifest] = {}
    for manifest in manifests:
        kind, spec, metadata = manifest.kind, manifest.data["spec"], manifest.data["metadata"]
        if not kind.lives:
            continue
        if "id" in spec:
            first = ids.setdefault((kind.name, spec["id"]), manifest)
            if first is not manifest:
                _claimed(f"the id {spec['id']}", manifest, first, ("spec", "id"), problems)
        if "name" in kind.spec.model_fields:
            name = spec.get("name", manifest.address.name)
            key = (kind.name, metadata.get(kind.home, ""), name)
            first = names.setdefault(key, manifest)
            # Coze allows equal names: with both ids written there is no doubt which is which.
            if first is not manifest and not ("id" in spec and "id" in first.data["spec"]):
                path: Path = ("spec", "name") if "name" in spec else ("metadata", "name")
                _claimed(f"the name {quoted(name)} on Coze", manifest, first, path, problems)


def check_keyed(
    resources: Iterable[Resource], manifests: Mapping[Address, Manifest], problems: Problems
) -> None:
    """No two resources without a name may say that they are the same object."""
    known: dict[tuple[str, str], Resource] = {}
    for one in resources:
        keyed = one.kind.keyed
        if keyed is None:
            continue
        fields = {
            path: convert_leaves(value, _named) for path, value in declared(one.kind, one.values).items()
        }
        key = keyed.key(parameters(one.kind, fields, creating=False))
        first = known.setdefault((one.kind.name, key), one)
        if first is not one and not (one.id and first.id):
            _claimed(
                f"the identity {quoted(key)}", manifests[one.address], manifests[first.address], (), problems
            )


def _named(leaf: Any) -> Any:
    return str(leaf) if isinstance(leaf, Reference) else leaf


def check_builtins(manifests: Iterable[Manifest], problems: Problems) -> None:
    """No Connector may have the name of a channel of Coze's own."""
    for manifest in manifests:
        if manifest.kind.name == CONNECTOR and manifest.address.name in _builtins():
            message = f"{manifest.address.name} is a channel of Coze's own and needs no declaration"
            place = manifest.place(("metadata", "name"))
            problems.add(Code.BAD_NAME, place, message, "remove this document, or rename the resource")


def _claimed(what: str, second: Manifest, first: Manifest, path: Path, problems: Problems) -> None:
    where = first.place(path).position
    message = f"{second.address} and {first.address} both have {what}"
    hint = f"the first is at {where}: one live object has one manifest"
    problems.add(Code.DUPLICATE_IDENTITY, second.place(path), message, hint)


@cache
def _builtins() -> frozenset[str]:
    """The channels that need no Connector resource."""
    return frozenset(
        name
        for kind in kinds().values()
        for row in rows_of(kind)
        if row.publication
        for name in row.publication.builtin
    )


def workspace_identity(manifests: Iterable[Manifest], expected: Any) -> frozenset[tuple[str, str]]:
    """What is known offline about the workspaces that manifests mean: ids where written, else names."""
    found = set()
    for manifest in manifests:
        name = manifest.address.name
        id = dig(expected, ("workspaces", name))
        spec = manifest.data.get("spec")
        id = dig(spec, ("id",)) if id is MISSING else id
        found.add(("name", str(dig(spec, ("name",)) or name)) if id is MISSING else ("id", str(id)))
    return frozenset(found)
