"""The composition root: from options to a project, a client, a snapshot and a plan."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cozeops.address import Address
from cozeops.cli.options import Where
from cozeops.errors import CozeopsError, InvalidProject, Problem, UsageError
from cozeops.frozen import frozen

if TYPE_CHECKING:
    from cozeops.api.client import Client
    from cozeops.api.connection import Connection
    from cozeops.declare.resource import Resource
    from cozeops.engine.model.live import Snapshot
    from cozeops.engine.model.plan import Plan
    from cozeops.engine.plan.shards import Shard
    from cozeops.engine.prior.state import PriorState
    from cozeops.engine.promote.promotion import Promotion
    from cozeops.manifests.load import Project
    from cozeops.manifests.project.spec import Settings
    from cozeops.values import Json


def load(where: Where) -> Project:
    """Read the project. Raises InvalidProject with every problem at once."""
    from cozeops.manifests.load import load_project

    root = where.directory
    if not root.is_dir():
        raise UsageError(f"there is no folder {root}", hint="name the project's folder with -C DIR")
    environment = where.environment or os.environ.get("COZEOPS_ENV") or None
    return load_project(root, environment=environment, environ=os.environ)


def settings_of(where: Where) -> tuple[str, Settings]:
    """The name and the settings of an environment, whatever state the manifests are in.

    Raises InvalidProject for what is wrong in cozeops.yaml, UsageError.
    """
    from cozeops.manifests.load import load_settings

    if not where.directory.is_dir():
        hint = "name the project's folder with -C DIR"
        raise UsageError(f"there is no folder {where.directory}", hint=hint)
    wanted = where.environment or os.environ.get("COZEOPS_ENV") or None
    return load_settings(where.directory, environment=wanted, environ=os.environ)


def connection_of(settings: Settings) -> Connection:
    """Where an environment's settings and the shell lead. Raises AccessError, UsageError."""
    from cozeops.api.connection import connect

    return connect(
        os.environ,
        base_url=settings.base_url,
        token=settings.token,
        enterprise_token=settings.enterprise_token,
    )


@contextmanager
def client_of(project: Project, where: Where | None = None) -> Iterator[Client]:
    """A client for the project's environment. Raises AccessError, UsageError before any request."""
    if where:
        demand_place(where.trace, project)
    with client_with(project.settings, where or Where()) as client:
        yield client


@contextmanager
def client_with(settings: Settings, where: Where) -> Iterator[Client]:
    """The same for settings without a project. The cost is told at the end, of a failure too."""
    from cozeops.api.client import Client
    from cozeops.cli.files.trace import trace_into

    began = time.monotonic()
    with trace_into(where.trace) as trace, Client(connection_of(settings), trace=trace) as client:
        try:
            yield client
        finally:
            if where.stats:
                from cozeops.report.stats import stats_text

                click.echo(stats_text(stats_of(client, began)), err=True)


@contextmanager
def client_at(where: Where) -> Iterator[Client]:
    """A client as the environment of a project (if this is one) connects, whatever its manifests say."""
    with client_with(settings_of(where)[1], where) as client:
        yield client


@frozen
class Selection:
    """What a plan is about."""

    target: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    selector: tuple[str, ...] = ()
    rewrite: tuple[str, ...] = ()
    prune: bool = False
    refresh: str = "incremental"
    """`incremental`: what a list says did not move is not read; `full`: everything is."""
    changed: tuple[str, ...] | None = None
    """The addresses that differ from a Git ref; None: nobody asked."""
    run_checks: bool = False
    """Whether the programs that the project names may run."""
    shard: Shard | None = None
    """The part of the project that it is about; None: all of it."""

    @property
    def selects(self) -> bool:
        """Whether it is about a part of the project."""
        return bool(self.target or self.exclude or self.selector) or self.changed is not None

    def resources(self, project: Project) -> list[Resource]:
        """The chosen resources. Raises UsageError."""
        from cozeops.engine.plan.shards import sharded
        from cozeops.engine.plan.targets import select

        if self.changed == () and not (self.target or self.selector):
            return []
        chosen = select(
            project.resources,
            targets=addresses((*self.target, *(self.changed or ()))),
            excluded=addresses(self.exclude),
            labels=labels_of(self.selector),
        )
        if self.selects and not any(one.kind.lives for one in chosen):
            raise UsageError(
                "nothing that lives on Coze was selected", hint="look at --target, --exclude and --selector"
            )
        own = {one.address for one in sharded(project.resources, self.shard)}
        return [one for one in chosen if one.address in own]


def plan_live(
    project: Project,
    choice: Selection,
    client: Client,
    memory: PriorState | None,
    promotion: Promotion | None = None,
) -> tuple[Plan, Snapshot]:
    """Read the live side and plan. Raises InvalidProject, UsageError, ApiError."""
    from cozeops.engine.observe.snapshot import observe

    began, resources = time.monotonic(), choice.resources(project)
    rewrite = addresses(choice.rewrite)
    for address in rewrite:
        if address not in {one.address for one in resources}:
            raise UsageError(f"--rewrite {address}: it is not in the project")
    trusted: set[Address] = set()
    if memory and choice.refresh != "full":
        trusted = memory.trusted(resources) - set(rewrite)
    try:
        snapshot = observe(
            resources,
            client,
            records=memory.known(project.resources) if memory else {},
            trusted=trusted,
            project=project.resources,
            meanwhile=_import_the_rest,
        )
        from cozeops.operations.plan import planned, with_own_checks

        plan, snapshot = planned(
            project, resources, choice, client, memory, snapshot, rewrite=rewrite, promotion=promotion
        )
    except InvalidProject as error:
        raise with_excerpts(error, project.root) from None
    plan = replace(plan, stats=stats_of(client, began), shard=str(choice.shard or ""))
    return with_own_checks(plan, project, choice), snapshot


def _import_the_rest() -> None:
    """What is needed when the replies are there: to import it takes as long as the first of them."""
    for module in ("cozeops.operations.plan", "cozeops.report.plan.text"):
        import_module(module)


def with_excerpts(error: InvalidProject, root: Path) -> InvalidProject:
    """The same problems, each with its source line."""
    return InvalidProject([replace(one, excerpt=one.excerpt or _line(one, root)) for one in error.problems])


def _line(problem: Problem, root: Path) -> str:
    if problem.position is None:
        return ""
    try:
        lines = (root / problem.position.file).read_text(encoding="utf-8-sig").splitlines()
        return lines[problem.position.line - 1]
    except (OSError, UnicodeDecodeError, IndexError):
        return ""


def stats_of(client: Client, began: float) -> Json:
    """What a run cost, as plans and reports carry it."""
    stats = client.stats
    return {
        "requests": stats.total,
        "by_operation": dict(stats.requests),
        "retries": stats.retries,
        "throttled": stats.throttled,
        "seconds_waiting": round(stats.waited, 3),
        "most_in_flight": stats.most_in_flight,
        "seconds": round(time.monotonic() - began, 3),
    }


def addresses(texts: Sequence[str]) -> list[Address]:
    """Addresses from options. Raises UsageError."""
    found = []
    for text in texts:
        try:
            found.append(Address.parse(text))
        except ValueError as error:
            raise UsageError(str(error)) from None
    return found


def labels_of(texts: Sequence[str]) -> dict[str, str]:
    """Labels from `--selector`. Raises UsageError."""
    labels = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise UsageError(
                f"--selector {text}: expected key=value", hint="for example --selector team=food"
            )
        labels[key] = value
    return labels


def demand_place(path: Path | None, project: Project) -> None:
    """Raise UsageError where a file could not be written in the end, or would replace a manifest."""
    if path is None:
        return
    if not path.absolute().parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}", hint="make it first")
    if path.resolve() in {(project.root / file).resolve() for file in project.files}:
        raise UsageError(f"{path} is a file of the project", hint="give another name")


def write_file(path: Path, text: str) -> None:
    """Write a whole file or none. Raises CozeopsError."""
    import tempfile  # with its random numbers it takes 10 ms to import

    temporary = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False, newline="\n"
        ) as file:
            temporary = Path(file.name)
            file.write(text)
        temporary.replace(path)
    except OSError as error:
        if temporary:
            with suppress(OSError):
                temporary.unlink()
        raise CozeopsError(f"{path} cannot be written: {error.strerror or error}") from None


def is_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()
