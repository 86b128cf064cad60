"""Random projects: pieces of the one in which every field of every kind is written, some of them twice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from cozeops.declare.fields import Is, Ref
from cozeops.declare.kind import Kind
from cozeops.declare.rows import rows_of, unwrap
from cozeops.engine.export.manifest_values import declaration
from cozeops.kinds import kinds
from tests.engine.full import FLIPS, PROJECT, Spec, write

Docs = dict[str, Spec]
ENVIRONMENTS = {"east": "东", "west": "西"}
COPIES = ("", "2", "3")
"""What is appended to the names of a piece: the same object three times over."""


KEPT = (
    "spec.id",
    "spec.name",
    # Coze takes collaborators who are members, of what is in that mode, and channels that are installed.
    "spec.members",
    "spec.connectors",
    "spec.collaboration.mode",
)


def pieces() -> Docs:
    """Address -> manifest: every resource that a random project may have."""
    found = {}
    for address, document in PROJECT.items():
        for mark in COPIES if _can_be_copied(document) else COPIES[:1]:
            found[f"{address}{mark}"] = _copied(document, mark)
    return found


def _can_be_copied(document: Spec) -> bool:
    kind = kinds()[document["kind"]]
    return kind.create is not None and "name" in document["spec"] and "id" not in document["spec"]


def _copied(document: Spec, mark: str) -> Spec:
    made = deepcopy(document)
    made["metadata"]["name"] += mark
    if "name" in made["spec"]:
        made["spec"]["name"] += mark
    # Each environment has workspaces of its own, or they would undo each other.
    if made["kind"] == "Workspace" and "id" not in made["spec"]:
        made["spec"]["name"] += "${values.side}"
    return made


PIECES = pieces()


def original(document: Spec) -> str:
    """The address of the piece that a document came from, without its mark."""
    address = f"{document['kind']}/{document['metadata']['name']}"
    return next((one for one in PROJECT if address.rstrip("23移") == one), address)


def labels(document: Spec) -> list[str]:
    """The fields that may be taken out of a document: groups and what is in them."""
    kind = kinds()[document["kind"]]
    needed = {row.label for row in rows_of(kind) if Is.NEEDED_TO_CREATE in row.traits}
    kept = {*needed, *KEPT}
    return [label for label in _labels(document["spec"], "spec") if label not in kept]


def _labels(group: Mapping[str, Any], above: str) -> Iterator[str]:
    for name, value in group.items():
        yield f"{above}.{name}"
        if isinstance(value, dict) and above == "spec":
            yield from _labels(value, f"{above}.{name}")


def choices(document: Spec) -> list[tuple[str, Any]]:
    """Label -> value: what the fields of a document may become, what they were first included."""
    first = original(document)
    found = [(label.strip(), value) for label, value in FLIPS.get(first, {}).items()]
    found = [one for one in found if one[0] not in ("spec.name", "spec.id")]
    spec = PROJECT[first]["spec"] if first in PROJECT else {}
    return found + [
        (label, _at(spec, label)) for label in _labels(spec, "spec") if label not in ("spec.name", "spec.id")
    ]


def _at(spec: Any, label: str) -> Any:
    for name in label.split(".")[1:]:
        spec = spec[name]
    return spec


def put(document: Spec, label: str, value: Any) -> None:
    """Write a field."""
    *groups, name = label.split(".")[1:]
    target = document["spec"]
    for group in groups:
        target = target.setdefault(group, {})
    target[name] = deepcopy(value)


def drop(document: Spec, label: str) -> None:
    """Take a field out, and the group that it leaves empty."""
    *groups, name = label.split(".")[1:]
    target = document["spec"]
    for group in groups:
        target = target.get(group, {})
    target.pop(name, None)
    if groups and not target:
        document["spec"].pop(groups[0], None)


def needs(document: Spec) -> list[str]:
    """The workspace or enterprise that a document cannot be without."""
    scope = kinds()[document["kind"]].scope
    homes = [document["metadata"][key] for key in ("workspace", "enterprise") if key in document["metadata"]]
    return [f"{scope}/{home}" for home in homes]


def with_needs(addresses: Iterable[str]) -> list[str]:
    """These pieces, and what they live in."""
    wanted = set(addresses)
    while more := {need for one in wanted for need in needs(PIECES[one])} - wanted:
        wanted |= more
    return sorted(wanted)


def trimmed(docs: Docs) -> Docs:
    """The documents without references to what is not there, and without those that live nowhere."""
    there = {address: one for address, one in docs.items() if all(need in docs for need in needs(one))}
    names = {one["metadata"]["name"] for one in there.values()}
    missing = {one["metadata"]["name"] for one in (*PIECES.values(), *docs.values())} - names
    return {address: {**one, "spec": _spec_without(one, missing)} for address, one in there.items()}


def _spec_without(document: Spec, missing: set[str]) -> Any:
    kind = kinds()[document["kind"]]
    named = {row.path for row in rows_of(kind) if refers(kind, row.path)}
    spec = {key: one for key, one in document["spec"].items() if (key,) not in named or one not in missing}
    return _without(spec, missing)


def refers(kind: Kind, path: tuple[str, ...]) -> bool:
    """Whether a field is the name of another resource."""
    return any(isinstance(trait, Ref) for trait in unwrap(declaration(kind, path))[1])


def _without(value: Any, missing: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without(item, missing) for key, item in value.items()}
    if isinstance(value, list):
        return [_without(item, missing) for item in value if not _names(item, missing)]
    return value


def _names(item: Any, missing: set[str]) -> bool:
    found = item.values() if isinstance(item, dict) else [item]
    return any(isinstance(one, str) and one in missing for one in found)


def save(folder: Path, docs: Docs, *, state: bool) -> None:
    """Write the project; what was there before goes."""
    for path in folder.glob("*.yaml"):
        path.unlink()
    write(folder, docs)
    spec: Spec = {
        "values": {},
        "environments": {name: {"values": {"side": side}} for name, side in ENVIRONMENTS.items()},
    }
    if state:
        spec["state"] = {"backend": "local"}
    project = {"kind": "Project", "metadata": {"name": "random"}, "spec": spec}
    (folder / "cozeops.yaml").write_text(json.dumps(project, ensure_ascii=False, indent=1), encoding="utf-8")


def shown(docs: Docs) -> str:
    """The project as a failure prints it: a line for each document."""
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in docs.values())
