"""Manifests: the documents of one address, patches laid upon the first, and where each value came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cozeops.address import Address
from cozeops.declare.kind import Kind
from cozeops.frozen import frozen
from cozeops.manifests.resolve.interpolate import merged
from cozeops.manifests.yaml.document import Document, Path
from cozeops.manifests.yaml.source import Place
from cozeops.values import Json


class Written(Protocol):
    """Something with values that were written somewhere."""

    def place(self, path: Sequence[str | int], *, key: bool = False) -> Place:
        """Where the value (or the key) at `path` is written, or its nearest ancestor."""

    def scalar(self, path: Sequence[str | int]) -> str | None:
        """A scalar as it was written."""


@frozen(eq=False)
class Manifest:
    """One declared thing. `layers` are its document and the patches on it; `data` is the result."""

    kind: Kind
    address: Address
    layers: tuple[Document, ...]
    data: Json

    @property
    def whole(self) -> bool:
        """Whether nothing in it was refused while it was read."""
        return all(layer.whole for layer in self.layers)

    @property
    def interpolated(self) -> bool:
        """Whether it may contain references."""
        return any(layer.source.has_references for layer in self.layers)

    @property
    def places(self) -> Written:
        """Where its values are written; the values themselves need not stay for that."""
        return self if len(self.layers) > 1 else self.bare

    @property
    def bare(self) -> Document:
        """The first of its documents without its values: where they are written is still known."""
        return self.layers[0].emptied()

    def patched(self, patch: Document) -> Manifest:
        """With one more document laid upon it."""
        return Manifest(self.kind, self.address, (*self.layers, patch), merged(self.data, patch.data))

    def layer(self, path: Sequence[str | int]) -> Document:
        """The document that the value at `path` comes from: the last that says something about it."""
        if len(self.layers) == 1:
            return self.layers[0]
        reach = [layer.reach(path) for layer in self.layers]
        furthest = max(reach)
        if furthest == len(path):
            return self.layers[len(reach) - 1 - reach[::-1].index(furthest)]
        return self.layers[reach.index(furthest)]

    def place(self, path: Sequence[str | int], *, key: bool = False) -> Place:
        """Where the value (or the key) at `path` is written, or its nearest ancestor."""
        return self.layer(path).place(path, key=key)

    def scalar(self, path: Sequence[str | int]) -> str | None:
        """A scalar as it was written."""
        return self.layer(path).scalar(path)


@frozen(eq=False)
class Below:
    """A part of something written, addressed by paths that begin inside it."""

    whole: Written
    path: Path

    def place(self, path: Sequence[str | int], *, key: bool = False) -> Place:
        """See `Written`."""
        return self.whole.place((*self.path, *path), key=key)

    def scalar(self, path: Sequence[str | int]) -> str | None:
        """See `Written`."""
        return self.whole.scalar((*self.path, *path))
