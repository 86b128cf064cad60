"""Where a value comes from: the manifest, the patches on it, the values and variables that it names."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from cozeops.address import Address
from cozeops.declare.kind import Kind
from cozeops.declare.rows import rows_of
from cozeops.errors import Position, UsageError
from cozeops.frozen import frozen
from cozeops.manifests.load import Declared
from cozeops.manifests.resolve.interpolate import Scope, fill_all
from cozeops.manifests.resolve.manifest import Manifest
from cozeops.manifests.resolve.prompts import PROMPT
from cozeops.manifests.resolve.secrets import without_secrets
from cozeops.manifests.wording import label, suggestion
from cozeops.manifests.yaml.document import Path
from cozeops.manifests.yaml.source import Refused
from cozeops.values import MISSING

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_VALUE = re.compile(r"\$\{\s*values\.([^{}\s]+)\s*\}")
_ENVIRON = re.compile(r"\$\{\s*env:([^{}\s]+)\s*\}")


@frozen
class Origin:
    """A place that says something about a value; the one that `decides` wins."""

    position: Position
    role: str
    written: Any
    decides: bool


@frozen
class Provenance:
    """A value, the places that wrote it (in the order in which they are laid), and what they name."""

    address: Address
    path: str
    value: Any
    """MISSING: no file says anything about it."""
    origins: tuple[Origin, ...]
    named: Mapping[str, tuple[Origin, ...]]
    """`${values.x}` and the like, each with the places that say what it is."""
    leaves: tuple[tuple[str, Any, Position], ...] = ()
    """For a map: what is inside, each with the place that decides."""
    note: str = ""


def parse_path(text: str) -> Path:
    """`model.id`, `spec.plugins[0].tools`, `metadata.labels`. Raises UsageError."""
    path: Path = ()
    end = 0
    for found in _STEP.finditer(text):
        if text[end : found.start()] not in ("", "."):
            break
        path = (*path, int(found.group(2)) if found.group(2) else found.group(1))
        end = found.end()
    if end != len(text) or not path or isinstance(path[0], int):
        raise UsageError(f"{text!r} is not a path", hint="such as spec.model.temperature or plugins[0].tools")
    return path if path[0] in ("spec", "metadata", "kind") else ("spec", *path)


def provenance(declared: Declared, address: Address, path: Path, environ: Mapping[str, str]) -> Provenance:
    """Where the value at a path of a resource comes from. Raises UsageError for what does not exist."""
    manifest = declared.manifests.get(address)
    if manifest is None:
        hint = suggestion(str(address), map(str, declared.manifests), "addresses")
        raise UsageError(f"{address} is not in the project", hint=hint)
    raw = _at(manifest.data, path)
    if raw is MISSING:
        return _absent(manifest, path)
    scope = Scope(declared.setup.values, environ)
    shown = _at(without_secrets(manifest.kind, manifest.data), path)
    return Provenance(
        address=address,
        path=label(path),
        value=fill_all(shown, scope, _keep),
        origins=tuple(_origins(manifest, path)),
        named=_file(manifest, path, raw)
        | _prompt(declared, manifest, path, raw)
        | _values(declared, raw)
        | _environs(manifest, path, raw),
        leaves=tuple(_leaves(manifest, path, shown, scope)) if isinstance(shown, dict) else (),
    )


def _keep(_path: Path, _refused: Refused) -> None:
    """What cannot be filled is shown as broken; `validate` says why."""


def _at(value: Any, path: Path) -> Any:
    for step in path:
        if isinstance(value, dict) and step in value:
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return MISSING
    return value


def _origins(manifest: Manifest, path: Path) -> list[Origin]:
    """What each layer says, the last one decides; a map decides nothing, for maps merge."""
    said = [
        (layer, "patch" if number else "manifest", *found)
        for number, layer in enumerate(manifest.layers)
        if (found := _said(layer.data, path))[0] is not MISSING
    ]
    return [
        Origin(
            layer.place(path[:depth]).position,
            role,
            "" if isinstance(written, dict) else written,
            decides=number == len(said) and not isinstance(written, dict),
        )
        for number, (layer, role, written, depth) in enumerate(said, 1)
    ]


def _said(data: Any, path: Path) -> tuple[Any, int]:
    """What a layer says about a path: the value there, or the list or scalar above it."""
    whole = _at(data, path)
    if whole is not MISSING:
        return whole, len(path)
    for depth in range(len(path) - 1, 0, -1):
        above = _at(data, path[:depth])
        if above is not MISSING:
            # A map above it says nothing: maps merge.
            return (MISSING if isinstance(above, dict) else above), depth
    return MISSING, 0


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(item)


def _values(declared: Declared, raw: Any) -> dict[str, tuple[Origin, ...]]:
    """The values of the project that are named, from the project's file."""
    document, name = declared.setup.document, declared.setup.environment
    found: dict[str, tuple[Origin, ...]] = {}
    if document is None:
        return found
    levels: list[tuple[str, Path]] = [
        ("project", ("spec", "values")),
        (f"environment {name}", ("spec", "environments", name, "values")),
    ]
    for text in _texts(raw):
        for match in _VALUE.finditer(text):
            steps = tuple(match.group(1).split("."))
            said = [(role, (*base, *steps), _at(document.data, (*base, *steps))) for role, base in levels]
            there = [one for one in said if one[2] is not MISSING]
            found[f"values.{match.group(1)}"] = tuple(
                Origin(document.place(path).position, role, value, decides=(role, path, value) == there[-1])
                for role, path, value in there
            )
    return found


def _environs(manifest: Manifest, path: Path, raw: Any) -> dict[str, tuple[Origin, ...]]:
    """Variables of the process: their values are not shown, they may be secret."""
    names = {match.group(1) for text in _texts(raw) for match in _ENVIRON.finditer(text)}
    position = manifest.place(path).position
    return {
        f"env:{name}": (Origin(position, "environment variable", f"(the value of {name})", decides=True),)
        for name in sorted(names)
    }


def _file(manifest: Manifest, path: Path, raw: Any) -> dict[str, tuple[Origin, ...]]:
    """The file that a text is in."""
    if not (isinstance(raw, dict) and isinstance(raw.get("file"), str)):
        return {}
    folder = posixpath.dirname(manifest.layer((*path, "file")).source.name)
    name = posixpath.normpath(posixpath.join(folder, raw["file"]))
    return {"its text": (Origin(Position(name, 1, 1), "file", "", decides=True),)}


def _prompt(declared: Declared, manifest: Manifest, path: Path, raw: Any) -> dict[str, tuple[Origin, ...]]:
    """The Prompt that a text is compiled from, and who gives each of its variables."""
    if not (isinstance(raw, dict) and isinstance(raw.get("ref"), str)):
        return {}
    prompt = declared.manifests.get(Address(PROMPT, raw["ref"]))
    if prompt is None:
        return {}
    found: dict[str, tuple[Origin, ...]] = {
        str(prompt.address): (Origin(prompt.place(("spec",), key=True).position, "Prompt", "", decides=True),)
    }
    own, given = _at(prompt.data, ("spec", "vars")) or {}, raw.get("vars") or {}
    for name in {**own, **given}:
        places = [(prompt, ("spec", "vars", name), "default", own)] if name in own else []
        places += [(manifest, (*path, "vars", name), "given here", given)] if name in given else []
        found[f"vars.{name}"] = tuple(
            Origin(one.place(at).position, role, values[name], decides=number == len(places))
            for number, (one, at, role, values) in enumerate(places, 1)
        )
    return found


def _leaves(manifest: Manifest, path: Path, raw: Any, scope: Scope) -> Iterator[tuple[str, Any, Position]]:
    for name, value in raw.items():
        inner = (*path, name)
        if isinstance(value, dict) and value:
            yield from _leaves(manifest, inner, value, scope)
        else:
            yield label(inner), fill_all(value, scope, _keep), manifest.place(inner).position


def _absent(manifest: Manifest, path: Path) -> Provenance:
    """Nothing says anything: a name that is the address's own, an unmanaged field, or no field at all."""
    if path == ("spec", "name") and manifest.kind.scope:
        name = ("metadata", "name")
        origin = Origin(manifest.place(name).position, "metadata.name", manifest.address.name, decides=True)
        note = "no file declares spec.name: metadata.name serves to match and to create"
        return Provenance(manifest.address, label(path), manifest.address.name, (origin,), {}, note=note)
    known = _labels(manifest.kind)
    plain = label(tuple(step for step in path if isinstance(step, str)))
    if path[0] == "spec" and not any(one == plain or plain.startswith(f"{one}.") for one in known):
        hint = suggestion(plain, known, "fields")
        raise UsageError(f"{manifest.kind.name} has no field {label(path)!r}", hint=hint)
    origins = tuple(_origins(manifest, path))
    note = "no file declares it: cozeops does not manage it, and its live value stays"
    note = "there is no such entry: the whole value is" if origins else note
    return Provenance(manifest.address, label(path), MISSING, origins, {}, note=note)


def _labels(kind: Kind) -> set[str]:
    return {
        label(("spec", *row.path[:depth])) for row in rows_of(kind) for depth in range(1, len(row.path) + 1)
    }
