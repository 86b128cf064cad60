"""What the project declares, and what every resolution shares: the root, the scope, the files read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.frozen import frozen
from cozeops.manifests.project.paths import Root
from cozeops.manifests.resolve.interpolate import Scope
from cozeops.manifests.resolve.manifest import Manifest
from cozeops.manifests.wording import quoted, suggestion
from cozeops.manifests.yaml.files import read_content, read_text
from cozeops.manifests.yaml.source import Place, Problems, Refused, Source
from cozeops.values import FileContent


@frozen(eq=False)
class Catalog:
    """The declared manifests by address."""

    root: Root
    scope: Scope
    manifests: dict[Address, Manifest]
    misfits: Mapping[Address, frozenset[str] | None]
    """The fields of each spec that do not fit its schema; None: its metadata does not."""
    problems: Problems
    _texts: dict[str, Source] = field(default_factory=dict)
    _contents: dict[str, FileContent] = field(default_factory=dict)

    @property
    def files(self) -> set[str]:
        """The files beside the manifests that were read."""
        return {text.name for text in self._texts.values()} | {one.path for one in self._contents.values()}

    def valid(self, address: Address) -> bool:
        """Whether a manifest was read whole and fits its schema."""
        return self.misfits[address] == frozenset() and self.manifests[address].whole

    def names(self, kind: str) -> list[str]:
        """The declared names of a kind."""
        return [address.name for address in self.manifests if address.kind == kind]

    def find(self, kind: str, name: str, place: Place, *, also: Iterable[str] = ()) -> Address | None:
        """The declared resource of that name; a problem where there is none. `also`: names that need none."""
        address = Address(kind, name)
        if address in self.manifests:
            return address
        if self.problems.complete:
            known = [*self.names(kind), *also]
            hint = suggestion(name, known, f"{kind} resources") if known else f"declare a {kind} of that name"
            self.problems.add(Code.DANGLING, place, f"the project has no {kind} {quoted(name)}", hint)
        return None

    def text(self, manifest: Manifest, path: Sequence[str | int], written: str) -> Source:
        """The text file that a manifest names at a path. Raises Refused."""
        file = self.root.file(self.folder(manifest, path), written)
        name = self.root.name_of(file)
        known = self._texts.get(name)
        if known is None:
            known = self._texts[name] = Source(name, file, read_text(file, name, self.root.instead.get(name)))
        return known

    def content(self, file: Path) -> FileContent:
        """A file that is sent to Coze. Raises Refused."""
        name = self.root.name_of(file)
        known = self._contents.get(name)
        if known is None:
            known = self._contents[name] = read_content(file, name)
        return known

    def folder(self, manifest: Manifest, path: Sequence[str | int]) -> Path:
        """The folder that paths written at a place begin in."""
        return manifest.layer(path).source.path.parent

    def refuse(self, refused: Refused, manifest: Manifest, path: Sequence[str | int]) -> None:
        """Note what was refused in a manifest."""
        self.problems.refuse(refused, manifest.place(path))
