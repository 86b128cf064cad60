"""The whole way: a folder -> files -> documents -> manifests -> resources, or all the problems at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import Any

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.declare.resource import Resource
from cozeops.errors import InvalidProject
from cozeops.frozen import frozen
from cozeops.manifests.envelope import PROJECT
from cozeops.manifests.project.check import Managed, check_project, check_same_target
from cozeops.manifests.project.discover import PROJECT_FILE, check_link, discover
from cozeops.manifests.project.paths import Root
from cozeops.manifests.project.spec import DEFAULT, Settings, Setup, choose, set_up
from cozeops.manifests.resolve import identity
from cozeops.manifests.resolve.build import build
from cozeops.manifests.resolve.catalog import Catalog
from cozeops.manifests.resolve.gather import check, fill, gather, patch
from cozeops.manifests.resolve.interpolate import Scope
from cozeops.manifests.resolve.manifest import Manifest
from cozeops.manifests.resolve.membership_order import in_order
from cozeops.manifests.wording import quoted
from cozeops.manifests.yaml.document import Document, Path
from cozeops.manifests.yaml.files import RefusedIn, read_manifest
from cozeops.manifests.yaml.parse import parse
from cozeops.manifests.yaml.source import Place, Problems, Refused, Source


@frozen
class Project:
    """Everything that the manifests ask for, in one environment. Resources are sorted by address."""

    root: FilePath
    name: str
    environment: str
    settings: Settings
    resources: tuple[Resource, ...]
    files: tuple[str, ...]
    """The files that were read, relative to the root."""


def load_project(
    root: FilePath,
    *,
    environment: str | None,
    environ: Mapping[str, str],
    instead: Mapping[str, bytes] | None = None,
) -> Project:
    """Read the project below `root`. Raises InvalidProject with all problems of the run.

    `instead`: names of files -> what they are to say, whatever is written in them.
    """
    problems = Problems()
    if not root.is_dir():
        hint = "name the folder of the project with -C"
        problems.add(Code.EMPTY, None, f"there is no folder {quoted(str(root))}", hint)
        raise InvalidProject(list(problems))
    project = _Loading(Root(root, instead), environ, problems).project(environment)
    if project is None or len(problems):
        raise InvalidProject(list(problems))
    return project


def load_settings(
    root: FilePath, *, environment: str | None, environ: Mapping[str, str]
) -> tuple[str, Settings]:
    """The name and the settings of an environment, whatever state the manifests are in.

    Raises InvalidProject for what is wrong in the project's own file.
    """
    problems = Problems()
    setup, _ = _Loading(Root(root), environ, problems)._setup(environment)
    if setup is None or len(problems):
        raise InvalidProject(list(problems))
    return setup.environment, setup.settings


def environments(root: FilePath) -> list[str]:
    """The names of the project's environments, as they are written; none where its file cannot be read."""
    setting = _Loading(Root(root), {}, Problems())
    documents = setting._read(root.absolute() / PROJECT_FILE)
    spec: Any = next((one.data.get("spec") for one in documents if one.data.get("kind") == PROJECT), None)
    found = spec.get("environments") if isinstance(spec, dict) else None
    return list(found) if isinstance(found, dict) else []


@frozen
class Declared:
    """What the files say in one environment: patches laid upon manifests, references not yet filled."""

    setup: Setup
    manifests: Mapping[Address, Manifest]


def load_declared(root: FilePath, *, environment: str | None, environ: Mapping[str, str]) -> Declared:
    """The manifests as they are written, with their places. Raises InvalidProject."""
    problems = Problems()
    loading = _Loading(Root(root), environ, problems)
    setup, beside = loading._setup(environment)
    manifests = loading._manifests(setup, beside) if setup else {}
    if setup is None or len(problems):
        raise InvalidProject(list(problems))
    return Declared(setup, manifests)


class _Loading:
    """One run: the files that it reads, and what they say."""

    def __init__(self, root: Root, environ: Mapping[str, str], problems: Problems) -> None:
        self._root = root
        self._environ = environ
        self._problems = problems
        self._sources: dict[FilePath, Source] = {}
        self._documents: dict[FilePath, list[Document]] = {}

    def project(self, environment: str | None) -> Project | None:
        """The project; None (or problems) where something is wrong."""
        setup, beside = self._setup(environment)
        if setup is None:
            return None
        manifests = self._manifests(setup, beside)
        self._check_not_empty(manifests)
        catalog = self._catalog(manifests, setup)
        resources = [made for address in sorted(manifests) if (made := build(address, catalog))]
        resources = in_order(resources)
        identity.check_keyed(resources, manifests, self._problems)
        self._check_expected(setup, catalog)
        if (document := setup.document) is not None:
            check_same_target(document, lambda name: self._managed(document, beside, name), self._problems)
        return Project(
            root=self._root.path,
            name=setup.name,
            environment=setup.environment,
            settings=setup.settings,
            resources=tuple(resources),
            files=tuple(sorted({source.name for source in self._sources.values()} | catalog.files)),
        )

    def _setup(self, environment: str | None) -> tuple[Setup | None, list[Document]]:
        """The Project document for the environment, and the other documents of its file."""
        file = self._root.path / PROJECT_FILE
        documents = self._read(file) if os.path.lexists(file) else []
        projects = [document for document in documents if document.data.get("kind") == PROJECT]
        beside = [document for document in documents if document not in projects]
        for second in projects[1:]:
            message = "a second Project document"
            self._problems.add(Code.PROJECT, second.place(("kind",)), message, "keep one of them")
        if projects:
            return self._project_setup(projects[0], environment), beside
        if environment not in (None, DEFAULT):
            place = Place(self._sources[file], 0) if file in self._sources else None
            message = f"there is no environment {quoted(environment)}: the project has none"
            hint = f"leave --env out, or declare environments in {PROJECT_FILE}"
            self._problems.add(Code.ENVIRONMENT, place, message, hint)
            return None, beside
        return Setup(name=self._root.path.name), beside

    def _project_setup(self, document: Document, environment: str | None) -> Setup | None:
        name = check_project(document, self._problems)
        if name is None or len(self._problems):
            return None
        chosen = choose(document, environment, self._problems)
        if chosen is None:
            return None
        return set_up(document, name, chosen, self._environ, self._problems)

    def _manifests(self, setup: Setup, beside: list[Document]) -> dict[Address, Manifest]:
        """The manifests of an environment, patched."""
        try:
            listing = discover(self._root, setup, self._problems)
        except Refused as refused:
            self._problems.drop(refused, None)
            return {}
        manifests = gather([*beside, *self._read_all(listing.manifests)], self._problems)
        patch(manifests, self._read_all(listing.patches), self._problems)
        return manifests

    def _read_all(self, files: tuple[FilePath, ...]) -> Iterable[Document]:
        for file in files:
            yield from self._read(file)

    def _read(self, file: FilePath) -> list[Document]:
        """The documents of a file, parsed once."""
        if file in self._documents:
            return self._documents[file]
        name = self._root.name_of(file)
        documents: list[Document] = []
        try:
            check_link(file, self._root)
            self._sources[file] = read_manifest(file, name, self._root.instead.get(name))
            documents = list(parse(self._sources[file], self._problems))
        except RefusedIn as refused:
            self._problems.drop(refused, Place(refused.source, refused.index or 0))
        except Refused as refused:
            self._problems.drop(refused, Place(Source(name, file, ""), 0))
        self._documents[file] = documents
        return documents

    def _check_not_empty(self, manifests: dict[Address, Manifest]) -> None:
        if manifests or len(self._problems):
            return
        file = self._root.path / PROJECT_FILE
        place = Place(self._sources[file], 0) if file in self._sources else None
        shown = "this folder" if place else str(self._root.path)
        hint = "write a manifest (kind, metadata, spec) in a .yaml file, or start with cozeops init"
        self._problems.add(Code.EMPTY, place, f"no manifests found under {shown}", hint)

    def _managed(self, document: Document, beside: list[Document], environment: str) -> Managed | None:
        """What another environment manages; None where its files do not tell."""
        aside = _Loading(self._root, self._environ, Problems())
        aside._documents = self._documents
        setup = set_up(document, "", environment, self._environ, aside._problems)
        manifests = aside._manifests(setup, beside)
        workspaces = [one for one in manifests.values() if one.kind.name == identity.WORKSPACE]
        unknown = Problems()
        scope = Scope(setup.values, self._environ)
        filled = [fill(one, scope, unknown) for one in workspaces]
        if len(unknown):
            return None
        expected = setup.settings.expect
        others = (address for address, one in manifests.items() if one.kind.name != identity.WORKSPACE)
        return Managed(
            identity.workspace_identity(filled, expected),
            frozenset(address for address in others if manifests[address].kind.lives),
            str(expected.get("user") or ""),
        )

    def _catalog(self, manifests: dict[Address, Manifest], setup: Setup) -> Catalog:
        """The manifests with references filled, and which of them are valid."""
        scope = Scope(setup.values, self._environ)
        filled = {address: fill(one, scope, self._problems) for address, one in manifests.items()}
        misfits = {address: check(one, self._problems) for address, one in filled.items()}
        catalog = Catalog(self._root, scope, filled, misfits, self._problems)
        identity.check_builtins(filled.values(), self._problems)
        identity.check_distinct((filled[one] for one in filled if catalog.valid(one)), self._problems)
        return catalog

    def _check_expected(self, setup: Setup, catalog: Catalog) -> None:
        for name in setup.settings.expect.get("workspaces") or {}:
            assert setup.document is not None
            path: Path = ("spec", "environments", setup.environment, "expect", "workspaces", name)
            if setup.document.reach(path) < len(path):
                path = ("spec", "expect", "workspaces", name)
            catalog.find(identity.WORKSPACE, name, setup.document.place(path, key=True))
