"""From options to a project and its connection: the one place where the command line meets the process."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from time import monotonic, sleep
from typing import TYPE_CHECKING

import click

from cozeops.cli.files.output import demand_place
from cozeops.cli.signals import LEAVING
from cozeops.operations.host import Host
from cozeops.operations.live_project import LiveProject, connection_of, stats_of
from cozeops.operations.project import read_project, read_settings

if TYPE_CHECKING:
    from cozeops.api.client import Client
    from cozeops.cli.options import Where
    from cozeops.manifests.load import Project
    from cozeops.manifests.project.spec import Settings
    from cozeops.operations.state import StatePlace


def load(where: Where) -> Project:
    """The project. Raises InvalidProject with every problem at once, UsageError."""
    return read_project(where.root, where.environment, os.environ)


def load_offline(where: Where) -> Project:
    """The same for a command that sends nothing: it needs no secret, so that a fork can run it."""
    return read_project(where.root, where.environment, os.environ, offline=True)


def settings_of(where: Where) -> tuple[str, Settings]:
    """The environment's name and settings, whatever state the manifests are in."""
    return read_settings(where.folder, where.environment, os.environ)


def state_place(where: Where, project: Project) -> StatePlace:
    """Where the state of the project is kept."""
    from cozeops.operations.state import StatePlace

    return StatePlace(project, os.environ, where.shard)


def host(stop: Event | None = None) -> Host:
    """This process: sentences go to standard error."""
    return Host(os.environ, say, stop or Event(), sleep, monotonic, LEAVING)


def say(sentence: str) -> None:
    """Tell a person."""
    from cozeops.report.terminal.safe import one_line

    click.echo(one_line(sentence), err=True)


@contextmanager
def connected(where: Where, project: Project, stop: Event | None = None) -> Iterator[LiveProject]:
    """The project, connected. Raises AccessError, UsageError before any request."""
    demand_place(where.trace, project)
    with client_with(project.settings, where) as client:
        yield LiveProject(project, client, host(stop), where.shard)


@contextmanager
def client_at(where: Where) -> Iterator[Client]:
    """A client as the environment of a project (if this is one) connects, whatever its manifests say."""
    with client_with(settings_of(where)[1], where) as client:
        yield client


@contextmanager
def client_with(settings: Settings, where: Where) -> Iterator[Client]:
    """A client for the settings of an environment. The cost is told at the end, of a failure too."""
    from cozeops.api.client import Client
    from cozeops.cli.files.trace import trace_into

    began = monotonic()
    with trace_into(where.trace) as trace, Client(connection_of(settings, os.environ), trace=trace) as client:
        try:
            yield client
        finally:
            if where.stats:
                from cozeops.report.stats import stats_text

                click.echo(stats_text(stats_of(client, monotonic() - began)), err=True)


def is_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()
