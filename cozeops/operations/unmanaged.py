"""Live objects that no manifest names get one, in the folder of their workspace."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cozeops.address import Address
from cozeops.engine.export.documents import ROOT, Document, Exported, Neighbour, export
from cozeops.engine.export.scan import Skipped, places, survey
from cozeops.engine.observe.cache import Reader
from cozeops.errors import CozeopsError, UsageError
from cozeops.frozen import frozen
from cozeops.manifests.fmt.compose import Composed, compose
from cozeops.manifests.fmt.write import create_files
from cozeops.manifests.load import load_declared, load_project
from cozeops.manifests.project.discover import PROJECT_FILE

if TYPE_CHECKING:
    from cozeops.engine.model.live import Snapshot
    from cozeops.manifests.load import Declared, Project
    from cozeops.operations.live_project import LiveProject

WORKSPACE = "Workspace"


@frozen
class Unmanaged:
    """The manifests of live objects that none named."""

    written: tuple[tuple[Address, str, str], ...] = ()
    """Each with its id and the file of its manifest."""
    files: Mapping[str, str] | None = None
    """Everything that is new, by its name in the project."""
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    """What a manifest does not say of its object."""


def unmanaged_of(
    live: LiveProject, snapshot: Snapshot, only: Mapping[tuple[str, str], Address | None]
) -> Unmanaged:
    """The manifests of these live objects, (kind, id), under the addresses that are given or others.

    Writes nothing. Raises ApiError, InvalidProject.
    """
    if not only:
        return Unmanaged()
    project, reader = live.project, Reader(live.client)
    known = {}
    for one in project.resources:
        there = snapshot.live.get(one.address)
        if id := there.id if there else one.id or "":
            home = snapshot.home_id(one) or ""
            known[one.address.kind, id] = Neighbour(one.address, home, there.parts if there else {})
    named = {key: Neighbour(address) for key, address in only.items() if address}
    homes = {id for kind, id in known if kind == WORKSPACE}
    chosen = [place for place in places(reader) if place.id in homes]
    read = survey(reader, chosen, only=set(only), known=set(known))
    exported = export(
        read, known=_with_homes(known, named, {(one.kind.name, one.id): one.scope for one in read.found})
    )
    declared = load_declared(project.root, environment=project.environment, environ=live.host.environ)
    return _placed(exported, declared, live)


def _with_homes(
    known: Mapping[tuple[str, str], Neighbour],
    named: Mapping[tuple[str, str], Neighbour],
    scopes: Mapping[tuple[str, str], str],
) -> dict[tuple[str, str], Neighbour]:
    return {**known, **{key: replace(one, scope=scopes.get(key, "")) for key, one in named.items()}}


def _placed(exported: Exported, declared: Declared, live: LiveProject) -> Unmanaged:
    """Each document in a file of its own, below the folder of its workspace's manifest."""
    files: dict[str, str] = {}
    written = []
    for document in exported.documents:
        base = _folder(document, declared)
        moved, texts = _beside(document, exported, live, base)
        files |= texts
        data = {"kind": document.address.kind, "metadata": moved.metadata, "spec": moved.spec}
        files[moved.file] = compose([Composed(data, moved.comments)])
        written.append((document.address, str(moved.spec.get("id", "")), moved.file))
    notes = [f"{note.address} {note.label}: {note.reason}" for note in exported.notes]
    notes += [
        f"{address}: Coze does not tell {', '.join(labels)}"
        for address, labels in exported.untold.items()
        if labels
    ]
    return Unmanaged(tuple(written), files, exported.skipped, tuple(notes))


def _folder(document: Document, declared: Declared) -> str:
    """Where the workspace is declared; else where any manifest is that lies below the root."""
    home = declared.manifests.get(Address(WORKSPACE, str(document.metadata.get("workspace"))))
    named = [home] if home else []
    for manifest in (*named, *(declared.manifests[address] for address in sorted(declared.manifests))):
        name = manifest.layers[0].source.name
        if name != PROJECT_FILE:
            return (
                posixpath.dirname(name) if manifest is home else name.partition("/")[0] if "/" in name else ""
            )
    return ""


def _beside(
    document: Document, exported: Exported, live: LiveProject, base: str
) -> tuple[Document, dict[str, str]]:
    """A document and its texts under names that nothing has yet."""
    kind, name = document.address.kind, document.address.name
    below = document.file.removeprefix(f"{ROOT}/")
    folder = below.partition("/")[0] if "/" in below else f"{kind.lower()}s"
    file = _free(live, posixpath.join(base, folder, f"{name}.yaml"))
    texts: dict[str, str] = {}
    spec = document.spec
    for path, text in exported.texts.items():
        stem = posixpath.basename(path)
        written = {"file": f"../prompts/{stem}"}
        if stem.startswith(f"{name}.") and written in list(_maps(spec)):
            new = _free(live, posixpath.join(base, "prompts", stem))
            texts[new] = text
            spec = _swapped(spec, written, {"file": posixpath.relpath(new, posixpath.dirname(file))})
    return replace(document, file=file, spec=spec), texts


def _free(live: LiveProject, name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    number = 1
    while (live.project.root / name).exists():
        number += 1
        name = f"{stem}-{number}{dot}{suffix}"
    return name


def _maps(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _maps(item)
    elif isinstance(value, list):
        for item in value:
            yield from _maps(item)


def _swapped(value: Any, old: object, new: object) -> Any:
    if value == old:
        return new
    if isinstance(value, dict):
        return {key: _swapped(item, old, new) for key, item in value.items()}
    return [_swapped(item, old, new) for item in value] if isinstance(value, list) else value


@contextmanager
def written(live: LiveProject, found: Unmanaged) -> Iterator[Project]:
    """Write the manifests, all or none, also where what is done meanwhile fails; the project that has them.

    Raises CozeopsError, InvalidProject where the project would not be valid with them.
    """
    project = live.project
    files = found.files or {}
    create_files(project.root, dict(files))
    try:
        then = load_project(project.root, environment=project.environment, environ=live.host.environ)
        there = {one.address for one in then.resources}
        unread = [address for address, _, _ in found.written if address not in there]
        if unread:
            message = f"{unread[0]} would be in no folder that the project reads"
            raise CozeopsError(
                message, hint="list the folder of its workspace under manifests in cozeops.yaml"
            )
        yield then
    except BaseException:
        for name in files:
            with suppress(OSError):
                (project.root / name).unlink()
        raise


def remember(live: LiveProject, found: Unmanaged) -> None:
    """Keep the ids, where there is a state. Raises UsageError, ApiError, StateError."""
    if live.project.settings.state is not None:
        from cozeops.operations.state_edit import import_object

        for address, id, _ in found.written:
            if id:
                import_object(live, address, id)


def write_one(live: LiveProject, address: Address, id: str) -> Unmanaged:
    """Write the manifest of one live object under an address, and remember its id where there is a state.

    Raises UsageError, ApiError, CozeopsError, InvalidProject, StateError.
    """
    from cozeops.operations.plan import plan_live
    from cozeops.operations.selection import Selection
    from cozeops.operations.state import recall

    if any(one.address == address for one in live.project.resources):
        raise UsageError(f"{address} has a manifest already", hint="leave --write out")
    snapshot = plan_live(live, Selection(refresh="full"), recall(live), owed=False)[1]
    for one, there in snapshot.live.items():
        if (one.kind, there.id) == (address.kind, id):
            raise UsageError(f"{id} is {one} already")
    found = unmanaged_of(live, snapshot, {(address.kind, id): address})
    if not any(one == address for one, _, _ in found.written):
        why = next(
            (one.reason for one in found.skipped if one.id == id), "it is in no workspace of the project"
        )
        hint = "cozeops drift --unmanaged lists what there is"
        raise UsageError(f"{address.kind} {id}: {why}", hint=hint)
    with written(live, found) as project:
        remember(replace(live, project=project), found)
    return found
