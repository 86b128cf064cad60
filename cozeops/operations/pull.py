"""The way back: live values are written into the manifests that gave them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from cozeops.address import Address
from cozeops.engine.diff.fields import WRITE_ONLY
from cozeops.engine.model.plan import Change, Finding, Plan, Severity
from cozeops.engine.observe.snapshot import unmanaged
from cozeops.engine.plan.drift import Drifted, unread
from cozeops.engine.plan.drift import drift as drifted_of
from cozeops.engine.prior.claims import claimed
from cozeops.engine.pull.model import Left, Pulled, Wanted
from cozeops.engine.pull.values import PulledResource, wanted
from cozeops.engine.pull.write import Writing
from cozeops.errors import ExitCode, InvalidProject
from cozeops.frozen import frozen
from cozeops.manifests.fmt.write import read_file, replace_files
from cozeops.manifests.load import load_declared, load_project
from cozeops.manifests.project.paths import Root
from cozeops.manifests.resolve.interpolate import Scope, fill_all
from cozeops.manifests.resolve.provenance import provenance
from cozeops.manifests.yaml.source import Refused
from cozeops.operations.handles import named
from cozeops.operations.plan import plan_live
from cozeops.operations.selection import Selection
from cozeops.operations.state import recall
from cozeops.operations.unmanaged import Unmanaged, remember, unmanaged_of, written

if TYPE_CHECKING:
    from cozeops.declare.resource import Resource
    from cozeops.engine.prior.state import PriorState
    from cozeops.manifests.load import Declared, Project
    from cozeops.manifests.resolve.manifest import Manifest
    from cozeops.manifests.yaml.document import Path
    from cozeops.operations.live_project import LiveProject


@frozen
class PullRequest:
    """What is pulled: without addresses, all that drifted."""

    target: tuple[str, ...] = ()
    """Addresses, patterns, names or `Workspace/NAME/`."""
    theirs: bool = False
    """Whether the live value is taken where Git changed the field, too."""
    dry_run: bool = False
    """Whether nothing is written."""
    unmanaged: bool = False
    """Whether live objects of the workspaces that no manifest names get one."""


@frozen
class Pull:
    """What was written into the manifests, and what was left."""

    environment: str
    against: str
    """`state` or `manifests`: what the live side was compared with."""
    pulled: tuple[Pulled, ...]
    left: tuple[Left, ...]
    gone: tuple[Drifted, ...]
    """What is not there, or not shown: that is never pulled."""
    unread: tuple[Finding, ...]
    """What kept it from looking."""
    before: Mapping[str, bytes]
    """Each file that changes, by its name in the project, as it was."""
    after: Mapping[str, bytes]
    unmanaged: Unmanaged = Unmanaged()
    """The manifests that are new."""
    written: bool = True
    project: str = ""

    @property
    def exit_code(self) -> ExitCode:
        """10 while something that drifted is not in the manifests; 5 when it could not look."""
        if self.left or self.gone:
            return ExitCode.DRIFT
        blocked = any(finding.severity is Severity.BLOCK for finding in self.unread)
        return ExitCode.BLOCKED if blocked else ExitCode.OK


def pull(live: LiveProject, request: PullRequest) -> Pull:
    """Write what is live into the manifests, in all files or in none.

    Raises InvalidProject, UsageError, CozeopsError, ApiError, StateError.
    """
    found = _Pulling(live, request).found()
    if not request.dry_run and (found.after or found.unmanaged.files):
        with written(live, found.unmanaged) as project:
            replace_files(live.project.root, found.before, found.after)
        remember(replace(live, project=project), found.unmanaged)
    return replace(found, written=not request.dry_run)


class _Pulling:
    """One pull: what is live, what is declared, and what was applied last."""

    def __init__(self, live: LiveProject, request: PullRequest) -> None:
        self._live, self._request = live, request
        project, self._environ = live.project, live.host.environ
        self._chosen = frozenset(named(request.target, project.resources))
        known = {resource.address: resource for resource in project.resources}
        self._selection = Selection(target=request.target, refresh="full")
        prior = recall(live)
        self._plan, self._snapshot = plan_live(live, self._selection, prior, owed=False)
        self._prior: PriorState | None = (
            claimed(prior, project.resources, self._snapshot.live) if prior else None
        )
        self._resources: Mapping[Address, Resource] = known
        self._declared: Declared = load_declared(
            project.root, environment=project.environment, environ=self._environ
        )
        self._root = Root(project.root)
        scope = Scope(self._declared.setup.values, self._environ)
        self._filled = {
            address: fill_all(manifest.data, scope, _keep)
            for address, manifest in self._declared.manifests.items()
        }

    def found(self) -> Pull:
        """What is to be written, proven: with it, the plan of what is pulled is empty."""
        project = self._live.project
        everything = [one for change in self._changes() for one in self._wanted(change)]
        asked = [one for one in everything if isinstance(one, Wanted)]
        left = [one for one in everything if isinstance(one, Left)]
        drifted = [
            one
            for one in drifted_of(self._plan, self._prior, self._resources)
            if self._is_chosen(one.address)
        ]
        left += [
            Left(one.address, "", f"published copies: {one.publication}")
            for one in drifted
            if one.address and one.publication and not one.gone
        ]
        strangers = (
            unmanaged(project.resources, self._snapshot, self._live.client) if self._request.unmanaged else ()
        )
        writing, refused = self._proven(asked)
        return Pull(
            environment=project.environment,
            against="state" if self._prior else "manifests",
            pulled=tuple(writing.pulled),
            left=(*left, *writing.left, *refused),
            gone=tuple(one for one in drifted if one.gone),
            unread=tuple(unread(self._plan)),
            before={name: writing.before[name] for name in writing.after},
            after=writing.after,
            unmanaged=unmanaged_of(
                self._live, self._snapshot, {(kind, id): None for kind, id, _ in strangers}
            ),
            project=project.name,
        )

    def _is_chosen(self, address: Address | None) -> bool:
        return not self._chosen or address in self._chosen

    def _changes(self) -> Iterator[Change]:
        for change in self._plan.changes:
            if change.id and change.fields and self._is_chosen(change.address):
                yield change

    def _wanted(self, change: Change) -> Iterator[Wanted | Left]:
        resource, live = self._resources.get(change.address), self._snapshot.live.get(change.address)
        if resource is None or live is None:
            return
        manifest = self._declared.manifests[resource.address]
        yield from wanted(
            PulledResource(
                change=change,
                resource=resource,
                manifest=manifest,
                filled=self._filled[resource.address],
                live=live,
                record=self._prior.of(resource) if self._prior else None,
                snapshot=self._snapshot,
                addresses=self._names_for(resource),
                theirs=self._request.theirs,
                file_of=partial(self._file_of, manifest),
                made_of=partial(self._made_of, resource.address),
            )
        )

    def _names_for(self, resource: Resource) -> dict[tuple[str, str], Address]:
        """What a manifest calls live objects: of those in workspaces, its neighbours."""
        found = {}
        for address, one in self._resources.items():
            known = self._snapshot.live.get(address)
            id = known.id if known else one.id
            if id and (one.scope is None or resource.scope is None or one.scope == resource.scope):
                found[address.kind, id] = address
        return found

    def _file_of(self, manifest: Manifest, path: Path, written: str) -> str:
        return self._root.name_of(self._root.file(manifest.layer(path).source.path.parent, written))

    def _made_of(self, address: Address, path: Path) -> str:
        found = provenance(self._declared, address, path, self._environ).named
        deciding = ((name, one.position) for name, origins in found.items() for one in origins if one.decides)
        return ", ".join(f"{name} in {position}" for name, position in deciding)

    def _users(self) -> dict[str, frozenset[Address]]:
        """Each text file with the resources that it is a part of."""
        found: dict[str, set[Address]] = {}
        for address, manifest in self._declared.manifests.items():
            for path, named_so in _files_in(self._filled[address], ()):
                try:
                    found.setdefault(self._file_of(manifest, path, named_so), set()).add(address)
                except Refused:
                    continue  # the project is valid: this is no path, but looks like one
        return {name: frozenset(users) for name, users in found.items()}

    def _read(self, name: str) -> bytes:
        return read_file(self._root.path / name)

    # ----------------------------------------------------------------------------------- proof

    def _proven(self, asked: Sequence[Wanted]) -> tuple[Writing, list[Left]]:
        """The files in which all is written that can be, and what cannot."""
        users = self._users() if any(one.file for one in asked) else {}
        refused: list[Left] = []
        while True:
            writing = Writing(self._declared.manifests, self._read, users)
            writing.write(asked)
            wrong = self._wrong(writing) if writing.after else {}
            if not wrong:
                return writing, refused
            refused += [
                left for one in asked if (why := wrong.get((one.address, one.path))) for left in one.left(why)
            ]
            asked = [one for one in asked if (one.address, one.path) not in wrong]

    def _wrong(self, writing: Writing) -> dict[tuple[Address, Path], str]:
        """What must not be written, with the reason: then the project would not be valid, or not empty."""
        try:
            project = load_project(
                self._live.project.root,
                environment=self._live.project.environment,
                environ=self._environ,
                instead=writing.after,
            )
            plan = self._planned(project)
        except InvalidProject as error:
            return _blamed(error, writing.pulled)
        before = _differences(self._plan)
        now = _differences(plan)
        wrong: dict[tuple[Address, Path], str] = {}
        for one in writing.pulled:
            paths = sorted(path for address, path in now if address == one.address)
            same = [path for path in paths if any(_overlap(path, field.path) for field in one.fields)]
            if same:
                wrong[one.address, one.path] = f"written there, {same[0]} would differ all the same"
        known = {address for address, _ in wrong}
        for address, path in sorted(
            (address, path) for address, path in now - before if address not in known
        ):
            guilty = [one for one in writing.pulled if one.address == address] or writing.pulled
            wrong |= {(one.address, one.path): f"{address} would differ in {path}" for one in guilty}
        return wrong

    def _planned(self, project: Project) -> Plan:
        """The plan of the project as it would be; the live side is looked at again only where it must be."""
        from cozeops.engine.plan.build import Grounds, build_plan

        resources = self._selection.resources(project, self._live.shard)
        grounds = Grounds(self._prior, (), project.resources)
        base = self._live.client.base_url
        try:
            return build_plan(
                resources, self._snapshot, grounds, environment=project.environment, base_url=base
            )
        except InvalidProject:
            then = replace(self._live, project=project)
            return plan_live(then, self._selection, self._prior, owed=False)[0]


def _keep(_path: Path, _refused: Refused) -> None:
    """What cannot be filled is a secret: nothing of it is pulled."""


def _files_in(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        if isinstance(value.get("file"), str):
            yield (*path, "file"), value["file"]
        for key, item in value.items():
            yield from _files_in(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _files_in(item, (*path, index))


def _differences(plan: Plan) -> set[tuple[Address, str]]:
    return {
        (change.address, field.path)
        for change in plan.changes
        for field in change.fields
        if field.note != WRITE_ONLY
    }


def _overlap(path: str, label: str) -> bool:
    return path == label or path.startswith((f"{label}.", f"{label}["))


def _blamed(error: InvalidProject, pulled: Sequence[Pulled]) -> dict[tuple[Address, Path], str]:
    """What was written into the files that have problems; all of it where that is not known."""
    wrong: dict[tuple[Address, Path], str] = {}
    for problem in error.problems:
        file = problem.position.file if problem.position else ""
        guilty = [one for one in pulled if one.place.file == file] or list(pulled)
        said = [one for one in guilty if str(one.path[-1]) in problem.message]
        wrong |= {(one.address, one.path): problem.message for one in said or guilty}
    return wrong
