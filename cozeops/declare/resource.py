"""One declared thing: what the manifests ask for, after everything in them was resolved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any

from cozeops.address import Address
from cozeops.declare.codec import convert_leaves, has_name
from cozeops.declare.kind import Kind
from cozeops.declare.rows import publication_of, secret_rows
from cozeops.errors import Position
from cozeops.frozen import frozen
from cozeops.values import MISSING, Json, Reference, Secret, canonical, dig, digest

Located = tuple[tuple[str | int, ...], Reference]
"""A reference after the path to it."""


@frozen
class Lifecycle:
    """What must not happen to a resource, and which of its fields do not count."""

    protect: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    """Labels of fields, such as `spec.model.temperature`."""


@frozen
class Resource:
    """The desired side of one address. `values` holds only what is declared, settled by its kind:

    texts compiled, files as FileContent, other resources as Reference.
    """

    address: Address
    kind: Kind
    name: str
    """The name on Coze, to match and to create by."""
    values: Json
    id: str | None = None
    """`spec.id`: exactly this live object."""
    scope: Address | None = None
    """The workspace it lives in."""
    labels: Mapping[str, str] = field(default_factory=dict)
    lifecycle: Lifecycle = Lifecycle()
    moved_from: str | None = None
    """The `metadata.name` that the address had before."""
    after: frozenset[Address] = frozenset()
    """Resources that must have let somebody in before this one can."""
    prompts: frozenset[Address] = frozenset()
    """The Prompt resources that its texts are compiled from."""
    content: Callable[[], str] = str
    """A digest of what is written for it, the same in environments that differ in values alone."""
    locate: Callable[[tuple[str | int, ...]], Position | None] = lambda path: None
    """Where a path below `spec` (or its nearest ancestor) was written."""

    references: tuple[Located, ...] = field(init=False, compare=False)
    """Every reference in it, after its path below `spec`."""
    needs: frozenset[Address] = field(init=False, compare=False, repr=False)
    """The addresses that must exist before this one can be written."""
    _inputs: str = field(init=False, compare=False, repr=False, default="")

    def __post_init__(self) -> None:
        found = references_at(self.values)
        named = {ref.address for _, ref in found} | {self.scope} | self.after
        object.__setattr__(self, "references", tuple(found))
        object.__setattr__(self, "needs", frozenset(one for one in named if one))

    @property
    def has_name(self) -> bool:
        """Whether it is called something on Coze that the manifest decides."""
        return has_name(self.kind) and self.named_after is None

    @property
    def named_after(self) -> Reference | None:
        """What Coze names it after, and what it is found by; None: it is found by its name."""
        path = self.kind.named_after
        found = dig(self.values, path) if path else None
        return found if isinstance(found, Reference) else None

    @property
    def inputs(self) -> str:
        """A digest of everything in the project that this resource is made from, but for secrets."""
        if not self._inputs:
            scope = str(self.scope) if self.scope else ""
            values = convert_leaves(self.values, _hidden) if secret_rows(self.kind) else self.values
            found = digest({"id": self.id, "name": self.name, "scope": scope, "values": values})
            object.__setattr__(self, "_inputs", found)
        return self._inputs

    @property
    def secrets(self) -> Secret | None:
        """All its secrets as one; None where it has none."""
        found = {
            row.label: value.reveal()
            for row in secret_rows(self.kind)
            if isinstance(value := dig(self.values, row.path), Secret)
        }
        return Secret(canonical(found)) if found else None


def _hidden(leaf: Any) -> Any:
    return "secret" if isinstance(leaf, Secret) else leaf


def references(value: Any) -> Iterator[Reference]:
    """Every reference inside a value."""
    return (ref for _, ref in references_at(value))


def published_by(resource: Resource) -> Iterator[Address]:
    """The addresses that must be published before this one can be written."""
    path = resource.kind.keyed.published if resource.kind.keyed else ()
    found = dig(resource.values, path) if path else None
    if isinstance(found, Reference) and found.address:
        yield found.address


def never_on(resource: Resource) -> list[Reference]:
    """The connectors that it must not be on, whoever published it there."""
    published = publication_of(resource.kind)
    found = dig(resource.values, published.row.path) if published else MISSING
    return list(found.get("never", ())) if isinstance(found, dict) else []


def references_at(value: Any) -> list[Located]:
    """Every reference inside a value, with the path to it."""
    found: list[Located] = []
    _gather(value, (), found)
    return found


def _gather(value: Any, path: tuple[str | int, ...], found: list[Located]) -> None:
    """Note those inside a value. Most values are leaves: to call this for each would be most of the work."""
    if isinstance(value, Reference):
        found.append((path, value))
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(item, _LEAVES):
                _gather(item, (*path, key), found)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            if not isinstance(item, _LEAVES):
                _gather(item, (*path, index), found)


_LEAVES = (str, int, float)
