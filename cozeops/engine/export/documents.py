"""Live objects -> the documents of a project. Pure: whoever calls it writes the files.

Planning what it gives is empty: every value is as it was read, every id is pinned, and what cannot be read,
or not be said in a manifest, is left out and noted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cozeops.address import Address
from cozeops.declare.calls import Path
from cozeops.declare.fields import UNREADABLE, Ref
from cozeops.declare.kind import Kind
from cozeops.declare.rows import Row, publication_of, rows_of
from cozeops.engine.export.manifest_values import fitting, limit, named, readable
from cozeops.engine.export.names import names_for, variable_for
from cozeops.engine.export.scan import ENTERPRISE, WORKSPACE, ScannedObject, Skipped, Survey
from cozeops.engine.export.source_files import files_for, sources_of, targets_of
from cozeops.frozen import frozen
from cozeops.kinds import kinds
from cozeops.manifests.wording import printable
from cozeops.values import MISSING, Json, Secret, dig, put

ROOT = "manifests"
_FOLDERS = {"Bot": "bots", "KnowledgeBase": "knowledge"}
"""Kinds with a file for each; of any other kind all are in one file."""
_FILES = {WORKSPACE: "workspace", ENTERPRISE: "enterprise"}
_PROMPTS, _DOCS = "prompts", "docs"
_TEXT_LIMIT = 1_000_000
"""What a text file may hold, and the reader of manifests takes (bytes)."""


@frozen
class Document:
    """One manifest. `comments` stand below it."""

    address: Address
    file: str
    """Where it goes, relative to the project; several documents may share a file."""
    metadata: Json
    spec: Json
    comments: tuple[str, ...] = ()


@frozen
class Note:
    """Something about one resource that its manifest does not say."""

    address: Address
    label: str
    reason: str


@dataclass(slots=True)
class Exported:
    """A project, and what could not be part of it. Paths are relative to it, with `/`."""

    documents: list[Document] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)
    """Where a given file goes -> which one it is."""
    secrets: list[tuple[Address, str, str]] = field(default_factory=list)
    """What a variable stands for: address, label, and the name of the variable."""
    untold: dict[Address, tuple[str, ...]] = field(default_factory=dict)
    """Labels of fields that the API tells nobody."""
    notes: list[Note] = field(default_factory=list)
    skipped: tuple[Skipped, ...] = ()


@frozen
class Neighbour:
    """A live object that a project has already."""

    address: Address
    scope: str = ""
    """The id of its workspace."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """Its named parts, such as tools."""


def export(
    survey: Survey, given: Sequence[str] = (), known: Mapping[tuple[str, str], Neighbour] | None = None
) -> Exported:
    """The project of what was read. `given` are files that documents may have come from.

    `known`: (kind, id) -> what the project has already, and what was read may refer to.
    """
    return _Export(survey, given, known or {}).made()


class _Export:
    """One export: what is called what, and what was made so far."""

    def __init__(
        self, survey: Survey, given: Sequence[str], known: Mapping[tuple[str, str], Neighbour]
    ) -> None:
        self._survey, self._given = survey, given
        self._exported = Exported(skipped=survey.skipped)
        taken = [one.address for one in known.values()]
        self._addresses = {
            (kind, id): Address(kind, name)
            for kind, called in _by_kind(survey.found).items()
            for id, name in names_for(
                called, kind.lower(), (one.name for one in taken if one.kind == kind)
            ).items()
        } | {key: one.address for key, one in known.items()}
        found = {(one.kind.name, one.id): one for one in survey.found}
        self._scopes = {key: one.scope for key, one in known.items()}
        self._scopes |= {key: one.scope for key, one in found.items()}
        self._parts = {key: one.parts for key, one in known.items()}
        self._parts |= {key: one.live.parts for key, one in found.items()}

    def made(self) -> Exported:
        """Everything, in the order of the addresses."""
        for one in sorted(self._survey.found, key=self._address):
            self._exported.documents.append(self._document(one))
        return self._exported

    def _address(self, one: ScannedObject) -> Address:
        return self._addresses[one.kind.name, one.id]

    def _document(self, one: ScannedObject) -> Document:
        address = self._address(one)
        values = readable(one.kind, one.live)
        placed = self._items(one, values)
        self._publication(one, values)
        values, misfits = fitting(one.kind, values, self._parts)
        for misfit in misfits:
            self._note(address, f"spec.{'.'.join(misfit.path)}", misfit.reason)
        lost = {misfit.path for misfit in misfits}
        self._exported.copies |= {to: source for to, (path, source) in placed.items() if path not in lost}
        pinned = {"id": one.told_id} if one.told_id else {}
        spec = {**pinned, **named(one.kind, values, partial(self._name, one))}
        self._texts(one, spec, address)
        self._secrets(one, spec, address)
        for label, reason in one.unread:
            self._note(address, label, reason)
        self._exported.untold[address] = tuple(_untold(one))
        metadata = {"name": address.name}
        if one.kind.scope:
            metadata[one.kind.home] = self._addresses[one.kind.scope, one.scope].name
        return Document(
            address, _file(one.kind, address), metadata, spec, tuple(self._comments(one, address))
        )

    def _secrets(self, one: ScannedObject, spec: Json, address: Address) -> None:
        """A variable for each secret: its value is nobody's business but that of who sets it."""
        for row in rows_of(one.kind):
            if isinstance(one.live.fields.get(row.path), Secret):
                variable = variable_for(address, row.path[-1])
                put(spec, row.path, f"${{env:{variable}}}")
                self._exported.secrets.append((address, row.label, variable))
        ordered = {name: spec[name] for name in one.kind.spec.model_fields if name in spec}
        spec.clear()
        spec.update(ordered)

    def _name(self, one: ScannedObject, ref: Ref, id: str) -> Any:
        builtin = {known: name for name, known in ref.builtin.items()}
        if id in builtin:
            return builtin[id]
        address = self._addresses.get((ref.kind, id))
        # What is bound across workspaces all the same is named by its id: manifests name their neighbours.
        return address.name if address and self._is_near(one, ref.kind, id) else {"id": id}

    def _is_near(self, one: ScannedObject, kind: str, id: str) -> bool:
        scope = self._scopes[kind, id]
        return not (one.scope and scope) or one.kind.scope != kinds()[kind].scope or one.scope == scope

    def _note(self, address: Address, label: str, reason: str) -> None:
        self._exported.notes.append(Note(address, label, reason))

    # ------------------------------------------------------------------------------------- publication

    def _publication(self, one: ScannedObject, values: Json) -> None:
        for row in rows_of(one.kind):
            if row.publication and one.live.channels and not one.behind:
                order = list(row.publication.builtin.values())
                put(values, row.path, {"connectors": sorted(one.live.channels, key=order.index)})

    def _comments(self, one: ScannedObject, address: Address) -> Iterable[str]:
        if one.folders:
            yield f"In the folder {' / '.join(map(printable, one.folders))} (only the console moves it)."
        publication = publication_of(one.kind)
        if publication is None or any(label == publication.row.label for label, _ in one.unread):
            return
        builtin = publication.calls.builtin
        if one.behind:
            names = ", ".join(name for name, id in builtin.items() if id in one.live.channels)
            yield f"The draft is ahead of what users see: {one.behind}."
            yield "So nothing is said here about channels. To publish the draft, add:"
            yield f"{publication.row.path[-1]}: {{connectors: [{names}]}}"
            self._note(address, publication.row.label, f"the draft is ahead of what users see: {one.behind}")
        elif not one.live.channels:
            yield f"Published on neither {' nor '.join(builtin)}."

    # ------------------------------------------------------------------------------------------- items

    def _items(self, one: ScannedObject, values: Json) -> dict[str, tuple[Path, str]]:
        """Put lists into the values whose files were all given: where each goes, its field, its source."""
        placed: dict[str, tuple[Path, str]] = {}
        for row in rows_of(one.kind):
            about = row.collection
            items = sorted(one.live.items.get(row.path, ()), key=lambda item: item.key)
            if not about or not about.content or not about.export or not items:
                continue
            name = self._address(one).name
            sources = sources_of(about, items, files_for(self._given, name, one.name))
            if isinstance(sources, str):
                self._note(self._address(one), row.label, sources)
                continue
            targets = [f"{ROOT}/{_DOCS}/{name}/{target}" for target in targets_of(about, items, sources)]
            placed |= {
                target: (row.path, sources[item.key]) for target, item in zip(targets, items, strict=True)
            }
            entries = zip(items, targets, strict=True)
            put(
                values,
                row.path,
                [about.export.write(item, _from(one.kind, target)) for item, target in entries],
            )
        return placed

    # ------------------------------------------------------------------------------------------- texts

    def _texts(self, one: ScannedObject, spec: Json, address: Address) -> None:
        """Move long texts into files of their own; the others stand in place, their `${` escaped."""
        moved: dict[Path, Any] = {}
        for row in rows_of(one.kind):
            value = dig(spec, row.path)
            if row.is_text and value is not MISSING:
                moved[row.path] = self._moved(one.kind, row, value, address)
        escaped = _escaped(spec)
        for path, value in moved.items():
            put(escaped, path, value)
        spec.clear()
        spec.update(escaped)

    def _moved(self, kind: Kind, row: Row, value: Any, address: Address) -> Any:
        most = limit(kind, row)
        label = "" if len(row.path) == 1 else f".{'.'.join(row.path)}"
        if isinstance(value, dict):
            parts = {key: text for key, text in value.items() if text or key == next(iter(value))}
            return {key: self._file(kind, text, f"{address.name}.{key}", most) for key, text in parts.items()}
        if label and "\n" not in value:
            return _escaped(value)
        return self._file(kind, value, f"{address.name}{label}", most)

    def _file(self, kind: Kind, text: str, stem: str, most: int | None) -> Any:
        # A file is read without a byte order mark, and a zero byte makes it no text.
        if not text or text.startswith("\ufeff") or "\0" in text or len(text.encode()) > _TEXT_LIMIT:
            return _escaped(text)
        path = f"{ROOT}/{_PROMPTS}/{stem}.md"
        # The line end of the last line counts for Coze's limit.
        self._exported.texts[path] = text if len(text) == most else f"{text}\n"
        return {"file": _from(kind, path)}


def _by_kind(found: Iterable[ScannedObject]) -> dict[str, dict[str, str]]:
    called: dict[str, dict[str, str]] = {}
    for one in found:
        called.setdefault(one.kind.name, {})[one.id] = one.name
    return called


def _file(kind: Kind, address: Address) -> str:
    """The file of a manifest."""
    folder = _FOLDERS.get(kind.name)
    if folder:
        return f"{ROOT}/{folder}/{address.name}.yaml"
    return f"{ROOT}/{_FILES.get(kind.name, f'{kind.name.lower()}s')}.yaml"


def _from(kind: Kind, path: str) -> str:
    """A path as the manifests of a kind write it."""
    below = path.removeprefix(f"{ROOT}/")
    return f"../{below}" if kind.name in _FOLDERS else below


def _untold(one: ScannedObject) -> Iterable[str]:
    for row in rows_of(one.kind):
        beside = row.collection and row.collection.listed is None
        hidden = row.in_body and (not row.reads or one.live.fields.get(row.path) is UNREADABLE)
        if row.setter or beside or hidden:
            yield row.label


def _escaped(value: Any) -> Any:
    """With `${` written so that it is no reference. Keys are taken as they are."""
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    return [_escaped(item) for item in value] if isinstance(value, list) else value
