"""The Python API: a project, connected, and every command as a method."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING, Any

from cozeops.operations.host import Host, to_nobody
from cozeops.operations.live_project import LiveProject, connection_of
from cozeops.operations.project import (
    addresses,
    demand_state_for_prune,
    offline_findings,
    read_project,
)
from cozeops.operations.selection import Selection
from cozeops.operations.state import place_of, recall

if TYPE_CHECKING:
    from cozeops.engine.check.runner import Checked, Result
    from cozeops.engine.model.outcome import Event
    from cozeops.engine.model.plan import Finding, Plan
    from cozeops.errors import InvalidProject
    from cozeops.manifests.load import Project
    from cozeops.operations.apply import ApplyOptions, Run
    from cozeops.operations.drift import Drift
    from cozeops.operations.history import PastRun
    from cozeops.operations.pull import Pull


@contextmanager
def open(
    root: str | Path = ".",
    *,
    environment: str | None = None,
    environ: Mapping[str, str] | None = None,
    say: Callable[[str], None] | None = None,
    stop: Flag | None = None,
) -> Iterator[Session]:
    """Read a project, connect, and close the connection at the end.

    `root` is the project's folder; `environment` one of its environments (None: that of COZEOPS_ENV, else the
    default one); `environ` the variables that count instead of those of the process, such as COZE_API_TOKEN
    and COZE_API_BASE; `say` gets sentences for a person; setting `stop` ends a run between two writes.

    Raises InvalidProject with every problem of the manifests, UsageError, AccessError; no request is made.
    """
    from cozeops.api.client import Client

    variables = os.environ if environ is None else environ
    host = Host(variables, say or to_nobody, stop or Flag())
    project = read_project(Path(root).absolute(), environment, variables)
    with Client(connection_of(project.settings, variables)) as client:
        yield Session(LiveProject(project, client, host))


class Session:
    """One environment of a project, connected. Made by `cozeops.open`."""

    def __init__(self, live: LiveProject) -> None:
        self._live = live

    @property
    def project(self) -> Project:
        """The manifests, resolved for the environment."""
        return self._live.project

    @property
    def environment(self) -> str:
        """The name of the environment."""
        return self._live.project.environment

    def validate(self) -> list[Finding]:
        """What the built-in checks find without a request; that the project is valid, `open` has seen."""
        return offline_findings(self._live.project)

    def plan(self, **selection: Any) -> Plan:
        """What `apply` would do: reads only.

        The keywords are the fields of `Selection`: target, exclude, selector, rewrite, prune, refresh.
        Raises InvalidProject, UsageError, ApiError, StateError.
        """
        from cozeops.operations.plan import plan_live

        chosen = _selected(selection, self._live.project)
        return plan_live(self._live, chosen, recall(self._live))[0]

    def apply(
        self,
        plan: Plan,
        *,
        ack: Sequence[str] = (),
        listen: Callable[[Event], object] | None = None,
        options: ApplyOptions | None = None,
    ) -> Run:
        """Carry a plan out, exactly: whatever moved since is left alone and is `stale` in the outcomes.

        `ack` accepts blocking findings (`CODE` or `CODE@ADDRESS`); `listen` is told each event, from several
        threads. Raises BlockedError, StalePlanError, LockedError, AccessError, ApiError before the first
        write; what goes wrong afterwards is in the outcomes of the run.
        """
        from cozeops.operations.apply import Agreement, ApplyOptions, apply

        return apply(
            self._live, plan, Agreement(ack=tuple(ack)), options or ApplyOptions(), _audience(listen)
        )

    def drift(self, *, refresh: str = "full", unmanaged: bool = False) -> Drift:
        """What somebody changed on the live side by hand; with `unmanaged` also what no manifest names.

        Raises InvalidProject, ApiError, StateError.
        """
        from cozeops.operations.drift import find_drift

        return find_drift(self._live, refresh=refresh, unmanaged=unmanaged)

    def pull(self, **request: Any) -> Pull:
        """Write what was changed on Coze into the manifests: in all files, or in none.

        The keywords are the fields of `PullRequest`: target (addresses; none: all that drifted), theirs (take
        the live value where Git changed it, too), dry_run (write nothing), unmanaged. Read the project
        again afterwards: this session has it as it was.
        Raises InvalidProject, UsageError, CozeopsError, ApiError, StateError.
        """
        from cozeops.operations.pull import PullRequest, pull

        return pull(self._live, PullRequest(**_tuples(request)))

    def check(self, *, listen: Callable[[Result], object] | None = None, **request: Any) -> Checked:
        """Hold the conversations of the project's Checks.

        The keywords are the fields of `CheckRequest`: target, selector, copy, compare, parallelism.
        Raises UsageError, ApiError, StateError.
        """
        from cozeops.operations.check import CheckRequest, conversations_of, hold, look_up

        planned = conversations_of(self._live.project, CheckRequest(**_tuples(request)))
        return hold(self._live, planned, look_up(self._live, planned), listen or id)

    def export(
        self, out: str | Path, *, workspace: str | None = None, documents: str | Path | None = None
    ) -> InvalidProject | None:
        """Write a live workspace (name or id; None: all of them) as a project into a new or empty folder.

        Gives back what a person has to mend in it. Raises UsageError, CozeopsError, ApiError.
        """
        from cozeops.operations.export import demand_room, read_export, write_export

        folder, given = Path(out), Path(documents) if documents is not None else None
        demand_room(folder)
        exported = read_export(self._live.client, workspace, given)
        notes = "".join(
            f"- not exported: {one.kind} {one.name or one.id}: {one.reason}\n" for one in exported.skipped
        )
        return write_export(exported, folder, notes, given)

    def promote(
        self,
        origin: str,
        *,
        target: Sequence[str] = (),
        recopy: Sequence[str] = (),
        agree: Callable[[Plan], None],
        listen: Callable[[Event], object] | None = None,
    ) -> Run:
        """Copy workflows and apps from another environment, and wire the bots of this one to the copies.

        `agree` is shown the plan before the first write and raises to refuse it. Raises as `apply` does.
        """
        from cozeops.operations.apply import Agreement, ApplyOptions
        from cozeops.operations.promote import PromotionRequest, demand_alike, promote

        project, environ = self._live.project, self._live.host.environ
        source = read_project(project.root, origin, environ)
        demand_alike(source, project, environ)
        request = PromotionRequest(source, tuple(addresses(target)), tuple(addresses(recopy)))
        audience = replace(_audience(listen), agree=agree)
        return promote(self._live, request, Agreement(), ApplyOptions(), audience)

    def rollback(
        self,
        run: str,
        *,
        agree: Callable[[Plan], None],
        prune: bool = False,
        listen: Callable[[Event], object] | None = None,
    ) -> Run:
        """Go back to the manifests that were applied before a run (an id of `history`).

        `agree` is shown the plan before the first write and raises to refuse it. Raises as `apply` does.
        """
        from cozeops.operations.apply import Agreement
        from cozeops.operations.rollback import commit_before, manifests_at, rollback

        place = place_of(self._live)
        if prune:
            demand_state_for_prune(self._live.project)
        commit = commit_before(place, run)
        with manifests_at(place, commit) as project:
            then = replace(self._live, project=project)
            audience = replace(_audience(listen), agree=agree)
            return rollback(then, commit, prune=prune, agreement=Agreement(), audience=audience)

    def history(self) -> list[PastRun]:
        """The runs of the environment, newest first, killed ones too. Raises StateError, InvalidJournal."""
        from cozeops.operations.history import history

        return history(place_of(self._live))


def _selected(selection: Mapping[str, Any], project: Project) -> Selection:
    chosen = Selection(**_tuples(selection))
    if chosen.prune:
        demand_state_for_prune(project)
    return chosen


def _tuples(keywords: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in keywords.items()}


def _audience(listen: Callable[[Event], object] | None) -> Any:
    from cozeops.operations.apply import Audience

    if listen is None:
        return Audience()

    def tell(event: Event) -> None:
        listen(event)

    return Audience(listen=tell)
