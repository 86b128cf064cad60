"""Documents -> manifests: one per address, patches laid upon them, references filled, schemas checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.declare.rows import rows_of
from cozeops.kinds import kinds
from cozeops.manifests.envelope import PROJECT, Metadata, address_of, kind_named
from cozeops.manifests.resolve.interpolate import Scope, fill_all
from cozeops.manifests.resolve.manifest import Below, Manifest
from cozeops.manifests.resolve.prompts import PROMPT
from cozeops.manifests.resolve.secrets import with_secrets, without_secrets
from cozeops.manifests.validate import validate
from cozeops.manifests.wording import kind_of, label, quoted, suggestion
from cozeops.manifests.yaml.document import BROKEN, Document, Path
from cozeops.manifests.yaml.source import Problems, Refused


def gather(documents: Iterable[Document], problems: Problems) -> dict[Address, Manifest]:
    """The manifests by address, in the order of the files."""
    found: dict[Address, Manifest] = {}
    for document in documents:
        address = _address(document, problems)
        if address is None:
            problems.complete = False
            continue
        if address in found:
            first = found[address].place(("metadata", "name")).position
            message = f"{address} is declared twice"
            hint = f"the first is at {first}: rename one of them, or merge the two"
            problems.add(Code.DUPLICATE_ADDRESS, document.place(("metadata", "name")), message, hint)
            continue
        found[address] = Manifest(kinds()[address.kind], address, (document,), document.data)
    return found


def patch(manifests: dict[Address, Manifest], documents: Iterable[Document], problems: Problems) -> None:
    """Lay each patch upon the manifest of its address."""
    for document in documents:
        address = _address(document, problems)
        if address is None:
            continue
        if address not in manifests:
            known = map(str, manifests)
            hint = f"{suggestion(str(address), known, 'addresses')}; a new resource belongs under manifests"
            message = f"a patch of {address}, which the project does not declare"
            problems.add(Code.PATCH, document.place(("metadata", "name")), message, hint)
            continue
        manifests[address] = manifests[address].patched(document)


def fill(manifest: Manifest, scope: Scope, problems: Problems) -> Manifest:
    """The manifest with its references filled. The texts of a Prompt wait until it is compiled."""
    manifest = with_secrets(manifest, scope, problems)
    if not manifest.interpolated:
        return manifest
    failed = False

    def refuse(path: Path, refused: Refused) -> None:
        nonlocal failed
        failed = True
        problems.refuse(refused, manifest.place(path))

    later = ("spec",) if manifest.kind.name == PROMPT else ()
    data = {
        key: value if key in later else fill_all(value, scope, refuse, (key,))
        for key, value in manifest.data.items()
    }
    layers = manifest.layers
    if failed:
        layers = (*layers[:-1], replace(layers[-1], whole=False))
    return replace(manifest, data=data, layers=layers)


def check(manifest: Manifest, problems: Problems) -> frozenset[str] | None:
    """The fields of the spec that do not fit the kind's schema; None where nothing more can be said."""
    good = _check_metadata(manifest, problems)
    spec: Any = manifest.data.get("spec")
    if spec is BROKEN:
        return None
    if not isinstance(spec, dict):
        what = "no spec" if spec is None else f"spec is {kind_of(spec)}"
        message = f"{manifest.address}: {what}"
        problems.add(Code.ENVELOPE, manifest.place(("spec",)), message, "write spec: and the fields below it")
        return None
    spec = without_secrets(manifest.kind, manifest.data)["spec"]
    bad = validate(manifest.kind.spec, spec, Below(manifest, ("spec",)), problems, base="spec")
    return bad if good else None


def _address(document: Document, problems: Problems) -> Address | None:
    kind = kind_named(document, problems)
    if kind == PROJECT:
        message = "a Project is declared in cozeops.yaml at the root, once"
        problems.add(Code.PROJECT, document.place(("kind",)), message, "move it there, or change its kind")
        return None
    return address_of(document, kinds()[kind], problems) if kind else None


def _check_metadata(manifest: Manifest, problems: Problems) -> bool:
    metadata: Any = manifest.data["metadata"]
    if validate(Metadata, metadata, Below(manifest, ("metadata",)), problems, base="metadata"):
        return False
    good = True
    for index, ignored in enumerate((metadata.get("lifecycle") or {}).get("ignore") or []):
        labels = {
            label(("spec", *row.path[:depth])) for row in rows_of(manifest.kind) for depth in range(1, 9)
        }
        if ignored not in labels:
            place = manifest.place(("metadata", "lifecycle", "ignore", index))
            message = f"{manifest.kind.name} has no field {quoted(ignored)}"
            problems.add(Code.UNKNOWN_FIELD, place, message, suggestion(ignored, labels, "fields"))
            good = False
    return good
