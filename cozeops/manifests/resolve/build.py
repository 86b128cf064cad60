"""Manifests -> resources: everything in them resolved, checked by their kind and settled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Any, TypeVar

from cozeops.address import Address
from cozeops.declare.fields import Size, Spec
from cozeops.declare.resource import Lifecycle, Resource
from cozeops.declare.rows import text_rows
from cozeops.errors import Position
from cozeops.frozen import frozen
from cozeops.manifests.resolve import identity
from cozeops.manifests.resolve.catalog import Catalog
from cozeops.manifests.resolve.content import content_of
from cozeops.manifests.resolve.manifest import Manifest, Written
from cozeops.manifests.resolve.prompts import PROMPT, Failed, compile_alone
from cozeops.manifests.resolve.references import Resolution
from cozeops.manifests.yaml.document import Path
from cozeops.values import Json, dig

T = TypeVar("T")


@frozen
class Locator:
    """Finds where a path below `spec` of a resource was written."""

    written_in: Written
    spread: Mapping[Path, tuple[int, ...]]

    def __call__(self, path: Path) -> Position | None:
        """The position of the value at `path`, or of its nearest ancestor."""
        return self.written_in.place(self.written(path)).position

    def written(self, path: Path) -> Path:
        """The path in the manifest: patterns for files stand for many entries of the resolved list."""
        found: Path = ("spec",)
        for step in path:
            origins = self.spread.get(found)
            if origins is not None and isinstance(step, int) and step < len(origins):
                step = origins[step]
            found = (*found, step)
        return found


def build(address: Address, catalog: Catalog) -> Resource | None:
    """The resource of an address; None (and problems) where something in its manifest is wrong."""
    manifest = catalog.manifests[address]
    misfits = catalog.misfits[address]
    if misfits is None:
        return None
    good = identity.check_scope(manifest, catalog) & identity.check_moved(manifest, catalog)
    if not catalog.valid(address):
        # The fields that fit are resolved all the same: their problems belong to this run too.
        if manifest.kind.name != PROMPT:
            Resolution(manifest, catalog).values(without=misfits)
        return None
    made = _resolved(manifest, catalog)
    return _resource(manifest, catalog, *made) if made is not None and good else None


def _resource(manifest: Manifest, catalog: Catalog, values: Json, locate: Locator) -> Resource:
    kind, metadata = manifest.kind, manifest.data["metadata"]
    values = dict(values)
    id = values.pop("id", None)
    name = values.get("name", manifest.address.name)
    prompts = _set_of(_prompts(manifest, catalog))
    return Resource(
        address=manifest.address,
        kind=kind,
        name=name,
        values=kind.settle(values, name),
        id=id,
        scope=Address(kind.scope, metadata[kind.home]) if kind.scope else None,
        labels=dict(metadata.get("labels") or {}),
        lifecycle=_lifecycle(**metadata["lifecycle"]) if metadata.get("lifecycle") else _NO_LIFECYCLE,
        moved_from=metadata.get("moved_from"),
        prompts=prompts,
        content=partial(
            content_of, kind, manifest.bare, values, [catalog.manifests[one].bare for one in prompts]
        ),
        locate=locate,
    )


def _lifecycle(protect: Iterable[str] | None = None, ignore: Iterable[str] | None = None) -> Lifecycle:
    return Lifecycle(protect=_set_of(protect or ()), ignore=_set_of(ignore or ()))


# Of thousands of resources nearly all are alike in this: an empty set for each takes 200 bytes.
_NO_LIFECYCLE = Lifecycle()
_EMPTY: frozenset[Any] = frozenset()


def _set_of(items: Iterable[T]) -> frozenset[T]:
    return frozenset(items) or _EMPTY


def _prompts(manifest: Manifest, catalog: Catalog) -> Iterator[Address]:
    """The prompts that texts of a manifest name; compiled, the texts do not tell any more."""
    spec = manifest.data["spec"]
    texts = [dig(spec, row.path) for row in text_rows(manifest.kind)]
    parts = spec.get("parts", []) if manifest.kind.name == PROMPT else []
    for text in (*texts, *parts):
        # A prompt for prefix caching has two texts.
        for one in (text, *text.values()) if isinstance(text, dict) else ():
            named = one.get("ref") if isinstance(one, dict) else None
            if named is not None and (address := Address(PROMPT, str(named))) in catalog.manifests:
                yield address


def _measure_name(manifest: Manifest, values: Json, resolution: Resolution) -> None:
    """Where no `spec.name` is written, `metadata.name` must do for Coze too."""
    size = None if "name" in values else _name_size(manifest.kind.spec)
    if size and manifest.kind.create:
        resolution.measure(manifest.address.name, ("metadata", "name"), size)


@cache
def _name_size(spec: type[Spec]) -> Size | None:
    field = spec.model_fields.get("name")
    return next((trait for trait in field.metadata if isinstance(trait, Size)), None) if field else None


def _resolved(manifest: Manifest, catalog: Catalog) -> tuple[Json, Locator] | None:
    if manifest.kind.name == PROMPT:
        try:
            return compile_alone(manifest, catalog), Locator(manifest.places, {})
        except Failed:
            return None
    before = len(catalog.problems)
    resolution = Resolution(manifest, catalog)
    values = resolution.values()
    if len(catalog.problems) > before:
        return None
    locate = Locator(manifest.places, resolution.spread)
    _measure_name(manifest, values, resolution)
    for flaw in manifest.kind.check(values):
        place = manifest.place(locate.written(flaw.path))
        catalog.problems.add(flaw.code, place, flaw.message, flaw.hint)
    return (values, locate) if len(catalog.problems) == before else None
