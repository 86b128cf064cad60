"""Texts in any of their forms -> strings: in place, from files, composed from Prompts with variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cozeops.codes import Code
from cozeops.frozen import frozen
from cozeops.manifests.resolve.catalog import Catalog
from cozeops.manifests.resolve.interpolate import MissingVariable, Scope, fill, fill_all, shown, variables_in
from cozeops.manifests.resolve.manifest import Manifest
from cozeops.manifests.wording import quoted, suggestion
from cozeops.manifests.yaml.document import Path
from cozeops.manifests.yaml.source import Place, Refused, Source
from cozeops.values import Json

PROMPT = "Prompt"
_DEEPEST = 32


class Failed(Exception):
    """The text cannot be made; why was noted. Never leaves this floor."""


@dataclass(slots=True)
class _Budget:
    """How many Prompts one text may still be made of: uses of uses multiply."""

    left: int = 1000


@frozen
class _Use:
    """A place that uses a Prompt, and the Prompts that are being compiled around it."""

    manifest: Manifest
    path: Path
    budget: _Budget
    ring: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        return self.manifest.place(self.path)


def compile_text(value: Any, manifest: Manifest, path: Path, catalog: Catalog) -> str | Json:
    """A text of any resource but a Prompt; its own references are filled. Raises Failed."""
    if isinstance(value, str):
        return value
    if "prefix" in value:
        parts = {"dynamic": "", **value}
        return {
            name: _only_text(compile_text(parts[name], manifest, (*path, name), catalog))
            for name in ("prefix", "dynamic")
        }
    if "file" in value:
        return _file(value["file"], manifest, (*path, "file"), catalog).text
    use = _Use(manifest, (*path, "ref"), _Budget())
    return _prompt(value["ref"], value.get("vars"), use, catalog)


def compile_alone(manifest: Manifest, catalog: Catalog) -> Json:
    """The values of a Prompt by itself: what its users must give stays as it is. Raises Failed."""
    spec = manifest.data["spec"]
    _check_pieces(manifest, catalog)
    own = _own_variables(manifest, catalog)
    text = _Prompt(manifest, own, "vars" in spec, None, _Budget(), (manifest.address.name,), catalog).text()
    return {"text": text} | ({"vars": dict(own)} if own else {})


def _only_text(value: str | Json) -> str:
    assert isinstance(value, str)
    return value


def _file(written: str, manifest: Manifest, path: Path, catalog: Catalog) -> Source:
    try:
        return catalog.text(manifest, path, written)
    except Refused as refused:
        catalog.refuse(refused, manifest, path)
        raise Failed from refused


def _prompt(name: str, given: Json | None, use: _Use, catalog: Catalog) -> str:
    """The text of a Prompt for one use of it. Raises Failed."""
    address = catalog.find(PROMPT, name, use.place)
    if name in use.ring:
        ring = [*use.ring[use.ring.index(name) :], name]
        message = f"prompts contain each other: {' → '.join(ring)}"
        if name == min(ring):  # the same ring is met from each of its members: told once
            catalog.problems.add(Code.PROMPT_CYCLE, use.place, message, "take one of them out of the other")
        raise Failed
    if address is None or not catalog.valid(address):
        raise Failed
    use.budget.left -= 1
    if use.budget.left < 0 or len(use.ring) >= _DEEPEST:
        message = "a text made of too many Prompts within Prompts"
        catalog.problems.add(Code.TOO_COMPLEX, use.place, message, "compose it of fewer pieces")
        raise Failed
    manifest = catalog.manifests[address]
    spec = manifest.data["spec"]
    _check_pieces(manifest, catalog)
    own = _own_variables(manifest, catalog)
    filled = given is not None or "vars" in spec
    prompt = _Prompt(manifest, {**own, **(given or {})}, filled, use, use.budget, (*use.ring, name), catalog)
    known = own.keys() | prompt.used()
    unknown = [variable for variable in given or {} if variable not in known]
    for variable in unknown:
        place = use.manifest.place((*use.path[:-1], "vars", variable), key=True)
        hint = suggestion(variable, known, f"variables of {address}")
        catalog.problems.add(Code.VARIABLE, place, f"{address} has no variable {quoted(variable)}", hint)
    if unknown:
        raise Failed
    return prompt.text()


def _check_pieces(manifest: Manifest, catalog: Catalog) -> None:
    found = [name for name in ("text", "parts") if name in manifest.data["spec"]]
    if len(found) != 1:
        what = "text and parts do not go together" if found else "neither text nor parts"
        place = manifest.place(("spec",), key=True)
        catalog.problems.add(Code.RULE, place, f"{manifest.address}: {what}", "write one of them")
        raise Failed


def _own_variables(manifest: Manifest, catalog: Catalog) -> Json:
    failed = []

    def refuse(path: Path, refused: Refused) -> None:
        catalog.refuse(refused, manifest, ("spec", "vars", *path))
        failed.append(path)

    own = fill_all(manifest.data["spec"].get("vars") or {}, catalog.scope, refuse)
    for name, value in own.items():
        if isinstance(value, dict | list):
            message, hint = (
                f"the variable {quoted(name)} is not a scalar",
                "write text, a number, true or false",
            )
            catalog.problems.add(Code.VARIABLE, manifest.place(("spec", "vars", name)), message, hint)
            failed.append((name,))
    if failed:
        raise Failed
    return own  # type: ignore[no-any-return]


@frozen
class _Prompt:
    """A Prompt being compiled with its variables. `use` is None where nobody uses it."""

    manifest: Manifest
    variables: Mapping[str, Any]
    filled: bool
    """Whether references in its files are filled: only where variables are given."""
    use: _Use | None
    budget: _Budget
    ring: tuple[str, ...]
    catalog: Catalog

    @property
    def scope(self) -> Scope:
        return self.catalog.scope.with_variables(self.variables)

    def pieces(self) -> Iterator[tuple[Any, Path]]:
        """Each piece with its path."""
        spec = self.manifest.data["spec"]
        if "text" in spec:
            yield spec["text"], ("spec", "text")
        for index, piece in enumerate(spec.get("parts") or []):
            yield piece, ("spec", "parts", index)

    def text(self) -> str:
        """The pieces, joined by an empty line. Raises Failed when any of them failed, after trying all."""
        texts, failed = [], False
        for piece, path in self.pieces():
            try:
                texts.append(self._piece(piece, path))
            except Failed:
                failed = True
        if failed:
            raise Failed
        try:
            self.scope.room.take(sum(map(len, texts)))
        except Refused as refused:
            self.catalog.refuse(refused, self.manifest, ("spec",))
            raise Failed from refused
        return _joined(texts)

    def used(self) -> set[str]:
        """The variables that its texts name."""
        spec = self.manifest.data["spec"]
        found = _variables_inside([spec.get("text"), spec.get("parts")])
        for piece, path in self.pieces() if self.filled else ():
            if isinstance(piece, dict) and "file" in piece:
                source = self._source(piece["file"], (*path, "file"))
                found |= variables_in(source.text)
        return found

    def _piece(self, piece: Any, path: Path) -> str:
        if isinstance(piece, str):
            return self._fill(piece, path)
        if "text" in piece:
            return self._fill(piece["text"], (*path, "text"))
        if "file" in piece:
            source = self._source(piece["file"], (*path, "file"))
            return self._fill(source.text, path, source) if self.filled else source.text
        ref = self._fill(piece["ref"], (*path, "ref"))
        given = self._given(piece, path) if "vars" in piece else None
        return _prompt(ref, given, _Use(self.manifest, (*path, "ref"), self.budget, self.ring), self.catalog)

    def _source(self, written: str, path: Path) -> Source:
        return _file(self._fill(written, path), self.manifest, path, self.catalog)

    def _given(self, piece: Json, path: Path) -> Json:
        return {
            name: self._fill(value, (*path, "vars", name)) if isinstance(value, str) else value
            for name, value in piece["vars"].items()
        }

    def _fill(self, text: str, path: Path, source: Source | None = None) -> str:
        try:
            return shown(_scalar(fill(text, self.scope), text))
        except MissingVariable as missing:
            if self.use is None:
                return text
            message = f"{missing.message} in {self.manifest.address}"
            self.catalog.problems.add(missing.code, self.use.place, message, missing.hint)
            raise Failed from missing
        except Refused as refused:
            place = Place(source, refused.index or 0) if source else self.manifest.place(path)
            self.catalog.problems.refuse(refused, place)
            raise Failed from refused


def _scalar(value: Any, text: str) -> Any:
    if isinstance(value, dict | list):
        message = f"{quoted(text)} is a list or a map: it cannot stand in a prompt"
        raise Refused(Code.INTERPOLATION, message, "name a text, a number, true or false")
    return value


def _joined(texts: list[str]) -> str:
    last = len(texts) - 1
    trimmed = [text.lstrip("\n") if index else text for index, text in enumerate(texts)]
    return "\n\n".join(text if index == last else text.rstrip("\n") for index, text in enumerate(trimmed))


def _variables_inside(value: Any) -> set[str]:
    if isinstance(value, str):
        return variables_in(value)
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {name for item in items for name in _variables_inside(item)}
