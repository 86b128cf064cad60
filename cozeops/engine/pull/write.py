"""What the manifests have to say -> the texts of their files: each value where it is given today. Pure.

A patch that decides a value takes the new one; else the manifest. Of each field all is written, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path as FilePath
from typing import Any

from cozeops.address import Address
from cozeops.engine.pull.model import Left, Pulled, Wanted
from cozeops.errors import Position
from cozeops.manifests.fmt.edit import Uneditable, edited
from cozeops.manifests.resolve.manifest import Manifest
from cozeops.manifests.yaml.document import Document, Path
from cozeops.manifests.yaml.source import Source
from cozeops.values import MISSING, Json, canonical


@dataclass(slots=True)
class Writing:
    """The files that were edited so far: by their names in the project what they said, and what they say."""

    manifests: Mapping[Address, Manifest]
    read: Callable[[str], bytes]
    """The bytes of a file of the project. Raises CozeopsError."""
    users: Mapping[str, frozenset[Address]]
    """Text file -> the resources that it is a part of."""
    before: dict[str, bytes] = field(default_factory=dict)
    after: dict[str, bytes] = field(default_factory=dict)
    pulled: list[Pulled] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    _sources: dict[FilePath, Source] = field(default_factory=dict)
    _data: dict[tuple[FilePath, int], Json] = field(default_factory=dict)

    def write(self, wanted: Iterable[Wanted]) -> None:
        """Edit the files so that they say all of this, as far as they can."""
        everything = list(wanted)
        asked: dict[str, list[Wanted]] = {}
        for one in everything:
            if one.file:
                asked.setdefault(one.file, []).append(one)
            else:
                self._value(one)
        for file, group in asked.items():
            self._text(file, group)

    # ------------------------------------------------------------------------------- manifests

    def _value(self, one: Wanted) -> None:
        manifest = self.manifests[one.address]
        place = manifest.place(one.path).position
        try:
            edits = list(_edits(manifest, one.path, self._now(manifest, one.path), one.value))
            sources = self._edited(edits)
        except Uneditable as reason:
            self.left += one.left(str(reason), place)
            return
        for source, number, data in sources:
            self._sources[source.path] = source
            self._data[source.path, number] = data
            self._put(source.name, source.text)
        if edits:
            layer, path, _ = edits[0]
            self.pulled.append(Pulled(one.address, one.fields, one.path, layer.place(path).position))

    def _now(self, manifest: Manifest, path: Path) -> Any:
        value: Any = manifest.data
        for step in path:
            value = value.get(step, MISSING) if isinstance(value, dict) else MISSING
        return value

    def _edited(self, edits: Sequence[tuple[Document, Path, Any]]) -> list[tuple[Source, int, Json]]:
        """The sources and the data of documents after these edits. Raises Uneditable."""
        sources: dict[FilePath, Source] = {}
        data: dict[tuple[FilePath, int], Json] = {}
        for layer, path, value in edits:
            key = (layer.source.path, layer.number)
            if key not in data:
                data[key] = deepcopy(self._data.get(key, layer.data))
            _set(data[key], path, value)
        for (file, number), one in data.items():
            source = sources.get(file) or self._sources.get(file) or self._source_of(edits, file)
            sources[file] = Source(source.name, file, edited(source, number, one))
        return [(sources[file], number, one) for (file, number), one in data.items()]

    def _source_of(self, edits: Sequence[tuple[Document, Path, Any]], file: FilePath) -> Source:
        return next(layer.source for layer, _, _ in edits if layer.source.path == file)

    # ----------------------------------------------------------------------------------- texts

    def _text(self, file: str, group: Sequence[Wanted]) -> None:
        """A text file, which all that it is a part of must want alike."""
        others = self.users.get(file, frozenset()) - {one.address for one in group}
        if others or len({one.value for one in group}) > 1:
            names = ", ".join(map(str, sorted(others or {one.address for one in group})))
            self._leave(
                group, file, f"{file} is also the text of {names}" if others else _unlike(file, names)
            )
            return
        content = self.read(file)
        self.before[file] = content
        self.after[file] = rewritten(content, group[0].value)
        for one in group:
            self.pulled.append(Pulled(one.address, one.fields, one.path, Position(file, 1, 1)))

    def _leave(self, group: Sequence[Wanted], file: str, reason: str) -> None:
        for one in group:
            self.left += one.left(reason, Position(file, 1, 1))

    def _put(self, name: str, text: str) -> None:
        content = self.before.setdefault(name, self.read(name))
        mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
        self.after[name] = mark + text.encode()


def _unlike(file: str, names: str) -> str:
    return f"{file} is the text of {names}, which differ on Coze"


def _edits(manifest: Manifest, path: Path, before: Any, after: Any) -> Iterator[tuple[Document, Path, Any]]:
    """Each value that changes, with the document that gives it: maps merge, everything else is one value."""
    if before is not MISSING and after is not MISSING and canonical(before) == canonical(after):
        return
    if isinstance(before, dict) and isinstance(after, dict) and before:
        for key in [*before, *(key for key in after if key not in before)]:
            inner = (*path, key)
            yield from _edits(manifest, inner, before.get(key, MISSING), after.get(key, MISSING))
    elif after is MISSING:
        yield from ((layer, path, MISSING) for layer in manifest.layers if layer.reach(path) == len(path))
    else:
        yield manifest.layer(path), path, after


def _set(data: Json, path: Path, value: Any) -> None:
    target: Any = data
    for step in path[:-1]:
        target = target.setdefault(step, {})
    if value is MISSING:
        del target[path[-1]]
    else:
        target[path[-1]] = value


def rewritten(content: bytes, text: str) -> bytes:
    """A text file that says something else: with its byte order mark, and its line ends.

    A line that stays keeps its own end; the last line ends as it did.
    """
    mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    old = content.removeprefix(mark).decode()
    crlf = old.count("\r\n") * 2 > old.count("\n")
    before = re.findall(r"[^\n]*\n", old) if "\r\n" in old else []
    body = text.rstrip("\n")
    tail = old[len(old.rstrip("\r\n")) :] if text.endswith("\n") or not text else ""
    lines = [f"{line}\n" for line in body.split("\n")]
    if before:
        lines = _with_ends(before, lines, "\r\n" if crlf else "\n")
    return mark + ("".join(lines).rstrip("\r\n") + tail).encode()


def _with_ends(before: Sequence[str], lines: Sequence[str], end: str) -> list[str]:
    """Lines with the ends that the same lines had."""
    plain = [line.replace("\r\n", "\n") for line in before]
    made = [f"{line[:-1]}{end}" for line in lines]
    for old, new, size in SequenceMatcher(None, plain, lines, autojunk=False).get_matching_blocks():
        made[new : new + size] = before[old : old + size]
    return made
