"""Declared values -> resolved values, driven by the traits of each field. Nothing is added."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.declare.fields import File, Is, Ref, Size
from cozeops.declare.rows import unwrap
from cozeops.manifests.forms import branches_of, fields_of
from cozeops.manifests.resolve.catalog import Catalog
from cozeops.manifests.resolve.manifest import Manifest
from cozeops.manifests.resolve.prompts import Failed, compile_text
from cozeops.manifests.wording import count, kind_of, label, quoted
from cozeops.manifests.yaml.document import Path
from cozeops.manifests.yaml.source import Refused
from cozeops.values import FileContent, Json, Reference, as_line, is_line

Step = Callable[["Resolution", Any, Path], Any]


@dataclass(slots=True)
class Resolution:
    """The resolving of one manifest. `spread` tells which written entry each entry of a list came from."""

    manifest: Manifest
    catalog: Catalog
    spread: dict[Path, tuple[int, ...]] = field(default_factory=dict)

    def values(self, without: frozenset[str] = frozenset()) -> Json:
        """The resolved spec but for the fields named; what fails is noted as a problem."""
        step = _fields(self.manifest.kind.spec)
        spec: Json = self.manifest.data["spec"]
        spec = {name: value for name, value in spec.items() if name not in without}
        return step(self, spec, ("spec",)) if step else dict(spec)

    def refuse(self, refused: Refused, path: Path) -> None:
        """Note what was refused at a path of the manifest as it is written."""
        self.catalog.refuse(refused, self.manifest, path)

    def file(self, value: str, path: Path) -> FileContent | None:
        """The file that a field names."""
        try:
            folder = self.catalog.folder(self.manifest, path)
            return self.catalog.content(self.catalog.root.file(folder, value))
        except Refused as refused:
            self.refuse(refused, path)
            return None

    def text(self, value: Any, path: Path) -> str | Json | None:
        """The text that a field names in any of its forms."""
        try:
            return compile_text(value, self.manifest, path, self.catalog)
        except Failed:
            return None

    def reference(self, value: Any, path: Path, ref: Ref) -> Reference | None:
        """The resource that a field names."""
        if isinstance(value, dict):
            return Reference(ref.kind, id=value.get("id"), name=value.get("name"))
        if value in ref.builtin:
            return Reference(ref.kind, id=ref.builtin[value])
        declared = Address(ref.kind, value) in self.catalog.manifests
        if ref.ids and not declared and value.isascii() and value.isdecimal():
            return Reference(ref.kind, id=value)
        address = self.catalog.find(ref.kind, value, self.manifest.place(path), also=ref.builtin)
        if address:
            self._check_home(address, path)
        return Reference(ref.kind, address=address) if address else None

    def _check_home(self, address: Address, path: Path) -> None:
        """Of what lives in workspaces, Coze binds only what lives in the same one."""
        target, mine = self.catalog.manifests[address], self.manifest
        if not mine.kind.scope or mine.kind.scope != target.kind.scope:
            return
        here, there = (one.data["metadata"].get(one.kind.home) for one in (mine, target))
        if here and there and here != there:
            message = f"{address} is in {mine.kind.home} {quoted(there)}, and this is in {quoted(here)}"
            hint = f"declare one of {quoted(here)}: Coze binds nothing of another {mine.kind.home}"
            self.catalog.problems.add(Code.RULE, mine.place(path), message, hint)

    def measure(self, value: Any, path: Path, size: Size) -> None:
        """Check a resolved text (each part of a prompt) or list against Coze's limit."""
        if isinstance(value, dict):
            for name, part in value.items():
                self.measure(part, (*path, name), size)
            return
        if value is None:
            return
        if size.line and not is_line(value):
            what = "a line break or a control character inside, or blanks at its ends"
            message = f"{label(path)}: {quoted(value)} has {what}"
            hint = f"write {quoted(as_line(value))}"
            self.catalog.problems.add(Code.BAD_VALUE, self.manifest.place(path), message, hint)
        if size.least <= len(value) <= size.most:
            return
        over = len(value) > size.most
        thing = "character" if isinstance(value, str) else "item"
        limit = f"at most {size.most:,}" if over else f"at least {size.least:,}"
        message = f"{label(path)} has {count(len(value), thing)}, {limit}"
        hint = (
            f"take out {len(value) - size.most:,}: Coze refuses more"
            if over
            else "add one, or leave the field out"
        )
        self.catalog.problems.add(Code.SIZE, self.manifest.place(path), message, hint)

    def expanded(self, items: list[Json], path: Path, pattern: str, single: str) -> list[tuple[int, Json]]:
        """The items with each pattern replaced by one item per file, and where each was written."""
        made: list[tuple[int, Json]] = []
        for index, item in enumerate(items):
            if pattern not in item:
                made.append((index, item))
                continue
            try:
                made += [(index, one) for one in self._matching(item, (*path, index), pattern, single)]
            except Refused as refused:
                self.refuse(refused, (*path, index, pattern))
        return made

    def _matching(self, item: Json, path: Path, pattern: str, single: str) -> list[Json]:
        if single in item:
            message = f"{single} and {pattern} do not go together"
            raise Refused(Code.RULE, message, "split the entry in two")
        folder = self.catalog.folder(self.manifest, (*path, pattern))
        files = self.catalog.root.matching(folder, item[pattern])
        if len(files) > 1 and "name" in item:
            name = quoted(item["name"])
            message = f"{quoted(item[pattern])} matches {len(files)} files: they cannot all be called {name}"
            raise Refused(Code.NO_MATCH, message, "leave name out, or write one entry per file")
        rest = {key: value for key, value in item.items() if key != pattern}
        return [{single: self.catalog.content(file), **rest} for file in files]


def _step_for(annotation: Any) -> Step | None:
    """What to do with a value that is declared so; None where it stays as it is."""
    bare, traits = unwrap(annotation)
    found = {type(trait): trait for trait in traits}
    size = found.get(Size)
    if Is.TEXT in traits:
        step: Step | None = Resolution.text
    elif Ref in found and get_origin(bare) is not list:
        ref = found[Ref]
        step = lambda run, value, path: run.reference(value, path, ref)  # noqa: E731
    elif File in found:
        step = lambda run, value, path: value if isinstance(value, FileContent) else run.file(value, path)  # noqa: E731
    else:
        step = _structure(bare)
    return _measured(step, size) if size else step


def _measured(step: Step | None, size: Size) -> Step:
    def measured(run: Resolution, value: Any, path: Path) -> Any:
        made = step(run, value, path) if step else value
        run.measure(made, path, size)
        return made

    return measured


def _structure(bare: Any) -> Step | None:
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return _fields(bare)
    if get_origin(bare) is list:
        return _items(get_args(bare)[0])
    if get_origin(bare) is dict:
        return _entries(_step_for(get_args(bare)[1]))
    branches = branches_of(bare)
    return _alternatives(branches) if len(branches) > 1 else None


@cache
def _fields(model: type[BaseModel]) -> Step | None:
    steps = {name: step for name, declared in fields_of(model).items() if (step := _step_for(declared))}
    if not steps:
        return None

    def fields(run: Resolution, value: Json, path: Path) -> Json:
        return {
            name: steps[name](run, item, (*path, name)) if name in steps else item
            for name, item in value.items()
        }

    return fields


def _entries(step: Step | None) -> Step | None:
    if step is None:
        return None
    return lambda run, value, path: {name: step(run, item, (*path, name)) for name, item in value.items()}


def _items(annotation: Any) -> Step | None:
    step = _step_for(annotation)
    if step is None:
        return None
    pattern, single = _pattern_of(annotation)

    def items(run: Resolution, value: list[Any], path: Path) -> list[Any]:
        pairs = run.expanded(value, path, pattern, single) if pattern else list(enumerate(value))
        if pattern:
            run.spread[path] = tuple(index for index, _ in pairs)
        return [step(run, item, (*path, index)) for index, item in pairs]

    return items


def _pattern_of(annotation: Any) -> tuple[str, str]:
    """The field of an item that is a pattern for files, and the one that takes each file."""
    bare, _ = unwrap(annotation)
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        for name, declared in fields_of(bare).items():
            for trait in unwrap(declared)[1]:
                if isinstance(trait, File) and trait.glob_for:
                    return name, trait.glob_for
    return "", ""


def _alternatives(branches: tuple[Any, ...]) -> Step | None:
    steps = [(unwrap(branch)[0], _step_for(branch)) for branch in branches]
    if not any(step for _, step in steps):
        return None

    def alternatives(run: Resolution, value: Any, path: Path) -> Any:
        for bare, step in steps:
            if _fits(bare, value):
                return step(run, value, path) if step else value
        raise AssertionError(f"{kind_of(value)} passed validation")

    return alternatives


def _fits(bare: Any, value: Any) -> bool:
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return isinstance(value, dict) and value.keys() <= bare.model_fields.keys()
    return isinstance(value, get_origin(bare) or bare)
